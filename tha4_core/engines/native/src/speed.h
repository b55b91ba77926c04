// How fast the kernels are, and how fast they could be.
#pragma once

#include "kernels.h"

namespace tha4 {

// Multiply-adds a second of one thread.
struct Speed {
    double peak;   // in registers and nothing else
    double layer;  // of a sine layer, its sines included in the time
};

// Of a layer of `channels` inputs and outputs, 2 to THA4_MOST_CHANNELS, even. Takes some
// hundredths of a second. fixed16 needs kernels that have it.
Speed measure_speed(const Kernels& kernels, bool fixed16, int channels);

}  // namespace tha4
