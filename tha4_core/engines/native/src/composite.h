// From the body morpher's raw output to bytes: warp, blend, un-premultiply, sRGB (STUDENT.md sections 5, 6.4).
#pragma once

#include <cstdint>

#include "network.h"

namespace tha4 {

// Channels of the body morpher's raw output.
constexpr int kRawChannels = 7;  // flow x, flow y, alpha, direct R, G, B, A

// The four pixels that the bilinear sample at a place reads, and the weights of the second ones.
struct Sample {
    int left, right, top, bottom;
    float weight_x, weight_y;
};

// Where pixel (x, y) looks in the picture when its flow is (flow_x, flow_y); places outside are moved to the border.
inline Sample sample_at(int x, int y, float flow_x, float flow_y) {
    // The negated comparison also moves NaN to the border.
    const auto clamp = [](float place) {
        if (!(place > 0.0f)) return 0.0f;
        return place < kPictureEdge - 1.0f ? place : kPictureEdge - 1.0f;
    };
    const float place_x = clamp(x + flow_x * (kPictureEdge / 2));
    const float place_y = clamp(y + flow_y * (kPictureEdge / 2));
    Sample sample;
    sample.left = static_cast<int>(place_x);
    sample.top = static_cast<int>(place_y);
    sample.right = sample.left < kPictureEdge - 1 ? sample.left + 1 : sample.left;
    sample.bottom = sample.top < kPictureEdge - 1 ? sample.top + 1 : sample.top;
    sample.weight_x = place_x - static_cast<float>(sample.left);
    sample.weight_y = place_y - static_cast<float>(sample.top);
    return sample;
}

// Pixels x to x + count - 1 of row y, all of one segment, as straight-alpha sRGB RGBA8.
// raw: channel 0 at pixel (x, y). picture: [512][512][4], linear premultiplied.
void composite(const float* raw, const float* picture, int x, int y, int count, uint8_t* out);

}  // namespace tha4
