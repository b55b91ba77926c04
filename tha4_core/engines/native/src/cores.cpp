#include "cores.h"

#if defined(__wasm__)

// Of one instance: how many there are is the page's to say.
int tha4::spare_cores() {
    return 1;
}

#else

#include <algorithm>
#include <string>
#include <thread>

#if defined(_WIN32)
#include <windows.h>

#include <vector>
#elif defined(__APPLE__)
#include <sys/sysctl.h>
#else
#include <sched.h>

#include <fstream>
#include <set>
#endif

namespace tha4 {
namespace {

// 0 where the system does not tell.
int physical_cores() {
#if defined(_WIN32)
    DWORD size = 0;
    GetLogicalProcessorInformation(nullptr, &size);
    std::vector<SYSTEM_LOGICAL_PROCESSOR_INFORMATION> all(size / sizeof(SYSTEM_LOGICAL_PROCESSOR_INFORMATION));
    if (all.empty() || !GetLogicalProcessorInformation(all.data(), &size)) return 0;
    return static_cast<int>(std::count_if(all.begin(), all.end(),
                                          [](const auto& one) { return one.Relationship == RelationProcessorCore; }));
#elif defined(__APPLE__)
    int count = 0;
    size_t size = sizeof count;
    if (sysctlbyname("hw.perflevel0.physicalcpu", &count, &size, nullptr, 0) == 0 && count > 0) return count;
    size = sizeof count;
    return sysctlbyname("hw.physicalcpu", &count, &size, nullptr, 0) == 0 ? count : 0;
#else
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 0;
    std::set<std::string> cores;  // each by the processors that share it
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (!CPU_ISSET(cpu, &allowed)) continue;
        const std::string name = std::to_string(cpu);
        std::ifstream file("/sys/devices/system/cpu/cpu" + name + "/topology/thread_siblings_list");
        std::string siblings;
        cores.insert(file && std::getline(file, siblings) ? siblings : name);
    }
    return static_cast<int>(cores.size());
#endif
}

}  // namespace

int spare_cores() {
    int cores = physical_cores();
    if (cores < 1) cores = static_cast<int>(std::thread::hardware_concurrency());
    return std::max(cores - 1, 1);
}

}  // namespace tha4

#endif
