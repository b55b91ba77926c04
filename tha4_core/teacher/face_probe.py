"""A teacher that looks for faces: its face morpher alone, at two poses (:mod:`tha4_core.drawing.face` reads them)."""

from __future__ import annotations

import numpy as np
import torch

from tha4_core.drawing.face import FaceProbe, FaceResponse, Map
from tha4_core.pose import FACE_SIZE, pose_from_names
from tha4_core.teacher.eyebrow_morphing_combiner import EYEBROW_POSE_SIZE
from tha4_core.teacher.system import Teacher


def face_probe(teacher: Teacher) -> FaceProbe:
    """Shows ``teacher`` squares of a drawing. The eyebrow networks are left out: a face is seen without them."""
    poses = np.stack([pose_from_names(values) for values in _POSES])
    shown = torch.from_numpy(poses[:, EYEBROW_POSE_SIZE:FACE_SIZE]).to(teacher.device)  # (2, 27)

    def probe(face: Map) -> FaceResponse:
        image = torch.from_numpy(np.ascontiguousarray(face, dtype=np.float32)).to(teacher.device)  # (4, 192, 192)
        with torch.inference_mode():
            morphed = teacher.networks.face_morpher(image.expand(len(shown), -1, -1, -1), shown)
            # Before the eyes are painted the two pictures differ by the mouth alone.
            mouth = (morphed.iris_mouth[0] - morphed.iris_mouth[1]).abs().mean(dim=0)  # (192, 192)
            left, right = morphed.eye_alpha[:, 0]  # (192, 192) each
        return FaceResponse(*(changed.float().cpu().numpy() for changed in (left, right, mouth)))

    return probe


#: One eye each, and the mouth with the first of them: eyes and mouth are painted by different parts of the network.
_POSES = ({"eye_wink_left": 1.0, "mouth_aaa": 1.0}, {"eye_wink_right": 1.0})
