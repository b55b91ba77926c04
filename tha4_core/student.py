"""The two student networks of one character, in torch: what is trained, and what every engine must match.

STUDENT.md sections 1-5; the paper's section 5 (arXiv 2311.17409). Their grids, layers and widths are what a character
says (:mod:`tha4_core.character.networks`); where nothing is said, the published ones. Pictures are RGBA, linear light,
premultiplied, in [-1, 1]; nothing is clamped inside. State-dict names equal the official ones, where there are such.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tha4_core.character import Character
from tha4_core.character.networks import BODY_CHANNELS, FACE_CHANNELS, FACE_GRID, PUBLISHED, Networks
from tha4_core.character.networks import FACE_LEFT as FACE_LEFT
from tha4_core.character.networks import FACE_TOP as FACE_TOP
from tha4_core.character.networks import OMEGA as OMEGA
from tha4_core.picture.region import PICTURE_SIZE
from tha4_core.pose import FACE_SIZE, SIZE

#: Pixels a side of the square that the face morpher paints: rows FACE_TOP.., columns FACE_LEFT.. of the picture.
FACE_EDGE: Final = FACE_GRID


class SineLayer(nn.Module):
    """``sin(30 (W x + b))`` at every pixel; (B, in, H, W) -> (B, out, H, W)."""

    def __init__(self, inputs: int, outputs: int, *, first: bool) -> None:
        super().__init__()
        self.linear = nn.Conv2d(inputs, outputs, kernel_size=1)
        bound = 1.0 / inputs if first else (6.0 / inputs) ** 0.5 / OMEGA
        nn.init.uniform_(self.linear.weight, -bound, bound)

    def forward(self, x: Tensor) -> Tensor:
        return torch.sin(OMEGA * self.linear(x))


def position_grid(edge: int, device: torch.device | None = None) -> Tensor:
    """Pixel centres of a square grid, (1, 2, edge, edge): x then y, from -1 + 1/edge to 1 - 1/edge, y downwards."""
    centres = (2.0 * torch.arange(edge, device=device, dtype=torch.float32) + 1.0) / edge - 1.0
    y, x = torch.meshgrid(centres, centres, indexing="ij")
    return torch.stack((x, y)).unsqueeze(0)


def position_and_pose(edge: int, pose: Tensor) -> Tensor:
    """``[x, y, p0, p1, ...]`` at every pixel; pose (B, P) -> (B, 2 + P, edge, edge)."""
    batch, count = pose.shape
    grid = position_grid(edge, pose.device).to(pose.dtype).expand(batch, -1, -1, -1)
    return torch.cat((grid, pose.view(batch, count, 1, 1).expand(-1, -1, edge, edge)), dim=1)


def last_linear(inputs: int, outputs: int) -> nn.Conv2d:
    """The output layer: linear, weights of mean 0 and standard deviation sqrt(2 / inputs)."""
    layer = nn.Conv2d(inputs, outputs, kernel_size=1)
    nn.init.normal_(layer.weight, 0.0, (2.0 / inputs) ** 0.5)
    return layer


def sine_layers(inputs: int, widths: Sequence[int], *, first: bool) -> nn.ModuleList:
    """Sine layers one after the other. first: whether the first one sees nothing but position and pose: only then it
    starts wide (STUDENT.md section 2)."""
    return nn.ModuleList(
        SineLayer(into, width, first=first and not index)
        for index, (into, width) in enumerate(zip((inputs, *widths), widths, strict=False))
    )


class Siren(nn.Module):
    """Sine layers and a linear one; 41 -> 4 channels."""

    def __init__(self, widths: Sequence[int]) -> None:
        super().__init__()
        self.sine_layers = sine_layers(2 + FACE_SIZE, widths, first=True)
        self.last_linear = last_linear(widths[-1], FACE_CHANNELS)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.sine_layers:
            x = layer(x)
        return cast(Tensor, self.last_linear(x))


class FaceMorpher(nn.Module):
    """Face parameters -> the face picture. The character is baked into the weights."""

    def __init__(self, networks: Networks = PUBLISHED) -> None:
        super().__init__()
        self.siren = Siren(networks.face.widths)

    def forward(self, face_pose: Tensor) -> Tensor:
        """(B, 39) -> (B, 4, 128, 128)."""
        return cast(Tensor, self.siren(position_and_pose(FACE_EDGE, face_pose)))


class BodyOutput(NamedTuple):
    """What the body morpher makes of a picture.

    final: (B, 4, 512, 512), the blend. alpha: (B, 1, 512, 512), the weight of ``direct``, not confined to [0, 1].
    direct: (B, 4, 512, 512), painted from nothing. warped: (B, 4, 512, 512), the picture sampled through the flow.
    flow: (B, 2, 512, 512), appearance flow: x and y offsets of where to sample, 1.0 = 256 pixels.
    """

    final: Tensor
    alpha: Tensor
    direct: Tensor
    warped: Tensor
    flow: Tensor


class BodyMorpher(nn.Module):
    """Picture and pose -> the posed picture, in levels of sine layers, each of twice the resolution of the last."""

    def __init__(self, networks: Networks = PUBLISHED) -> None:
        super().__init__()
        self.networks = networks
        self.siren_layers = nn.ModuleList(
            sine_layers(networks.inputs_of(index), level.widths, first=not index)
            for index, level in enumerate(networks.body)
        )
        #: Of the coarser levels, where answers are summed.
        self.heads = nn.ModuleList(
            last_linear(level.features, BODY_CHANNELS) for level in networks.body[:-1] if networks.summed
        )
        self.last_linear = last_linear(networks.body[-1].features, BODY_CHANNELS)

    def raw(self, pose: Tensor, edge: int = PICTURE_SIZE) -> Tensor:
        """(B, 45) -> (B, 7, edge, edge): flow x, flow y, alpha, direct R, G, B, A. edge: of the finest grid."""
        features: Tensor | None = None
        answer: Tensor | None = None  # what the coarser levels' heads add up to
        heads = iter(self.heads)
        for level, layers in zip(self.networks.body, self.siren_layers, strict=True):
            x = position_and_pose(level.grid * edge // PICTURE_SIZE, pose)
            if features is not None:
                x = torch.cat((upsampled(features), x), dim=1)
            for layer in cast(nn.ModuleList, layers):
                x = layer(x)
            features = x
            if head := next(heads, None):
                answer = head(x) if answer is None else head(x) + upsampled(answer)
        made: Tensor = self.last_linear(features)
        return made if answer is None else made + upsampled(answer)

    def forward(self, image: Tensor, pose: Tensor) -> BodyOutput:
        """image (B, 4, 512, 512), pose (B, 45)."""
        flow, alpha, direct = torch.split(self.raw(pose), [2, 1, 4], dim=1)
        warped = warp(image, flow)
        return BodyOutput((1.0 - alpha) * warped + alpha * direct, alpha, direct, warped, flow)


def upsampled(values: Tensor) -> Tensor:
    """(B, C, S, S) on the grid twice as fine, (B, C, 2 S, 2 S), with half-pixel centres."""
    return functional.interpolate(values, scale_factor=2, mode="bilinear", align_corners=False)


def warp(image: Tensor, flow: Tensor) -> Tensor:
    """Sample ``image`` (B, C, S, S) at each pixel's own place plus ``flow`` (B, 2, S, S); borders are repeated."""
    grid = position_grid(image.shape[-1], image.device).to(image.dtype) + flow  # (B, 2, S, S)
    return functional.grid_sample(
        image, grid.permute(0, 2, 3, 1), mode="bilinear", padding_mode="border", align_corners=False
    )


