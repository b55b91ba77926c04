// Where a tile's pixels lie, what they read of the coarser grid, and where their results go. Included by each
// isa_*.cpp inside its unnamed namespace, after lanes.inl.

// The rows of the coarser grid that row `y` lies between, and the weight of the second.
struct CoarseRows {
    int above, below;
    float weight;

    // Half-pixel centres: row y lies at (y + 0.5) / 2 - 0.5 of the coarse rows.
    CoarseRows(int y, int coarse_edge)
        : above(y % 2 ? y / 2 : y / 2 - 1), below(above + 1), weight(y % 2 ? 0.25f : 0.75f) {
        if (above < 0) above = 0;
        if (below >= coarse_edge) below = coarse_edge - 1;
    }
};

// What upsampling reads of the coarser grid for a segment, which lies over half of a coarse one: in the rows above and
// below, that coarse segment (channel 0 of its first pixel; the next channel is kSegmentPixels on) and the pixel at
// the half's outer end (channel 0; the next channel is next).
struct CoarseSegment {
    const float *above, *below;
    const float *above_end, *below_end;
    float weight;  // of the row below
    bool right;    // which half

    CoarseSegment(const Grid& coarse, Pixel segment) : right(segment.x / kSegmentPixels % 2) {
        const CoarseRows rows(segment.y, coarse.edge);
        weight = rows.weight;
        const int x = segment.x / 2 / kSegmentPixels * kSegmentPixels;
        above = coarse.at(x, rows.above);
        below = coarse.at(x, rows.below);
        // The next coarse segment's near end; beyond the grid lies its border pixel once more.
        const int next = right ? x + kSegmentPixels : x - kSegmentPixels;
        const bool inside = next >= 0 && next < coarse.edge;
        above_end = coarse.end(inside ? next : x, rows.above, right != inside);
        below_end = coarse.end(inside ? next : x, rows.below, right != inside);
    }
};

// The pixels past the end of a coarse segment, between its two rows: one for each channel.
struct CoarseEnds {
    float values[kMaxChannels];

    void read(const CoarseSegment& segment, int channels) {
        for (int c = 0; c < channels; ++c)
            values[c] = (segment.below_end[c] - segment.above_end[c]) * segment.weight + segment.above_end[c];
    }
};

// Adds to the first layer's arguments what comes from the coarser grid, at a tile's vector of pixels. There is one for
// segments, which each instruction set has in a form of its own, one for loose pixels, and one for the coarsest grid.

struct LooseUpsampling {
    // Channel 0 of each pixel's four coarse pixels: above left and right, below left and right.
    const float* coarse[4][kLanes];
    Lanes weight_x, weight_y;

    LooseUpsampling(const Grid& grid, const Tile& tile, int vector) {
        for (int i = 0; i < kLanes; ++i) {
            const Pixel pixel = tile.pixel(vector * kLanes + i);
            const CoarseRows rows(pixel.y, grid.edge);
            const CoarseRows columns(pixel.x, grid.edge);
            coarse[0][i] = grid.at(columns.above, rows.above);
            coarse[1][i] = grid.at(columns.below, rows.above);
            coarse[2][i] = grid.at(columns.above, rows.below);
            coarse[3][i] = grid.at(columns.below, rows.below);
            weight_x[i] = columns.weight;
            weight_y[i] = rows.weight;
        }
    }

    THA4_INLINE Lanes add_to(Lanes sum, int channel) const {
        Lanes values[4]{};
#pragma GCC unroll 4
        for (int corner = 0; corner < 4; ++corner)
#pragma GCC unroll 16
            for (int i = 0; i < kLanes; ++i) values[corner][i] = coarse[corner][i][channel * kSegmentPixels];
        const Lanes left = (values[2] - values[0]) * weight_y + values[0];
        const Lanes right = (values[3] - values[1]) * weight_y + values[1];
        return sum + ((right - left) * weight_x + left);
    }
};

struct NoUpsampling {
    NoUpsampling(const Grid&, const Tile&, int) {}
    THA4_INLINE Lanes add_to(Lanes sum, int) const { return sum; }
};

// The columns and rows of a tile's vector of pixels.
struct PixelPlaces {
    Lanes x, y;
};

THA4_INLINE PixelPlaces loose_places(const Tile& tile, int vector) {
    PixelPlaces places;
    for (int i = 0; i < kLanes; ++i) {
        const Pixel pixel = tile.pixel(vector * kLanes + i);
        places.x[i] = pixel.x;
        places.y[i] = pixel.y;
    }
    return places;
}

// Of a part of a segment, a segment, or two.
THA4_INLINE PixelPlaces segment_places(const Tile& tile, int vector) {
    const int begin = vector * kLanes;
    const Pixel first = tile.segment(begin / kSegmentPixels);
    const Pixel last = tile.segment((begin + kLanes - 1) / kSegmentPixels);
    Words columns, in_first;
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; ++i) {
        columns[i] = i % kSegmentPixels;
        in_first[i] = i < kSegmentPixels ? -1 : 0;
    }
    const auto choose = [&](int a, int b) { return (a & in_first) | (b & ~in_first); };
    const Words x = choose(first.x, last.x) + columns + begin % kSegmentPixels;
    return {__builtin_convertvector(x, Lanes), __builtin_convertvector(choose(first.y, last.y), Lanes)};
}

// The arguments, in half turns, of the first layer's sines at a tile's vector of pixels.
template <class Upsampling>
class FirstLayer {
  public:
    FirstLayer(const Siren& siren, const Tile& tile, int vector)
        : weight_x_(siren.weight_x),
          weight_y_(siren.weight_y),
          constant_(siren.constant),
          upsampling_(siren.coarse, tile, vector) {
        const float size = 1.0f / siren.out.edge;
        const PixelPlaces places = tile.loose ? loose_places(tile, vector) : segment_places(tile, vector);
        x_ = (2.0f * places.x + 1.0f) * size - 1.0f;
        y_ = (2.0f * places.y + 1.0f) * size - 1.0f;
    }

