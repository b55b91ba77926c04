// From the body morpher's raw output to bytes: warp, blend, un-premultiply, sRGB.
#pragma once

#include <cstdint>

#include "kernels.h"

namespace tha4 {

// Channels of the body morpher's raw output.
constexpr int kRawChannels = THA4_BODY_CHANNELS;  // flow x, flow y, alpha, direct R, G, B, A

// Four pixels at once, in any instruction set.
using Four = float __attribute__((vector_size(16), may_alias, aligned(4)));
using FourInts = int32_t __attribute__((vector_size(16)));

// a where `chosen` (of lanes 0 or -1) is set, else b.
inline Four choose(FourInts chosen, Four a, Four b) {
    return (Four)(((FourInts)a & chosen) | ((FourInts)b & ~chosen));
}

// Where four pixels look in the picture, in [0, edge - 1].
struct Places {
    Four x, y;
};

// Of pixels x to x + 3 of row y of a picture of `edge`, of which the flows are at flow_x and flow_y on; places outside
// are moved to the border, NaN to 0.
inline Places places_at(int edge, int x, int y, const float* flow_x, const float* flow_y) {
    const Four border = static_cast<float>(edge - 1) - Four{};
    const auto clamp = [border](Four place) {
        const Four from_zero = choose(place > 0.0f, place, Four{});
        return choose(from_zero < border, from_zero, border);
    };
    const float half = static_cast<float>(edge) / 2.0f;
    const Four columns = static_cast<float>(x) + Four{0.0f, 1.0f, 2.0f, 3.0f};
    const Four rows = static_cast<float>(y) - Four{};
    return {clamp(columns + *reinterpret_cast<const Four*>(flow_x) * half),
            clamp(rows + *reinterpret_cast<const Four*>(flow_y) * half)};
}

// The pixels of the segment at (x, y) as straight-alpha sRGB RGBA8.
// raw: channel 0 at pixel (x, y). picture: [edge][edge][4], linear premultiplied. out: [kSegmentPixels][4].
void composite(const float* raw, const float* picture, int edge, int x, int y, uint8_t* out);

}  // namespace tha4
