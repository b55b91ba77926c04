// Memory for vector registers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace tha4 {

// Floats, zeros at first, of which the first lies at a multiple of 64 bytes; after the last, a vector's length more may
// be read. Many of them lie in huge pages where the system has them: a tile's values are scattered over a grid of
// megabytes, and looking up small pages takes time.
class AlignedFloats {
  public:
    explicit AlignedFloats(size_t count)
        : bytes_(count * sizeof(float) + kLine),
          alignment_{bytes_ < kHugePage ? kLine : kHugePage},
          data_(static_cast<float*>(::operator new(bytes_, alignment_))) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
        if (bytes_ >= kHugePage) madvise(data_, bytes_, MADV_HUGEPAGE);
#endif
        std::fill_n(data_, bytes_ / sizeof(float), 0.0f);
    }
    AlignedFloats(const AlignedFloats&) = delete;
    ~AlignedFloats() { ::operator delete(data_, alignment_); }

    float* data() const { return data_; }

  private:
    static constexpr size_t kLine = 64;
    static constexpr size_t kHugePage = size_t{1} << 21;

    size_t bytes_;
    std::align_val_t alignment_;
    float* data_;
};

}  // namespace tha4
