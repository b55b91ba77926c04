// The interface between the renderer and the kernels, of which there is one set per instruction set.
//
// All work is done on *tiles* of 64 pixels: eight segments, each of eight neighbouring pixels of one row, or loose
// pixels. A tile's pixels lie in SIMD lanes and its channels one after another, so a layer is a matrix product without
// any shuffling.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tha4_engine.h"

namespace tha4 {

constexpr int kSegmentPixels = 8;
constexpr int kTileSegments = 8;
constexpr int kTilePixels = kSegmentPixels * kTileSegments;
// Output channels that a kernel works on at once; weights are packed in groups of so many.
constexpr int kGroup = 6;
// Of what one level leaves for the next: the widest layer's share and, in pairs, an answer.
constexpr int kMaxChannels = THA4_MOST_CHANNELS + THA4_BODY_CHANNELS + 1;

// A linear map of `inputs` channels to `outputs`.
struct Layer {
    int inputs;
    int outputs;
    // [group][input][kGroup], the rows of the last group may be fewer. Of a sine layer: in half turns.
    const float* weights;
    // [outputs], or null for none.
    const float* bias;
    // The same in fixed point, or null: pairs of int16 [group][input / 2][kGroup]; row r's are scaled so that its sum
    // of products with activations of 1 = 32767, shifted left by shifts[r], is a phase: 2^32 is a full turn, and
    // overflow is no error but the sine's own period.
    const int32_t* pairs;
    const int32_t* phases;  // the bias less a quarter turn, before the shift
    const int32_t* shifts;
    // Of a linear map in fixed point instead: the value of a sum of 1, with activations of 1 = kCoarseOne. The rows
    // are scaled so that no sum overflows.
    const float* units;
};

// Fixed point's activations: 1.0 of those that go into a sine layer, and of those that go into a linear map, whose sums
// must not overflow.
constexpr int kFineOne = 32767;
constexpr int kCoarseOne = 2047;

// A grid's values, in blocks of one segment each: [row][segment][channel][kSegmentPixels], so that what a tile reads
// of a coarser level lies together.
struct Grid {
    float* values;
    // The segments' first and last pixels once more, [row][segment][2][channel], or null where no finer level reads
    // them: upsampling looks one pixel past a segment's ends, and here that pixel's channels are neighbours.
    float* ends;
    int edge;
    int channels;

    size_t segment(int x, int y) const { return static_cast<size_t>(y) * (edge / kSegmentPixels) + x / kSegmentPixels; }
    // Channel 0 of pixel (x, y); the next channel is kSegmentPixels on.
    float* at(int x, int y) const { return values + segment(x, y) * channels * kSegmentPixels + x % kSegmentPixels; }
    // Channel 0 of the first (last: of the last) pixel of the segment that (x, y) is in; the next channel is next.
    float* end(int x, int y, bool last) const { return ends + (segment(x, y) * 2 + last) * channels; }
};

struct Pixel {
    int16_t x;
    int16_t y;
};

struct Tile {
    // The leftmost pixels (x a multiple of eight) of `count` segments, 1 to kTileSegments; or, if loose, `count` single
    // pixels, 1 to kTilePixels.
    const Pixel* pixels;
    int count;
    bool loose;
    // The tile that this thread will probably be given next, or null.
    const Tile* next = nullptr;

    // Segment 0 to kTileSegments - 1; a tile that is not full repeats its last one.
    Pixel segment(int i) const { return pixels[i < count ? i : count - 1]; }
    // Pixel 0 to kTilePixels - 1, likewise.
    Pixel pixel(int i) const {
        if (loose) return pixels[i < count ? i : count - 1];
        const Pixel first = segment(i / kSegmentPixels);
        return {static_cast<int16_t>(first.x + i % kSegmentPixels), first.y};
    }
};

// Sine layers and a linear map, evaluated at some pixels of a grid.
struct Siren {
    // The first layer: sin(pi (x weight_x + y weight_y + constant + what is upsampled from `coarse`)).
    int channels;
    const float* weight_x;
    const float* weight_y;
    const float* constant;
    // The next coarser grid, of half the edge, already mapped to this layer's channels; values null for none.
    Grid coarse;
    // The coarser grid may have THA4_BODY_CHANNELS more, its answer, which is added to the results from this row on;
    // -1: it has none.
    int answer_row;
    const Layer* hidden;
    int hidden_count;
    const Layer* last;
    Grid out;
};

// Evaluates `siren` at a tile's pixels and stores the result in siren.out.
// in, out: room for a layer's activations each: floats, or pairs of int16, [channel][kTilePixels], of the widest layer.
// Aligned to 64 bytes.
// A pixel's result does not depend, to the last bit, on which others share its tile, nor on whether it is loose.
using SirenTile = void (*)(const Siren& siren, const Tile& tile, float* in, float* out);

// What tools/bench.py holds a kernel's speed against.
struct Yardstick {
    // A sine layer on a full tile, both [channel][kTilePixels] (fixed point: [channel / 2][kTilePixels]).
    void (*layer)(const Layer& layer, const float* in, float* out);
    // Multiply-adds in registers and nothing else, `rounds` times as many as the registers hold. `values`: two numbers
    // to begin with; left as what depends on all that was computed. Returns how many there were.
    double (*peak)(int rounds, float* values);
};

struct Kernels {
    const char* name;
    SirenTile float32;
    SirenTile fixed16;  // null where it would be no faster
    Yardstick float32_yardstick;
    Yardstick fixed16_yardstick;
};

// Null when this build has none for its processor architecture.
const Kernels* avx512_kernels();
const Kernels* avxvnni_kernels();
const Kernels* avx2_kernels();
const Kernels* neon_kernels();
const Kernels* wasm_kernels();
const Kernels* portable_kernels();

}  // namespace tha4
