// A siren in fixed point. Included by the isa_*.cpp that gain by it inside their unnamed namespace, after
// float_siren.inl and
//   Words multiply_pairs(Words sums, Words weights, Words x): adds both int16 products;
//   Words pair(Bits even, Bits odd): the low 16 bits of both, the even one's first;
//   Words shift_left(Words value, int32_t count).
//
// Activations are int16; two neighbouring channels share a 32-bit lane, so that one instruction does two
// multiply-adds. A sine layer's sums are phases modulo a whole turn: integer overflow is the sine's periodicity, which
// makes them exact. The linear maps between levels are no phases, so their activations are coarser to leave room; the
// output layer, which is small, stays in float32.

// Vectors of pixels of a block. Few, so that a block's sums and those of the block before it, which wait to be
// finished, have room in AVX-512's registers together; AVX2 keeps the waiting ones in memory.
constexpr int kFixedVectors = 2;
constexpr int kFixedBlocks = kTileVectors / kFixedVectors;

// What becomes of a layer's sums.
enum class Result {
    kFine,    // their sines, pairs of int16, 1.0 = kFineOne
    kCoarse,  // their sines, pairs of int16, 1.0 = kCoarseOne
    kSines,   // their sines, float32
    kValues,  // a linear map's values, float32
};

// `one` times the sine of a phase in 2^32nds of a turn less a quarter, plus `offset`. With offset kRounder the low 16
// bits are the rounded activation, the others of no meaning.
THA4_INLINE Lanes phase_sine(Words phase, float one, float offset) {
    // sin(a) = cos(a - 1/4 turn) = sin(1/4 turn - |a - 1/4 turn|). The absolute value's first 23 bits (less 1 in 2^31
    // if it was negative) become a float from 1 to 2, by shifts and logic only: multipliers are what a layer lacks.
    const Words size = (phase >> 8) ^ (phase >> 31);
    const Lanes r = 1.5f - (Lanes)(size | 0x3f800000);
    const Lanes s = r * r;
    return (((kSine7 * one * s + kSine5 * one) * s + kSine3 * one) * s + kSine1 * one) * r + offset;
}

