// The numbers of the published networks, which the rest of the engine does not know.
#pragma once

#include "tha4_engine.h"

namespace tha4 {

// Sizes and places; neither picture nor weights.
tha4_character published_character();

// What decides whether a character of this shape is drawn in fixed point.
const tha4_trial& published_trial();

}  // namespace tha4
