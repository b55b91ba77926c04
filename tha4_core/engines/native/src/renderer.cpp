#include "renderer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "composite.h"

namespace tha4 {
namespace {

// Rows of the picture that a thread composites at once.
constexpr int kCompositeRows = 8;
constexpr Rectangle kNothing{0, 0, 0, 0};

// How many channels a level hands on: to the next level's first layer, and its answer if answers are summed; or the raw
// output.
int channels_of(const tha4_character& character, int level) {
    if (level + 1 == character.level_count) return kRawChannels;
    return even(character.levels[level + 1].layers[0].outputs) + (character.head_count > 0 ? even(kRawChannels) : 0);
}

// What is made of a level's features, `columns` of them.
Map map_of(const tha4_character& character, int level, int columns) {
    if (level + 1 < character.level_count) {
        const tha4_layer& next = character.levels[level + 1].layers[0];
        Map map(next, columns, even(next.outputs));
        if (character.head_count > 0) map.add_answer(character.heads[level], channels_of(character, level));
        return map;
    }
    Map map(character.body_output, columns, kRawChannels);
    // What is the same everywhere need not come through the levels.
    for (int i = 0; i < character.head_count; ++i)
        for (int c = 0; c < kRawChannels; ++c) map.bias[c] += character.heads[i].bias[c];
    return map;
}

// The body morpher's levels, each with the next one's map of its features.
std::vector<PackedSiren> pack_body(const tha4_character& character) {
    std::vector<PackedSiren> packed;
    packed.reserve(character.level_count);
    int features = 0;
    for (int i = 0; i < character.level_count; ++i) {
        const tha4_level& level = character.levels[i];
        const bool last = i + 1 == character.level_count;
        const int own = level.layers[level.layer_count - 1].outputs;
        packed.emplace_back(level, features, character.pose_size, map_of(character, i, even(own)),
                            last ? Role::kOutput : Role::kFeatures, i > 0 && character.head_count > 0);
        features = own;
    }
    return packed;
}

int widest_of(const std::vector<PackedSiren>& body, const PackedSiren& face) {
    int widest = face.widest();
    for (const PackedSiren& level : body) widest = std::max(widest, level.widest());
    return widest;
}

// Whether fixed point holds all weights that gain by it, and there are any.
bool fit_fixed16(const std::vector<PackedSiren>& body, const PackedSiren& face) {
    bool all = face.fits_fixed16(), any = face.gains_by_fixed16();
    for (const PackedSiren& level : body) {
        all = all && level.fits_fixed16();
        any = any || level.gains_by_fixed16();
    }
    return all && any;
}

PackedSiren pack_face(const tha4_character& character) {
    const int features = character.face.layers[character.face.layer_count - 1].outputs;
    const Map output(character.face_output, even(features), THA4_FACE_CHANNELS);
    return PackedSiren(character.face, 0, character.face_pose_size, output, Role::kOutput, false);
}

void nothing_more(const Tile&) {}

// The least and the greatest of eight places, as whole numbers.
std::array<int, 2> extent(Four a, Four b) {
    const Four least = choose(a < b, a, b);
    const Four greatest = choose(a < b, b, a);
    return {static_cast<int>(std::min({least[0], least[1], least[2], least[3]})),
            static_cast<int>(std::max({greatest[0], greatest[1], greatest[2], greatest[3]}))};
}

}  // namespace

Renderer::Renderer(const tha4_character& character, const Kernels& kernels, bool fixed16, std::shared_ptr<Pool> pool)
    : kernels_(kernels),
      edge_(character.picture_edge),
      face_left_(character.face_left),
      face_top_(character.face_top),
      face_edge_(character.face.edge),
      lean_parameters_{character.lean_parameters[0], character.lean_parameters[1]},
      body_(pack_body(character)),
      face_(pack_face(character)),
      fixed16_(fixed16 && kernels.fixed16 && fit_fixed16(body_, face_)),
      pool_(std::move(pool)),
      planner_(edge_, character.level_count),
      activations_(static_cast<size_t>(widest_of(body_, face_)) * kTilePixels),
      scratch_(2 * activations_ * threads()),
      picture_(static_cast<size_t>(edge_) * edge_ * 4),
      face_values_(face_edge_, THA4_FACE_CHANNELS, false),
      frame_pose_(character.pose_size),
      frame_(static_cast<size_t>(edge_) * edge_ * 4),
      face_seen_(static_cast<size_t>(face_edge_) * face_edge_ / kSegmentPixels),
      face_painted_(face_seen_.size()) {
    grids_.reserve(character.level_count);
    for (int i = 0; i < character.level_count; ++i)
        grids_.emplace_back(character.levels[i].edge, channels_of(character, i), i + 1 < character.level_count);
    const size_t pixels = static_cast<size_t>(edge_) * edge_;
    for (size_t i = 0; i < pixels; ++i)
        for (size_t c = 0; c < 4; ++c) picture_[i * 4 + c] = character.picture[c * pixels + i];
    face_plan_.segments.reserve(face_seen_.size());
    for (std::vector<uint8_t>& painted : larger_painted_) painted.resize(face_seen_.size());
    if (character.drawing_edge > 0) take_drawing(character.drawing, character.drawing_edge);
}

uint64_t Renderer::memory(const tha4_character& character, int threads) {
    uint64_t bytes = Planner::memory(character.picture_edge, character.level_count);
    // The picture as floats, and the last frame.
    bytes += static_cast<uint64_t>(character.picture_edge) * character.picture_edge * 4 * (sizeof(float) + 1);
    if (character.drawing_edge > 0) bytes += static_cast<uint64_t>(character.drawing_edge) * character.drawing_edge * 4;
    for (int times = 2; times <= 4 && times * character.picture_edge <= character.drawing_edge; times *= 2)
        bytes += LargerPicture::memory(character.picture_edge, times, character.face.edge);
    int widest = kRawChannels;
    const auto add_level = [&](const tha4_level& level) {
        for (int i = 0; i < level.layer_count; ++i) {
            const tha4_layer& layer = level.layers[i];
            // Packed as floats and in pairs.
            bytes += static_cast<uint64_t>(layer.inputs) * layer.outputs * (sizeof(float) + sizeof(int16_t));
            widest = std::max(widest, even(layer.outputs));
        }
    };
    for (int i = 0; i < character.level_count; ++i) {
        add_level(character.levels[i]);
        const bool last = i + 1 == character.level_count;
        const int channels = channels_of(character, i);
        widest = std::max(widest, channels);
        bytes += GridMemory::memory(character.levels[i].edge, channels, !last);
    }
    add_level(character.face);
    bytes += GridMemory::memory(character.face.edge, THA4_FACE_CHANNELS, false);
    return bytes + 2 * sizeof(float) * kTilePixels * static_cast<uint64_t>(widest) * threads;
}

void Renderer::set_visibility(Visibility visibility) {
    planner_.set_visibility(std::move(visibility));
    raw_region_ = marked_region_ = frame_region_ = kNothing;
}

int Renderer::lean_of(const float* pose) const {
    int lean = 0;
    for (int i = 0; i < 2; ++i)
        if (lean_parameters_[i] >= 0 && pose[lean_parameters_[i]] > 0.0f) lean += 1 << i;
    return lean;
}

int Renderer::take_pose(const float* pose) {
    bool body_changed = false;
    for (PackedSiren& level : body_) body_changed |= level.fold_pose(pose);
    if (body_changed) raw_region_ = kNothing;
    if (face_.fold_pose(pose)) {
        std::fill(face_painted_.begin(), face_painted_.end(), 0);
        for (std::vector<uint8_t>& painted : larger_painted_) std::fill(painted.begin(), painted.end(), 0);
    }
    const int lean = lean_of(pose);
    if (lean != raw_lean_) raw_region_ = marked_region_ = kNothing;
    return lean;
}

void Renderer::move_body(const Plan& plan) {
    if (raw_region_.contains(plan.region)) return;
    raw_region_ = marked_region_ = kNothing;
    std::fill(face_seen_.begin(), face_seen_.end(), 0);
    Grid coarse{};
    for (size_t i = 0; i + 1 < body_.size(); ++i) {
        evaluate(body_[i], coarse, grids_[i].grid(), plan.levels[i], nothing_more);
        coarse = grids_[i].grid();
    }
    evaluate(body_.back(), coarse, raw(), plan.levels.back(), [&](const Tile& tile) {
        for (int i = 0; i < tile.count; ++i) mark_face(tile.pixels[i]);
    });
    raw_lean_ = plan.lean;
    raw_region_ = marked_region_ = plan.region;
}

void Renderer::render(const float* pose, const Rectangle& region, uint8_t* out, size_t stride) {
    multiply_adds_ = 0.0;
    if (!frame_region_.contains(region) || !std::equal(frame_pose_.begin(), frame_pose_.end(), pose)) {
        frame_region_ = kNothing;
        const int lean = take_pose(pose);
        const Plan& plan = planner_.plan(region, lean);
        move_body(plan);
        if (!(marked_region_ == region)) {
            marked_region_ = kNothing;
            std::fill(face_seen_.begin(), face_seen_.end(), 0);
            for (const Pixel segment : plan.levels.back().segments) mark_face(segment);
            marked_region_ = region;
        }
        paint_face();
        composite_region(region, lean, out, stride);
        std::copy_n(pose, frame_pose_.size(), frame_pose_.begin());
        frame_region_ = region;
        return;
    }
    const size_t row = static_cast<size_t>(region.width) * 4;
    for (int y = 0; y < region.height; ++y)
        std::memcpy(out + y * stride, frame_.data() + (static_cast<size_t>(region.y + y) * edge_ + region.x) * 4, row);
}

void Renderer::body_outputs(const float* pose, const Rectangle& region, float* out) {
    multiply_adds_ = 0.0;
    const int lean = take_pose(pose);
    move_body(planner_.plan(region, lean));
    const int row_segments = edge_ / kSegmentPixels;
    const size_t channel = static_cast<size_t>(region.width) * region.height;
    for (int y = region.y; y < region.y + region.height; ++y)
        for (int x = region.x; x < region.x + region.width; ++x, ++out) {
            const bool known = planner_.visible(y * row_segments + x / kSegmentPixels, lean);
            const float* values = raw().at(x, y);
            for (int c = 0; c < kRawChannels; ++c) out[c * channel] = known ? values[c * kSegmentPixels] : 0.0f;
        }
}

void Renderer::face_outputs(const float* pose, float* out) {
    multiply_adds_ = 0.0;
    take_pose(pose);
    marked_region_ = kNothing;
    std::fill(face_seen_.begin(), face_seen_.end(), 1);
    paint_face();
    const Grid& values = face_values_.grid();
    for (int c = 0; c < THA4_FACE_CHANNELS; ++c)
        for (int y = 0; y < face_edge_; ++y)
            for (int x = 0; x < face_edge_; ++x, ++out) *out = values.at(x, y)[c * kSegmentPixels];
}

template <class Done>
void Renderer::evaluate(const PackedSiren& packed, const Grid& coarse, const Grid& out, const LevelPlan& plan,
                        const Done& done) {
    const Siren siren = packed.siren(coarse, out);
    const SirenTile kernel = fixed16_ && packed.gains_by_fixed16() ? kernels_.fixed16 : kernels_.float32;
    const int loose = static_cast<int>(plan.loose.size());
    const int segments = static_cast<int>(plan.segments.size());
    multiply_adds_ += (static_cast<double>(segments) * kSegmentPixels + loose) * packed.multiply_adds();
    // Loose tiles first: they take longer, and what begins last should be short.
    const int loose_tiles = (loose + kTilePixels - 1) / kTilePixels;
    const int tiles = loose_tiles + (segments + kTileSegments - 1) / kTileSegments;
    const auto tile_at = [&](int index) -> Tile {
        if (index < loose_tiles) {
            const int first = index * kTilePixels;
            return {plan.loose.data() + first, std::min(kTilePixels, loose - first), true};
        }
        const int first = (index - loose_tiles) * kTileSegments;
        return {plan.segments.data() + first, std::min(kTileSegments, segments - first), false};
    };
    pool_->run(tiles, [&](int index, int worker) {
        Tile tile = tile_at(index);
        Tile next{};
        if (index + threads() < tiles) {
            next = tile_at(index + threads());
            tile.next = &next;
        }
        float* const in = scratch_.data() + 2 * activations_ * worker;
        kernel(siren, tile, in, in + activations_);
        done(tile);
    });
}

void Renderer::mark_face(Pixel segment) {
    const float* flow_x = raw().at(segment.x, segment.y);
    const float* flow_y = flow_x + kSegmentPixels;
    const Places a = places_at(edge_, segment.x, segment.y, flow_x, flow_y);
    const Places b = places_at(edge_, segment.x + 4, segment.y, flow_x + 4, flow_y + 4);
    const auto [first_x, last_x] = extent(a.x, b.x);
    const auto [first_y, last_y] = extent(a.y, b.y);
    // The box of the pixels that the segment samples: as its flows are much alike, hardly more than those. A sample
    // reads the next column and row, too.
    mark_face_box(first_x, first_y, last_x + 1, last_y + 1);
}

void Renderer::mark_face_box(int first_x, int first_y, int last_x, int last_y) {
    const int left = std::max(first_x - face_left_, 0);
    const int top = std::max(first_y - face_top_, 0);
    const int right = std::min(last_x - face_left_, face_edge_ - 1);
    const int bottom = std::min(last_y - face_top_, face_edge_ - 1);
    if (left > right) return;
    const int row_segments = face_edge_ / kSegmentPixels;
    for (int y = top; y <= bottom; ++y)
        for (int i = left / kSegmentPixels; i <= right / kSegmentPixels; ++i)
            // Several threads may write the same 1.
            __atomic_store_n(&face_seen_[y * row_segments + i], 1, __ATOMIC_RELAXED);
}

void Renderer::paint_face() {
    const int row_segments = face_edge_ / kSegmentPixels;
    face_plan_.segments.clear();
    for (int i = 0; i < static_cast<int>(face_seen_.size()); ++i)
        if (face_seen_[i] && !face_painted_[i])
            face_plan_.segments.push_back(
                {static_cast<int16_t>(i % row_segments * kSegmentPixels), static_cast<int16_t>(i / row_segments)});
    const Grid& values = face_values_.grid();
    evaluate(face_, Grid{}, values, face_plan_, nothing_more);
    pool_->run(face_edge_, [&](int row, int) {
        for (int i = row * row_segments; i < (row + 1) * row_segments; ++i) {
            if (!face_seen_[i] || face_painted_[i]) continue;
            const int x = i % row_segments * kSegmentPixels;
            const float* source = values.at(x, row);
            float* target = picture_.data() + (static_cast<size_t>(face_top_ + row) * edge_ + face_left_ + x) * 4;
            for (int j = 0; j < kSegmentPixels; ++j)
                for (int c = 0; c < 4; ++c) target[j * 4 + c] = source[c * kSegmentPixels + j];
            face_painted_[i] = 1;
        }
    });
}

void Renderer::composite_region(const Rectangle& region, int lean, uint8_t* out, size_t stride) {
    const int row_segments = edge_ / kSegmentPixels;
    pool_->run((region.height + kCompositeRows - 1) / kCompositeRows, [&](int band, int) {
        const int bottom = region.y + std::min(region.height, (band + 1) * kCompositeRows);
        for (int y = region.y + band * kCompositeRows; y < bottom; ++y) {
            uint8_t* line = frame_.data() + (static_cast<size_t>(y) * edge_ + region.x) * 4;
            uint8_t* target = line;
            for (int x = region.x; x < region.x + region.width;) {
                const int segment = x / kSegmentPixels;
                const int first = segment * kSegmentPixels;
                const int end = std::min(first + kSegmentPixels, region.x + region.width);
                uint8_t pixels[kSegmentPixels * 4] = {};
                if (planner_.visible(y * row_segments + segment, lean))
                    composite(raw().at(first, y), picture_.data(), edge_, first, y, pixels);
                std::memcpy(target, pixels + (x - first) * 4, static_cast<size_t>(end - x) * 4);
                target += (end - x) * 4;
                x = end;
            }
            std::memcpy(out + static_cast<size_t>(y - region.y) * stride, line, static_cast<size_t>(region.width) * 4);
        }
    });
}

}  // namespace tha4
