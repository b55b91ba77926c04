// Which process this is: a forked one inherits neither threads nor their locks.
#pragma once

#if defined(_WIN32)
#include <process.h>
#elif !defined(__wasm__)
#include <unistd.h>
#endif

namespace tha4 {

inline long this_process() {
#if defined(_WIN32)
    return _getpid();
#elif defined(__wasm__)
    return 1;  // there is no other
#else
    return getpid();
#endif
}

}  // namespace tha4
