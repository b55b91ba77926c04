// A siren in float32. Included by each isa_*.cpp inside its unnamed namespace, after tile.inl and SegmentUpsampling.

// Adding it rounds a float of less than 2^22 to a whole number, which then stands in the lowest bits.
constexpr float kRounder = 12582912.0f;  // 1.5 * 2^23
// sin(pi r) for r in [-1/2, 1/2], odd, smallest largest error: 6e-7.
constexpr float kSine1 = 3.141582022151253f;
constexpr float kSine3 = -5.167142796390344f;
constexpr float kSine5 = 2.5418990277719704f;
constexpr float kSine7 = -0.5546361975219487f;

// sin(pi r) for |r| <= 1/2.
THA4_INLINE Lanes near_sine(Lanes r) {
    const Lanes s = r * r;
    return (((kSine7 * s + kSine5) * s + kSine3) * s + kSine1) * r;
}

// sin(pi t) for |t| < 2^22, within 1e-6 of the sine of the float t.
THA4_INLINE Lanes sine(Lanes t) {
    const Lanes whole = t + kRounder;
    const Lanes near = near_sine(t - (whole - kRounder));
    return (Lanes)((Bits)near ^ ((Bits)whole << 31));
}

constexpr int kLinesAhead = 32 * kMaxChannels;  // more than there are: all of them
// Of what is fetched ahead, for each block.
constexpr int kLinesAtOnce = 16 * kVectors / kTileVectors;

// Vectors of pixels that `kRows` outputs are computed at: more where few rows would leave few independent sums.
template <int kRows>
constexpr int float_vectors() {
    int vectors = kVectors;
    while (2 * vectors * kRows <= 8 && 2 * vectors <= kTileVectors) vectors *= 2;
    return vectors;
}

// Sines of `kRows` outputs at kCount vectors of pixels, in place. A function of its own: inlined, its constants would
// take registers from the sums of the loop before it.
template <int kRows, int kCount>
THA4_APART void sine_block(float* values) {
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 8
        for (int v = 0; v < kCount; ++v) {
            auto* value = (Lanes*)(values + r * kTilePixels + v * kLanes);
            *value = sine(*value);
        }
}

// `kRows` outputs of a layer at kCount vectors of pixels.
template <int kRows, int kCount, bool kSine>
THA4_INLINE void float_block(const float* in, int inputs, const float* weights, const float* bias, float* out) {
    Lanes sums[kRows][kCount];
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 8
        for (int v = 0; v < kCount; ++v) sums[r][v] = all(bias ? bias[r] : 0.0f);
    for (int k = 0; k < inputs; ++k, in += kTilePixels, weights += kRows) {
        Lanes x[kCount];
#pragma GCC unroll 8
        for (int v = 0; v < kCount; ++v) x[v] = *(const Lanes*)(in + v * kLanes);
#pragma GCC unroll 8
        for (int r = 0; r < kRows; ++r) {
            const Lanes weight = all(weights[r]);
#pragma GCC unroll 8
            for (int v = 0; v < kCount; ++v) sums[r][v] += weight * x[v];
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 8
        for (int v = 0; v < kCount; ++v) *(Lanes*)(out + r * kTilePixels + v * kLanes) = sums[r][v];
    if (kSine) sine_block<kRows, kCount>(out);
}

// `kRows` outputs of a layer at all pixels.
template <int kRows, bool kSine>
THA4_INLINE void float_rows(const float* in, int inputs, const float* weights, const float* bias, float* out) {
    constexpr int kCount = float_vectors<kRows>();
    for (int pixel = 0; pixel < kTilePixels; pixel += kCount * kLanes)
        float_block<kRows, kCount, kSine>(in + pixel, inputs, weights, bias, out + pixel);
}

template <bool kSine>
void float_layer(const Layer& layer, const float* in, float* out) {
    const float* weights = layer.weights;
    for (int row = 0; row < layer.outputs; row += kGroup) {
        const int rows = layer.outputs - row < kGroup ? layer.outputs - row : kGroup;
        const float* bias = layer.bias ? layer.bias + row : nullptr;
        float* target = out + row * kTilePixels;
        switch (rows) {
            case 6:
                float_rows<6, kSine>(in, layer.inputs, weights, bias, target);
                break;
            case 5:
                float_rows<5, kSine>(in, layer.inputs, weights, bias, target);
                break;
            case 4:
                float_rows<4, kSine>(in, layer.inputs, weights, bias, target);
                break;
            case 3:
                float_rows<3, kSine>(in, layer.inputs, weights, bias, target);
                break;
            case 2:
                float_rows<2, kSine>(in, layer.inputs, weights, bias, target);
                break;
            default:
                float_rows<1, kSine>(in, layer.inputs, weights, bias, target);
        }
        weights += static_cast<size_t>(rows) * layer.inputs;
    }
}

// All arguments are computed before the first sine: as two short chains of operations more of them go on at once than
// as a long one.
template <class Upsampling>
void float_first(const Siren& siren, const Tile& tile, float* out, CoarseAnswer& answer) {
    const int channels = siren.channels;
    for (int i = 0; i < kTileVectors; ++i) {
        const FirstLayer<Upsampling> first(siren, tile, i);
        answer.keep(siren, first, i);
        for (int c = 0; c < channels; ++c) *(Lanes*)(out + c * kTilePixels + i * kLanes) = first(c);
    }
    FetchAhead ahead(siren, tile);
    for (int c = 0; c < channels; ++c, out += kTilePixels) {
        ahead.fetch(kLinesAtOnce);
        for (int i = 0; i < kTilePixels; i += kLanes) *(Lanes*)(out + i) = sine(*(const Lanes*)(out + i));
    }
    ahead.fetch(kLinesAhead);
}

void siren_float32(const Siren& siren, const Tile& tile, float* in, float* out) {
    CoarseAnswer answer;
    if (!siren.coarse.values)
        float_first<NoUpsampling>(siren, tile, in, answer);
    else if (tile.loose)
        float_first<LooseUpsampling>(siren, tile, in, answer);
    else
        float_first<SegmentUpsampling>(siren, tile, in, answer);
    for (int i = 0; i < siren.hidden_count; ++i) {
        float_layer<true>(siren.hidden[i], in, out);
        float* const used = in;
        in = out;
        out = used;
    }
    float_layer<false>(*siren.last, in, out);
    answer.add_to(siren, out);
    store(siren.out, tile, out);
}

double float_peak(int rounds, float* values) {
    constexpr int kSums = kVectors * kGroup;
    Lanes sums[kSums];
    for (int i = 0; i < kSums; ++i) sums[i] = all(values[0] + static_cast<float>(i));
    const Lanes factor = all(values[0]), term = all(values[1]);
    for (int round = 0; round < rounds; ++round)
#pragma GCC unroll 32
        for (int i = 0; i < kSums; ++i) sums[i] = sums[i] * factor + term;
    for (int i = 1; i < kSums; ++i) sums[0] += sums[i];
    values[0] = sums[0][0];
    return static_cast<double>(rounds) * kSums * kLanes;
}

constexpr Yardstick kFloatYardstick{float_layer<true>, float_peak};
