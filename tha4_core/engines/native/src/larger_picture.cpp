#include "larger_picture.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "four.h"
#include "picture.h"

namespace tha4 {
namespace {

// Difference from the resting face, the most of a pixel and its eight neighbours in the networks' units, from which the
// drawing's detail fades, and at which it is gone.
constexpr float kFadeFrom = 0.2f, kFadeTo = 0.8f;
constexpr int kMostTimes = 4;
constexpr int kReach = LargerPicture::kReach;
constexpr int kColumns = kSegmentPixels + 2 * kReach;

// Of one of the `times` pixels that one becomes: the first of four pixels to be read and their weights (Catmull-Rom),
// and of the second and third alone (bilinear), as distances from that one.
struct Taps {
    int first;
    std::array<float, 4> cubic;
    float linear;  // weight of the third; the second has the rest
};

std::array<Taps, kMostTimes> taps_of(int times) {
    std::array<Taps, kMostTimes> taps{};
    for (int i = 0; i < times; ++i) {
        const double place = (i + 0.5) / times - 0.5;
        const int below = static_cast<int>(std::floor(place));
        const double t = place - below;
        taps[i].first = below - 1;
        taps[i].cubic = {
            static_cast<float>(((-0.5 * t + 1.0) * t - 0.5) * t), static_cast<float>((1.5 * t - 2.5) * t * t + 1.0),
            static_cast<float>(((-1.5 * t + 2.0) * t + 0.5) * t), static_cast<float>((0.5 * t - 0.5) * t * t)};
        taps[i].linear = static_cast<float>(t);
    }
    return taps;
}

// A segment of a face and what is read around it, edges repeated.
struct Surroundings {
    Four face[1 + 2 * kReach][kColumns];

    // pixel: of a place in the face's grid.
    template <class Pixel>
    Surroundings(int x, int y, int edge, const Pixel& pixel) {
        for (int i = 0; i < 1 + 2 * kReach; ++i)
            for (int j = 0; j < kColumns; ++j)
                face[i][j] = pixel(std::clamp(x + j - kReach, 0, edge - 1), std::clamp(y + i - kReach, 0, edge - 1));
    }

    // Calls done(row, column, value) for each of the pixels that the segment becomes.
    template <class Done>
    void enlarge(int times, const Done& done) const {
        const std::array<Taps, kMostTimes> taps = taps_of(times);
        for (int j = 0; j < times; ++j) {
            const Taps& down = taps[j];
            const int top = kReach + down.first;
            Four line[kColumns];
            for (int i = 0; i < kColumns; ++i)
                line[i] = face[top][i] * down.cubic[0] + face[top + 1][i] * down.cubic[1] +
                          face[top + 2][i] * down.cubic[2] + face[top + 3][i] * down.cubic[3];
            for (int i = 0; i < kSegmentPixels * times; ++i) {
                const Taps& across = taps[i % times];
                const Four* const left = line + kReach + i / times + across.first;
                done(j, i,
                     left[0] * across.cubic[0] + left[1] * across.cubic[1] + left[2] * across.cubic[2] +
                         left[3] * across.cubic[3]);
            }
        }
    }
};

// How much of the drawing's detail stays, 0 to 1, around a segment.
class Kept {
  public:
    // (x, y): the segment, in a grid of `edge`.
    Kept(const Surroundings& face, const Surroundings& rest, int x, int y, int edge) {
        float change[kRows + 2][kColumns];
        for (int i = 0; i < kRows + 2; ++i)
            for (int j = 0; j < kColumns; ++j) {
                const Four difference = face.face[i][j] - rest.face[i][j];
                change[i][j] = 0.0f;
                for (int c = 0; c < THA4_FACE_CHANNELS; ++c)
                    change[i][j] = std::max(change[i][j], std::fabs(difference[c]));
            }
        for (int i = 0; i < kRows; ++i)
            for (int j = 0; j < kWidth; ++j) {
                const int row = std::clamp(y + i - 1, 0, edge - 1) - y + kReach;
                const int column = std::clamp(x + j - 1, 0, edge - 1) - x + kReach;
                float most = 0.0f;
                for (int k = 0; k < 9; ++k) most = std::max(most, change[row - 1 + k / 3][column - 1 + k % 3]);
                kept_[i][j] = 1.0f - std::clamp((most - kFadeFrom) / (kFadeTo - kFadeFrom), 0.0f, 1.0f);
            }
    }

