// How much a thread counts beside the game's.
#pragma once

namespace tha4 {

// Lowers the calling thread's priority, for good. Where the system has no such thing, or forbids it, nothing changes.
void lower_priority();

}  // namespace tha4
