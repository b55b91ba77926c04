// Which pixels of each level a region needs.
#pragma once

#include <array>
#include <vector>

#include "kernels.h"
#include "network.h"

namespace tha4 {

struct Rectangle {
    int x, y, width, height;

    bool contains(const Rectangle& other) const {
        return x <= other.x && y <= other.y && other.x + other.width <= x + width &&
               other.y + other.height <= y + height;
    }
    bool operator==(const Rectangle& other) const {
        return x == other.x && y == other.y && width == other.width && height == other.height;
    }
};

// Segments in a row of the picture.
constexpr int kRowSegments = kPictureEdge / kSegmentPixels;
// The ways in which a pose leans: head to one side or the other, body likewise (tha4_core/visibility.py).
constexpr int kLeans = 4;
inline int lean_of(const std::array<float, kPoseSize>& pose) {
    constexpr int kNeckZ = 41, kBodyZ = 43;
    return (pose[kNeckZ] > 0.0f ? 1 : 0) + (pose[kBodyZ] > 0.0f ? 2 : 0);
}

// For each segment of the picture, row by row: bit i is whether it can be seen in any pose that leans in way i.
using Visibility = std::array<uint8_t, kPictureEdge * kRowSegments>;

// The pixels of a level to evaluate: most in segments, given by their leftmost pixels, the others one by one.
struct LevelPlan {
    std::vector<Pixel> segments;
    std::vector<Pixel> loose;
};

// Coarse to fine (grids of 128, 256 and 512): the visible segments of a region, and of each coarser level the pixels
// that upsampling reads for them.
struct Plan {
    Rectangle region{0, 0, 0, 0};
    int lean = 0;
    std::array<LevelPlan, kLevels> levels;
};

// Plans for the regions and leans last asked for. Allocates nothing after its construction.
class Planner {
  public:
    Planner();
    void set_visibility(const Visibility& visibility);
    bool visible(int segment, int lean) const { return visibility_[segment] >> lean & 1; }
    // Valid until the next call.
    const Plan& plan(const Rectangle& region, int lean);

  private:
    void build(Plan& plan);

    Visibility visibility_;
    std::array<Plan, 2 * kLeans> plans_;
    size_t oldest_ = 0;
    std::array<std::vector<uint8_t>, kLevels> needed_;  // per segment, a bit for each pixel
};

}  // namespace tha4
