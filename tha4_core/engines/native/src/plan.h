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
// For each segment of the picture, row by row: whether it can ever be seen.
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
    std::array<LevelPlan, kLevels> levels;
};

// Plans for the regions last asked for. Allocates nothing after its construction.
class Planner {
  public:
    Planner();
    void set_visibility(const Visibility& visibility);
    const Visibility& visibility() const { return visibility_; }
    // Valid until the next call.
    const Plan& plan(const Rectangle& region);

  private:
    void build(Plan& plan);

    Visibility visibility_;
    std::array<Plan, 4> plans_;
    size_t oldest_ = 0;
    std::array<std::vector<uint8_t>, kLevels> needed_;  // per segment, a bit for each pixel
};

}  // namespace tha4
