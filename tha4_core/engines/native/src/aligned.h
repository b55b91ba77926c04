// Memory for vector registers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "pages.h"

namespace tha4 {

// Floats of which the first lies at a multiple of 64 bytes. Behind the last may be read, a vector at most.
class AlignedFloats {
  public:
    explicit AlignedFloats(size_t count) : memory_(count + 2 * kAlignment / sizeof(float)) {
        const auto address = reinterpret_cast<uintptr_t>(memory_.data());
        data_ = memory_.data() + (kAlignment - address % kAlignment) % kAlignment / sizeof(float);
    }
    AlignedFloats(const AlignedFloats&) = delete;
    AlignedFloats(AlignedFloats&&) = default;

    float* data() const { return data_; }

  private:
    static constexpr size_t kAlignment = 64;

    LargeVector<float> memory_;
    float* data_;
};

}  // namespace tha4
