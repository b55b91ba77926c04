#include "plan.h"

#include <algorithm>

namespace tha4 {
namespace {

int edge_of(int level) {
    return kPictureEdge >> (kLevels - 1 - level);
}

// Marks what upsampling reads of the coarser level for the segment at (x, y): two rows, one pixel past each end.
void mark_coarse(std::vector<uint8_t>& coarse, int coarse_edge, int x, int y) {
    const int rows[2] = {std::max((y - 1) >> 1, 0), std::min((y + 1) / 2, coarse_edge - 1)};
    const int left = std::max(x / 2 - 1, 0) / kSegmentPixels;
    const int right = std::min(x / 2 + kSegmentPixels / 2, coarse_edge - 1) / kSegmentPixels;
    for (const int row : rows) {
        uint8_t* line = coarse.data() + row * (coarse_edge / kSegmentPixels);
        line[left] = 1;
        line[right] = 1;
    }
}

}  // namespace

Planner::Planner() {
    visibility_.fill(1);
    for (int level = 0; level < kLevels; ++level) {
        const size_t segments = static_cast<size_t>(edge_of(level)) * edge_of(level) / kSegmentPixels;
        needed_[level].resize(segments);
        for (Plan& plan : plans_) plan.segments[level].reserve(segments);
    }
}

void Planner::set_visibility(const Visibility& visibility) {
    visibility_ = visibility;
    for (Plan& plan : plans_) plan.region = {0, 0, 0, 0};
}

const Plan& Planner::plan(const Rectangle& region) {
    for (const Plan& plan : plans_)
        if (plan.region == region) return plan;
    Plan& plan = plans_[oldest_];
    oldest_ = (oldest_ + 1) % plans_.size();
    plan.region = region;
    build(plan);
    return plan;
}

void Planner::build(Plan& plan) {
    const Rectangle& region = plan.region;
    for (auto& needed : needed_) std::fill(needed.begin(), needed.end(), 0);
    for (int y = region.y; y < region.y + region.height; ++y)
        for (int i = region.x / kSegmentPixels; i <= (region.x + region.width - 1) / kSegmentPixels; ++i)
            needed_[kLevels - 1][y * kRowSegments + i] = visibility_[y * kRowSegments + i];
    for (int level = kLevels - 1; level >= 0; --level) {
        std::vector<Pixel>& segments = plan.segments[level];
        segments.clear();
        const int edge = edge_of(level);
        const int row_segments = edge / kSegmentPixels;
        // In bands of four rows, so that a tile is about as wide as high and reads little of the coarser level.
        constexpr int kBand = 4;
        for (int top = 0; top < edge; top += kBand)
            for (int i = 0; i < row_segments; ++i)
                for (int y = top; y < top + kBand; ++y)
                    if (needed_[level][y * row_segments + i]) {
                        segments.push_back({static_cast<int16_t>(i * kSegmentPixels), static_cast<int16_t>(y)});
                        if (level > 0) mark_coarse(needed_[level - 1], edge / 2, i * kSegmentPixels, y);
                    }
    }
}

}  // namespace tha4
