// What the kernels of 256-bit vectors share. Included inside the unnamed namespace, after tile.inl.

// The count in every lane: shifts by one count for all lanes take turns with the multipliers.
THA4_INLINE Words shift_left(Words value, int32_t count) {
    return (Words)_mm256_sllv_epi32((__m256i)value, _mm256_set1_epi32(count));
}

THA4_INLINE Words pair(Bits even, Bits odd) {
    return (Words)_mm256_blend_epi16((__m256i)even, (__m256i)(odd << 16), 0xaa);
}

THA4_INLINE Lanes part_of_turn(Lanes turns) {
    return turns - (Lanes)_mm256_round_ps((__m256)turns, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

// One segment. In a vector of coarse pixels the one past the end takes the place of one that is not read: of the last,
// left of the left half, or of the first, right of the right half.
struct SegmentUpsampling {
    CoarseSegment segment;
    CoarseEnds ends;
    __m256 end;
    __m256i left, right;

    SegmentUpsampling(const Grid& coarse, const Tile& tile, int vector) : segment(coarse, tile.segment(vector)) {
        ends.read(segment, coarse.channels);
        left = segment.right ? _mm256_setr_epi32(3, 4, 4, 5, 5, 6, 6, 7) : _mm256_setr_epi32(7, 0, 0, 1, 1, 2, 2, 3);
        right = segment.right ? _mm256_setr_epi32(4, 5, 5, 6, 6, 7, 7, 0) : _mm256_setr_epi32(0, 1, 1, 2, 2, 3, 3, 4);
        end = _mm256_castsi256_ps(segment.right ? _mm256_setr_epi32(-1, 0, 0, 0, 0, 0, 0, 0)
                                                : _mm256_setr_epi32(0, 0, 0, 0, 0, 0, 0, -1));
    }

    THA4_INLINE Lanes add_to(Lanes sum, int channel) const {
        const __m256 above = _mm256_load_ps(segment.above + channel * kSegmentPixels);
        const __m256 below = _mm256_load_ps(segment.below + channel * kSegmentPixels);
        const __m256 coarse =
            _mm256_blendv_ps(_mm256_fmadd_ps(_mm256_sub_ps(below, above), _mm256_set1_ps(segment.weight), above),
                             _mm256_broadcast_ss(ends.values + channel), end);
        const __m256 a = _mm256_permutevar8x32_ps(coarse, left);
        const __m256 b = _mm256_permutevar8x32_ps(coarse, right);
        const __m256 weight_x = _mm256_setr_ps(0.75f, 0.25f, 0.75f, 0.25f, 0.75f, 0.25f, 0.75f, 0.25f);
        return sum + (Lanes)_mm256_fmadd_ps(_mm256_sub_ps(b, a), weight_x, a);
    }
};
