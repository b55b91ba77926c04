#include "picture.h"

#include <array>
#include <cmath>

namespace tha4 {
namespace {

std::array<double, 256> srgb_to_linear() {
    std::array<double, 256> table;
    for (int byte = 0; byte < 256; ++byte) {
        const double value = byte / 255.0;
        table[byte] = value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    }
    return table;
}

const std::array<double, 256>& linear_levels() {
    static const std::array<double, 256> levels = srgb_to_linear();
    return levels;
}

}  // namespace

// In double precision and in the order of tha4_core/picture/color.py, whose bytes it gives.
void network_picture(const uint8_t* pixels, size_t stride, int edge, float* picture) {
    const std::array<double, 256>& linear = linear_levels();
    const size_t plane = static_cast<size_t>(edge) * edge;
    for (int y = 0; y < edge; ++y)
        for (int x = 0; x < edge; ++x) {
            const uint8_t* pixel = pixels + y * stride + static_cast<size_t>(x) * 4;
            float* target = picture + static_cast<size_t>(y) * edge + x;
            const double alpha = pixel[3] / 255.0;
            for (int c = 0; c < 3; ++c) {
                const double premultiplied = linear[pixel[c]] * alpha;
                target[c * plane] = static_cast<float>(2.0 * premultiplied - 1.0);
            }
            target[3 * plane] = static_cast<float>(2.0 * alpha - 1.0);
        }
}

void average_picture(const uint8_t* drawing, int drawing_edge, int edge, float* picture) {
    const std::array<double, 256>& linear = linear_levels();
    const int by = drawing_edge / edge;
    for (int y = 0; y < edge; ++y)
        for (int x = 0; x < edge; ++x) {
            double sums[4] = {};
            for (int j = 0; j < by; ++j)
                for (int i = 0; i < by; ++i) {
                    const size_t at = static_cast<size_t>(y * by + j) * drawing_edge + x * by + i;
                    const uint8_t* const pixel = drawing + at * 4;
                    const double alpha = pixel[3] / 255.0;
                    for (int c = 0; c < 3; ++c) sums[c] += linear[pixel[c]] * alpha;
                    sums[3] += alpha;
                }
            float* const target = picture + (static_cast<size_t>(y) * edge + x) * 4;
            for (int c = 0; c < 4; ++c) target[c] = static_cast<float>(2.0 * sums[c] / (by * by) - 1.0);
        }
}

}  // namespace tha4
