#include "plan.h"

#include <algorithm>
#include <utility>

namespace tha4 {
namespace {

// A segment of which fewer pixels are needed is left to loose ones. Those cost more each, as their values are scattered
// in memory: on the coarsest level, where segments with three or four are found, a pixel more than half as much again.
constexpr int kFewestPixels = 5;
constexpr uint8_t kAllPixels = 0xff;

// Marks what upsampling reads of the coarser level for pixels of the segment at (x, y): two rows, and in each the two
// pixels that a pixel lies between. Bit i of `pixels` is pixel x + i.
void mark_coarse(std::vector<uint8_t>& coarse, int coarse_edge, int x, int y, uint8_t pixels) {
    const int row_segments = coarse_edge / kSegmentPixels;
    const int segment = x / 2 / kSegmentPixels;
    // Bits 8 to 15 are the coarse segment's pixels, those below and above its neighbours'.
    uint32_t wanted = 0;
    for (int i = 0; i < kSegmentPixels; ++i)
        if (pixels >> i & 1) wanted |= 3u << (7 + x / 2 % kSegmentPixels + (i + 1) / 2);
    // Beyond the grid lies its border pixel once more.
    if (segment == 0 && wanted & 0xff) wanted |= 1u << 8;
    if (segment == row_segments - 1 && wanted >> 16) wanted |= 1u << 15;
    const int rows[2] = {std::max((y - 1) >> 1, 0), std::min((y + 1) / 2, coarse_edge - 1)};
    for (const int row : rows) {
        uint8_t* line = coarse.data() + row * row_segments + segment;
        line[0] |= wanted >> 8 & 0xff;
        if (segment > 0) line[-1] |= wanted & 0xff;
        if (segment < row_segments - 1) line[1] |= wanted >> 16;
    }
}

int count_pixels(uint8_t pixels) {
    int count = 0;
    for (; pixels; pixels &= pixels - 1) ++count;
    return count;
}

}  // namespace

Planner::Planner(int edge, int levels)
    : edge_(edge),
      levels_(levels),
      visibility_(static_cast<size_t>(edge) * edge / kSegmentPixels, 0xff),
      needed_(levels) {
    for (Plan& plan : plans_) plan.levels.resize(levels);
    for (int level = 0; level < levels; ++level) {
        const size_t segments = static_cast<size_t>(edge_of(level)) * edge_of(level) / kSegmentPixels;
        needed_[level].resize(segments);
        for (Plan& plan : plans_) {
            plan.levels[level].segments.reserve(segments);
            plan.levels[level].loose.reserve(segments * (kFewestPixels - 1));
        }
    }
}

uint64_t Planner::memory(int edge, int levels) {
    uint64_t segments = 0;
    for (int level = 0; level < levels; ++level)
        segments += static_cast<uint64_t>(edge >> level) * (edge >> level) / kSegmentPixels;
    return segments * (1 + kPlans * kFewestPixels * sizeof(Pixel));
}

void Planner::set_visibility(Visibility visibility) {
    visibility_ = std::move(visibility);
    for (Plan& plan : plans_) plan.region = {0, 0, 0, 0};
}

const Plan& Planner::plan(const Rectangle& region, int lean) {
    for (const Plan& plan : plans_)
        if (plan.region == region && plan.lean == lean) return plan;
    Plan& plan = plans_[oldest_];
    oldest_ = (oldest_ + 1) % plans_.size();
    plan.region = region;
    plan.lean = lean;
    build(plan);
    return plan;
}

void Planner::build(Plan& plan) {
    const Rectangle& region = plan.region;
    const int row = edge_ / kSegmentPixels;
    for (auto& needed : needed_) std::fill(needed.begin(), needed.end(), 0);
    for (int y = region.y; y < region.y + region.height; ++y)
        for (int i = region.x / kSegmentPixels; i <= (region.x + region.width - 1) / kSegmentPixels; ++i)
            if (visible(y * row + i, plan.lean)) needed_[levels_ - 1][y * row + i] = kAllPixels;
    for (int level = levels_ - 1; level >= 0; --level) {
        LevelPlan& chosen = plan.levels[level];
        chosen.segments.clear();
        chosen.loose.clear();
        const int edge = edge_of(level);
        const int row_segments = edge / kSegmentPixels;
        // In bands of four rows, so that a tile is about as wide as high and reads little of the coarser level.
        constexpr int kBand = 4;
        for (int top = 0; top < edge; top += kBand)
            for (int i = 0; i < row_segments; ++i)
                for (int y = top; y < top + kBand; ++y) {
                    const uint8_t pixels = needed_[level][y * row_segments + i];
                    if (!pixels) continue;
                    const int x = i * kSegmentPixels;
                    if (level > 0) mark_coarse(needed_[level - 1], edge / 2, x, y, pixels);
                    if (count_pixels(pixels) >= kFewestPixels) {
                        chosen.segments.push_back({static_cast<int16_t>(x), static_cast<int16_t>(y)});
                        continue;
                    }
                    for (int j = 0; j < kSegmentPixels; ++j)
                        if (pixels >> j & 1)
                            chosen.loose.push_back({static_cast<int16_t>(x + j), static_cast<int16_t>(y)});
                }
    }
}

}  // namespace tha4
