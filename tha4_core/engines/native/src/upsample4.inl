// SegmentUpsampling for vectors of four pixels, half a segment. Included inside the unnamed namespace, after tile.inl.

struct SegmentUpsampling {
    // Channel 0 of the four coarse pixels that are read of each row, and how far on the next channel is.
    const float* above[4];
    const float* below[4];
    ptrdiff_t step[4];
    float weight_y;

    SegmentUpsampling(const Grid& coarse, const Tile& tile, int vector) {
        const CoarseSegment segment(coarse, tile.segment(vector / 2));
        weight_y = segment.weight;
        // Of a half, fine pixels 0 to 3 lie between its coarse pixels -1 to 2, fine pixels 4 to 7 between 1 to 4.
        const int first = (segment.right ? 4 : 0) + (vector % 2 ? 1 : -1);
        for (int i = 0; i < 4; ++i) {
            const int pixel = first + i;
            const bool inside = pixel >= 0 && pixel < kSegmentPixels;
            above[i] = inside ? segment.above + pixel : segment.above_end;
            below[i] = inside ? segment.below + pixel : segment.below_end;
            step[i] = inside ? kSegmentPixels : 1;
        }
    }

    THA4_INLINE Lanes add_to(Lanes sum, int channel) const {
        float coarse[4];
        for (int i = 0; i < 4; ++i) {
            const float value = above[i][channel * step[i]];
            coarse[i] = (below[i][channel * step[i]] - value) * weight_y + value;
        }
        return sum + Lanes{(coarse[1] - coarse[0]) * 0.75f + coarse[0], (coarse[2] - coarse[1]) * 0.25f + coarse[1],
                           (coarse[2] - coarse[1]) * 0.75f + coarse[1], (coarse[3] - coarse[2]) * 0.25f + coarse[2]};
    }
};
