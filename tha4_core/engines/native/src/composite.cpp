#include "composite.h"

#include <array>
#include <cmath>
#include <cstring>

namespace tha4 {
namespace {

using Rgba = float __attribute__((vector_size(16), may_alias, aligned(4)));

// Exact conversion of a linear value in [0, 1] to its sRGB byte: a table over the float's first bits gives the byte
// at the start of an interval in which it grows by at most one, and a comparison tells whether it does.
class SrgbTable {
  public:
    SrgbTable() {
        for (int byte = 0; byte < 256; ++byte) {
            // From here on the curve rounds to the next byte.
            const double srgb = (byte + 0.5) / 255.0;
            const double linear = srgb <= 0.04045 ? srgb / 12.92 : std::pow((srgb + 0.055) / 1.055, 2.4);
            limits_[byte] = byte < 255 ? static_cast<float>(linear) : 2.0f;
        }
        int byte = 0;
        for (int i = 0; i < kIntervals; ++i) {
            const uint32_t bits = kFirst + (static_cast<uint32_t>(i) << kShift);
            float start;
            std::memcpy(&start, &bits, sizeof start);
            while (start >= limits_[byte]) ++byte;
            bytes_[i] = static_cast<uint8_t>(byte);
        }
    }

    // value: anything; it is clipped to [0, 1], NaN to 0.
    uint8_t operator()(float value) const {
        if (!(value > kSmallest)) return 0;
        if (value > 1.0f) value = 1.0f;
        uint32_t bits;
        std::memcpy(&bits, &value, sizeof bits);
        const uint8_t byte = bytes_[(bits - kFirst) >> kShift];
        return static_cast<uint8_t>(byte + (value >= limits_[byte]));
    }

  private:
    static constexpr float kSmallest = 0x1p-13f;  // rounds to byte 0
    static constexpr uint32_t kFirst = (127 - 13) << 23;
    static constexpr int kShift = 16;
    static constexpr int kIntervals = (13 << 7) + 1;

    std::array<float, 256> limits_;
    std::array<uint8_t, kIntervals> bytes_;
};

const SrgbTable kSrgb;

}  // namespace

void composite(const float* raw, const float* picture, int x, int y, int count, uint8_t* out) {
    for (int i = 0; i < count; ++i, ++raw, out += 4) {
        const Sample sample = sample_at(x + i, y, raw[0], raw[kSegmentPixels]);
        const auto pixel = [&](int column, int row) {
            return *reinterpret_cast<const Rgba*>(picture + (static_cast<size_t>(row) * kPictureEdge + column) * 4);
        };
        const Rgba top_left = pixel(sample.left, sample.top);
        const Rgba bottom_left = pixel(sample.left, sample.bottom);
        const Rgba top = top_left + (pixel(sample.right, sample.top) - top_left) * sample.weight_x;
        const Rgba bottom = bottom_left + (pixel(sample.right, sample.bottom) - bottom_left) * sample.weight_x;
        const Rgba warped = top + (bottom - top) * sample.weight_y;
        const float alpha = raw[2 * kSegmentPixels];
        const Rgba direct = {raw[3 * kSegmentPixels], raw[4 * kSegmentPixels], raw[5 * kSegmentPixels],
                             raw[6 * kSegmentPixels]};
        const Rgba unit = ((1.0f - alpha) * warped + alpha * direct) * 0.5f + 0.5f;
        float opacity = unit[3];
        if (!(opacity > 0.0f)) opacity = 0.0f;
        if (opacity > 1.0f) opacity = 1.0f;
        const int opacity8 = static_cast<int>(opacity * 255.0f + 0.5f);
        if (opacity8 == 0) {
            std::memset(out, 0, 4);
            continue;
        }
        const Rgba color = unit / opacity;
        out[0] = kSrgb(color[0]);
        out[1] = kSrgb(color[1]);
        out[2] = kSrgb(color[2]);
        out[3] = static_cast<uint8_t>(opacity8);
    }
}

}  // namespace tha4
