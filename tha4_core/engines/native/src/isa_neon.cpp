// The kernels for NEON, which every 64-bit ARM processor has. The compiler turns vectors of four floats into it.

#include "kernels.h"

#if defined(__aarch64__)

namespace tha4 {
namespace {

constexpr int kLanes = 4;
constexpr int kVectors = 4;  // 4 x 6 sums, 4 vectors of pixels and a weight: 29 of 32 registers

#include "lanes.inl"

#include "tile.inl"

#include "upsample4.inl"

#include "float_siren.inl"

}  // namespace

const Kernels* neon_kernels() {
    static const Kernels kernels{"neon", siren_float32, nullptr, kFloatYardstick, {nullptr, nullptr}};
    return &kernels;
}

}  // namespace tha4

#else

const tha4::Kernels* tha4::neon_kernels() {
    return nullptr;
}

#endif
