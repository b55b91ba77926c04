// A character's networks, packed for the kernels.
#pragma once

#include <vector>

#include "kernels.h"
#include "tha4_engine.h"

namespace tha4 {

// What a linear map's results are.
enum class Role {
    kSine,      // arguments of a sine layer's sine, in half turns; also packed in fixed point
    kFeatures,  // the next level's first layer's share of its arguments, in half turns, without the bias; also fixed
    kOutput,    // themselves
};

// A layer that owns its weights.
class PackedLayer {
  public:
    // columns: how many of the linear map's inputs to take, from the first.
    PackedLayer(const tha4_layer& linear, int columns, Role role);
    PackedLayer(const PackedLayer&) = delete;
    PackedLayer(PackedLayer&&) = default;

    const Layer& layer() const { return layer_; }
    // Whether fixed point holds the weights well: to 2^-13 of a turn or finer. Channels go in pairs there.
    bool fits_fixed16() const { return fits_fixed16_; }

  private:
    // The scale of each row's weights in fixed point; empty when they do not fit.
    std::vector<double> sine_scales(const tha4_layer& linear);
    std::vector<double> feature_scales(const tha4_layer& linear);
    // Packs the rows' weights, in `unit`, times their scale.
    void pack_pairs(const tha4_layer& linear, double unit, const std::vector<double>& scales);

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
    // last: the linear map, of which the first inputs are taken, as many as the last sine layer has outputs.
    PackedSiren(const tha4_level& level, int features, int pose_size, const tha4_layer& last, Role last_role);

    // The first layer's constant for a pose of `pose_size` numbers. Returns whether it changed.
    bool fold_pose(const float* pose);

    bool fits_fixed16() const { return fits_fixed16_; }
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
    std::vector<PackedLayer> hidden_;
    std::vector<Layer> hidden_layers_;
    PackedLayer last_;
    bool fits_fixed16_ = true;
};

}  // namespace tha4
