#include "dispatch.h"

namespace tha4 {
namespace {

bool runs_here(const Kernels* kernels) {
    if (!kernels) return false;
#if defined(__x86_64__)
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (kernels == avx2_kernels()) return avx2;
    if (kernels == avx512_kernels())
        return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512vnni");
#endif
    return true;
}

}  // namespace

const Kernels* choose_kernels(const std::string& name) {
    for (const Kernels* kernels : {avx512_kernels(), avx2_kernels(), neon_kernels(), portable_kernels()})
        if (runs_here(kernels) && (name.empty() || name == kernels->name)) return kernels;
    return nullptr;
}

}  // namespace tha4
