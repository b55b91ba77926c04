// The picture at twice or four times its edge, from a larger drawing, with the face as a pose shows it.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "kernels.h"
#include "pages.h"

namespace tha4 {

// Where the face's grid lies in the picture.
struct FacePlace {
    int left, top, edge;
};

// The face in it is what the face morpher paints, enlarged (Catmull-Rom), and where the pose changes nothing the
// drawing's own detail: what it has at rest beyond the resting face, enlarged. See tha4_core/engines/larger.py.
class LargerPicture {
  public:
    // How far around a pixel of the face its neighbours are read, in pixels of the face's grid.
    static constexpr int kReach = 2;

    // drawing: straight-alpha sRGB RGBA8 of drawing_edge pixels a side, `times` times `edge` or twice that.
    // edge: the small picture's. rest: the face morpher's answer at rest, [channel][face.edge][face.edge].
    LargerPicture(const uint8_t* drawing, int drawing_edge, int edge, int times, FacePlace face, const float* rest);

    // Paints a segment of the face (a pixel for a pixel of its grid). answer: the face morpher's, of which the pixels
    // within kReach must be known.
    void paint(const Grid& answer, int x, int y);

    int edge() const { return edge_; }
    // [edge()][edge()][4], linear premultiplied.
    const float* values() const { return picture_.data(); }

    static uint64_t memory(int edge, int times, int face_edge) {
        const uint64_t pixels = static_cast<uint64_t>(edge) * edge + static_cast<uint64_t>(face_edge) * face_edge;
        return pixels * times * times * 4 * sizeof(float);
    }

  private:
    const int times_, edge_;
    const FacePlace face_;
    LargeVector<float> picture_;
    LargeVector<float> rest_;    // [face.edge][face.edge][4]
    LargeVector<float> detail_;  // [face.edge * times][face.edge * times][4]
};

}  // namespace tha4
