// The kernels for AVX2 with FMA: Haswell and Zen onwards.

#include "kernels.h"

#if defined(__x86_64__)

// Only this file's code may use these instructions; it runs only where the processor has them.
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif

#include <immintrin.h>

namespace tha4 {
namespace {

constexpr int kLanes = 8;
constexpr int kVectors = 2;  // 2 x 6 sums, 2 vectors of pixels and a weight: 15 of 16 registers

#include "lanes.inl"

#include "tile.inl"

THA4_INLINE Words multiply_pairs(Words sums, Words weights, Words x) {
    // Unsigned: phases overflow by design.
    return (Words)((Bits)sums + (Bits)_mm256_madd_epi16((__m256i)weights, (__m256i)x));
}

#include "avx2.inl"

#include "float_siren.inl"

#include "fixed_siren.inl"

}  // namespace

const Kernels* avx2_kernels() {
    static const Kernels kernels{"avx2", siren_float32, siren_fixed16, kFloatYardstick, kFixedYardstick};
    return &kernels;
}

}  // namespace tha4

#if defined(__clang__)
#pragma clang attribute pop
#endif

#else

const tha4::Kernels* tha4::avx2_kernels() {
    return nullptr;
}

#endif
