// Poses of one character to pictures.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "aligned.h"
#include "kernels.h"
#include "larger_picture.h"
#include "network.h"
#include "pages.h"
#include "plan.h"
#include "pool.h"

namespace tha4 {

class Renderer {
  public:
    // character: checked, see character.h; copied.
    // fixed16: whether to compute in fixed point; heeded where the kernels can and the weights fit.
    Renderer(const tha4_character& character, const Kernels& kernels, bool fixed16, std::shared_ptr<Pool> pool);

    // How many bytes one takes, about; for checked shapes.
    static uint64_t memory(const tha4_character& character, int threads);

    const char* isa() const { return kernels_.name; }
    bool fixed16() const { return fixed16_; }
    int threads() const { return pool_->threads(); }
    int edge() const { return edge_; }
    int face_edge() const { return face_edge_; }
    int pose_size() const { return static_cast<int>(frame_pose_.size()); }

    // Segments that are not visible as a pose leans are left transparent from now on.
    void set_visibility(Visibility visibility);

    // Multiply-adds of the networks' layers in the last call of render(), body_outputs() or face_outputs().
    double multiply_adds() const { return multiply_adds_; }

    // The region's pixels, straight-alpha sRGB RGBA8, a row every `stride` bytes. One thread at a time.
    // pose: pose_size() numbers. Nothing that is known from earlier calls is computed again; the result is the same as
    // if it were.
    void render(const float* pose, const Rectangle& region, uint8_t* out, size_t stride);

    // The same at 2 or 4 times the size, (region.height * scale) rows of (region.width * scale) pixels; from a larger
    // drawing where there is one. `out` is written alone: nothing is kept of it.
    void render_larger(const float* pose, const Rectangle& region, int scale, uint8_t* out, size_t stride);

    // The body morpher's answer, [kRawChannels][region.height][region.width]; zero where nothing is visible. As
    // render() does, this computes nothing again that is known.
    void body_outputs(const float* pose, const Rectangle& region, float* out);
    // The face morpher's whole answer, [THA4_FACE_CHANNELS][face_edge()][face_edge()]; likewise.
    void face_outputs(const float* pose, float* out);

  private:
    // The memory that a Grid describes.
    class GridMemory {
      public:
        // with_ends: whether a finer level reads it.
        GridMemory(int edge, int channels, bool with_ends)
            : values_(static_cast<size_t>(edge) * edge * channels),
              ends_(with_ends ? static_cast<size_t>(edge) * edge / kSegmentPixels * 2 * channels : 0),
              grid_{values_.data(), with_ends ? ends_.data() : nullptr, edge, channels} {}
        const Grid& grid() const { return grid_; }
        static uint64_t memory(int edge, int channels, bool with_ends) {
            const uint64_t floats = static_cast<uint64_t>(edge) * edge * channels;
            return (floats + (with_ends ? floats / kSegmentPixels * 2 : 0)) * sizeof(float);
        }

      private:
        AlignedFloats values_;
        AlignedFloats ends_;
        Grid grid_;
    };

    // done: called with each tile when it has been evaluated, by the thread that did.
    template <class Done>
    void evaluate(const PackedSiren& siren, const Grid& coarse, const Grid& out, const LevelPlan& plan,
                  const Done& done);
    // Folds a pose into the networks, and forgets what was of another one. Returns how it leans.
    int take_pose(const float* pose);
    // Makes raw() that of the pose taken, for the plan's region, and marks of the face what that samples.
    void move_body(const Plan& plan);
    void mark_face(Pixel segment);
    // Marks what a box of the picture, last pixels included, has of the face.
    void mark_face_box(int left, int top, int right, int bottom);
    void paint_face();
    void composite_region(const Rectangle& region, int lean, uint8_t* out, size_t stride);
    int lean_of(const float* pose) const;

    void take_drawing(const uint8_t* drawing, int drawing_edge);
    // The picture to sample at a scale, made at first; null: there is none larger than the character's own.
    LargerPicture* larger_picture(int scale);
    // Calls done(segment, row, window) for each segment of a region, by several threads; the window is null where
    // nothing is visible. grown: where raw() is known.
    template <class Done>
    void for_windows(const Rectangle& region, const Rectangle& grown, int lean, int channels, const Done& done);
    // Marks of the face what the pixels of a larger region sample.
    void mark_face_between(const Rectangle& region, const Rectangle& grown, int lean);
    // Marks what is read of the face around what is marked, to enlarge it.
    void see_around();
    void paint_larger_face(LargerPicture& larger, const std::vector<uint8_t>& seen);
    void composite_larger(const Rectangle& region, const Rectangle& grown, int lean, int scale,
                          const LargerPicture* larger, uint8_t* out, size_t stride);
    // The body morpher's raw output.
    const Grid& raw() const { return grids_.back().grid(); }

    const Kernels& kernels_;
    const int edge_;  // of the picture
    const int face_left_, face_top_, face_edge_;
    const std::array<int, 2> lean_parameters_;
    std::vector<PackedSiren> body_;
    PackedSiren face_;
    const bool fixed16_;
    const std::shared_ptr<Pool> pool_;
    Planner planner_;
    const size_t activations_;  // floats of the widest layer's at a tile
    AlignedFloats scratch_;     // of each worker, twice as many

    LargeVector<float> picture_;  // [edge_][edge_][4], the painted face in it
    std::vector<GridMemory>
        grids_;  // of each level: its features as the next one's first layer takes them; the last: raw
    GridMemory face_values_;

    LargeVector<uint8_t> drawing_;  // [drawing_edge_][drawing_edge_][4], straight alpha; empty: there is none
    int drawing_edge_ = 0;
    std::array<std::unique_ptr<LargerPicture>, 2> larger_;  // of 2 and 4 times the edge, once they were wanted

    double multiply_adds_ = 0.0;

    // What is known from earlier calls. Each is declared unknown before it is touched and known when it is whole, so
    // that a process forked in between finds nothing half done.
    Rectangle raw_region_{0, 0, 0, 0};     // where raw_ is that of the folded pose
    int raw_lean_ = 0;                     // for which of them what can be seen of it was evaluated
    Rectangle marked_region_{0, 0, 0, 0};  // for which face_seen_ was found
    Rectangle frame_region_{0, 0, 0, 0};   // where frame_ is that of frame_pose_
    std::vector<float> frame_pose_;
    LargeVector<uint8_t> frame_;                          // [edge_][edge_][4]
    std::vector<uint8_t> face_seen_;                      // per segment of the face: whether any pixel samples it
    std::vector<uint8_t> face_painted_;                   // per segment: whether picture_ holds it
    std::array<std::vector<uint8_t>, 2> larger_painted_;  // the same of larger_
    LevelPlan face_plan_;                                 // the segments to be painted now
};

}  // namespace tha4
