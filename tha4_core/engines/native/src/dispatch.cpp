#include "dispatch.h"

#include <array>

#include "cpu.h"

namespace tha4 {
namespace {

constexpr size_t kKernels = 6;

// Best first; null at the end.
std::array<const Kernels*, kKernels> found_kernels() {
    std::array<const Kernels*, kKernels> found{};
    const CpuFeatures features = cpu_features();
    size_t count = 0;
    const auto add = [&](const Kernels* kernels, bool runs) {
        if (kernels && runs) found[count++] = kernels;
    };
    add(avx512_kernels(), features.avx512);
    add(avxvnni_kernels(), features.avxvnni);
    add(avx2_kernels(), features.avx2);
    add(neon_kernels(), true);
    add(wasm_kernels(), true);
    add(portable_kernels(), true);
    return found;
}

}  // namespace

const Kernels* supported_kernels(int index) {
    static const std::array<const Kernels*, kKernels> found = found_kernels();
    return index >= 0 && index < static_cast<int>(found.size()) ? found[index] : nullptr;
}

const Kernels* choose_kernels(std::string_view name) {
    for (int index = 0; const Kernels* kernels = supported_kernels(index); ++index)
        if (name.empty() || name == kernels->name) return kernels;
    return nullptr;
}

}  // namespace tha4
