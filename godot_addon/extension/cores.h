// How many cores there are.
#pragma once

namespace tha4_godot {

// The machine's physical cores, the fast ones where there are two kinds, less one for the game; at least 1.
int spare_cores();

}  // namespace tha4_godot
