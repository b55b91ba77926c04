#include "trial.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

namespace tha4 {
namespace {

// A pixel's channels in [0, 1], premultiplied.
std::array<double, 4> premultiplied(const uint8_t* pixel) {
    const double alpha = pixel[3] / 255.0;
    return {pixel[0] / 255.0 * alpha, pixel[1] / 255.0 * alpha, pixel[2] / 255.0 * alpha, alpha};
}

// Peak signal-to-noise ratio over all four channels, dB; infinite where the pictures are equal.
double psnr(const std::vector<uint8_t>& one, const std::vector<uint8_t>& other) {
    double sum = 0.0;
    for (size_t i = 0; i < one.size(); i += 4) {
        const std::array<double, 4> a = premultiplied(&one[i]), b = premultiplied(&other[i]);
        for (int c = 0; c < 4; ++c) sum += (a[c] - b[c]) * (a[c] - b[c]);
    }
    return -10.0 * std::log10(sum / static_cast<double>(one.size()));
}

std::vector<uint8_t> picture(Renderer& renderer, const tha4_trial& trial) {
    const tha4_region& region = trial.region;
    const size_t row = static_cast<size_t>(region.width) * 4;
    std::vector<uint8_t> pixels(row * region.height);
    renderer.render(trial.pose, {region.x, region.y, region.width, region.height}, pixels.data(), row);
    return pixels;
}

}  // namespace

bool much_alike(Renderer& one, Renderer& other, const tha4_trial& trial) {
    // NaN is not alike.
    return psnr(picture(one, trial), picture(other, trial)) >= trial.least_psnr;
}

}  // namespace tha4
