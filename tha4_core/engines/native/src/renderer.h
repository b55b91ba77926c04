// Poses of one character to pictures.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "aligned.h"
#include "kernels.h"
#include "network.h"
#include "plan.h"
#include "pool.h"

namespace tha4 {

class Renderer {
  public:
    // face, body: the networks' linear maps in the order of kFaceShapes and kBodyShapes; copied.
    // picture: linear premultiplied, [4][512][512]; copied.
    // fixed16: whether to compute in fixed point; heeded where the kernels can and the weights fit.
    Renderer(const std::array<Linear, kFaceLayers>& face, const std::array<Linear, kBodyLayers>& body,
             const float* picture, const Kernels& kernels, bool fixed16, int threads);

    const char* isa() const { return kernels_.name; }
    bool fixed16() const { return fixed16_; }
    int threads() const { return pool_.threads(); }

    // Segments that are not visible as a pose leans are left transparent from now on.
    void set_visibility(const Visibility& visibility);

    // Multiply-adds of the networks' layers in the last call of render().
    double multiply_adds() const { return multiply_adds_; }

    // The region's pixels, straight-alpha sRGB RGBA8, row by row. One thread at a time.
    // Nothing that is known from earlier calls is computed again; the result is the same as if it were.
    void render(const std::array<float, kPoseSize>& pose, const Rectangle& region, uint8_t* out);

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

      private:
        AlignedFloats values_;
        AlignedFloats ends_;
        Grid grid_;
    };

    // done: called with each tile when it has been evaluated, by the thread that did.
    template <class Done>
    void evaluate(const PackedSiren& siren, const Grid& coarse, const Grid& out, const LevelPlan& plan,
                  const Done& done);
    void mark_face(Pixel segment);
    void paint_face();
    void composite_region(const Rectangle& region, int lean, uint8_t* out);

    const Kernels& kernels_;
    std::vector<PackedSiren> body_;
    PackedSiren face_;
    const bool fixed16_;
    Pool pool_;
    Planner planner_;
    AlignedFloats scratch_;  // kScratchFloats of each worker

    std::vector<float> picture_;  // [512][512][4], the painted face in it
    GridMemory coarse0_;          // level 0's features as level 1's first layer takes them
    GridMemory coarse1_;
    GridMemory raw_;
    GridMemory face_values_;

    double multiply_adds_ = 0.0;

    // What is known from earlier calls. Each is declared unknown before it is touched and known when it is whole, so
    // that a process forked in between finds nothing half done.
    Rectangle raw_region_{0, 0, 0, 0};     // where raw_ is that of the folded pose
    int raw_lean_ = 0;                     // for which of them what can be seen of it was evaluated
    Rectangle marked_region_{0, 0, 0, 0};  // for which face_seen_ was found
    Rectangle frame_region_{0, 0, 0, 0};   // where frame_ is that of frame_pose_
    std::array<float, kPoseSize> frame_pose_{};
    std::vector<uint8_t> frame_;         // [512][512][4]
    std::vector<uint8_t> face_seen_;     // per segment of the face: whether any pixel samples it
    std::vector<uint8_t> face_painted_;  // per segment: whether picture_ holds it
    LevelPlan face_plan_;                // the segments to be painted now
};

}  // namespace tha4
