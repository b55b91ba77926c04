#include "cpu.h"

#if defined(__x86_64__)
#include <cpuid.h>

#include <initializer_list>
#endif

namespace tha4 {

#if defined(__x86_64__)

namespace {

// Which registers the system saves when threads take turns (XCR0).
unsigned saved_registers() {
    unsigned low, high;
    asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

constexpr unsigned kVectors256 = 0x06;  // XMM, YMM
constexpr unsigned kVectors512 = 0xe6;  // these, masks, ZMM and the upper sixteen of them

constexpr bool has(unsigned word, std::initializer_list<int> bits) {
    for (const int bit : bits)
        if (!(word >> bit & 1)) return false;
    return true;
}

}  // namespace

// From the instructions themselves: __builtin_cpu_supports() says no to everything where a compiler's run-time library
// has no list of features, as zig's.
CpuFeatures cpu_features() {
    CpuFeatures features;
    unsigned a, b, c, d;
    // Leaf 1, ECX: FMA, OSXSAVE (xgetbv may be asked), AVX.
    if (!__get_cpuid(1, &a, &b, &c, &d) || !has(c, {12, 27, 28})) return features;
    const unsigned saved = saved_registers();
    if ((saved & kVectors256) != kVectors256) return features;
    // Leaf 7, EBX: AVX2; AVX-512 F, DQ, BW, VL. ECX: VNNI.
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return features;
    features.avx2 = has(b, {5});
    features.avx512 = features.avx2 && (saved & kVectors512) == kVectors512 && has(b, {16, 17, 30, 31}) && has(c, {11});
#if defined(THA4_VNNI_BY_DEFINITION)
    features.avxvnni = features.avx2;
#else
    // Leaf 7, subleaf 1 (0 where there is none), EAX: AVX-VNNI.
    const bool more = a >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d);
    features.avxvnni = features.avx2 && more && has(a, {4});
#endif
    return features;
}

#else

CpuFeatures cpu_features() {
    return {};
}

#endif

}  // namespace tha4