def paste_face(image: Tensor, face: Tensor) -> Tensor:
    """A copy of ``image`` (B, 4, 512, 512) with ``face`` (B, 4, 128, 128) in its box."""
    pasted = image.clone()
    pasted[:, :, FACE_TOP : FACE_TOP + FACE_EDGE, FACE_LEFT : FACE_LEFT + FACE_EDGE] = face
    return pasted


class StudentOutput(NamedTuple):
    """All outputs of a student; ``face`` is (B, 4, 128, 128), the rest as in :class:`BodyOutput`."""

    final: Tensor
    alpha: Tensor
    direct: Tensor
    warped: Tensor
    flow: Tensor
    face: Tensor


class Student(nn.Module):
    """Both networks in a chain: the face is painted, pasted into the picture, and the whole is moved."""

    def __init__(self, networks: Networks = PUBLISHED) -> None:
        super().__init__()
        self.face_morpher = FaceMorpher(networks)
        self.body_morpher = BodyMorpher(networks)

    def forward(self, image: Tensor, pose: Tensor) -> StudentOutput:
        """image (4, 512, 512) or (B, 4, 512, 512); pose (45,) or (B, 45). One image serves a batch of poses."""
        pose = pose.reshape(-1, SIZE)
        image = image.reshape(-1, *image.shape[-3:]).expand(pose.shape[0], -1, -1, -1)
        face = self.face_morpher(pose[:, :FACE_SIZE])
        body: BodyOutput = self.body_morpher(paste_face(image, face), pose)
        return StudentOutput(*body, face)


def load_student(character: Character) -> Student:
    """The student with a character's weights, in evaluation mode, on the CPU."""
    student = Student(character.networks)
    for network, weights in (
        (student.face_morpher, character.face_morpher),
        (student.body_morpher, character.body_morpher),
    ):
        network.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in weights.items()})
    return student.eval()
