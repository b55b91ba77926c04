// From the body morpher's raw output to bytes: warp, blend, un-premultiply, sRGB.
#pragma once

#include <cstdint>

#include "four.h"
#include "kernels.h"

namespace tha4 {

// Channels of the body morpher's raw output.
constexpr int kRawChannels = THA4_BODY_CHANNELS;  // flow x, flow y, alpha, direct R, G, B, A

// Where four pixels look in the picture, in [0, edge - 1].
struct Places {
    Four x, y;
};

// Four places in a picture of `edge`, moved by the flows at flow_x and flow_y on; those outside are moved to the
// border, NaN to 0.
inline Places moved(int edge, Four columns, Four rows, const float* flow_x, const float* flow_y) {
    const Four border = static_cast<float>(edge - 1) - Four{};
    const auto clamp = [border](Four place) {
        const Four from_zero = choose(place > 0.0f, place, Four{});
        return choose(from_zero < border, from_zero, border);
    };
    const float half = static_cast<float>(edge) / 2.0f;
    return {clamp(columns + four_at(flow_x) * half), clamp(rows + four_at(flow_y) * half)};
}

// Of pixels x to x + 3 of row y of a picture of `edge`.
inline Places places_at(int edge, int x, int y, const float* flow_x, const float* flow_y) {
    return moved(edge, static_cast<float>(x) + Four{0.0f, 1.0f, 2.0f, 3.0f}, static_cast<float>(y) - Four{}, flow_x,
                 flow_y);
}

// The pixels of the segment at (x, y) as straight-alpha sRGB RGBA8.
// raw: channel 0 at pixel (x, y). picture: [edge][edge][4], linear premultiplied. out: [kSegmentPixels][4].
void composite(const float* raw, const float* picture, int edge, int x, int y, uint8_t* out);

// The same of kSegmentPixels neighbours anywhere in the picture, of which the first is at (column, row) and each of the
// others `step` to the right.
void composite_between(const float* raw, const float* picture, int edge, float column, float step, float row,
                       uint8_t* out);

}  // namespace tha4
