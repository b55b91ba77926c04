// A siren in fixed point. Included by the isa_*.cpp that gain by it inside their unnamed namespace, after
// float_siren.inl and
//   Words multiply_pairs(Words sums, Words weights, Words x): adds both int16 products;
//   Words pair(Bits even, Bits odd): the low 16 bits of both, the even one's first;
//   Words shift_left(Words value, int32_t count);
//   Lanes part_of_turn(Lanes turns): what is over or missing to the next whole number, at most 1/2.
//
// Activations are int16; two neighbouring channels share a 32-bit lane, so that one instruction does two
// multiply-adds. A sine layer's sums are phases modulo a whole turn: integer overflow is the sine's periodicity, which
// makes them exact. The linear maps between levels are no phases, so their activations are coarser to leave room; the
// output layer, which is small, stays in float32.

constexpr int kFixedBlocks = kTileVectors / kVectors;

// What becomes of a layer's sums.
enum class Result {
    kFine,    // their sines, pairs of int16, 1.0 = kFineOne
    kCoarse,  // their sines, pairs of int16, 1.0 = kCoarseOne
    kSines,   // their sines, float32
    kValues,  // a linear map's values, float32
};

// `one` times sin(pi r) for |r| <= 1/2, plus `offset`. With offset kRounder the low 16 bits are the rounded activation,
// the others of no meaning.
THA4_INLINE Lanes turned_sine(Lanes r, float one, float offset) {
    const Lanes s = r * r;
    return (((kSine7 * one * s + kSine5 * one) * s + kSine3 * one) * s + kSine1 * one) * r + offset;
}

// The same of a phase in 2^32nds of a turn less a quarter.
THA4_INLINE Lanes phase_sine(Words phase, float one, float offset) {
    // sin(a) = cos(a - 1/4 turn) = sin(1/4 turn - |a - 1/4 turn|).
    const Lanes size = (Lanes)((Bits) __builtin_convertvector(phase, Lanes) & 0x7fffffff);
    return turned_sine(0.5f - size * 0x1p-31f, one, offset);
}

// The layer's sums of rows `row` on before any input, at kCount vectors of pixels.
template <Result kResult, int kRows, int kCount>
THA4_INLINE void start(Words (&sums)[kRows][kCount], const Layer& layer, int row) {
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 8
        for (int v = 0; v < kCount; ++v)
            sums[r][v] = kResult == Result::kValues ? Words{} : layer.phases[row + r] - Words{};
}

// Adds the next `pairs` of inputs, and moves `in` and `weights` past them. The loop's own instructions take turns with
// the multiply-adds, so it is unrolled; by GCC alone, as what Clang makes of it was not measured.
template <int kRows, int kCount>
THA4_INLINE void add(Words (&sums)[kRows][kCount], const int32_t*& in, const int32_t*& weights, int pairs) {
#if !defined(__clang__)
#pragma GCC unroll 2
#endif
    for (int k = 0; k < pairs; ++k, in += kTilePixels, weights += kRows) {
        Words x[kCount];
#pragma GCC unroll 8
        for (int v = 0; v < kCount; ++v) x[v] = *(const Words*)(in + v * kLanes);
#pragma GCC unroll 8
        for (int r = 0; r < kRows; ++r) {
            const Words weight = weights[r] - Words{};
#pragma GCC unroll 8
            for (int v = 0; v < kCount; ++v) sums[r][v] = multiply_pairs(sums[r][v], weight, x[v]);
        }
    }
}

// Where the results of rows `row` (even) and `row` + 1 go.
template <Result kResult>
THA4_INLINE int32_t* place(int32_t* out, int row) {
    constexpr bool kPairs = kResult == Result::kFine || kResult == Result::kCoarse;
    return out + (kPairs ? row / 2 : row) * kTilePixels;
}

// What becomes of the sums of rows `row` (even) and `row` + 1. kShifted: whether their shifts may be other than 0.
template <Result kResult, bool kShifted>
THA4_INLINE void finish(Words even, Words odd, const Layer& layer, int row, int32_t* out) {
    if (kResult == Result::kValues) {
        *(Lanes*)out = __builtin_convertvector(even, Lanes) * layer.units[row];
        *(Lanes*)(out + kTilePixels) = __builtin_convertvector(odd, Lanes) * layer.units[row + 1];
        return;
    }
    if (kShifted) {
        even = shift_left(even, layer.shifts[row]);
        odd = shift_left(odd, layer.shifts[row + 1]);
    }
    if (kResult == Result::kSines) {
        *(Lanes*)out = phase_sine(even, 1.0f, 0.0f);
        *(Lanes*)(out + kTilePixels) = phase_sine(odd, 1.0f, 0.0f);
        return;
    }
    const float one = kResult == Result::kFine ? kFineOne : kCoarseOne;
    *(Words*)out = pair((Bits)phase_sine(even, one, kRounder), (Bits)phase_sine(odd, one, kRounder));
}

