"""THA3's five networks in a chain: THA4's three for the face, then another rotator and editor (THA3.md section 3)."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

from tha4_core.picture.region import PICTURE_SIZE
from tha4_core.pose import FACE_SIZE
from tha4_core.teacher.editor import Edited, Editor
from tha4_core.teacher.image_forming import resize
from tha4_core.teacher.interface import Formed
from tha4_core.teacher.networks import FaceNetworks, FaceStage, PictureStage
from tha4_core.teacher.two_algo_face_body_rotator import Rotated, TwoAlgoFaceBodyRotator


class Tha3Output(NamedTuple):
    """Everything that the system makes of n poses; ``picture`` may be one for all of them."""

    picture: PictureStage
    face: FaceStage
    rotated: Rotated
    edited: Edited

    @property
    def half(self) -> Formed:
        """At 256x256."""
        return self.rotated.formed

    @property
    def final(self) -> Formed:
        """At 512x512."""
        return self.edited.formed

    def official(self) -> list[Tensor]:
        """The 29 outputs of the official poser, in its order; its face morpher keeps its flow to itself."""
        return [
            *self.edited,
            *self.rotated,
            *self.face.morphed[:-1],
            *self.face.combined,
            *self.picture.decomposed,
        ]


class Tha3Networks(FaceNetworks):
    """The five networks, all standard or all separable."""

    two_algo_face_body_rotator: TwoAlgoFaceBodyRotator
    editor: Editor

    def forward(self, image: Tensor, poses: Tensor) -> Tha3Output:
        """image: (n, 4, 512, 512), or (1, 4, 512, 512) for all; poses: (n, 45)."""
        return self.pose(self.look(image), poses)

    def pose(self, picture: PictureStage, poses: Tensor) -> Tha3Output:
        """picture: of n pictures, or of one for all poses; poses (n, 45)."""
        face = self.pose_face(picture, poses)
        return Tha3Output(picture, face, *self.pose_body(face.full, poses))

    def pose_body(self, full: Tensor, poses: Tensor) -> tuple[Rotated, Edited]:
        """full: (n, 4, 512, 512) with posed faces; poses (n, 45) -> at half resolution, and at the whole."""
        body_pose = poses[:, FACE_SIZE:]
        rotated: Rotated = self.two_algo_face_body_rotator(resize(full, PICTURE_SIZE // 2), body_pose)
        coarse, coarse_flow = resize(rotated.warped, PICTURE_SIZE), resize(rotated.flow, PICTURE_SIZE)
        edited: Edited = self.editor(full, coarse, coarse_flow, body_pose)
        return rotated, edited
