// The body morpher's raw output between the picture's pixels: bilinear, around one segment.
#pragma once

#include "composite.h"
#include "four.h"
#include "kernels.h"

namespace tha4 {

// The raw output of a segment, of the rows above and below, and of the pixels left and right of those.
struct RawWindow {
    static constexpr int kColumns = kSegmentPixels + 4;  // two of them beyond the neighbours, for whole vectors
    float values[kRawChannels][3][kColumns];

    // Whether the flow of any of its pixels differs so much from another's that it may jump.
    bool may_jump(float jump) const;

    // known: whether a segment, by its number in its row and its row, has values. Where a neighbour has none, the
    // nearest of those that are here stands for it, as it does at the picture's border.
    template <class Known>
    void read(const Grid& raw, int segment, int y, int channels, const Known& known) {
        for (int i = 0; i < 3; ++i) {
            const int row = known(segment, y + i - 1) ? y + i - 1 : y;
            const float* const own = raw.at(segment * kSegmentPixels, row);
            const bool left = known(segment - 1, row), right = known(segment + 1, row);
            const float* const before = left ? raw.at(segment * kSegmentPixels - 1, row) : own;
            const float* const after = right ? raw.at((segment + 1) * kSegmentPixels, row) : own + kSegmentPixels - 1;
            for (int c = 0; c < channels; ++c) {
                float* const line = values[c][i];
                line[0] = before[c * kSegmentPixels];
                __builtin_memcpy(line + 1, own + c * kSegmentPixels, kSegmentPixels * sizeof(float));
                for (int j = kSegmentPixels + 1; j < kColumns; ++j) line[j] = after[c * kSegmentPixels];
            }
        }
    }
};

// One of the `times` (2 or 4) rows of pixels that a segment becomes: [kRawChannels][kSegmentPixels] for each
// kSegmentPixels of them, one after another. A flow that differs by more than `jump` among the four pixels around is
// that of the nearest of them.
void enlarge_row(const RawWindow& window, int times, int row, float jump, float* out);

}  // namespace tha4
