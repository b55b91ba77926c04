// A picture as people keep it to one as networks take it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tha4 {

// pixels: straight-alpha sRGB RGBA8, `edge` rows of as many pixels, one every `stride` bytes.
// picture: [4][edge][edge], linear, premultiplied, in [-1, 1].
void network_picture(const uint8_t* pixels, size_t stride, int edge, float* picture);

// The same of `drawing_edge` pixels, as [edge][edge][4], averaged where the drawing is finer: a multiple of `edge`.
void average_picture(const uint8_t* drawing, int drawing_edge, int edge, float* picture);

}  // namespace tha4
