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

#include "tile.inl"

// The count in every lane: shifts by one count for all lanes take turns with the multipliers.
THA4_INLINE Words shift_left(Words value, int32_t count) {
    return (Words)_mm512_sllv_epi32((__m512i)value, _mm512_set1_epi32(count));
}

THA4_INLINE Words pair(Bits even, Bits odd) {
    // In one instruction: bytes 0 and 1 of each lane of `odd` to bytes 2 and 3 of `even`.
    const __m512i places = _mm512_set4_epi32(0x0d0c0d0c, 0x09080908, 0x05040504, 0x01000100);
    return (Words)_mm512_mask_shuffle_epi8((__m512i)even, 0xcccccccccccccccc, (__m512i)odd, places);
}

THA4_INLINE Words multiply_pairs(Words sums, Words weights, Words x) {
    return (Words)_mm512_dpwssd_epi32((__m512i)sums, (__m512i)weights, (__m512i)x);
}

THA4_INLINE Lanes part_of_turn(Lanes turns) {
    return (Lanes)_mm512_reduce_ps((__m512)turns, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

// Two segments.
struct SegmentUpsampling {
    CoarseSegment first, second;
    // The pixels past the coarse segments' ends, between their rows: of each channel the first's, then the second's.
    alignas(64) float ends[2 * kMaxChannels + 2 * kLanes];
    __m512 weight_y;
    __m512i left, right;  // of 16 coarse pixels, and then of both ends, those that a fine pixel lies between

    SegmentUpsampling(const Grid& coarse, const Tile& tile, int vector)
        : first(coarse, tile.segment(2 * vector)), second(coarse, tile.segment(2 * vector + 1)) {
        const __m512i low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        const __m512i high = _mm512_add_epi32(low, _mm512_set1_epi32(8));
        for (int c = 0; c < coarse.channels; c += kLanes) {
            const __m512 a = between_ends(first, c), b = between_ends(second, c);
            _mm512_store_ps(ends + 2 * c, _mm512_permutex2var_ps(a, low, b));
            _mm512_store_ps(ends + 2 * c + kLanes, _mm512_permutex2var_ps(a, high, b));
        }
        weight_y = _mm512_insertf32x8(_mm512_set1_ps(first.weight), _mm256_set1_ps(second.weight), 1);
        left = places(-1);
        right = places(0);
    }

    static __m512 between_ends(const CoarseSegment& segment, int channel) {
        const __m512 above = _mm512_loadu_ps(segment.above_end + channel);
        const __m512 below = _mm512_loadu_ps(segment.below_end + channel);
        return _mm512_fmadd_ps(_mm512_sub_ps(below, above), _mm512_set1_ps(segment.weight), above);
    }

    // Where the coarse pixel lies that a fine one needs, counting from `start` of each half.
    __m512i places(int start) const {
        const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        const __m512i column = _mm512_and_si512(lane, _mm512_set1_epi32(7));
        const __m512i segment = _mm512_srli_epi32(lane, 3);
        __m512i pixel = _mm512_srli_epi32(_mm512_add_epi32(column, _mm512_set1_epi32(1)), 1);
        pixel = _mm512_add_epi32(pixel, _mm512_set1_epi32(start));
        const __mmask16 in_right = (first.right ? 0x00ff : 0) | (second.right ? 0xff00 : 0);
        pixel = _mm512_mask_add_epi32(pixel, in_right, pixel, _mm512_set1_epi32(4));
        const __mmask16 past_end = _mm512_cmpgt_epu32_mask(pixel, _mm512_set1_epi32(kSegmentPixels - 1));
        pixel = _mm512_add_epi32(pixel, _mm512_slli_epi32(segment, 3));
        return _mm512_mask_add_epi32(pixel, past_end, segment, _mm512_set1_epi32(kLanes));
    }

    static THA4_INLINE __m512 row(const float* a, const float* b, int channel) {
        return _mm512_insertf32x8(_mm512_castps256_ps512(_mm256_load_ps(a + channel * kSegmentPixels)),
                                  _mm256_load_ps(b + channel * kSegmentPixels), 1);
    }

    THA4_INLINE Lanes add_to(Lanes sum, int channel) const {
        const __m512 above = row(first.above, second.above, channel);
        const __m512 below = row(first.below, second.below, channel);
        const __m512 coarse = _mm512_fmadd_ps(_mm512_sub_ps(below, above), weight_y, above);
        const __m512 both_ends =
            _mm512_castpd_ps(_mm512_broadcastsd_pd(_mm_load_sd(reinterpret_cast<const double*>(ends + 2 * channel))));
        const __m512 a = _mm512_permutex2var_ps(coarse, left, both_ends);
        const __m512 b = _mm512_permutex2var_ps(coarse, right, both_ends);
        const __m512 weight_x = _mm512_setr_ps(0.75f, 0.25f, 0.75f, 0.25f, 0.75f, 0.25f, 0.75f, 0.25f, 0.75f, 0.25f,
                                               0.75f, 0.25f, 0.75f, 0.25f, 0.75f, 0.25f);
        return sum + (Lanes)_mm512_fmadd_ps(_mm512_sub_ps(b, a), weight_x, a);
    }
};

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
