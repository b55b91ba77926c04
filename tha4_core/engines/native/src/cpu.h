// What the processor can do and the system lets it.
#pragma once

namespace tha4 {

struct CpuFeatures {
    bool avx2 = false;    // AVX2 and FMA
    bool avx512 = false;  // these, and AVX-512 F, BW, DQ, VL and VNNI
};

CpuFeatures cpu_features();

}  // namespace tha4
