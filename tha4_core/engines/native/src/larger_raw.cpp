#include "larger_raw.h"

#include <algorithm>
#include <cmath>

namespace tha4 {
namespace {

// The four pixels at 4 * `index` of `times` times as many as there are in `line`, whose first is left of the segment.
Four four_between(const float* line, int times, int index) {
    if (times == 2) {
        const Four near = four_at(line + 2 * index);
        const Four left{near[0], near[1], near[1], near[2]};
        const Four right{near[1], near[2], near[2], near[3]};
        return left + (right - left) * Four{0.75f, 0.25f, 0.75f, 0.25f};
    }
    const Four near = four_at(line + index);
    const Four left{near[0], near[0], near[1], near[1]};
    const Four right{near[1], near[1], near[2], near[2]};
    return left + (right - left) * Four{0.625f, 0.875f, 0.125f, 0.375f};
}

// Puts the nearest pixels' flows where it jumps. above: of the window's rows, the upper one; weight: of the lower.
void keep_jumps(const RawWindow& window, int times, int above, float weight, float jump, float* out) {
    const int nearest_row = weight < 0.5f ? above : above + 1;
    for (int i = 0; i < kSegmentPixels * times; ++i) {
        const float place = (static_cast<float>(i) + 0.5f) / static_cast<float>(times) - 0.5f;
        const int before = static_cast<int>(std::floor(place)), left = before + 1;
        const int nearest = place - static_cast<float>(before) < 0.5f ? left : left + 1;
        bool jumps = false;
        for (int c = 0; c < 2; ++c) {
            const float* const upper = window.values[c][above] + left;
            const float* const lower = window.values[c][above + 1] + left;
            const float least = std::min(std::min(upper[0], upper[1]), std::min(lower[0], lower[1]));
            const float most = std::max(std::max(upper[0], upper[1]), std::max(lower[0], lower[1]));
            jumps = jumps || most - least > jump;
        }
        float* const block = out + static_cast<size_t>(i / kSegmentPixels) * kRawChannels * kSegmentPixels;
        for (int c = 0; jumps && c < 2; ++c)
            block[c * kSegmentPixels + i % kSegmentPixels] = window.values[c][nearest_row][nearest];
    }
}

}  // namespace

bool RawWindow::may_jump(float jump) const {
    for (int c = 0; c < 2; ++c) {
        float least = values[c][0][0], most = least;
        for (int i = 0; i < 3; ++i)
            for (int j = 0; j < kSegmentPixels + 2; ++j) {
                least = std::min(least, values[c][i][j]);
                most = std::max(most, values[c][i][j]);
            }
        if (most - least > jump) return true;
    }
    return false;
}

void enlarge_row(const RawWindow& window, int times, int row, float jump, float* out) {
    const float place = (static_cast<float>(row) + 0.5f) / static_cast<float>(times) - 0.5f;
    const int above = place < 0.0f ? 0 : 1;
    const float weight = place < 0.0f ? place + 1.0f : place;
    for (int c = 0; c < kRawChannels; ++c) {
        float line[RawWindow::kColumns];
        for (int i = 0; i < RawWindow::kColumns; i += 4) {
            const Four upper = four_at(window.values[c][above] + i);
            const Four values = upper + (four_at(window.values[c][above + 1] + i) - upper) * weight;
            __builtin_memcpy(line + i, &values, sizeof values);
        }
        for (int i = 0; i < 2 * times; ++i) {
            const Four values = four_between(line, times, i);
            float* const block = out + static_cast<size_t>(i / 2) * kRawChannels * kSegmentPixels;
            __builtin_memcpy(block + c * kSegmentPixels + i % 2 * 4, &values, sizeof values);
        }
    }
    if (window.may_jump(jump)) keep_jumps(window, times, above, weight, jump, out);
}

}  // namespace tha4
