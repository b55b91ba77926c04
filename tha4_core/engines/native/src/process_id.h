// Which process this is: a forked one inherits neither threads nor their locks.
#pragma once

#ifdef _WIN32
#include <process.h>
#else
#include <unistd.h>
#endif

namespace tha4 {

inline long this_process() {
#ifdef _WIN32
    return _getpid();
#else
    return getpid();
#endif
}

}  // namespace tha4
