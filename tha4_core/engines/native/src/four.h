// Four floats at once, in any instruction set.
#pragma once

#include <cstdint>

namespace tha4 {

using Four = float __attribute__((vector_size(16), may_alias, aligned(4)));
using FourInts = int32_t __attribute__((vector_size(16)));

// The four numbers that begin at `values`.
inline Four four_at(const float* values) {
    return *reinterpret_cast<const Four*>(values);
}

// a where `chosen` (of lanes 0 or -1) is set, else b.
inline Four choose(FourInts chosen, Four a, Four b) {
    return (Four)(((FourInts)a & chosen) | ((FourInts)b & ~chosen));
}

}  // namespace tha4
