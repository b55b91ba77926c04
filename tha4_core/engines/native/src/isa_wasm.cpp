// The kernels for WebAssembly's SIMD of 128 bits, which every browser has. No relaxed instructions: the same bytes
// everywhere.

#include "kernels.h"

#if defined(__wasm_simd128__)

#include <wasm_simd128.h>

namespace tha4 {
namespace {

constexpr int kLanes = 4;
constexpr int kVectors = 2;  // as many sums as an x86 processor has registers for, which is what most pages run on

#include "lanes.inl"

#include "tile.inl"

THA4_INLINE Words shift_left(Words value, int32_t count) {
    return (Words)wasm_i32x4_shl((v128_t)value, static_cast<uint32_t>(count));
}

THA4_INLINE Words pair(Bits even, Bits odd) {
    return (Words)((even & 0xffffu) | (odd << 16));
}

THA4_INLINE Words multiply_pairs(Words sums, Words weights, Words x) {
    // Unsigned: phases overflow by design.
    return (Words)((Bits)sums + (Bits)wasm_i32x4_dot_i16x8((v128_t)weights, (v128_t)x));
}

THA4_INLINE Lanes part_of_turn(Lanes turns) {
    return turns - (Lanes)wasm_f32x4_nearest((v128_t)turns);
}

#include "upsample4.inl"

#include "float_siren.inl"

#include "fixed_siren.inl"

}  // namespace

const Kernels* wasm_kernels() {
    static const Kernels kernels{"wasm", siren_float32, siren_fixed16, kFloatYardstick, kFixedYardstick};
    return &kernels;
}

}  // namespace tha4

#else

const tha4::Kernels* tha4::wasm_kernels() {
    return nullptr;
}

#endif
