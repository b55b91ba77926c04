#include "shrink.h"

#include <algorithm>
#include <cmath>

namespace tha4_godot {
namespace {

constexpr int kChannels = 4;
constexpr int kWeightBits = 22;
constexpr double kPi = 3.14159265358979323846;

double hamming(double x) {
    x = std::abs(x);
    if (x == 0.0) return 1.0;
    if (x >= 1.0) return 0.0;
    x *= kPi;
    // Pillow's constants have single precision.
    return std::sin(x) / x * (0.54f + 0.46f * std::cos(x));
}

uint8_t to_byte(int32_t sum) {
    return static_cast<uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
}

// The rounded product of two parts of 255.
uint8_t product(int a, int b) {
    const int sum = a * b + 128;
    return static_cast<uint8_t>(((sum >> 8) + sum) >> 8);
}

void premultiply(const uint8_t* pixels, size_t count, uint8_t* out) {
    for (size_t i = 0; i < count * kChannels; i += kChannels) {
        for (int c = 0; c < 3; ++c) out[i + c] = product(pixels[i + c], pixels[i + 3]);
        out[i + 3] = pixels[i + 3];
    }
}

void straighten(uint8_t* pixels, size_t count) {
    for (uint8_t* pixel = pixels; pixel < pixels + count * kChannels; pixel += kChannels) {
        const int alpha = pixel[3];
        if (alpha == 0 || alpha == 255) continue;
        for (int c = 0; c < 3; ++c) pixel[c] = static_cast<uint8_t>(std::min(255 * pixel[c] / alpha, 255));
    }
}

}  // namespace

std::vector<Shrinking::Taps> Shrinking::taps(int length, int out_length) {
    const double scale = static_cast<double>(length) / out_length;
    std::vector<Taps> all(out_length);
    std::vector<double> exact;
    for (int place = 0; place < out_length; ++place) {
        const double centre = (place + 0.5) * scale;
        const int first = std::max(static_cast<int>(centre - scale + 0.5), 0);
        const int end = std::min(static_cast<int>(centre + scale + 0.5), length);
        exact.clear();
        double sum = 0.0;
        for (int i = first; i < end; ++i) {
            exact.push_back(hamming((i - centre + 0.5) * (1.0 / scale)));
            sum += exact.back();
        }
        all[place].first = first;
        for (const double weight : exact)
            all[place].weights.push_back(static_cast<int32_t>(0.5 + weight / sum * (1 << kWeightBits)));
    }
    return all;
}

void Shrinking::shrink(const uint8_t* pixels, int width, int height, uint8_t* out, int out_width, int out_height) {
    const size_t row = static_cast<size_t>(width) * kChannels;
    const size_t out_row = static_cast<size_t>(out_width) * kChannels;
    premultiplied_.resize(row * height);
    premultiply(pixels, static_cast<size_t>(width) * height, premultiplied_.data());
    const uint8_t* source = premultiplied_.data();
    if (out_width != width) {
        narrow_.resize(out_row * height);
        const std::vector<Taps> across = taps(width, out_width);
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < out_width; ++x)
                for (int c = 0; c < kChannels; ++c) {
                    const uint8_t* value = source + y * row + static_cast<size_t>(across[x].first) * kChannels + c;
                    int32_t sum = 1 << (kWeightBits - 1);
                    for (const int32_t weight : across[x].weights) {
                        sum += weight * *value;
                        value += kChannels;
                    }
                    narrow_[y * out_row + static_cast<size_t>(x) * kChannels + c] = to_byte(sum);
                }
        source = narrow_.data();
    }
    if (out_height != height) {
        const std::vector<Taps> down = taps(height, out_height);
        for (int y = 0; y < out_height; ++y)
            for (size_t x = 0; x < out_row; ++x) {
                const uint8_t* value = source + down[y].first * out_row + x;
                int32_t sum = 1 << (kWeightBits - 1);
                for (const int32_t weight : down[y].weights) {
                    sum += weight * *value;
                    value += out_row;
                }
                out[y * out_row + x] = to_byte(sum);
            }
    } else {
        std::copy(source, source + out_row * out_height, out);
    }
    straighten(out, static_cast<size_t>(out_width) * out_height);
}

}  // namespace tha4_godot
