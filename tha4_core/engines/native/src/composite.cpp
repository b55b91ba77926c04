#include "composite.h"

#include <array>
#include <cmath>
#include <cstring>

namespace tha4 {
namespace {

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

    // value: in [kSmallest, 1].
    uint8_t operator()(float value) const {
        uint32_t bits;
        std::memcpy(&bits, &value, sizeof bits);
        const uint8_t byte = bytes_[(bits - kFirst) >> kShift];
        return static_cast<uint8_t>(byte + (value >= limits_[byte]));
    }

    static constexpr float kSmallest = 0x1p-13f;  // rounds to byte 0

  private:
    static constexpr uint32_t kFirst = (127 - 13) << 23;
    static constexpr int kShift = 16;
    static constexpr int kIntervals = (13 << 7) + 1;

    std::array<float, 256> limits_;
    std::array<uint8_t, kIntervals> bytes_;
};

const SrgbTable kSrgb;

// values[i][j] to values[j][i].
void transpose(Four (&values)[4]) {
    const auto [a, b, c, d] = values;
    for (int i = 0; i < 4; ++i) values[i] = Four{a[i], b[i], c[i], d[i]};
}

// Four of a segment's pixels.
void composite_four(const float* raw, const Places& places, const float* picture, int edge, uint8_t* out) {
    const FourInts left = __builtin_convertvector(places.x, FourInts);
    const FourInts top = __builtin_convertvector(places.y, FourInts);
    const Four weight_x = places.x - __builtin_convertvector(left, Four);
    const Four weight_y = places.y - __builtin_convertvector(top, Four);
    const FourInts last = edge - 1 - FourInts{};
    const FourInts row = 4 * edge - FourInts{};
    // To the pixel on the right and the row below; the last ones are their own neighbours.
    const FourInts step_x = (left < last) & 4;
    const FourInts step_y = (top < last) & row;
    const FourInts first = top * row + left * 4;
    Four warped[4];  // of pixel, then of channel
    for (int i = 0; i < 4; ++i) {
        const auto pixel = [&](int offset) { return *reinterpret_cast<const Four*>(picture + first[i] + offset); };
        const Four top_left = pixel(0);
        const Four bottom_left = pixel(step_y[i]);
        const Four upper = top_left + (pixel(step_x[i]) - top_left) * weight_x[i];
        const Four lower = bottom_left + (pixel(step_y[i] + step_x[i]) - bottom_left) * weight_x[i];
        warped[i] = upper + (lower - upper) * weight_y[i];
    }
    transpose(warped);
    const auto channel = [&](int c) { return *reinterpret_cast<const Four*>(raw + c * kSegmentPixels); };
    const Four alpha = channel(2);
    Four unit[4];
    for (int c = 0; c < 4; ++c) unit[c] = ((1.0f - alpha) * warped[c] + alpha * channel(3 + c)) * 0.5f + 0.5f;
    // NaN is transparent, and black.
    Four opacity = choose(unit[3] > 0.0f, unit[3], Four{});
    opacity = choose(opacity > 1.0f, 1.0f - Four{}, opacity);
    const FourInts opacity8 = __builtin_convertvector(opacity * 255.0f + 0.5f, FourInts);
    for (int c = 0; c < 3; ++c) {
        Four color = unit[c] / opacity;
        color = choose(color > SrgbTable::kSmallest, color, SrgbTable::kSmallest - Four{});
        color = choose(color > 1.0f, 1.0f - Four{}, color);
        for (int i = 0; i < 4; ++i) out[i * 4 + c] = opacity8[i] ? kSrgb(color[i]) : 0;
    }
    for (int i = 0; i < 4; ++i) out[i * 4 + 3] = static_cast<uint8_t>(opacity8[i]);
}

}  // namespace

void composite(const float* raw, const float* picture, int edge, int x, int y, uint8_t* out) {
    for (int i = 0; i < kSegmentPixels; i += 4) {
        const Places places = places_at(edge, x + i, y, raw + i, raw + i + kSegmentPixels);
        composite_four(raw + i, places, picture, edge, out + i * 4);
    }
}

void composite_between(const float* raw, const float* picture, int edge, float column, float step, float row,
                       uint8_t* out) {
    const Four rows = row - Four{};
    for (int i = 0; i < kSegmentPixels; i += 4) {
        const Four columns = column + step * (static_cast<float>(i) + Four{0.0f, 1.0f, 2.0f, 3.0f});
        const Places places = moved(edge, columns, rows, raw + i, raw + i + kSegmentPixels);
        composite_four(raw + i, places, picture, edge, out + i * 4);
    }
}

}  // namespace tha4