    THA4_INLINE Lanes operator()(int channel) const {
        const Lanes sum = x_ * weight_x_[channel] + (y_ * weight_y_[channel] + constant_[channel]);
        return upsampling_.add_to(sum, channel);
    }

    // What the coarser grid's answer is at the vector's pixels, to be added to a result.
    THA4_INLINE Lanes answer(int channels, int row) const { return upsampling_.add_to(Lanes{}, channels + row); }

  private:
    const float* weight_x_;
    const float* weight_y_;
    const float* constant_;
    Upsampling upsampling_;
    Lanes x_, y_;  // the pixels' centres, in (-1, 1)
};

// The coarser level's answer at a tile's pixels, from its first layer to its results.
class CoarseAnswer {
  public:
    template <class Upsampling>
    THA4_INLINE void keep(const Siren& siren, const FirstLayer<Upsampling>& first, int vector) {
        if (siren.answer_row < 0) return;
        for (int row = 0; row < THA4_BODY_CHANNELS; ++row)
            *(Lanes*)(values_ + row * kTilePixels + vector * kLanes) = first.answer(siren.channels, row);
    }

    void add_to(const Siren& siren, float* results) const {
        if (siren.answer_row < 0) return;
        float* const target = results + siren.answer_row * kTilePixels;
        for (int i = 0; i < THA4_BODY_CHANNELS * kTilePixels; i += kLanes)
            *(Lanes*)(target + i) += *(const Lanes*)(values_ + i);
    }

  private:
    alignas(64) float values_[THA4_BODY_CHANNELS * kTilePixels];
};

// What a tile has the cache fetch while its hidden layers are evaluated: where the results go and what the next tile
// reads of the coarser grid. A little at a time: a processor keeps track of few fetches at once, and stands still when
// there are more.
class FetchAhead {
  public:
    FetchAhead(const Siren& siren, const Tile& tile) {
        if (tile.loose) return;
        const int out_floats = siren.out.channels * kSegmentPixels;
        for (int i = 0; i < tile.count; ++i) add(siren.out.at(tile.pixels[i].x, tile.pixels[i].y), out_floats);
        if (!siren.coarse.values || !tile.next || tile.next->loose) return;
        const float* added = nullptr;
        for (int i = 0; i < tile.next->count; ++i) {
            const CoarseSegment segment(siren.coarse, tile.next->pixels[i]);
            // A segment and the one below it read the same row.
            if (segment.above != added) add_row(siren.coarse, segment.above, segment.above_end);
            if (segment.below != segment.above) add_row(siren.coarse, segment.below, segment.below_end);
            added = segment.below;
        }
    }

    // Fetches the next `count` lines at most. Inline always: GCC 12 drops calls of functions that do nothing else.
    THA4_INLINE void fetch(int count) {
        while (range_ < ranges_ && count > 0) {
            const int lines = lines_[range_] < count ? lines_[range_] : count;
            for (int i = 0; i < lines; ++i) __builtin_prefetch(values_[range_] + i * kLine, 0, 2);
            values_[range_] += lines * kLine;
            lines_[range_] -= lines;
            count -= lines;
            if (!lines_[range_]) ++range_;
        }
    }

  private:
    static constexpr int kLine = 64 / sizeof(float);

    // A segment of the coarser grid and the pixel past its end.
    void add_row(const Grid& coarse, const float* values, const float* end) {
        add(end, coarse.channels);
        add(values, coarse.channels * kSegmentPixels);
    }

    void add(const float* values, int floats) {
        values_[ranges_] = values;
        lines_[ranges_++] = (floats + kLine - 1) / kLine;
    }

    const float* values_[5 * kTileSegments];
    int lines_[5 * kTileSegments];
    int ranges_ = 0, range_ = 0;
};

using Segment = float __attribute__((vector_size(kSegmentPixels * sizeof(float)), may_alias));

// Copies the last map's results, [channel][kTilePixels], into the grid.
inline void store(const Grid& out, const Tile& tile, const float* values) {
    if (tile.loose) {
        for (int i = 0; i < tile.count; ++i) {
            const Pixel pixel = tile.pixels[i];
            const int column = pixel.x % kSegmentPixels;
            const bool last = column == kSegmentPixels - 1;
            float* target = out.at(pixel.x, pixel.y);
            float* end = out.ends && (column == 0 || last) ? out.end(pixel.x, pixel.y, last) : nullptr;
            for (int c = 0; c < out.channels; ++c) {
                target[c * kSegmentPixels] = values[c * kTilePixels + i];
                if (end) end[c] = values[c * kTilePixels + i];
            }
        }
        return;
    }
    const int channels = out.channels;
    for (int i = 0; i < tile.count; ++i) {
        const Pixel segment = tile.pixels[i];
        const float* source = values + i * kSegmentPixels;
        float* target = out.at(segment.x, segment.y);
        for (int c = 0; c < channels; ++c)
            *(Segment*)(target + c * kSegmentPixels) = *(const Segment*)(source + c * kTilePixels);
        if (!out.ends) continue;
        float* __restrict first = out.end(segment.x, segment.y, false);
        float* __restrict last = out.end(segment.x, segment.y, true);
        for (int c = 0; c < channels; ++c) {
            first[c] = source[c * kTilePixels];
            last[c] = source[c * kTilePixels + kSegmentPixels - 1];
        }
    }
}
