#include "speed.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "aligned.h"
#include "network.h"

namespace tha4 {
namespace {

// The best of so many repetitions: other programs only ever make one slower.
constexpr int kRepetitions = 60;
constexpr int kPeakRounds = 20000;
constexpr int kLayerRounds = 8;

// `work` returns how many multiply-adds it did.
template <class Work>
double best_rate(const Work& work) {
    using Clock = std::chrono::steady_clock;
    double best = 0.0;
    for (int i = 0; i < kRepetitions; ++i) {
        const auto start = Clock::now();
        const double done = work();
        best = std::max(best, done / std::chrono::duration<double>(Clock::now() - start).count());
    }
    return best;
}

}  // namespace

Speed measure_speed(const Kernels& kernels, bool fixed16, int channels) {
    const Yardstick& yardstick = fixed16 ? kernels.fixed16_yardstick : kernels.float32_yardstick;
    // Small weights of either sign, as trained ones are.
    std::vector<float> weights(static_cast<size_t>(channels) * channels), bias(channels, 0.01f);
    for (size_t i = 0; i < weights.size(); ++i) weights[i] = (static_cast<float>(i % 7) - 3.0f) * 0.003f;
    const tha4_layer linear{weights.data(), bias.data(), weights.size(), bias.size(), channels, channels};
    const PackedLayer layer(Map(linear, channels, channels), Role::kSine);
    const size_t size = static_cast<size_t>(channels) * kTilePixels;
    const AlignedFloats in(size), out(size);
    Speed speed{};
    speed.layer = best_rate([&] {
        for (int i = 0; i < kLayerRounds; ++i) yardstick.layer(layer.layer(), in.data(), out.data());
        return static_cast<double>(kLayerRounds) * channels * channels * kTilePixels;
    });
    speed.peak = best_rate([&] {
        // Of floats, neither so large nor so small that the processor would slow down.
        float values[2] = {0.5f, 3.0f};
        return yardstick.peak(kPeakRounds, values);
    });
    return speed;
}

}  // namespace tha4
