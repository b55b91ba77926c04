"""THA4's five networks in a chain: what is cut out of the picture, posed, and pasted back (TEACHER.md section 3).

The chain builds gradients as any module does, for training; :mod:`tha4_core.teacher.system` is for everything else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn

from tha4_core.picture.region import PICTURE_SIZE, Region
from tha4_core.pose import FACE_SIZE
from tha4_core.teacher.body_morpher import BodyMorpher
from tha4_core.teacher.eyebrow_decomposer import Decomposed, EyebrowDecomposer
from tha4_core.teacher.eyebrow_morphing_combiner import EYEBROW_POSE_SIZE, Combined, EyebrowMorphingCombiner
from tha4_core.teacher.face_morpher import FaceMorpher, MorphedFace, SeparableFaceMorpher
from tha4_core.teacher.image_forming import resize
from tha4_core.teacher.interface import Formed
from tha4_core.teacher.upscaler import Upscaler

#: What the eyebrow networks see of the picture.
EYEBROW_BOX: Final = Region(192, 64, 128, 128)
#: What the face morpher sees of it.
FACE_BOX: Final = Region(160, 32, 192, 192)
_HALF: Final = PICTURE_SIZE // 2

#: The networks by the names of their files, in the order of the chain.
NETWORKS: Final[dict[str, type[nn.Module]]] = {
    "eyebrow_decomposer": EyebrowDecomposer,
    "eyebrow_morphing_combiner": EyebrowMorphingCombiner,
    "face_morpher": FaceMorpher,
    "body_morpher": BodyMorpher,
    "upscaler": Upscaler,
}


class PictureStage(NamedTuple):
    """What the networks know of B pictures before any pose: (B, 4, 512, 512), its layers, (B, 512, 16, 16)."""

    image: Tensor
    decomposed: Decomposed
    eyebrows_encoded: Tensor


class FaceStage(NamedTuple):
    """The face of n poses. full: (n, 4, 512, 512), the picture with the posed face."""

    combined: Combined
    morphed: MorphedFace
    full: Tensor


class SystemOutput(NamedTuple):
    """Everything that the system makes of n poses; ``picture`` may be one for all of them.

    half: of the half-resolution rotator, 256x256; final: of the editor, 512x512.
    """

    picture: PictureStage
    face: FaceStage
    half: Formed
    final: Formed

    def official(self) -> list[Tensor]:
        """The 33 outputs of the official poser's mode 07, in its order."""
        return [
            *self.final,
            self.face.full,
            *self.half,
            *self.face.morphed,
            *self.face.combined,
            *self.picture.decomposed,
        ]


class FaceNetworks(nn.Module):
    """The three networks that pose a face, which THA3 and THA4 share, and the start of both systems' chains."""

    eyebrow_decomposer: EyebrowDecomposer
    eyebrow_morphing_combiner: EyebrowMorphingCombiner
    face_morpher: FaceMorpher | SeparableFaceMorpher

    def __init__(self, networks: Iterable[tuple[str, nn.Module]]) -> None:
        """networks: by name, all five."""
        super().__init__()
        for name, network in networks:
            self.add_module(name, network)

    def look(self, image: Tensor) -> PictureStage:
        """All that depends on the picture alone; image (B, 4, 512, 512)."""
        decomposed: Decomposed = self.eyebrow_decomposer(cut(image, EYEBROW_BOX))
        encoded = self.eyebrow_morphing_combiner.encode(decomposed.background_layer, decomposed.eyebrow_layer)
        return PictureStage(image, decomposed, encoded)

    def pose_face(self, picture: PictureStage, poses: Tensor) -> FaceStage:
        """picture: of n pictures, or of one for all poses; poses (n, 45)."""
        layers = picture.decomposed
        combined = self.eyebrow_morphing_combiner.combine(
            picture.eyebrows_encoded, layers.background_layer, layers.eyebrow_layer, poses[:, :EYEBROW_POSE_SIZE]
        )
        image = picture.image.expand(len(poses), -1, -1, -1)
        brows = EYEBROW_BOX._replace(x=EYEBROW_BOX.x - FACE_BOX.x, y=EYEBROW_BOX.y - FACE_BOX.y)
        face = paste(cut(image, FACE_BOX), combined.eyebrow_image_no_combine_alpha, brows)  # (n, 4, 192, 192)
        morphed: MorphedFace = self.face_morpher(face, poses[:, EYEBROW_POSE_SIZE:FACE_SIZE])
        return FaceStage(combined, morphed, paste(image, morphed.final, FACE_BOX))


class Networks(FaceNetworks):
    """THA4's five networks. New ones hold the initial values of TEACHER.md section 10."""

    body_morpher: BodyMorpher
    upscaler: Upscaler

    def __init__(self, networks: Iterable[tuple[str, nn.Module]] | None = None) -> None:
        """networks: by name, all five; None for new ones."""
        super().__init__(((name, kind()) for name, kind in NETWORKS.items()) if networks is None else networks)

    def forward(self, image: Tensor, poses: Tensor) -> SystemOutput:
        """image: (n, 4, 512, 512), or (1, 4, 512, 512) for all; poses: (n, 45)."""
        return self.pose(self.look(image), poses)

    def pose(self, picture: PictureStage, poses: Tensor) -> SystemOutput:
        """picture: of n pictures, or of one for all poses; poses (n, 45)."""
        face = self.pose_face(picture, poses)
        half, final = self.pose_body(face.full, poses)
        return SystemOutput(picture, face, half, final)

    def pose_body(self, full: Tensor, poses: Tensor) -> tuple[Formed, Formed]:
        """full: (n, 4, 512, 512) with posed faces; poses (n, 45) -> at half resolution, and at the whole."""
        body_pose = poses[:, FACE_SIZE:]
        half: Formed = self.body_morpher(resize(full, _HALF), body_pose)
        coarse, coarse_flow = resize(half.final, PICTURE_SIZE), resize(half.flow, PICTURE_SIZE)
        return half, self.upscaler(full, coarse, coarse_flow, body_pose)


def cut(image: Tensor, box: Region) -> Tensor:
    """(..., H, W) -> (..., box.height, box.width), a view."""
    return image[..., box.y : box.y + box.height, box.x : box.x + box.width]


def paste(image: Tensor, part: Tensor, box: Region) -> Tensor:
    """A copy of ``image`` with ``part`` in ``box``."""
    pasted = image.clone(memory_format=torch.contiguous_format)
    cut(pasted, box).copy_(part)
    return pasted
