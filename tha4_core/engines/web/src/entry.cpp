// What a page calls: the engine's C interface with a character told in one row of numbers, since JavaScript has no
// structures. Compiled by tools/binaries/web.py with the sources of the native engine.

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "tha4_engine.h"
#include "thrown.h"

#define EXPORT(name) extern "C" __attribute__((export_name(#name), used))

namespace {

// Reads layers from rows of numbers, of which there are as many as their widths say.
class Reader {
  public:
    Reader(const int32_t* description, const float* numbers) : description_(description), numbers_(numbers) {}

    int32_t next() { return *description_++; }

    tha4_layer layer(int inputs, int outputs) {
        tha4_layer layer{};
        layer.inputs = inputs;
        layer.outputs = outputs;
        layer.weight_count = static_cast<size_t>(inputs) * outputs;
        layer.bias_count = outputs;
        layer.weight = numbers_;
        layer.bias = numbers_ + layer.weight_count;
        numbers_ += layer.weight_count + layer.bias_count;
        return layer;
    }

    // A level's sine layers: their count, then their widths. inputs: of the first; left as the last one's outputs.
    std::vector<tha4_layer> layers(int& inputs) {
        std::vector<tha4_layer> layers;
        for (int32_t left = next(); left > 0; --left) {
            const int32_t width = next();
            layers.push_back(layer(inputs, width));
            inputs = width;
        }
        return layers;
    }

  private:
    const int32_t* description_;
    const float* numbers_;
};

constexpr int kPlace = 2;

}  // namespace

EXPORT(tha4_web_memory) void* tha4_web_memory(size_t size) {
    return std::malloc(size);
}

EXPORT(tha4_web_release) void tha4_web_release(void* memory) {
    std::free(memory);
}

// description: the face's layers (their count, their widths), how many levels the body has, for each its grid's edge
// and its layers, and 1 where answers are summed, else 0. numbers: weight and bias of each layer in the order of the
// tensors of docs/CHARACTER_FORMAT.md. pixels: the picture, RGBA8. drawing: the same drawn larger, drawing_edge pixels a
// side, or null and 0. precision: a tha4_precision; THA4_AUTO draws two pictures to choose. All were checked. Null on
// failure; tha4_web_error() then says why.
EXPORT(tha4_web_create)
tha4_renderer* tha4_web_create(const int32_t* description, const float* numbers, const uint8_t* pixels,
                               const uint8_t* drawing, int32_t drawing_edge, int32_t precision) {
    tha4_character character;
    if (tha4_published(&character) != THA4_OK) return nullptr;
    Reader reader(description, numbers);
    int inputs = kPlace + character.face_pose_size;
    const std::vector<tha4_layer> face = reader.layers(inputs);
    character.face.layers = face.data();
    character.face.layer_count = static_cast<int32_t>(face.size());
    character.face_output = reader.layer(inputs, THA4_FACE_CHANNELS);
    std::vector<std::vector<tha4_layer>> layers(reader.next());
    std::vector<tha4_level> levels;
    inputs = 0;
    for (std::vector<tha4_layer>& own : layers) {
        const int32_t edge = reader.next();
        inputs += kPlace + character.pose_size;
        own = reader.layers(inputs);
        levels.push_back({own.data(), static_cast<int32_t>(own.size()), edge});
    }
    std::vector<tha4_layer> heads;
    if (reader.next())
        for (size_t level = 0; level + 1 < layers.size(); ++level)
            heads.push_back(reader.layer(layers[level].back().outputs, THA4_BODY_CHANNELS));
    character.body_output = reader.layer(inputs, THA4_BODY_CHANNELS);
    character.levels = levels.data();
    character.level_count = static_cast<int32_t>(levels.size());
    character.heads = heads.empty() ? nullptr : heads.data();
    character.head_count = static_cast<int32_t>(heads.size());
    const int32_t edge = character.picture_edge;
    std::vector<float> picture(static_cast<size_t>(4) * edge * edge);
    const size_t row = static_cast<size_t>(4) * edge;
    if (tha4_network_picture(pixels, row * edge, row, edge, picture.data(), picture.size()) != THA4_OK) return nullptr;
    character.picture = picture.data();
    character.picture_count = picture.size();
    character.drawing = drawing;
    character.drawing_edge = drawing_edge;
    character.drawing_size = static_cast<size_t>(4) * drawing_edge * drawing_edge;
    tha4_options options{};
    options.precision = precision;
    options.trial = tha4_published_trial();
    tha4_renderer* renderer = nullptr;
    tha4_renderer_create(&character, &options, &renderer);
    return renderer;
}

EXPORT(tha4_web_destroy) void tha4_web_destroy(tha4_renderer* renderer) {
    tha4_renderer_destroy(renderer);
}

// What was wrong, one sentence; also after a call that ended in a trap, with which the instance cannot go on.
EXPORT(tha4_web_error) const char* tha4_web_error() {
    const char* const thrown = tha4::thrown_sentence();
    return *thrown ? thrown : tha4_last_error();
}

EXPORT(tha4_web_fixed16) int32_t tha4_web_fixed16(const tha4_renderer* renderer) {
    return tha4_renderer_fixed16(renderer);
}

// A tha4_status. tiles: [rows][columns].
EXPORT(tha4_web_visibility)
int32_t tha4_web_visibility(tha4_renderer* renderer, const uint8_t* tiles, int32_t rows, int32_t columns) {
    return tha4_set_visibility(renderer, tiles, rows, columns);
}

// A tha4_status. scale: 1, 2 or 4. out: width * height pixels, so many times as many each way, RGBA8, row by row.
EXPORT(tha4_web_render)
int32_t tha4_web_render(tha4_renderer* renderer, const float* pose, int32_t pose_size, int32_t x, int32_t y,
                        int32_t width, int32_t height, int32_t scale, uint8_t* out) {
    const size_t row = static_cast<size_t>(4) * width * scale;
    return tha4_render_larger(renderer, pose, pose_size, {x, y, width, height}, scale, out, row * height * scale, row);
}
