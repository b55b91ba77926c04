#include "priority.h"

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#elif defined(__APPLE__)
#include <pthread/qos.h>
#elif defined(__linux__)
#include <sched.h>
#include <sys/resource.h>
#endif

namespace tha4 {

void lower_priority() {
#if defined(_WIN32)
    SetThreadPriority(GetCurrentThread(), THREAD_PRIORITY_BELOW_NORMAL);
#elif defined(__APPLE__)
    pthread_set_qos_class_self_np(QOS_CLASS_UTILITY, 0);
#elif defined(__linux__)
    // Else the system may give it the core of whoever has just woken it, a game's main thread, until the next tick of
    // its clock: 4 ms. On Linux both of these are the calling thread's alone.
    const sched_param none{};
    sched_setscheduler(0, SCHED_BATCH, &none);
    // A third of the share it had beside those that stay as they are.
    constexpr int kNicer = 5;
    setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + kNicer);
#endif
}

}  // namespace tha4
