// The vector type that the kernels are written over, and what they know of a tile's pixels. Included by each
// isa_*.cpp inside its unnamed namespace, after kLanes (floats in a vector) and kVectors (vectors of pixels that a
// kernel keeps in registers at once).

using Lanes = float __attribute__((vector_size(kLanes * 4), may_alias));
using Words = int32_t __attribute__((vector_size(kLanes * 4), may_alias));
using Bits = uint32_t __attribute__((vector_size(kLanes * 4), may_alias));

constexpr int kTileVectors = kTilePixels / kLanes;

#define THA4_INLINE inline __attribute__((always_inline))
#define THA4_APART __attribute__((noinline))

THA4_INLINE Lanes all(float value) {
    return value - Lanes{};
}

// What the kernels know of the pixels of a tile.
struct Place {
    alignas(64) float x[kTilePixels];  // centres, in (-1, 1)
    alignas(64) float y[kTilePixels];
    // Where each segment's upsampling starts in channel 0 of the coarse grid: the rows above and below, and the
    // weight of the lower one.
    const float* above[kTileSegments];
    const float* below[kTileSegments];
    float weight[kTileSegments];
};
