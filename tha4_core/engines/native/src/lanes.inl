// The vector types that the kernels are written over. Included by each isa_*.cpp inside its unnamed namespace, so that
// code of one instruction set can never be linked into another's place, after kLanes (floats in a vector) and kVectors
// (vectors of pixels that a kernel keeps in registers at once).

using Lanes = float __attribute__((vector_size(kLanes * 4), may_alias));
using Words = int32_t __attribute__((vector_size(kLanes * 4), may_alias));
using Bits = uint32_t __attribute__((vector_size(kLanes * 4), may_alias));

constexpr int kTileVectors = kTilePixels / kLanes;

#define THA4_INLINE inline __attribute__((always_inline))
#define THA4_APART __attribute__((noinline))

THA4_INLINE Lanes all(float value) {
    return value - Lanes{};
}
