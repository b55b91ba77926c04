// Which pixels of each level a region needs.
#pragma once

#include <array>
#include <vector>

#include "kernels.h"

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

// The ways in which a pose leans: two parameters to one side or the other.
constexpr int kLeans = 4;

// For each segment of the picture, row by row: bit i is whether it can be seen in any pose that leans in way i.
using Visibility = std::vector<uint8_t>;

// The pixels of a level to evaluate: most in segments, given by their leftmost pixels, the others one by one.
struct LevelPlan {
    std::vector<Pixel> segments;
    std::vector<Pixel> loose;
};

// Coarse to fine: the visible segments of a region, and of each coarser level the pixels that upsampling reads for
// them.
struct Plan {
    Rectangle region{0, 0, 0, 0};
    int lean = 0;
    std::vector<LevelPlan> levels;
};

// Plans for the regions and leans last asked for. Allocates nothing after its construction.
class Planner {
  public:
    // edge: the picture's. Of each of the `levels` the grid has half the edge of the next, a multiple of 8.
    Planner(int edge, int levels);
    // How many bytes that takes.
    static uint64_t memory(int edge, int levels);

    // Of as many segments as the picture has.
    void set_visibility(Visibility visibility);
    bool visible(int segment, int lean) const { return visibility_[segment] >> lean & 1; }
    // Valid until the next call.
    const Plan& plan(const Rectangle& region, int lean);

  private:
    static constexpr int kPlans = 2 * kLeans;

    void build(Plan& plan);
    int edge_of(int level) const { return edge_ >> (levels_ - 1 - level); }

    const int edge_;
    const int levels_;
    Visibility visibility_;
    std::array<Plan, kPlans> plans_;
    size_t oldest_ = 0;
    std::vector<std::vector<uint8_t>> needed_;  // of each level, per segment, a bit for each pixel
};

}  // namespace tha4
