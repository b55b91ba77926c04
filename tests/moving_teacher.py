"""A teacher for tests that knows by a formula where everything goes: exact, and far faster than networks."""

from __future__ import annotations

import torch
from torch import Tensor

from tests.synthetic import synthetic_character
from tha4_core.picture.region import Region, as_region
from tha4_core.pose import NAMES
from tha4_core.student import FACE_EDGE, FACE_LEFT, FACE_TOP, paste_face, position_grid, warp
from tha4_core.teacher import TeacherOutput

_MOUTH = NAMES.index("mouth_aaa")
_EYES = NAMES.index("eye_wink_left")
_TURN = NAMES.index("head_y")
_LEAN = NAMES.index("neck_z")


class MovingTeacher:
    """The made-up character: its mouth darkens a rectangle, its eye another, its head turns and leans smoothly."""

    def __init__(self) -> None:
        self.image = torch.from_numpy(synthetic_character().network_image)
        self.provenance = {"teacher": "a formula"}
        #: Poses asked for so far, of the face and of everything.
        self.asked = [0, 0]

    def pose(self, poses: Tensor, region: Region | None = None) -> TeacherOutput:
        self.asked[1] += len(poses)
        poses = poses.cpu()
        x, y, width, height = as_region(region)
        face = paste_face(self.image.expand(len(poses), -1, -1, -1), self._faces(poses))  # (n, 4, 512, 512)
        grid = position_grid(512)
        up = torch.sigmoid(-4.0 * grid[:, 1:])  # 1 at the head, 0 at the feet; (1, 1, 512, 512)
        turn, lean = (poses[:, index].view(-1, 1, 1, 1) for index in (_TURN, _LEAN))
        flow = up * torch.cat((0.05 * turn + 0.08 * lean * (1.0 - grid[:, 1:]), 0.02 * lean * grid[:, :1]), dim=1)
        warped = warp(face, flow)
        alpha = 0.3 * turn.abs() * up
        direct = torch.full_like(warped, 0.2)
        parts = ((1.0 - alpha) * warped + alpha * direct, alpha, warped, flow, direct, face)
        return TeacherOutput(*(part[..., y : y + height, x : x + width] for part in parts), half=None)

    def pose_face(self, poses: Tensor) -> Tensor:
        self.asked[0] += len(poses)
        return self._faces(poses.cpu())

    def _faces(self, poses: Tensor) -> Tensor:
        rest = self.image[:, FACE_TOP : FACE_TOP + FACE_EDGE, FACE_LEFT : FACE_LEFT + FACE_EDGE]
        faces = rest.repeat(len(poses), 1, 1, 1)
        for index, (rows, columns) in {
            _MOUTH: (slice(90, 100), slice(50, 78)),
            _EYES: (slice(58, 70), slice(34, 54)),
        }.items():
            amount = poses[:, index].view(-1, 1, 1, 1)
            faces[:, :3, rows, columns] -= amount * (faces[:, :3, rows, columns] + 1.0)
        return faces
