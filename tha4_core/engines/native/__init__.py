"""The native engine: the whole frame in C++ on the CPU, without torch. ``src`` holds the C++."""