// The `kRows` rows of a layer that are left over from its groups, at all pixels: 2 or 4, for channels go in pairs.
template <Result kResult, int kRows>
void fixed_rest(const Layer& layer, int row, const int32_t* in, int32_t* out) {
    constexpr int kCount = 8 / kRows;
    const int pairs = layer.inputs / 2;
    for (int first = 0; first < kTileVectors; first += kCount) {
        const int32_t* x = in + first * kLanes;
        const int32_t* weights = layer.pairs + static_cast<size_t>(row) * pairs;
        Words sums[kRows][kCount];
        start<kResult>(sums, layer, row);
        add(sums, x, weights, pairs);
#pragma GCC unroll 8
        for (int r = 0; r < kRows; r += 2)
#pragma GCC unroll 8
            for (int v = 0; v < kCount; ++v)
                finish<kResult, true>(sums[r][v], sums[r + 1][v], layer, row + r,
                                      place<kResult>(out, row + r) + (first + v) * kLanes);
    }
}

// kGroup rows at kVectors vectors of pixels: their sums, where they stand until they are finished.
struct Block {
    Words sums[kGroup][kVectors];
    int row;
    int pixel;

    THA4_INLINE void set(const Words (&values)[kGroup][kVectors], int first_row, int first_pixel) {
#pragma GCC unroll 8
        for (int r = 0; r < kGroup; ++r)
#pragma GCC unroll 8
            for (int v = 0; v < kVectors; ++v) sums[r][v] = values[r][v];
        row = first_row;
        pixel = first_pixel;
    }

    // Where its results go.
    template <Result kResult>
    THA4_INLINE int32_t* target(int32_t* out) const {
        return place<kResult>(out, row) + pixel;
    }

    template <Result kResult, bool kShifted>
    THA4_INLINE void finish_vector(const Layer& layer, int v, int32_t* target) const {
#pragma GCC unroll 8
        for (int r = 0; r < kGroup; r += 2)
            finish<kResult, kShifted>(sums[r][v], sums[r + 1][v], layer, row + r,
                                      place<kResult>(target, r) + v * kLanes);
    }
};

// Sums up the block at `row` and `pixel`, and meanwhile finishes the one before it, `waiting`, so that the processor
// has multiply-adds to do while a sine's long chain of operations goes on. Then the new one waits.
template <Result kResult, bool kShifted>
THA4_APART void fixed_block(const Layer& layer, int row, int pixel, const int32_t* in, Block& waiting, int32_t* out) {
    const int pairs = layer.inputs / 2;
    // Between two vectors of pixels that are finished. Few long stretches: a loop's end may be mispredicted.
    const int stretch = pairs / kVectors;
    const int32_t* x = in + pixel;
    const int32_t* weights = layer.pairs + static_cast<size_t>(row) * pairs;
    int32_t* const target = waiting.target<kResult>(out);
    Words sums[kGroup][kVectors];
    start<kResult>(sums, layer, row);
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
        add(sums, x, weights, stretch);
        waiting.finish_vector<kResult, kShifted>(layer, v, target);
    }
    add(sums, x, weights, pairs - kVectors * stretch);
    waiting.set(sums, row, pixel);
}

// Whether any of the group's rows is shifted: few are.
THA4_INLINE bool any_shifts(const Layer& layer, int row) {
    int32_t any = 0;
    for (int r = 0; r < kGroup; ++r) any |= layer.shifts[row + r];
    return any != 0;
}

template <Result kResult>
void fixed_layer(const Layer& layer, const int32_t* in, int32_t* out, FetchAhead* ahead = nullptr) {
    const int groups = layer.outputs / kGroup;
    // First, so that their sines have the next block's multiply-adds beside them.
    const int rest = layer.outputs - groups * kGroup;
    if (rest == 2) fixed_rest<kResult, 2>(layer, groups * kGroup, in, out);
    if (rest == 4) fixed_rest<kResult, 4>(layer, groups * kGroup, in, out);
    if (groups == 0) return;
    Block waiting;
    {
        const int32_t* x = in;
        const int32_t* weights = layer.pairs;
        Words sums[kGroup][kVectors];
        start<kResult>(sums, layer, 0);
        add(sums, x, weights, layer.inputs / 2);
        waiting.set(sums, 0, 0);
    }
    bool shifted = kResult != Result::kValues && any_shifts(layer, 0);
    for (int block = 1; block < groups * kFixedBlocks; ++block) {
        const int row = block / kFixedBlocks * kGroup;
        const int pixel = block % kFixedBlocks * kVectors * kLanes;
        if (ahead) ahead->fetch(kLinesAtOnce);
        if (shifted)
            fixed_block<kResult, true>(layer, row, pixel, in, waiting, out);
        else
            fixed_block<kResult, false>(layer, row, pixel, in, waiting, out);
        if (pixel == 0) shifted = kResult != Result::kValues && any_shifts(layer, row);
    }
    int32_t* const target = waiting.target<kResult>(out);
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) waiting.finish_vector<kResult, true>(layer, v, target);
}

