// Which kernels this processor can run.
#pragma once

#include <string>

#include "kernels.h"

namespace tha4 {

// The best kernels, or those named `name` ("avx512", "avx2", "neon", "portable") unless it is empty.
// Null when there are none of that name in this build, or the processor cannot run them.
const Kernels* choose_kernels(const std::string& name);

}  // namespace tha4
