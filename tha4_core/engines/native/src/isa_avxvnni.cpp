// The kernels for AVX2 with AVX-VNNI, whose instruction for pairs of int16 does the work of two: most Intel processors
// of players from Alder Lake on, which have no AVX-512.

#include "kernels.h"

#if defined(__x86_64__) && (defined(__clang__) || __GNUC__ >= 11)

// THA4_VNNI_BY_DEFINITION: the instruction replaced by what it is defined to do, for tests on processors without it.
// Only this file's code may use these instructions; it runs only where the processor has them.
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,avxvnni"))), apply_to = function)
#elif defined(THA4_VNNI_BY_DEFINITION)
#pragma GCC target("avx2,fma")
#else
#pragma GCC target("avx2,fma,avxvnni")
#endif

#include <immintrin.h>

namespace tha4 {
namespace {

constexpr int kLanes = 8;
constexpr int kVectors = 2;  // 2 x 6 sums, 2 vectors of pixels and a weight: 15 of 16 registers

#include "lanes.inl"

#include "tile.inl"

THA4_INLINE Words multiply_pairs(Words sums, Words weights, Words x) {
#if defined(THA4_VNNI_BY_DEFINITION)
    return (Words)((Bits)sums + (Bits)_mm256_madd_epi16((__m256i)weights, (__m256i)x));
#else
    return (Words)_mm256_dpwssd_avx_epi32((__m256i)sums, (__m256i)weights, (__m256i)x);
#endif
}

#include "avx2.inl"

#include "float_siren.inl"

#include "fixed_siren.inl"

}  // namespace

const Kernels* avxvnni_kernels() {
    static const Kernels kernels{"avxvnni", siren_float32, siren_fixed16, kFloatYardstick, kFixedYardstick};
    return &kernels;
}

}  // namespace tha4

#if defined(__clang__)
#pragma clang attribute pop
#endif

#else

const tha4::Kernels* tha4::avxvnni_kernels() {
    return nullptr;
}

#endif
