// What the processor can do and the system lets it.
#pragma once

namespace tha4 {

struct CpuFeatures {
    bool avx2 = false;     // AVX2 and FMA
    bool avxvnni = false;  // these, and AVX-VNNI
    bool avx512 = false;   // AVX2, FMA, and AVX-512 F, BW, DQ, VL and VNNI
};

CpuFeatures cpu_features();

}  // namespace tha4
