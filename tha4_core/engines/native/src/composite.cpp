#include "composite.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace tha4 {
namespace {

using FourBits = uint32_t __attribute__((vector_size(16)));

// Exact conversion of linear values in [kSmallest, 1] to their sRGB bytes: a table over the float's first 16 bits, in
// each of whose intervals the byte grows by at most one.
class SrgbTable {
  public:
    SrgbTable() {
        int byte = 0;
        for (int i = 0; i < kIntervals; ++i) {
            const uint32_t start = kFirst + (static_cast<uint32_t>(i) << kShift);
            while (start >= next_byte_at(byte)) ++byte;
            const uint32_t further = std::min(next_byte_at(byte) - start, kInterval);
            entries_[i] = static_cast<int32_t>(static_cast<uint32_t>(byte) * kInterval + kInterval - further);
        }
    }

    FourInts operator()(Four values) const {
        const FourInts bits = (FourInts)values - static_cast<int32_t>(kFirst);
        const FourInts interval = bits >> kShift;
        const FourInts entries = {entries_[interval[0]], entries_[interval[1]], entries_[interval[2]],
                                  entries_[interval[3]]};
        return (entries + (bits & static_cast<int32_t>(kInterval - 1))) >> kShift;
    }

    static constexpr float kSmallest = 0x1p-13f;  // rounds to byte 0

  private:
    // The bits of the least value that rounds to more than `byte`.
    static uint32_t next_byte_at(int byte) {
        const double srgb = (byte + 0.5) / 255.0;
        const double linear = srgb <= 0.04045 ? srgb / 12.92 : std::pow((srgb + 0.055) / 1.055, 2.4);
        const float least = byte < 255 ? static_cast<float>(linear) : 2.0f;
        uint32_t bits;
        std::memcpy(&bits, &least, sizeof bits);
        return bits;
    }

    static constexpr uint32_t kFirst = (127 - 13) << 23;
    static constexpr int kShift = 16;
    static constexpr uint32_t kInterval = 1u << kShift;
    static constexpr int kIntervals = (13 << 7) + 1;

    // The byte at the interval's start, and below it what, added to how far a value is into the interval, makes one
    // more of it where the next byte has begun.
    std::array<int32_t, kIntervals> entries_;
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
    FourBits pixels = (FourBits)opacity8 << 24;
    for (int c = 0; c < 3; ++c) {
        Four color = unit[c] / opacity;
        color = choose(color > SrgbTable::kSmallest, color, SrgbTable::kSmallest - Four{});
        color = choose(color > 1.0f, 1.0f - Four{}, color);
        pixels |= (FourBits)(kSrgb(color) & (opacity8 > 0)) << (8 * c);
    }
    std::memcpy(out, &pixels, sizeof pixels);
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
