// A character from outside, checked before anything is made of it.
#pragma once

#include "tha4_engine.h"

namespace tha4 {

// threads: of the renderer's pool. Throws Refusal unless all of the character's pointers, sizes and numbers can be
// used, and a renderer of it takes no more than THA4_MOST_BYTES.
void check_character(const tha4_character& character, int threads);

}  // namespace tha4
