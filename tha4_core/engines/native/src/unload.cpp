// What GCC's start-up files do and zig's do not: when a program lets go of the library, its static objects are ended.
// Without, exit() would call their destructors where the library was.

#if defined(__linux__) && defined(__clang__)

extern "C" {
extern void* __dso_handle __attribute__((visibility("hidden")));
void __cxa_finalize(void* library);
}

__attribute__((destructor)) static void end_static_objects() {
    __cxa_finalize(&__dso_handle);
}

#endif
