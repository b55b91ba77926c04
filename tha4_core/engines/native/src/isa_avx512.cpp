// The kernels for AVX-512 (F, BW, DQ, VL) with VNNI: Ice Lake and Zen 4 onwards.

#include "kernels.h"

#if defined(__x86_64__)

// Only this file's code may use these instructions; it runs only where the processor has them.
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma"))), \
                             apply_to = function)
#else
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,prefer-vector-width=512")
#endif

#include <immintrin.h>

namespace tha4 {
namespace {

constexpr int kLanes = 16;
constexpr int kVectors = 4;  // 4 x 6 sums, 4 vectors of pixels and a weight: 29 of 32 registers

#include "lanes.inl"

// The count in every lane: shifts by one count for all lanes take turns with the multipliers.
THA4_INLINE Words shift_left(Words value, int32_t count) {
    return (Words)_mm512_sllv_epi32((__m512i)value, _mm512_set1_epi32(count));
}

THA4_INLINE Words multiply_pairs(Words sums, Words weights, Words x) {
    return (Words)_mm512_dpwssd_epi32((__m512i)sums, (__m512i)weights, (__m512i)x);
}

THA4_INLINE __m256 between_rows(const Place& place, int segment, size_t channel) {
    const __m256 above = _mm256_loadu_ps(place.above[segment] + channel);
    const __m256 below = _mm256_loadu_ps(place.below[segment] + channel);
    return _mm256_fmadd_ps(_mm256_sub_ps(below, above), _mm256_set1_ps(place.weight[segment]), above);
}

// Two segments: of each, coarse pixels -1 to 6 are read, and -1 to 4 used.
THA4_INLINE Lanes upsample(const Place& place, int vector, size_t channel) {
    const __m512 coarse = _mm512_insertf32x8(_mm512_castps256_ps512(between_rows(place, 2 * vector, channel)),
                                             between_rows(place, 2 * vector + 1, channel), 1);
    const __m512 left =
        _mm512_permutexvar_ps(_mm512_setr_epi32(0, 1, 1, 2, 2, 3, 3, 4, 8, 9, 9, 10, 10, 11, 11, 12), coarse);
    const __m512 right =
        _mm512_permutexvar_ps(_mm512_setr_epi32(1, 2, 2, 3, 3, 4, 4, 5, 9, 10, 10, 11, 11, 12, 12, 13), coarse);
    const __m512 weight = _mm512_setr_ps(0.75f, 0.25f, 0.75f, 0.25f, 0.75f, 0.25f, 0.75f, 0.25f, 0.75f, 0.25f, 0.75f,
                                         0.25f, 0.75f, 0.25f, 0.75f, 0.25f);
    return _mm512_fmadd_ps(_mm512_sub_ps(right, left), weight, left);
}

#include "float_siren.inl"

#include "fixed_siren.inl"

}  // namespace

const Kernels* avx512_kernels() {
    static const Kernels kernels{"avx512", siren_float32, siren_fixed16, kFloatYardstick, kFixedYardstick};
    return &kernels;
}

}  // namespace tha4

#if defined(__clang__)
#pragma clang attribute pop
#endif

#else

const tha4::Kernels* tha4::avx512_kernels() {
    return nullptr;
}

#endif
