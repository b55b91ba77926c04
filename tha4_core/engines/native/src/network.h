// A character's networks, packed for the kernels.
#pragma once

#include <vector>

#include "kernels.h"
#include "tha4_engine.h"

namespace tha4 {

// Channels of a layer as it is packed: in fixed point they go in pairs, and an odd one gets a neighbour of zeros.
constexpr int even(int channels) {
    return channels + channels % 2;
}

// What a linear map's results are.
enum class Role {
    kSine,      // arguments of a sine layer's sine, in half turns; also packed in fixed point
    kFeatures,  // the next level's first layer's share of its arguments, in half turns, without the bias; also fixed
    kOutput,    // themselves
};

// A linear map before it is packed.
struct Map {
    int inputs;
    int outputs;
    std::vector<float> weight;  // [outputs][inputs]
    std::vector<float> bias;    // [outputs]
    // Rows from this one on are what a level answers, and stay themselves in any role.
    int answer;

    // The layer's first columns, as many as there are of `columns` (even), and zeros.
    Map(const tha4_layer& layer, int columns, int rows);
    // Puts the layer's rows, without its bias, behind those that there are, and zeros to `rows` of them.
    void add_answer(const tha4_layer& layer, int rows);
};

// A layer that owns its weights.
class PackedLayer {
  public:
    PackedLayer(const Map& map, Role role);
    PackedLayer(const PackedLayer&) = delete;
    PackedLayer(PackedLayer&&) = default;

    const Layer& layer() const { return layer_; }
    // Whether fixed point holds the weights well: to 2^-13 of a turn or finer.
    bool fits_fixed16() const { return fits_fixed16_; }

  private:
    // The scale of each row's weights in fixed point; empty when they do not fit.
    std::vector<double> sine_scales(const Map& map);
    std::vector<double> feature_scales(const Map& map);
    // Packs the rows' weights, in `unit`, times their scale.
    void pack_pairs(const Map& map, double unit, const std::vector<double>& scales);

    Layer layer_{};
    std::vector<float> weights_;
    std::vector<float> bias_;
    std::vector<int32_t> pairs_;
    std::vector<int32_t> phases_;
    std::vector<int32_t> shifts_;
    std::vector<float> units_;
    bool fits_fixed16_ = true;
};

// Sine layers and a linear map: the face morpher, or one level of the body morpher with the next level's map of its
// features (which commutes with the upsampling between them) or the output layer.
class PackedSiren {
  public:
    // level: the sine layers. features: how many of the first one's inputs come before x, y and the pose.
    // last: the linear map of its last features. coarse_answer: whether the coarser level leaves an answer.
    PackedSiren(const tha4_level& level, int features, int pose_size, const Map& last, Role last_role,
                bool coarse_answer);

    // The first layer's constant for a pose of `pose_size` numbers. Returns whether it changed.
    bool fold_pose(const float* pose);

    // Whether its weights may be in fixed point, and whether it has any that gain by it: the last hidden layer has
    // another result there than the others, so there must be one.
    bool fits_fixed16() const { return fits_fixed16_; }
    bool gains_by_fixed16() const { return !hidden_.empty(); }
    // Of what is computed for a tile: the widest layer, or the results.
    int widest() const;
    // Of a pixel, in the layers after the first, which has none but those of position and pose.
    int multiply_adds() const;
    // What the kernels need; the pointers are this object's.
    Siren siren(const Grid& coarse, const Grid& out) const;

  private:
    int channels_;
    int pose_size_;
    std::vector<float> weight_x_;
    std::vector<float> weight_y_;
    std::vector<float> weight_pose_;  // [channel][pose_size_]
    std::vector<float> bias_;
    std::vector<float> constant_;
    bool folded_ = false;
    int answer_row_;
    std::vector<PackedLayer> hidden_;
    std::vector<Layer> hidden_layers_;
    PackedLayer last_;
    bool fits_fixed16_ = true;
};

}  // namespace tha4
