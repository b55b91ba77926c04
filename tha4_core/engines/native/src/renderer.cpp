#include "renderer.h"

#include <algorithm>
#include <cstring>

#include "composite.h"

namespace tha4 {
namespace {

constexpr int kFaceTop = 80;
constexpr int kFaceLeft = 192;
constexpr int kFaceRowSegments = kFaceEdge / kSegmentPixels;
constexpr int kFaceSegments = kFaceEdge * kFaceRowSegments;
// Rows of the picture that a thread composites at once.
constexpr int kCompositeRows = 8;
constexpr Rectangle kNothing{0, 0, 0, 0};

// The body morpher's levels: three sine layers each, and the next level's map of their features.
std::vector<PackedSiren> pack_body(const std::array<Linear, kBodyLayers>& body) {
    std::vector<PackedSiren> levels;
    int features = 0;
    for (int level = 0; level < kLevels; ++level) {
        const std::vector<Linear> layers(body.begin() + 3 * level, body.begin() + 3 * level + 3);
        const Role role = level + 1 < kLevels ? Role::kFeatures : Role::kOutput;
        levels.emplace_back(layers, features, kPoseSize, body[3 * level + 3], role);
        features = layers.back().outputs;
    }
    return levels;
}

PackedSiren pack_face(const std::array<Linear, kFaceLayers>& face) {
    const std::vector<Linear> layers(face.begin(), face.end() - 1);
    return PackedSiren(layers, 0, kFacePoseSize, face.back(), Role::kOutput);
}

bool all_fit(const std::vector<PackedSiren>& body, const PackedSiren& face) {
    return face.fits_fixed16() &&
           std::all_of(body.begin(), body.end(), [](const PackedSiren& level) { return level.fits_fixed16(); });
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

Renderer::Renderer(const std::array<Linear, kFaceLayers>& face, const std::array<Linear, kBodyLayers>& body,
                   const float* picture, const Kernels& kernels, bool fixed16, int threads)
    : kernels_(kernels),
      body_(pack_body(body)),
      face_(pack_face(face)),
      fixed16_(fixed16 && kernels.fixed16 && all_fit(body_, face_)),
      pool_(threads),
      scratch_(kScratchFloats * threads),
      picture_(static_cast<size_t>(kPictureEdge) * kPictureEdge * 4),
      coarse0_(kPictureEdge / 4, kBodyShapes[3][1], true),
      coarse1_(kPictureEdge / 2, kBodyShapes[6][1], true),
      raw_(kPictureEdge, kRawChannels, false),
      face_values_(kFaceEdge, 4, false),
      frame_(static_cast<size_t>(kPictureEdge) * kPictureEdge * 4),
      face_seen_(kFaceSegments),
      face_painted_(kFaceSegments) {
    constexpr size_t kPixels = static_cast<size_t>(kPictureEdge) * kPictureEdge;
    for (size_t i = 0; i < kPixels; ++i)
        for (size_t c = 0; c < 4; ++c) picture_[i * 4 + c] = picture[c * kPixels + i];
    face_plan_.segments.reserve(kFaceSegments);
}

void Renderer::set_visibility(const Visibility& visibility) {
    planner_.set_visibility(visibility);
    raw_region_ = marked_region_ = frame_region_ = kNothing;
}

void Renderer::render(const std::array<float, kPoseSize>& pose, const Rectangle& region, uint8_t* out) {
    multiply_adds_ = 0.0;
    if (!frame_region_.contains(region) || pose != frame_pose_) {
        frame_region_ = kNothing;
        bool body_changed = false;
        for (PackedSiren& level : body_) body_changed |= level.fold_pose(pose.data());
        if (body_changed) raw_region_ = kNothing;
        if (face_.fold_pose(pose.data())) std::fill(face_painted_.begin(), face_painted_.end(), 0);
        const int lean = lean_of(pose);
        if (lean != raw_lean_) raw_region_ = marked_region_ = kNothing;
        const Plan& plan = planner_.plan(region, lean);
        if (!raw_region_.contains(region)) {
            raw_region_ = marked_region_ = kNothing;
            std::fill(face_seen_.begin(), face_seen_.end(), 0);
            evaluate(body_[0], Grid{}, coarse0_.grid(), plan.levels[0], nothing_more);
            evaluate(body_[1], coarse0_.grid(), coarse1_.grid(), plan.levels[1], nothing_more);
            evaluate(body_[2], coarse1_.grid(), raw_.grid(), plan.levels[2], [&](const Tile& tile) {
                for (int i = 0; i < tile.count; ++i) mark_face(tile.pixels[i]);
            });
            raw_lean_ = lean;
            raw_region_ = marked_region_ = region;
        }
        if (!(marked_region_ == region)) {
            marked_region_ = kNothing;
            std::fill(face_seen_.begin(), face_seen_.end(), 0);
            for (const Pixel segment : plan.levels[kLevels - 1].segments) mark_face(segment);
            marked_region_ = region;
        }
        paint_face();
        composite_region(region, lean, out);
        frame_pose_ = pose;
        frame_region_ = region;
        return;
    }
    const size_t row = static_cast<size_t>(region.width) * 4;
    for (int y = 0; y < region.height; ++y)
        std::memcpy(out + y * row, frame_.data() + (static_cast<size_t>(region.y + y) * kPictureEdge + region.x) * 4,
                    row);
}

template <class Done>
void Renderer::evaluate(const PackedSiren& packed, const Grid& coarse, const Grid& out, const LevelPlan& plan,
                        const Done& done) {
    const Siren siren = packed.siren(coarse, out);
    const SirenTile kernel = fixed16_ ? kernels_.fixed16 : kernels_.float32;
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
    pool_.run(tiles, [&](int index, int worker) {
        Tile tile = tile_at(index);
        Tile next{};
        if (index + threads() < tiles) {
            next = tile_at(index + threads());
            tile.next = &next;
        }
        kernel(siren, tile, scratch_.data() + kScratchFloats * worker);
        done(tile);
    });
}

void Renderer::mark_face(Pixel segment) {
    const float* flow_x = raw_.grid().at(segment.x, segment.y);
    const float* flow_y = flow_x + kSegmentPixels;
    const Places a = places_at(segment.x, segment.y, flow_x, flow_y);
    const Places b = places_at(segment.x + 4, segment.y, flow_x + 4, flow_y + 4);
    const auto [first_x, last_x] = extent(a.x, b.x);
    const auto [first_y, last_y] = extent(a.y, b.y);
    // The box of the pixels that the segment samples: as its flows are much alike, hardly more than those. A sample
    // reads the next column and row, too.
    const int left = std::max(first_x - kFaceLeft, 0);
    const int top = std::max(first_y - kFaceTop, 0);
    const int right = std::min(last_x + 1 - kFaceLeft, kFaceEdge - 1);
    const int bottom = std::min(last_y + 1 - kFaceTop, kFaceEdge - 1);
    if (left > right) return;
    for (int y = top; y <= bottom; ++y)
        for (int i = left / kSegmentPixels; i <= right / kSegmentPixels; ++i)
            // Several threads may write the same 1.
            __atomic_store_n(&face_seen_[y * kFaceRowSegments + i], 1, __ATOMIC_RELAXED);
}

void Renderer::paint_face() {
    face_plan_.segments.clear();
    for (int i = 0; i < kFaceSegments; ++i)
        if (face_seen_[i] && !face_painted_[i])
            face_plan_.segments.push_back({static_cast<int16_t>(i % kFaceRowSegments * kSegmentPixels),
                                           static_cast<int16_t>(i / kFaceRowSegments)});
    const Grid& values = face_values_.grid();
    evaluate(face_, Grid{}, values, face_plan_, nothing_more);
    pool_.run(kFaceEdge, [&](int row, int) {
        for (int i = row * kFaceRowSegments; i < (row + 1) * kFaceRowSegments; ++i) {
            if (!face_seen_[i] || face_painted_[i]) continue;
            const int x = i % kFaceRowSegments * kSegmentPixels;
            const float* source = values.at(x, row);
            float* target = picture_.data() + (static_cast<size_t>(kFaceTop + row) * kPictureEdge + kFaceLeft + x) * 4;
            for (int j = 0; j < kSegmentPixels; ++j)
                for (int c = 0; c < 4; ++c) target[j * 4 + c] = source[c * kSegmentPixels + j];
            face_painted_[i] = 1;
        }
    });
}

void Renderer::composite_region(const Rectangle& region, int lean, uint8_t* out) {
    const Grid& raw = raw_.grid();
    pool_.run((region.height + kCompositeRows - 1) / kCompositeRows, [&](int band, int) {
        const int bottom = region.y + std::min(region.height, (band + 1) * kCompositeRows);
        for (int y = region.y + band * kCompositeRows; y < bottom; ++y) {
            uint8_t* line = frame_.data() + (static_cast<size_t>(y) * kPictureEdge + region.x) * 4;
            uint8_t* target = line;
            for (int x = region.x; x < region.x + region.width;) {
                const int segment = x / kSegmentPixels;
                const int first = segment * kSegmentPixels;
                const int end = std::min(first + kSegmentPixels, region.x + region.width);
                uint8_t pixels[kSegmentPixels * 4] = {};
                if (planner_.visible(y * kRowSegments + segment, lean))
                    composite(raw.at(first, y), picture_.data(), first, y, pixels);
                std::memcpy(target, pixels + (x - first) * 4, static_cast<size_t>(end - x) * 4);
                target += (end - x) * 4;
                x = end;
            }
            const size_t size = static_cast<size_t>(region.width) * 4;
            std::memcpy(out + static_cast<size_t>(y - region.y) * size, line, size);
        }
    });
}

}  // namespace tha4