// An activation, 1.0 = `one`, rounded, in the low 16 bits; the others are of no meaning.
THA4_INLINE Bits rounded(Lanes value, float one) {
    return (Bits)(value * one + kRounder);
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

// Adds the next `pairs` of inputs, and moves `in` and `weights` past them.
template <int kRows, int kCount>
THA4_INLINE void add(Words (&sums)[kRows][kCount], const int32_t*& in, const int32_t*& weights, int pairs) {
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

// What becomes of the sums of rows `row` (even) and `row` + 1.
template <Result kResult>
THA4_INLINE void finish(Words even, Words odd, const Layer& layer, int row, int32_t* out) {
    if (kResult == Result::kValues) {
        *(Lanes*)out = __builtin_convertvector(even, Lanes) * layer.units[row];
        *(Lanes*)(out + kTilePixels) = __builtin_convertvector(odd, Lanes) * layer.units[row + 1];
        return;
    }
    const Words even_phase = shift_left(even, layer.shifts[row]);
    const Words odd_phase = shift_left(odd, layer.shifts[row + 1]);
    if (kResult == Result::kSines) {
        *(Lanes*)out = phase_sine(even_phase, 1.0f, 0.0f);
        *(Lanes*)(out + kTilePixels) = phase_sine(odd_phase, 1.0f, 0.0f);
        return;
    }
    const float one = kResult == Result::kFine ? kFineOne : kCoarseOne;
    *(Words*)out = pair((Bits)phase_sine(even_phase, one, kRounder), (Bits)phase_sine(odd_phase, one, kRounder));
}

// The last rows of a layer, fewer than kGroup, at all pixels: 2, for the student's layers leave no other remainder.
template <Result kResult>
THA4_INLINE void fixed_rest(const Layer& layer, int row, const int32_t* in, const int32_t* weights, int32_t* out) {
    constexpr int kCount = 4;
    for (int first = 0; first < kTileVectors; first += kCount) {
        const int32_t* x = in + first * kLanes;
        const int32_t* w = weights;
        Words sums[2][kCount];
        start<kResult>(sums, layer, row);
        add(sums, x, w, layer.inputs / 2);
#pragma GCC unroll 8
        for (int v = 0; v < kCount; ++v)
            finish<kResult>(sums[0][v], sums[1][v], layer, row, place<kResult>(out, row) + (first + v) * kLanes);
    }
}

// A block is kGroup rows at kFixedVectors vectors of pixels. While one is summed up the one before is finished piece by
// piece, so that the processor has multiply-adds to do while a sine's long chain of operations goes on.
template <Result kResult>
void fixed_layer(const Layer& layer, const int32_t* in, int32_t* out) {
    const int pairs = layer.inputs / 2;
    // Between two pieces; a piece is two rows at a vector of pixels.
    const int step = pairs / (kGroup / 2 * kFixedVectors);
    const int groups = layer.outputs / kGroup;
    Words waiting[kGroup][kFixedVectors];
    int waiting_row = 0;
    int waiting_pixel = 0;
    {
        const int32_t* x = in;
        const int32_t* weights = layer.pairs;
        start<kResult>(waiting, layer, 0);
        add(waiting, x, weights, pairs);
    }
    for (int block = 1; block < groups * kFixedBlocks; ++block) {
        const int row = block / kFixedBlocks * kGroup;
        const int pixel = block % kFixedBlocks * kFixedVectors * kLanes;
        const int32_t* x = in + pixel;
        const int32_t* weights = layer.pairs + static_cast<size_t>(row) * pairs;
        Words sums[kGroup][kFixedVectors];
        start<kResult>(sums, layer, row);
#pragma GCC unroll 8
        for (int r = 0; r < kGroup; r += 2)
#pragma GCC unroll 8
            for (int v = 0; v < kFixedVectors; ++v) {
                add(sums, x, weights, step);
                finish<kResult>(waiting[r][v], waiting[r + 1][v], layer, waiting_row + r,
                                place<kResult>(out, waiting_row + r) + waiting_pixel + v * kLanes);
            }
        add(sums, x, weights, pairs - kGroup / 2 * kFixedVectors * step);
#pragma GCC unroll 8
        for (int r = 0; r < kGroup; ++r)
#pragma GCC unroll 8
            for (int v = 0; v < kFixedVectors; ++v) waiting[r][v] = sums[r][v];
        waiting_row = row;
        waiting_pixel = pixel;
    }
#pragma GCC unroll 8
    for (int r = 0; r < kGroup; r += 2)
#pragma GCC unroll 8
        for (int v = 0; v < kFixedVectors; ++v)
            finish<kResult>(waiting[r][v], waiting[r + 1][v], layer, waiting_row + r,
                            place<kResult>(out, waiting_row + r) + waiting_pixel + v * kLanes);
    const int row = groups * kGroup;
    if (row < layer.outputs) fixed_rest<kResult>(layer, row, in, layer.pairs + static_cast<size_t>(row) * pairs, out);
}

template <class Upsampling>
void fixed_first(const Siren& siren, const Tile& tile, int32_t* out) {
    for (int i = 0; i < kTileVectors; ++i) {
        const FirstLayer<Upsampling> first(siren, tile, i);
        int32_t* target = out + i * kLanes;
        // One step behind, so that fewer operations wait for one another.
        Lanes even = first(0), odd = first(1);
        for (int c = 2; c < siren.channels; c += 2, target += kTilePixels) {
            const Lanes next_even = first(c), next_odd = first(c + 1);
            *(Words*)target = pair(rounded(sine(even), kFineOne), rounded(sine(odd), kFineOne));
            even = next_even;
            odd = next_odd;
        }
        *(Words*)target = pair(rounded(sine(even), kFineOne), rounded(sine(odd), kFineOne));
    }
}

void siren_fixed16(const Siren& siren, const Tile& tile, float* scratch) {
    auto* in = reinterpret_cast<int32_t*>(scratch);
    auto* out = reinterpret_cast<int32_t*>(scratch + kMaxChannels * kTilePixels);
    if (!siren.coarse.values)
        fixed_first<NoUpsampling>(siren, tile, in);
    else if (tile.loose)
        fixed_first<LooseUpsampling>(siren, tile, in);
    else
        fixed_first<SegmentUpsampling>(siren, tile, in);
    fetch_ahead(siren, tile);
    const bool fixed_last = siren.last->pairs != nullptr;
    for (int i = 0; i < siren.hidden_count; ++i) {
        const Layer& layer = siren.hidden[i];
        if (i + 1 < siren.hidden_count)
            fixed_layer<Result::kFine>(layer, in, out);
        else if (fixed_last)
            fixed_layer<Result::kCoarse>(layer, in, out);
        else
            fixed_layer<Result::kSines>(layer, in, out);
        int32_t* const used = in;
        in = out;
        out = used;
    }
    auto* result = reinterpret_cast<float*>(out);
    if (fixed_last)
        fixed_layer<Result::kValues>(*siren.last, in, out);
    else
        float_layer<false>(*siren.last, reinterpret_cast<const float*>(in), result);
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
