#include "character.h"

#include <cmath>
#include <string>

#include "kernels.h"
#include "refusal.h"
#include "renderer.h"

namespace tha4 {
namespace {

using std::to_string;

bool all_finite(const float* values, size_t count) {
    for (size_t i = 0; i < count; ++i)
        if (!std::isfinite(values[i])) return false;
    return true;
}

void check_range(const std::string& what, int value, int least, int most) {
    require(value >= least && value <= most,
            what + " must be " + to_string(least) + " to " + to_string(most) + ", not " + to_string(value) + ".");
}

// `where`: its name in a sentence. inputs: what comes to it.
void check_layer(const tha4_layer& layer, const std::string& where, int inputs, int most_outputs) {
    require(layer.inputs == inputs, where + " takes " + to_string(layer.inputs) + " inputs, but " + to_string(inputs) +
                                        " come to it; give the weights of one character, in their order.");
    check_range("the outputs of " + where, layer.outputs, 1, most_outputs);
    const size_t weights = static_cast<size_t>(layer.inputs) * layer.outputs;
    require(layer.weight && layer.weight_count == weights,
            where + " has " + to_string(layer.weight ? layer.weight_count : 0) + " weights, but " +
                to_string(layer.inputs) + " inputs to " + to_string(layer.outputs) + " outputs take " +
                to_string(weights) + ".");
    require(layer.bias && layer.bias_count == static_cast<size_t>(layer.outputs),
            where + " has " + to_string(layer.bias ? layer.bias_count : 0) + " biases, but " +
                to_string(layer.outputs) + " outputs take as many.");
}

// A linear map to `outputs` channels.
void check_output(const tha4_layer& layer, const std::string& where, int inputs, int outputs) {
    check_layer(layer, where, inputs, THA4_MOST_CHANNELS);
    require(layer.outputs == outputs,
            where + " puts out " + to_string(layer.outputs) + " channels, but " + to_string(outputs) + " are needed.");
}

std::string name_of(const std::string& network, int layer) {
    return network + "'s sine layer " + to_string(layer + 1);
}

// Returns how many channels come out of its last layer.
int check_sine_layers(const tha4_level& level, const std::string& where, int inputs) {
    check_range("the number of " + where + "'s sine layers", level.layer_count, 1, THA4_MOST_LAYERS);
    require(level.layers, where + " has no sine layers; give them.");
    for (int i = 0; i < level.layer_count; ++i) {
        check_layer(level.layers[i], name_of(where, i), inputs, THA4_MOST_CHANNELS);
        inputs = level.layers[i].outputs;
    }
    return inputs;
}

std::string level_name(int level) {
    return "the body morpher's level " + to_string(level + 1);
}

void check_body(const tha4_character& character) {
    check_range("the number of the body morpher's levels", character.level_count, 1, THA4_MOST_LEVELS);
    require(character.levels, "the body morpher has no levels; give them.");
    require(character.head_count == 0 || (character.head_count == character.level_count - 1 && character.heads),
            "there are outputs of " + to_string(character.head_count) + " coarser levels, but " +
                to_string(character.level_count - 1) + " are needed, or none.");
    int features = 0;
    for (int i = 0; i < character.level_count; ++i) {
        const tha4_level& level = character.levels[i];
        const int finer = character.level_count - 1 - i;
        const int needed = character.picture_edge >> finer;
        require(needed % kSegmentPixels == 0 && needed << finer == character.picture_edge && needed > 0,
                "a picture of " + to_string(character.picture_edge) + " pixels a side cannot be halved " +
                    to_string(finer) + " times to a multiple of " + to_string(kSegmentPixels) + "; give fewer levels.");
        require(level.edge == needed, "the grid of " + level_name(i) + " has " + to_string(level.edge) +
                                          " pixels a side, but " + to_string(needed) +
                                          " are needed: each level has twice the last one's, up to the picture's.");
        features = check_sine_layers(level, level_name(i), features + 2 + character.pose_size);
        if (finer > 0 && character.head_count > 0)
            check_output(character.heads[i], "the output of " + level_name(i), features, THA4_BODY_CHANNELS);
    }
    check_output(character.body_output, "the body morpher's output", features, THA4_BODY_CHANNELS);
}

void check_face(const tha4_character& character) {
    const tha4_level& face = character.face;
    check_range("the face's edge", face.edge, kSegmentPixels, character.picture_edge);
    require(face.edge % kSegmentPixels == 0, "the face's edge must be a multiple of " + to_string(kSegmentPixels) +
                                                 ", not " + to_string(face.edge) + ".");
    check_range("the face's left side", character.face_left, 0, character.picture_edge - face.edge);
    check_range("the face's top", character.face_top, 0, character.picture_edge - face.edge);
    check_range("the face morpher's share of the pose", character.face_pose_size, 0, character.pose_size);
    const int features = check_sine_layers(face, "the face morpher", 2 + character.face_pose_size);
    check_output(character.face_output, "the face morpher's output", features, THA4_FACE_CHANNELS);
}

void check_picture(const tha4_character& character) {
    check_range("the picture's edge", character.picture_edge, kSegmentPixels, THA4_MOST_EDGE);
    const size_t needed = static_cast<size_t>(4) * character.picture_edge * character.picture_edge;
    require(character.picture && character.picture_count == needed,
            "the picture has " + to_string(character.picture ? character.picture_count : 0) + " numbers, but 4 x " +
                to_string(character.picture_edge) + " x " + to_string(character.picture_edge) + " are needed.");
    const int64_t drawing = character.drawing_edge, edge = character.picture_edge;
    require(drawing == 0 || drawing == 2 * edge || drawing == 4 * edge,
            "the larger drawing's edge must be 2 or 4 times the picture's " + to_string(edge) + ", not " +
                to_string(drawing) + ".");
    require(drawing == 0 || (character.drawing && character.drawing_size == static_cast<size_t>(drawing * drawing * 4)),
            "the larger drawing has " + to_string(character.drawing ? character.drawing_size : 0) + " bytes, but 4 x " +
                to_string(drawing) + " x " + to_string(drawing) + " are needed.");
    for (const int parameter : character.lean_parameters)
        check_range("a parameter that leans", parameter, -1, character.pose_size - 1);
}

// Last, for it takes longest.
void check_numbers(const tha4_character& character) {
    const auto check = [](const tha4_layer& layer, const std::string& where) {
        require(all_finite(layer.weight, layer.weight_count) && all_finite(layer.bias, layer.bias_count),
                where + " holds NaN or infinity; the training that made it failed.");
    };
    const auto check_level = [&](const tha4_level& level, const std::string& where) {
        for (int i = 0; i < level.layer_count; ++i) check(level.layers[i], name_of(where, i));
    };
    check_level(character.face, "the face morpher");
    check(character.face_output, "the face morpher's output");
    for (int i = 0; i < character.level_count; ++i) check_level(character.levels[i], level_name(i));
    check(character.body_output, "the body morpher's output");
    for (int i = 0; i < character.head_count; ++i) check(character.heads[i], "the output of " + level_name(i));
    require(all_finite(character.picture, character.picture_count),
            "the picture holds NaN or infinity; make it with tha4_network_picture().");
}

}  // namespace

void check_character(const tha4_character& character, int threads) {
    check_range("the number of a pose's parameters", character.pose_size, 1, THA4_MOST_PARAMETERS);
    check_picture(character);
    check_face(character);
    check_body(character);
    constexpr double kMebibyte = 1 << 20;
    const uint64_t bytes = Renderer::memory(character, threads);
    require(bytes <= THA4_MOST_BYTES, "a renderer of this character takes " +
                                          to_string(static_cast<int>(bytes / kMebibyte)) + " MiB, but at most " +
                                          to_string(static_cast<int>(THA4_MOST_BYTES / kMebibyte)) +
                                          " are given; give narrower layers, a smaller picture or fewer threads.");
    check_numbers(character);
}

}  // namespace tha4
