// Whether a character's pictures in fixed point are like those in float32.
#pragma once

#include "renderer.h"
#include "tha4_engine.h"

namespace tha4 {

// Whether a trial's picture is as like in both renderers, which are of one character, as it asks for.
bool much_alike(Renderer& one, Renderer& other, const tha4_trial& trial);

}  // namespace tha4