// kFineOne times sin(pi t), for |t| < 2^22, rounded, in the low 16 bits; the others are of no meaning.
THA4_INLINE Bits activation(Lanes t) {
    const Lanes size = (Lanes)((Bits)part_of_turn(t * 0.5f - 0.25f) & 0x7fffffff);
    return (Bits)turned_sine(0.5f - 2.0f * size, kFineOne, kRounder);
}

// `arguments`: room for the sines' arguments, [channel][kLanes]. They are all computed before the first sine: as two
// short chains of operations more of them go on at once than as a long one.
template <class Upsampling>
void fixed_first(const Siren& siren, const Tile& tile, float* arguments, int32_t* out, CoarseAnswer& answer) {
    const int channels = siren.channels;
    for (int i = 0; i < kTileVectors; ++i) {
        const FirstLayer<Upsampling> first(siren, tile, i);
        answer.keep(siren, first, i);
        for (int c = 0; c < channels; ++c) *(Lanes*)(arguments + c * kLanes) = first(c);
        const float* argument = arguments;
        int32_t* target = out + i * kLanes;
        for (int c = 0; c < channels; c += 2, argument += 2 * kLanes, target += kTilePixels)
            *(Words*)target = pair(activation(*(const Lanes*)argument), activation(*(const Lanes*)(argument + kLanes)));
    }
}

void siren_fixed16(const Siren& siren, const Tile& tile, float* in_room, float* out_room) {
    auto* in = reinterpret_cast<int32_t*>(in_room);
    auto* out = reinterpret_cast<int32_t*>(out_room);
    float* const arguments = out_room;
    CoarseAnswer answer;
    if (!siren.coarse.values)
        fixed_first<NoUpsampling>(siren, tile, arguments, in, answer);
    else if (tile.loose)
        fixed_first<LooseUpsampling>(siren, tile, arguments, in, answer);
    else
        fixed_first<SegmentUpsampling>(siren, tile, arguments, in, answer);
    FetchAhead ahead(siren, tile);
    const bool fixed_last = siren.last->pairs != nullptr;
    for (int i = 0; i < siren.hidden_count; ++i) {
        const Layer& layer = siren.hidden[i];
        if (i + 1 < siren.hidden_count)
            fixed_layer<Result::kFine>(layer, in, out, &ahead);
        else if (fixed_last)
            fixed_layer<Result::kCoarse>(layer, in, out, &ahead);
        else
            fixed_layer<Result::kSines>(layer, in, out, &ahead);
        int32_t* const used = in;
        in = out;
        out = used;
    }
    auto* result = reinterpret_cast<float*>(out);
    if (fixed_last)
        fixed_layer<Result::kValues>(*siren.last, in, out);
    else
        float_layer<false>(*siren.last, reinterpret_cast<const float*>(in), result);
    answer.add_to(siren, result);
    store(siren.out, tile, result);
}

void fixed_yardstick_layer(const Layer& layer, const float* in, float* out) {
    fixed_layer<Result::kFine>(layer, reinterpret_cast<const int32_t*>(in), reinterpret_cast<int32_t*>(out));
}

double fixed_peak(int rounds, float* values) {
    constexpr int kSums = kVectors * kGroup;
    Words sums[kSums];
    for (int i = 0; i < kSums; ++i) sums[i] = static_cast<int32_t>(values[0]) + i - Words{};
    const Words factor = static_cast<int32_t>(values[1]) - Words{};
    for (int round = 0; round < rounds; ++round)
#pragma GCC unroll 32
        for (int i = 0; i < kSums; ++i) sums[i] = multiply_pairs(sums[i], factor, sums[i]);
    for (int i = 1; i < kSums; ++i) sums[0] ^= sums[i];
    values[0] = static_cast<float>(sums[0][0]);
    return static_cast<double>(rounds) * kSums * kLanes * 2;
}

constexpr Yardstick kFixedYardstick{fixed_yardstick_layer, fixed_peak};
