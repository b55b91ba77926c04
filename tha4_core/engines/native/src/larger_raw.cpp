#include "larger_raw.h"

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

}  // namespace

void enlarge_row(const RawWindow& window, int times, int row, float* out) {
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
}

}  // namespace tha4