    // At a pixel that the segment becomes: bilinear.
    float at(const Taps& down, const Taps& across, int column) const {
        const float* const upper = kept_[1 + down.first + 1] + column + 1 + across.first + 1;
        const float* const lower = upper + kWidth;
        const float left = upper[0] + (lower[0] - upper[0]) * down.linear;
        const float right = upper[1] + (lower[1] - upper[1]) * down.linear;
        return left + (right - left) * across.linear;
    }

  private:
    static_assert(kReach == 2);
    static constexpr int kRows = 3, kWidth = kSegmentPixels + 2;
    float kept_[kRows][kWidth];
};

}  // namespace

LargerPicture::LargerPicture(const uint8_t* drawing, int drawing_edge, int edge, int times, FacePlace face,
                             const float* rest)
    : times_(times),
      edge_(edge * times),
      face_(face),
      picture_(static_cast<size_t>(edge_) * edge_ * 4),
      rest_(static_cast<size_t>(face.edge) * face.edge * 4),
      detail_(static_cast<size_t>(face.edge) * face.edge * times * times * 4) {
    average_picture(drawing, drawing_edge, edge_, picture_.data());
    const size_t pixels = static_cast<size_t>(face.edge) * face.edge;
    for (size_t i = 0; i < pixels; ++i)
        for (size_t c = 0; c < 4; ++c) rest_[i * 4 + c] = rest[c * pixels + i];
    for (int y = 0; y < face.edge; ++y)
        for (int x = 0; x < face.edge; x += kSegmentPixels) {
            const Surroundings around(x, y, face.edge, [this](int column, int row) {
                return four_at(&rest_[(static_cast<size_t>(row) * face_.edge + column) * 4]);
            });
            around.enlarge(times, [&](int j, int i, Four value) {
                const int row = y * times_ + j, column = x * times_ + i;
                const size_t at =
                    (static_cast<size_t>(face_.top * times_ + row) * edge_ + face_.left * times_ + column) * 4;
                const Four detail = four_at(&picture_[at]) - value;
                std::memcpy(&detail_[(static_cast<size_t>(row) * face_.edge * times_ + column) * 4], &detail,
                            sizeof detail);
            });
        }
}

void LargerPicture::paint(const Grid& answer, int x, int y) {
    const Surroundings face(x, y, face_.edge, [&](int column, int row) {
        const float* const pixel = answer.at(column, row);
        return Four{pixel[0], pixel[kSegmentPixels], pixel[2 * kSegmentPixels], pixel[3 * kSegmentPixels]};
    });
    const Surroundings rest(x, y, face_.edge, [this](int column, int row) {
        return four_at(&rest_[(static_cast<size_t>(row) * face_.edge + column) * 4]);
    });
    const Kept kept(face, rest, x, y, face_.edge);
    const std::array<Taps, kMostTimes> taps = taps_of(times_);
    face.enlarge(times_, [&](int j, int i, Four value) {
        const int row = y * times_ + j, column = x * times_ + i;
        const float* const detail = &detail_[(static_cast<size_t>(row) * face_.edge * times_ + column) * 4];
        const Four painted = value + four_at(detail) * kept.at(taps[j], taps[i % times_], i / times_);
        const size_t at = (static_cast<size_t>(face_.top * times_ + row) * edge_ + face_.left * times_ + column) * 4;
        std::memcpy(&picture_[at], &painted, sizeof painted);
    });
}

}  // namespace tha4
