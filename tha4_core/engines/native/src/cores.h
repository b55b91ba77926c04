// How many cores there are.
#pragma once

namespace tha4 {

// The physical cores that this process may use, the fast ones where there are two kinds, less one for the game; at least
// 1.
int spare_cores();

}  // namespace tha4
