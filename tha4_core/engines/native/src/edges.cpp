#include "edges.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "tha4_engine.h"

namespace tha4 {
namespace {

// Straight colours of so little alpha are mostly rounding.
constexpr int kFaint = 16;
constexpr int kChannels = 4;
constexpr int kWidest = THA4_MOST_EDGE;

// A row of pixels with an empty one before and after it.
using Row = std::array<uint8_t, (kWidest + 2) * kChannels>;

// The colour of pixel `x` from three rows.
void mean_colour(const std::array<Row*, 3>& rows, int x, uint8_t* colour) {
    unsigned sums[kChannels]{};
    for (const Row* row : rows)
        for (const uint8_t* near = row->data() + x * kChannels; near < row->data() + (x + 3) * kChannels;
             near += kChannels) {
            for (int c = 0; c < 3; ++c) sums[c] += static_cast<unsigned>(near[c]) * near[3];
            sums[3] += near[3];
        }
    for (int c = 0; c < 3; ++c) colour[c] = static_cast<uint8_t>((sums[c] + sums[3] / 2) / sums[3]);
}

}  // namespace

void fill_edges(uint8_t* pixels, size_t stride, int width, int height) {
    const size_t size = static_cast<size_t>(width) * kChannels;
    std::array<Row, 3> memory{};
    std::array<Row*, 3> rows{&memory[0], &memory[1], &memory[2]};  // above, at and below the present row, as they were
    std::array<uint8_t, kWidest + 2> seen;                         // whether any of them is seen there
    std::memcpy(rows[2]->data() + kChannels, pixels, size);
    for (int y = 0; y < height; ++y) {
        std::rotate(rows.begin(), rows.begin() + 1, rows.end());
        if (y + 1 < height)
            std::memcpy(rows[2]->data() + kChannels, pixels + (y + 1) * stride, size);
        else
            rows[2]->fill(0);
        const uint8_t* above = rows[0]->data() + 3;
        const uint8_t* here = rows[1]->data() + 3;
        const uint8_t* below = rows[2]->data() + 3;
        for (int x = 0; x < width + 2; ++x) seen[x] = above[x * kChannels] | here[x * kChannels] | below[x * kChannels];
        uint8_t* out = pixels + y * stride;
        for (int x = 0; x < width; ++x)
            if (out[x * kChannels + 3] < kFaint && (seen[x] | seen[x + 1] | seen[x + 2]))
                mean_colour(rows, x, out + x * kChannels);
    }
}

}  // namespace tha4
