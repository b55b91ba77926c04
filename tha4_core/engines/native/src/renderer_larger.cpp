// Pictures of twice and four times the character's own size: the same networks, and the drawing warped finer.

#include <algorithm>
#include <cstring>

#include "larger_raw.h"
#include "renderer.h"

namespace tha4 {
namespace {

// Rows of the character's picture that a thread works on at once.
constexpr int kRows = 4;
constexpr int kMostTimes = 4;
// Flows of neighbours that differ by more pixels of the character's picture lead to different things: no pixel between
// them looks at what lies between those.
constexpr float kJump = 4.0f;

Rectangle grown_by_one(const Rectangle& region, int edge) {
    const int left = std::max(region.x - 1, 0), top = std::max(region.y - 1, 0);
    const int right = std::min(region.x + region.width + 1, edge);
    const int bottom = std::min(region.y + region.height + 1, edge);
    return {left, top, right - left, bottom - top};
}

}  // namespace

void Renderer::take_drawing(const uint8_t* drawing, int drawing_edge) {
    drawing_edge_ = drawing_edge;
    drawing_.assign(drawing, drawing + static_cast<size_t>(drawing_edge) * drawing_edge * 4);
}

LargerPicture* Renderer::larger_picture(int scale) {
    const int times = std::min(scale, drawing_edge_ / edge_);
    if (times < 2) return nullptr;
    std::unique_ptr<LargerPicture>& picture = larger_[times == 4];
    if (!picture) {
        const std::vector<float> at_rest(frame_pose_.size());
        std::vector<float> face(static_cast<size_t>(THA4_FACE_CHANNELS) * face_edge_ * face_edge_);
        face_outputs(at_rest.data(), face.data());
        picture = std::make_unique<LargerPicture>(drawing_.data(), drawing_edge_, edge_, times,
                                                  FacePlace{face_left_, face_top_, face_edge_}, face.data());
    }
    return picture.get();
}

void Renderer::render_larger(const float* pose, const Rectangle& region, int scale, uint8_t* out, size_t stride) {
    LargerPicture* const larger = larger_picture(scale);
    multiply_adds_ = 0.0;
    const int lean = take_pose(pose);
    const Rectangle grown = grown_by_one(region, edge_);
    move_body(planner_.plan(grown, lean));
    mark_face_between(region, grown, lean);
    if (larger) {
        const std::vector<uint8_t> seen = face_seen_;
        see_around();
        paint_face();
        paint_larger_face(*larger, seen);
    } else {
        paint_face();
    }
    composite_larger(region, grown, lean, scale, larger, out, stride);
}

template <class Done>
void Renderer::for_windows(const Rectangle& region, const Rectangle& grown, int lean, int channels, const Done& done) {
    const int row_segments = edge_ / kSegmentPixels;
    const auto known = [&](int segment, int y) {
        return segment >= grown.x / kSegmentPixels && segment <= (grown.x + grown.width - 1) / kSegmentPixels &&
               y >= grown.y && y < grown.y + grown.height && planner_.visible(y * row_segments + segment, lean);
    };
    pool_->run((region.height + kRows - 1) / kRows, [&](int band, int) {
        const int bottom = region.y + std::min(region.height, (band + 1) * kRows);
        RawWindow window;
        for (int y = region.y + band * kRows; y < bottom; ++y)
            for (int i = region.x / kSegmentPixels; i <= (region.x + region.width - 1) / kSegmentPixels; ++i) {
                const bool seen = known(i, y);
                if (seen) window.read(raw(), i, y, channels, known);
                done(i, y, seen ? &window : nullptr);
            }
    });
}

void Renderer::mark_face_between(const Rectangle& region, const Rectangle& grown, int lean) {
    marked_region_ = {0, 0, 0, 0};
    std::fill(face_seen_.begin(), face_seen_.end(), 0);
    // Between pixels lie places between theirs.
    for_windows(region, grown, lean, 2, [&](int segment, int y, const RawWindow* window) {
        if (!window) return;
        const float half = static_cast<float>(edge_) / 2.0f;
        float left = static_cast<float>(edge_), right = 0.0f, top = left, bottom = 0.0f;
        for (int i = 0; i < 3; ++i)
            for (int j = 0; j < kSegmentPixels + 2; ++j) {
                const float x = static_cast<float>(segment * kSegmentPixels + j - 1) + window->values[0][i][j] * half;
                const float at = static_cast<float>(y + i - 1) + window->values[1][i][j] * half;
                left = std::min(left, x), right = std::max(right, x);
                top = std::min(top, at), bottom = std::max(bottom, at);
            }
        // A sample reads the next pixels, too, on both sides, since those of the finer picture lie between.
        const float last = static_cast<float>(edge_);
        const auto whole = [last](float place) { return static_cast<int>(std::max(-1.0f, std::min(place, last))); };
        mark_face_box(whole(left - 1.0f), whole(top - 1.0f), whole(right + 1.0f), whole(bottom + 1.0f));
    });
}

void Renderer::see_around() {
    const int row_segments = face_edge_ / kSegmentPixels;
    const std::vector<uint8_t> seen = face_seen_;
    constexpr int kReach = LargerPicture::kReach;
    for (int y = 0; y < face_edge_; ++y)
        for (int i = 0; i < row_segments; ++i) {
            if (!seen[y * row_segments + i]) continue;
            for (int row = std::max(y - kReach, 0); row <= std::min(y + kReach, face_edge_ - 1); ++row)
                for (int j = std::max(i - 1, 0); j <= std::min(i + 1, row_segments - 1); ++j)
                    face_seen_[row * row_segments + j] = 1;
        }
}

void Renderer::paint_larger_face(LargerPicture& larger, const std::vector<uint8_t>& seen) {
    std::vector<uint8_t>& painted = larger_painted_[larger.edge() == 4 * edge_];
    const int row_segments = face_edge_ / kSegmentPixels;
    pool_->run(face_edge_, [&](int y, int) {
        for (int i = 0; i < row_segments; ++i) {
            uint8_t& done = painted[y * row_segments + i];
            if (!seen[y * row_segments + i] || done) continue;
            larger.paint(face_values_.grid(), i * kSegmentPixels, y);
            done = 1;
        }
    });
}

void Renderer::composite_larger(const Rectangle& region, const Rectangle& grown, int lean, int scale,
                                const LargerPicture* larger, uint8_t* out, size_t stride) {
    const float* const picture = larger ? larger->values() : picture_.data();
    const int picture_edge = larger ? larger->edge() : edge_;
    const float jump = kJump / (static_cast<float>(edge_) / 2.0f);
    const float step = static_cast<float>(picture_edge) / static_cast<float>(edge_ * scale);
    for_windows(region, grown, lean, kRawChannels, [&](int segment, int y, const RawWindow* window) {
        const int start = segment * kSegmentPixels;
        const int first = std::max(start, region.x), end = std::min(start + kSegmentPixels, region.x + region.width);
        const size_t bytes = static_cast<size_t>(end - first) * scale * 4;
        for (int j = 0; j < scale; ++j) {
            uint8_t pixels[kMostTimes * kSegmentPixels * 4] = {};
            if (window) {
                alignas(16) float values[kMostTimes * kRawChannels * kSegmentPixels];
                enlarge_row(*window, scale, j, jump, values);
                const float row = (static_cast<float>(y * scale + j) + 0.5f) * step - 0.5f;
                for (int i = 0; i < scale; ++i) {
                    const float column = (static_cast<float>(start * scale + i * kSegmentPixels) + 0.5f) * step - 0.5f;
                    composite_between(values + i * kRawChannels * kSegmentPixels, picture, picture_edge, column, step,
                                      row, pixels + i * kSegmentPixels * 4);
                }
            }
            uint8_t* const target = out + static_cast<size_t>((y - region.y) * scale + j) * stride +
                                    static_cast<size_t>(first - region.x) * scale * 4;
            std::memcpy(target, pixels + static_cast<size_t>(first - start) * scale * 4, bytes);
        }
    });
}

}  // namespace tha4
