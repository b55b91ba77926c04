// The kernels in plain C++ with the compiler's own vectors of four floats, for every other processor.

#include "kernels.h"

namespace tha4 {
namespace {

constexpr int kLanes = 4;
constexpr int kVectors = 2;  // 2 x 6 sums, 2 vectors of pixels and a weight: 15 of the 16 registers of SSE2

#include "lanes.inl"

#include "tile.inl"

#include "upsample4.inl"

#include "float_siren.inl"

}  // namespace

const Kernels* portable_kernels() {
    static const Kernels kernels{"portable", siren_float32, nullptr, kFloatYardstick, {nullptr, nullptr}};
    return &kernels;
}

}  // namespace tha4
