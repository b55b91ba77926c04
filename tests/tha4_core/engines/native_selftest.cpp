// A short run of the engine without Python, for sanitizers, valgrind and emulators of other processors.
// Prints a checksum per kernel set and exits 1 when two kernel sets, a region and the full picture, or a picture drawn
// alone and one drawn beside another, disagree.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "tha4_engine.h"

namespace {

struct RandomLayers {
    // widths: of the first layer's inputs and each layer's outputs. linear: the last one is no sine layer.
    RandomLayers(const std::vector<int>& widths, bool linear) {
        std::mt19937 random(7);
        for (size_t i = 0; i + 1 < widths.size(); ++i) {
            const int inputs = widths[i], outputs = widths[i + 1];
            const bool last = linear && i + 2 == widths.size();
            const float bound = last ? 0.05f : std::sqrt(6.0f / static_cast<float>(inputs)) / 30.0f;
            std::uniform_real_distribution<float> values(-bound, bound);
            memory.emplace_back(static_cast<size_t>(inputs) * outputs);
            memory.emplace_back(outputs);
            for (size_t j = memory.size() - 2; j < memory.size(); ++j)
                for (float& value : memory[j]) value = values(random);
            const std::vector<float>&weight = memory[memory.size() - 2], &bias = memory.back();
            layers.push_back({weight.data(), bias.data(), weight.size(), bias.size(), inputs, outputs});
        }
    }
    std::vector<std::vector<float>> memory;
    std::vector<tha4_layer> layers;
};

void check(tha4_status status) {
    if (status != THA4_OK) {
        std::printf("%s\n", tha4_last_error());
        std::exit(1);
    }
}

int largest_difference(const std::vector<uint8_t>& a, const std::vector<uint8_t>& b) {
    int largest = 0;
    for (size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
    return largest;
}

std::vector<uint8_t> render(tha4_renderer* renderer, std::vector<float> pose, const tha4_region& region) {
    std::vector<uint8_t> pixels(static_cast<size_t>(4) * region.width * region.height);
    check(tha4_render(renderer, pose.data(), pose.size(), region, pixels.data(), pixels.size(),
                      static_cast<size_t>(4) * region.width));
    return pixels;
}

tha4_renderer* make(const tha4_character& character, const char* isa, int precision, tha4_pool* pool) {
    tha4_options options{};
    options.isa = isa;
    options.precision = precision;
    options.pool = pool;
    tha4_renderer* renderer = nullptr;
    check(tha4_renderer_create(&character, &options, &renderer));
    return renderer;
}

}  // namespace

int main() {
    const RandomLayers face({41, 128, 128, 128, 128, 128, 128, 128, 128, 4}, true);
    const RandomLayers coarse({47, 360, 360, 180}, false), middle({227, 180, 180, 90}, false);
    const RandomLayers fine({137, 90, 90, 90, 7}, true);
    std::vector<uint8_t> drawing(4 * 512 * 512, 200);
    std::vector<float> picture(4 * 512 * 512);
    check(tha4_network_picture(drawing.data(), drawing.size(), 4 * 512, 512, picture.data(), picture.size()));
    const tha4_level levels[] = {
        {coarse.layers.data(), 3, 128}, {middle.layers.data(), 3, 256}, {fine.layers.data(), 3, 512}};
    tha4_character character;
    check(tha4_published(&character));
    character.picture = picture.data();
    character.picture_count = picture.size();
    character.face.layers = face.layers.data();
    character.face.layer_count = 8;
    character.face_output = face.layers.back();
    character.levels = levels;
    character.level_count = 3;
    character.body_output = fine.layers.back();

    const tha4_region region{185, 75, 30, 20};
    const std::vector<float> pose(45, 0.3f);
    std::vector<float> leaning = pose;
    leaning[40] = -0.4f;
    tha4_pool* pool = nullptr;
    check(tha4_pool_create(3, 1, &pool));
    std::vector<uint8_t> first;
    bool good = true;
    for (int index = 0; const char* isa = tha4_supported(index); ++index)
        for (const int precision : {THA4_FLOAT32, THA4_FIXED16}) {
            double peak, layer;
            if (precision == THA4_FIXED16 && std::strncmp(isa, "avx", 3) != 0) continue;
            check(tha4_speed(isa, precision == THA4_FIXED16, 16, &peak, &layer));
            tha4_renderer* renderer = make(character, isa, precision, pool);
            tha4_renderer* beside = make(character, isa, precision, pool);
            render(renderer, pose, {0, 511, 512, 1});
            render(renderer, leaning, {511, 511, 1, 1});
            std::vector<uint8_t> other;
            std::thread thread([&] { other = render(beside, leaning, region); });
            render(renderer, pose, {185, 75, 40, 30});
            const std::vector<uint8_t> pixels = render(renderer, pose, region);
            thread.join();
            good = good && other == render(renderer, leaning, region);
            tha4_renderer_destroy(beside);
            tha4_renderer_destroy(renderer);
            unsigned sum = 0;
            for (const uint8_t byte : pixels) sum = sum * 31 + byte;
            if (first.empty()) first = pixels;
            const int difference = largest_difference(first, pixels);
            std::printf("%s %s: checksum %08x, largest difference %d\n", isa,
                        precision == THA4_FIXED16 ? "fixed16" : "float32", sum, difference);
            good = good && difference <= 2;
        }
    tha4_pool_destroy(pool);
    for (const auto& [width, height] : {std::pair{1, 1}, std::pair{512, 2}, std::pair{3, 7}, std::pair{2048, 1}}) {
        std::vector<uint8_t> faint(static_cast<size_t>(4) * width * height, 3);
        check(tha4_fill_edges(faint.data(), faint.size(), static_cast<size_t>(4) * width, width, height));
        for (const uint8_t byte : faint) good = good && byte == 3;
    }
    return good ? 0 : 1;
}
