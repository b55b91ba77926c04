#include "thrown.h"

#include <cstdio>
#include <cstdlib>
#include <exception>

namespace tha4 {
namespace {

constexpr int kLongest = 512;
char sentence[kLongest] = "";

}  // namespace

const char* thrown_sentence() {
    return sentence;
}

}  // namespace tha4

// What the compiler calls for `throw`. The C++ library for WebAssembly has none, since it was built without exceptions.
extern "C" {

void* __cxa_allocate_exception(size_t size) noexcept {
    return std::malloc(size);
}

// All that is thrown in the engine's sources is a std::exception, and nothing else before it in memory.
[[noreturn]] void __cxa_throw(void* thrown, void* /*type*/, void (* /*destroy*/)(void*)) {
    std::snprintf(tha4::sentence, sizeof tha4::sentence, "%s", static_cast<std::exception*>(thrown)->what());
    __builtin_trap();
}
}
