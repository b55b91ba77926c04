#include "network.h"

#include <algorithm>
#include <cmath>

namespace tha4 {

namespace {

constexpr double kOmega = 30.0;
constexpr double kPi = 3.14159265358979323846;
constexpr double kHalfTurns = kOmega / kPi;
constexpr double kTurns = kOmega / (2.0 * kPi);
// With this shift the largest int16 weight is a quarter turn; every further bit doubles it.
constexpr int kCoarsestShift = 4;
constexpr double kInt16Limit = 32767.0;
constexpr double kInt32Limit = 2147483647.0;
// The least steps per half turn that do for a map of features.
constexpr double kCoarsestFeatures = 4096.0;

}  // namespace

Map::Map(const tha4_layer& layer, int columns, int rows)
    : inputs(columns),
      outputs(rows),
      weight(static_cast<size_t>(columns) * rows),
      bias(layer.bias, layer.bias + layer.outputs),
      answer(rows) {
    for (int row = 0; row < layer.outputs; ++row)
        std::copy_n(layer.weight + static_cast<size_t>(row) * layer.inputs, std::min(columns, layer.inputs),
                    weight.begin() + static_cast<size_t>(row) * columns);
    bias.resize(rows);
}

void Map::add_answer(const tha4_layer& layer, int rows) {
    const Map other(layer, inputs, rows - outputs);
    weight.insert(weight.end(), other.weight.begin(), other.weight.end());
    outputs = rows;
    bias.resize(rows);
}

PackedLayer::PackedLayer(const Map& map, Role role) {
    layer_.inputs = map.inputs;
    layer_.outputs = map.outputs;
    const auto scale = [&](int row) { return role == Role::kOutput || row >= map.answer ? 1.0 : kHalfTurns; };
    weights_.reserve(map.weight.size());
    for (int row = 0; row < map.outputs; row += kGroup) {
        const int rows = std::min(kGroup, map.outputs - row);
        for (int k = 0; k < map.inputs; ++k)
            for (int r = row; r < row + rows; ++r)
                weights_.push_back(static_cast<float>(scale(r) * map.weight[static_cast<size_t>(r) * map.inputs + k]));
    }
    layer_.weights = weights_.data();
    if (role != Role::kFeatures) {
        for (int row = 0; row < map.outputs; ++row) bias_.push_back(static_cast<float>(scale(row) * map.bias[row]));
        layer_.bias = bias_.data();
    }
    if (role == Role::kSine) pack_pairs(map, kTurns, sine_scales(map));
    if (role == Role::kFeatures) pack_pairs(map, kHalfTurns, feature_scales(map));
    // An output is small, so it stays in float32.
}

std::vector<double> PackedLayer::sine_scales(const Map& linear) {
    std::vector<double> scales;
    for (int row = 0; row < linear.outputs; ++row) {
        double largest = 0.0;
        for (int k = 0; k < linear.inputs; ++k)
            largest = std::max(largest, std::fabs(kTurns * linear.weight[row * linear.inputs + k]));
        // activation * weight * 2^shift = phase in 2^32nds of a turn.
        int shift = 0;
        double scale = 0x1p32 / kFineOne;
        while (largest * scale > kInt16Limit && shift <= kCoarsestShift) {
            ++shift;
            scale /= 2.0;
        }
        if (shift > kCoarsestShift) return {};
        shifts_.push_back(shift);
        scales.push_back(scale);
        const double turns = kTurns * linear.bias[row] - 0.25;
        const auto phase = static_cast<int64_t>(std::llround((turns - std::floor(turns)) * 0x1p32));
        phases_.push_back(static_cast<int32_t>(static_cast<uint32_t>(phase) >> shift));
    }
    layer_.phases = phases_.data();
    layer_.shifts = shifts_.data();
    return scales;
}

std::vector<double> PackedLayer::feature_scales(const Map& linear) {
    std::vector<double> scales;
    for (int row = 0; row < linear.outputs; ++row) {
        double largest = 1e-6, sum = 1e-6;
        for (int k = 0; k < layer_.inputs; ++k) {
            const double unit = row < linear.answer ? kHalfTurns : 1.0;
            const double weight = std::fabs(unit * linear.weight[row * linear.inputs + k]);
            largest = std::max(largest, weight);
            sum += weight;
        }
        // Rounding adds at most a half to each weight.
        const double room = kInt32Limit / kCoarseOne - layer_.inputs;
        scales.push_back(std::min(kInt16Limit / largest, room / sum));
        if (scales.back() < kCoarsestFeatures) return {};
        units_.push_back(static_cast<float>(1.0 / (scales.back() * kCoarseOne)));
    }
    layer_.units = units_.data();
    return scales;
}

void PackedLayer::pack_pairs(const Map& linear, double unit, const std::vector<double>& scales) {
    fits_fixed16_ = !scales.empty();
    if (!fits_fixed16_) return;
    pairs_.reserve(static_cast<size_t>(layer_.inputs) / 2 * linear.outputs);
    for (int row = 0; row < linear.outputs; row += kGroup) {
        const int rows = std::min(kGroup, linear.outputs - row);
        for (int k = 0; k < layer_.inputs; k += 2)
            for (int r = row; r < row + rows; ++r) {
                const auto rounded = [&](int column) {
                    const double value = (r < linear.answer ? unit : 1.0) * linear.weight[r * linear.inputs + column];
                    return static_cast<uint16_t>(static_cast<int16_t>(std::lround(value * scales[r])));
                };
                pairs_.push_back(static_cast<int32_t>(rounded(k) | static_cast<uint32_t>(rounded(k + 1)) << 16));
            }
    }
    layer_.pairs = pairs_.data();
}

PackedSiren::PackedSiren(const tha4_level& level, int features, int pose_size, const Map& last, Role last_role,
                         bool coarse_answer)
    : channels_(even(level.layers[0].outputs)),
      pose_size_(pose_size),
      answer_row_(!coarse_answer ? -1 : last_role == Role::kOutput ? 0 : last.answer),
      last_(last, last_role) {
    const tha4_layer& first = level.layers[0];
    for (int c = 0; c < first.outputs; ++c) {
        const float* row = first.weight + static_cast<size_t>(c) * first.inputs + features;
        weight_x_.push_back(static_cast<float>(kHalfTurns * row[0]));
        weight_y_.push_back(static_cast<float>(kHalfTurns * row[1]));
        weight_pose_.insert(weight_pose_.end(), row + 2, row + 2 + pose_size);
        bias_.push_back(first.bias[c]);
    }
    for (auto* values : {&weight_x_, &weight_y_, &bias_, &constant_}) values->resize(channels_);
    weight_pose_.resize(static_cast<size_t>(channels_) * pose_size);
    fits_fixed16_ = last_.fits_fixed16() || level.layer_count == 1;
    hidden_.reserve(level.layer_count - 1);
    for (int i = 1; i < level.layer_count; ++i) {
        const tha4_layer& layer = level.layers[i];
        hidden_.emplace_back(Map(layer, even(layer.inputs), even(layer.outputs)), Role::kSine);
        hidden_layers_.push_back(hidden_.back().layer());
        fits_fixed16_ = fits_fixed16_ && hidden_.back().fits_fixed16();
    }
}

bool PackedSiren::fold_pose(const float* pose) {
    bool changed = !folded_;
    for (int c = 0; c < channels_; ++c) {
        const float* weights = weight_pose_.data() + static_cast<size_t>(c) * pose_size_;
        double sum = bias_[c];
        for (int k = 0; k < pose_size_; ++k) sum += static_cast<double>(weights[k]) * pose[k];
        const auto constant = static_cast<float>(kHalfTurns * sum);
        changed = changed || constant != constant_[c];
        constant_[c] = constant;
    }
    folded_ = true;
    return changed;
}

int PackedSiren::widest() const {
    int widest = std::max(channels_, last_.layer().outputs);
    for (const Layer& layer : hidden_layers_) widest = std::max(widest, layer.outputs);
    return widest;
}

int PackedSiren::multiply_adds() const {
    int sum = last_.layer().inputs * last_.layer().outputs;
    for (const Layer& layer : hidden_layers_) sum += layer.inputs * layer.outputs;
    return sum;
}

Siren PackedSiren::siren(const Grid& coarse, const Grid& out) const {
    return {channels_,
            weight_x_.data(),
            weight_y_.data(),
            constant_.data(),
            coarse,
            answer_row_,
            hidden_layers_.data(),
            static_cast<int>(hidden_layers_.size()),
            &last_.layer(),
            out};
}

}  // namespace tha4
