// The kernels for AVX2 with FMA: Haswell and Zen onwards.

#include "kernels.h"

#if defined(__x86_64__)

// Only this file's code may use these instructions; it runs only where the processor has them.
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif

#include <immintrin.h>

namespace tha4 {
namespace {

constexpr int kLanes = 8;
constexpr int kVectors = 2;  // 2 x 6 sums, 2 vectors of pixels and a weight: 15 of 16 registers

#include "lanes.inl"

// The count in every lane: shifts by one count for all lanes take turns with the multipliers.
THA4_INLINE Words shift_left(Words value, int32_t count) {
    return (Words)_mm256_sllv_epi32((__m256i)value, _mm256_set1_epi32(count));
}

THA4_INLINE Words multiply_pairs(Words sums, Words weights, Words x) {
    // Unsigned: phases overflow by design.
    return (Words)((Bits)sums + (Bits)_mm256_madd_epi16((__m256i)weights, (__m256i)x));
}

// One segment: coarse pixels -1 to 6 are read, and -1 to 4 used.
THA4_INLINE Lanes upsample(const Place& place, int vector, size_t channel) {
    const __m256 above = _mm256_loadu_ps(place.above[vector] + channel);
    const __m256 below = _mm256_loadu_ps(place.below[vector] + channel);
    const __m256 coarse = _mm256_fmadd_ps(_mm256_sub_ps(below, above), _mm256_set1_ps(place.weight[vector]), above);
    const __m256 left = _mm256_permutevar8x32_ps(coarse, _mm256_setr_epi32(0, 1, 1, 2, 2, 3, 3, 4));
    const __m256 right = _mm256_permutevar8x32_ps(coarse, _mm256_setr_epi32(1, 2, 2, 3, 3, 4, 4, 5));
    const __m256 weight = _mm256_setr_ps(0.75f, 0.25f, 0.75f, 0.25f, 0.75f, 0.25f, 0.75f, 0.25f);
    return (Lanes)_mm256_fmadd_ps(_mm256_sub_ps(right, left), weight, left);
}

#include "float_siren.inl"

#include "fixed_siren.inl"

}  // namespace

const Kernels* avx2_kernels() {
    static const Kernels kernels{"avx2", siren_float32, siren_fixed16, kFloatYardstick, kFixedYardstick};
    return &kernels;
}

}  // namespace tha4

#if defined(__clang__)
#pragma clang attribute pop
#endif

#else

const tha4::Kernels* tha4::avx2_kernels() {
    return nullptr;
}

#endif
