// A short run of the renderer without Python, for sanitizers, valgrind and emulators of other processors.
// Prints a checksum per kernel set and exits 1 when two kernel sets, or a region and the full picture, disagree.

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "dispatch.h"
#include "edges.h"
#include "renderer.h"

namespace {

template <size_t kCount>
struct RandomNetwork {
    explicit RandomNetwork(const std::array<std::array<int, 2>, kCount>& shapes) {
        std::mt19937 random(7);
        for (size_t i = 0; i < kCount; ++i) {
            const auto [inputs, outputs] = shapes[i];
            const float bound = i + 1 < kCount ? std::sqrt(6.0f / inputs) / 30.0f : 0.05f;
            std::uniform_real_distribution<float> values(-bound, bound);
            weights[i].resize(static_cast<size_t>(inputs) * outputs);
            biases[i].resize(outputs);
            for (float& value : weights[i]) value = values(random);
            for (float& value : biases[i]) value = values(random);
            linears[i] = {weights[i].data(), biases[i].data(), inputs, outputs};
        }
    }
    std::array<std::vector<float>, kCount> weights, biases;
    std::array<tha4::Linear, kCount> linears;
};

int largest_difference(const std::vector<uint8_t>& a, const std::vector<uint8_t>& b) {
    int largest = 0;
    for (size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
    return largest;
}

}  // namespace

int main() {
    const RandomNetwork<tha4::kFaceLayers> face(tha4::kFaceShapes);
    const RandomNetwork<tha4::kBodyLayers> body(tha4::kBodyShapes);
    const std::vector<float> picture(4 * 512 * 512, 0.5f);
    const tha4::Rectangle region{185, 75, 30, 20};
    std::array<float, tha4::kPoseSize> pose{};
    for (float& value : pose) value = 0.3f;
    std::vector<uint8_t> first;
    bool good = true;
    for (const char* name : {"portable", "avx2", "avx512", "neon"}) {
        const tha4::Kernels* kernels = tha4::choose_kernels(name);
        if (!kernels) continue;
        for (const bool fixed16 : {false, true}) {
            if (fixed16 && !kernels->fixed16) continue;
            tha4::Renderer renderer(face.linears, body.linears, picture.data(), *kernels, fixed16, 3);
            std::vector<uint8_t> pixels(4 * region.width * region.height), corner(4), border(4 * 512);
            pose[40] = 0.1f;
            renderer.render(pose, {0, 511, 512, 1}, border.data());
            pose[40] = -0.4f;
            renderer.render(pose, {511, 511, 1, 1}, corner.data());
            renderer.render(pose, {185, 75, 40, 30}, std::vector<uint8_t>(4 * 40 * 30).data());
            renderer.render(pose, region, pixels.data());
            unsigned sum = 0;
            for (const uint8_t byte : pixels) sum = sum * 31 + byte;
            if (first.empty()) first = pixels;
            const int difference = largest_difference(first, pixels);
            std::printf("%s %s: checksum %08x, largest difference %d\n", name, fixed16 ? "fixed16" : "float32", sum,
                        difference);
            good = good && difference <= 2;
        }
    }
    for (const auto [width, height] : {std::array{1, 1}, std::array{512, 2}, std::array{3, 7}}) {
        std::vector<uint8_t> faint(static_cast<size_t>(4) * width * height, 3);
        tha4::fill_edges(faint.data(), width, height);
        for (const uint8_t byte : faint) good = good && byte == 3;
    }
    return good ? 0 : 1;
}
