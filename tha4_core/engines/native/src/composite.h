// From the body morpher's raw output to bytes: warp, blend, un-premultiply, sRGB (STUDENT.md sections 5, 6.4).
#pragma once

#include <cstdint>

#include "network.h"

namespace tha4 {

// Channels of the body morpher's raw output.
constexpr int kRawChannels = 7;  // flow x, flow y, alpha, direct R, G, B, A

// Four pixels at once, in any instruction set.
using Four = float __attribute__((vector_size(16), may_alias, aligned(4)));
using FourInts = int32_t __attribute__((vector_size(16)));

// a where `chosen` (of lanes 0 or -1) is set, else b.
inline Four choose(FourInts chosen, Four a, Four b) {
    return (Four)(((FourInts)a & chosen) | ((FourInts)b & ~chosen));
}

// Where four pixels look in the picture, in [0, 511].
struct Places {
    Four x, y;
};

// Of pixels x to x + 3 of row y, of which the flows are at flow_x and flow_y on; places outside are moved to the
// border, NaN to 0.
inline Places places_at(int x, int y, const float* flow_x, const float* flow_y) {
    const auto clamp = [](Four place) {
        constexpr float kBorder = kPictureEdge - 1;
        const Four from_zero = choose(place > 0.0f, place, Four{});
        return choose(from_zero < kBorder, from_zero, kBorder - Four{});
    };
    const Four columns = static_cast<float>(x) + Four{0.0f, 1.0f, 2.0f, 3.0f};
    const Four rows = static_cast<float>(y) - Four{};
    return {clamp(columns + *reinterpret_cast<const Four*>(flow_x) * (kPictureEdge / 2.0f)),
            clamp(rows + *reinterpret_cast<const Four*>(flow_y) * (kPictureEdge / 2.0f))};
}

// The pixels of the segment at (x, y) as straight-alpha sRGB RGBA8.
// raw: channel 0 at pixel (x, y). picture: [512][512][4], linear premultiplied. out: [kSegmentPixels][4].
void composite(const float* raw, const float* picture, int x, int y, uint8_t* out);

}  // namespace tha4
