// Which kernels this processor can run.
#pragma once

#include <string_view>

#include "kernels.h"

namespace tha4 {

// The index-th kernels that run here, best first; null past the last.
const Kernels* supported_kernels(int index);

// The best kernels, or those named `name` ("avx512", "avxvnni", "avx2", "neon", "wasm", "portable") unless it is
// empty. Null when there are none of that name in this build, or the processor cannot run them.
const Kernels* choose_kernels(std::string_view name);

}  // namespace tha4
