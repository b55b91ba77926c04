// Memory that the system has back as soon as it is freed, for what is large.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

// A sanitizer watches only what comes from the heap.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define THA4_HEAP_ALONE
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define THA4_HEAP_ALONE
#endif

#if defined(__GLIBC__) && !defined(THA4_HEAP_ALONE)
#define THA4_PAGES
#include <sys/mman.h>
#endif

namespace tha4 {

// glibc keeps tens of megabytes of a renderer that was freed, among what is small and stays, and what gives them back
// (malloc_trim) locks a game's whole heap meanwhile. So there it takes pages of its own; elsewhere it is the heap.
template <class T>
class PageAllocator {
  public:
    using value_type = T;
    PageAllocator() = default;
    template <class Other>
    explicit PageAllocator(const PageAllocator<Other>&) {}

    T* allocate(size_t count) {
        if (count > SIZE_MAX / sizeof(T)) throw std::bad_alloc();
#ifdef THA4_PAGES
        if (count * sizeof(T) >= kLarge) {
            void* pages = mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (pages == MAP_FAILED) throw std::bad_alloc();
            return static_cast<T*>(pages);
        }
#endif
        return static_cast<T*>(::operator new(count * sizeof(T)));
    }

    void deallocate(T* memory, size_t count) {
#ifdef THA4_PAGES
        if (count * sizeof(T) >= kLarge) {
            munmap(memory, count * sizeof(T));
            return;
        }
#endif
        ::operator delete(memory);
        static_cast<void>(count);
    }

    bool operator==(const PageAllocator&) const { return true; }
    bool operator!=(const PageAllocator&) const { return false; }

  private:
    static constexpr size_t kLarge = 64 << 10;  // bytes
};

template <class T>
using LargeVector = std::vector<T, PageAllocator<T>>;

}  // namespace tha4
