// upsample() for vectors of four pixels, half a segment. Included inside the unnamed namespace, after lanes.inl.

THA4_INLINE Lanes upsample(const Place& place, int vector, size_t channel) {
    const int segment = vector / 2;
    // Fine pixels 0 to 3 lie between coarse pixels -1 to 2, fine pixels 4 to 7 between 1 to 4.
    const size_t start = channel + vector % 2 * 2;
    const float* above = place.above[segment] + start;
    const float* below = place.below[segment] + start;
    const float weight = place.weight[segment];
    float coarse[4];
    for (int i = 0; i < 4; ++i) coarse[i] = (below[i] - above[i]) * weight + above[i];
    return Lanes{(coarse[1] - coarse[0]) * 0.75f + coarse[0], (coarse[2] - coarse[1]) * 0.25f + coarse[1],
                 (coarse[2] - coarse[1]) * 0.75f + coarse[1], (coarse[3] - coarse[2]) * 0.25f + coarse[2]};
}
