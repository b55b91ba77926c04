// Colours for what can hardly be seen, so that a linear filter shows no dark rim around a character.
#pragma once

#include <cstdint>

namespace tha4 {

// The widest row of pixels.
constexpr int kWidest = 512;

// Gives each pixel of an alpha below kFaint the mean colour of the 3 by 3 pixels around it, weighed by their alphas, in
// place; where all of those are 0 it stays. Alphas stay. pixels: straight-alpha RGBA8,
// [height][width][4], both at least 1, width at most kWidest.
void fill_edges(uint8_t* pixels, int width, int height);

}  // namespace tha4
