// Colours for what can hardly be seen, so that a linear filter shows no dark rim around a character.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tha4 {

// Gives each pixel of an alpha below kFaint the mean colour of the 3 by 3 pixels around it, weighed by their alphas, in
// place; where all of those are 0 it stays. Alphas stay. pixels: straight-alpha RGBA8, rows of `width` pixels, one
// every `stride` bytes; width and height 1 to THA4_MOST_EDGE.
void fill_edges(uint8_t* pixels, size_t stride, int width, int height);

}  // namespace tha4
