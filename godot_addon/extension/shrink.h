// A picture at a smaller size.
#pragma once

#include <cstdint>
#include <vector>

namespace tha4_godot {

// Makes pictures smaller, byte by byte as the bridge does with Pillow's Hamming filter: colours weighed by alpha, in 8
// bits after each of the two passes.
class Shrinking {
  public:
    // pixels: straight-alpha RGBA8 [height][width][4]; out: the same, [out_height][out_width][4]. out_width and
    // out_height: at least 1, at most width and height. Takes memory, and may throw std::bad_alloc.
    void shrink(const uint8_t* pixels, int width, int height, uint8_t* out, int out_width, int out_height);

  private:
    // Which values of a line make one of the shorter line, and how much each counts, in units of 2^-22.
    struct Taps {
        int first;
        std::vector<int32_t> weights;
    };
    static std::vector<Taps> taps(int length, int out_length);

    std::vector<uint8_t> premultiplied_;  // [height][width][4]
    std::vector<uint8_t> narrow_;         // [height][out_width][4]
};

}  // namespace tha4_godot
