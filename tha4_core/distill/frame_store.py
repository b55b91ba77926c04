"""Teacher's pictures in memory, far fewer than a training looks at: each is learned from many times.

Frame i is that of pose i of the training's stream. A store of capacity c holds the newest c frames asked for, so that
it follows from a number alone which frames those are, and a training that goes on asks for them again. Pictures are
kept as float16, whose steps (1/2048 of the value) are well below what a student of 36 dB gets wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from tha4_core.character.networks import PUBLISHED
from tha4_core.picture.region import PICTURE_SIZE
from tha4_core.pose import SIZE
from tha4_core.student import FACE_EDGE, FACE_LEFT, FACE_TOP
from tha4_core.teacher.interface import CharacterTeacher

#: Alphas from this on count as seen, in [-1, 1]: 3/255 (:mod:`tha4_core.visibility`).
_SEEN = 2.0 * 2.5 / 255.0 - 1.0
#: What a body learns of a frame: the picture's eleven channels and the face as float16, flow and places on level 0's
#: grid.
FRAME_BYTES: Final = 2 * (11 * PICTURE_SIZE**2 + 4 * FACE_EDGE**2) + (2 * 4 + 1) * PUBLISHED.body[0].grid ** 2
#: Pixels around the face that a sample may read together with the face's own.
_RIM = 1


class Rolling:
    """Which frames a store holds: the newest ``capacity`` of those asked for; frame i in slot i mod capacity."""

    def __init__(self, capacity: int, remember: Callable[[int, int], None]) -> None:
        """remember: called with frame and slot when a frame is to be asked for."""
        self.capacity = capacity
        self.asked = 0
        self._remember = remember
        self._missing = 0

    def __len__(self) -> int:
        return min(self.asked, self.capacity)

    def frames(self) -> Tensor:
        """Which frame each slot holds that holds one, int64."""
        slots = torch.arange(len(self))
        return slots + (self.asked - 1 - slots) // self.capacity * self.capacity

    def ask_until(self, count: int) -> None:
        """Ask for more frames until there have been ``count``."""
        for frame in range(max(0, self._missing - self.capacity), self._missing):
            self._remember(frame, frame % self.capacity)
        self._missing = 0
        while self.asked < count:
            self._remember(self.asked, self.asked % self.capacity)
            self.asked += 1

    def restore(self, count: int) -> None:
        """Hold what a store held that had asked for ``count`` frames.

        From the next :meth:`ask_until` on, that is: who only wants the network as it is needs no frames.
        """
        self.asked = self._missing = count


class BodyFrames:
    """Everything that a body morpher learns from, in the memory of a device, but for ``seen``, which says what to draw.

    poses: (c, 45). pictures: (c, 11, 512, 512) float16, flow x and y, alpha, direct and final. faces: (c, 4, 128, 128)
    float16, the posed face, which with the drawing around it is what the flow samples. coarse: (c, 2, grid, grid), the
    flow on level 0's grid. seen: (c, grid, grid) bool, on the CPU: on that grid, where anything is to be seen within a
    pixel of it.
    """

    def __init__(
        self,
        teacher: CharacterTeacher,
        poses: Callable[[int], Tensor],
        capacity: int,
        device: torch.device,
        grid: int = PUBLISHED.body[0].grid,
    ) -> None:
        """grid: edge of level 0's."""
        self._teacher = teacher
        self._stream = poses
        self.rolling = Rolling(capacity, self._remember)
        self.image = teacher.image.to(device)
        self.poses = torch.zeros(capacity, SIZE, device=device)
        # Not zeros: memory that no frame has come to is never touched.
        self.pictures = torch.empty(capacity, 11, PICTURE_SIZE, PICTURE_SIZE, dtype=torch.float16, device=device)
        self.faces = torch.empty(capacity, 4, FACE_EDGE, FACE_EDGE, dtype=torch.float16, device=device)
        self.coarse = torch.zeros(capacity, 2, grid, grid, device=device)
        self.seen = torch.zeros(capacity, grid, grid, dtype=torch.bool)
        self._face_corner = torch.tensor((FACE_LEFT - _RIM, FACE_TOP - _RIM), device=device)

    def __len__(self) -> int:
        return len(self.rolling)

    def sampled(self, slots: Tensor, grid: Tensor) -> Tensor:
        """The drawings with the frames' faces in them, sampled: slots (n,), grid (n, h, w, 2) in [-1, 1], as torch's
        grid_sample takes it -> (4, n, h, w), with gradients for the grid.

        No whole picture is made for it: what reads the face's pixels is sampled from the faces, all else from the one
        drawing.
        """
        count, height, width, _ = grid.shape
        around = functional.grid_sample(
            self.image[None], grid.reshape(1, count * height, width, 2), padding_mode="border", align_corners=False
        )  # (1, 4, n * h, w)
        edge = FACE_EDGE + 2 * _RIM
        top, left = FACE_TOP - _RIM, FACE_LEFT - _RIM
        faces = self.image[:, top : top + edge, left : left + edge].repeat(count, 1, 1, 1)  # (n, 4, edge, edge)
        faces[:, :, _RIM:-_RIM, _RIM:-_RIM] = self.faces[slots].float()
        places = ((grid + 1.0) * PICTURE_SIZE - 1.0) * 0.5 - self._face_corner  # in the faces' pixels, (n, h, w, 2)
        inside = functional.grid_sample(
            faces, (2.0 * places + 1.0) / edge - 1.0, padding_mode="border", align_corners=False
        )  # (n, 4, h, w)
        in_face = ((places >= 0.0) & (places < edge - 1)).all(dim=-1)  # (n, h, w)
        return torch.where(in_face, inside.transpose(0, 1), around.view(-1, count, height, width))

    def windows(self, slots: Tensor, corners: Tensor, edge: int) -> Tensor:
        """Squares of ``pictures``: slots (B,), corners (B, 2), row and column -> (11, B, edge, edge), float32."""
        along = torch.arange(edge, device=corners.device)
        rows, columns = (corners[:, axis, None] + along for axis in (0, 1))  # (B, edge)
        pixels = PICTURE_SIZE * rows[:, :, None] + columns[:, None, :]  # (B, edge, edge)
        cut = self.pictures.flatten(2)[slots[:, None, None], :, pixels]  # (B, edge, edge, 11)
        return cut.permute(3, 0, 1, 2).to(torch.float32, memory_format=torch.contiguous_format)

    def _remember(self, frame: int, slot: int) -> None:
        pose = self._stream(frame)
        made = self._teacher.pose(pose[None])
        parts = [part.to(self.image.device).float() for part in (made.flow, made.alpha, made.direct, made.final)]
        self.poses[slot] = pose
        self.pictures[slot] = torch.cat(parts, dim=1)[0]
        self.faces[slot] = made.face[0, :, FACE_TOP : FACE_TOP + FACE_EDGE, FACE_LEFT : FACE_LEFT + FACE_EDGE]
        edges = self.coarse.shape[2:]
        self.coarse[slot] = functional.interpolate(parts[0], edges, mode="bilinear", align_corners=False)[0]
        seen = (made.final[:, 3:].cpu() > _SEEN).float()
        factor = PICTURE_SIZE // edges[0]
        margin = max(1, factor // 2)
        self.seen[slot] = functional.max_pool2d(seen, factor + 2 * margin, stride=factor, padding=margin)[0, 0] > 0


class FaceFrames:
    """Everything that a face morpher learns from, on a device: poses (c, 45), and faces (c, 4, 128 * 128), float16."""

    def __init__(
        self, teacher: CharacterTeacher, poses: Callable[[int], Tensor], capacity: int, device: torch.device
    ) -> None:
        self._teacher = teacher
        self._stream = poses
        self.rolling = Rolling(capacity, self._remember)
        self.poses = torch.zeros(capacity, SIZE, device=device)
        self.faces = torch.empty(capacity, 4, FACE_EDGE * FACE_EDGE, dtype=torch.float16, device=device)

    def __len__(self) -> int:
        return len(self.rolling)

    def _remember(self, frame: int, slot: int) -> None:
        pose = self._stream(frame)
        self.poses[slot] = pose
        self.faces[slot] = self._teacher.pose_face(pose[None])[0].flatten(1)
