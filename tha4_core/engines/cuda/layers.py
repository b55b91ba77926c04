"""The networks as the CUDA engine computes them: sine layers on rows of pixels, in fp32 or in half precision.

Half precision means: what is stored between layers, and the weights of hidden layers, are fp16; sums are fp32, and so
is everything whose size is not bounded by the sine. The argument of a sine reaches 50, where neighbouring fp16 numbers
are 2^-5 apart, so it is never rounded to fp16 (that would cost 6 dB): products write fp32, and the sine reads fp32 and
writes fp16, which is in [-1, 1]. A level's map of the coarser level's features is part of such an argument, as are
position, pose and bias. The output layers' flow is worth 256 pixels a unit and their products are few: they stay in
fp32 altogether.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from tha4_core.character import Character
from tha4_core.character.weights import Weights
from tha4_core.engines.cuda.plan import LevelPlan
from tha4_core.pose import FACE_SIZE, SIZE
from tha4_core.student import FACE_EDGE, OMEGA

# Tensor cores want rows of 16 bytes: eight numbers of fp16.
_ALIGNMENT: Final = 8
# Every matrix of activations carries two channels that are always one. A bias is two rows of the next weight, its
# fp16 value and what that left over: the product adds it to 22 bits, and no other pass over the pixels is needed.
_ONES: Final = 2
#: Of a pixel's taps, the first ones are of the coarser level.
_FOUR: Final = 4
_HALF_PI: Final = math.pi / 2.0  # whose sine keeps a channel of ones at one


def fits_half(character: Character) -> bool:
    """Whether all of a character's weights are finite in fp16 once multiplied by omega."""
    limit = float(torch.finfo(torch.float16).max) / OMEGA
    networks = (character.face_morpher, character.body_morpher)
    return all(float(np.abs(array).max()) < limit for weights in networks for array in weights.values())


_Linear = tuple[NDArray[np.float32], NDArray[np.float32]]


class Stage:
    """The sine layers of one level, or of the face, and the linear maps behind them.

    Those are the share of the next level's first layer (the finest level has none), and the level's answer (a coarser
    level has one only where answers are summed).
    """

    def __init__(
        self,
        layers: Sequence[_Linear],
        *,
        edge: int,
        features: int,
        share: NDArray[np.float32] | None,
        answer: _Linear | None,
        half: bool,
        device: torch.device,
    ) -> None:
        """
        layers: weight (out, in) and bias (out,) of each sine layer, times omega. edge: of the grid.
        features: how many inputs of the first layer are the coarser level's; x, y and pose follow.
        share: weight (out, in) of the next level's first layer for this one's features: what comes of it is as the next
        stage's table has it. answer: weight (out, in) and bias (out,), whose channels come as they are.
        """
        first, first_bias = layers[0]
        channels = len(first)
        width = _width(channels)
        dtype = torch.float16 if half else torch.float32
        self.edge = edge
        self.widths = [_width(len(weight)) for weight, _ in layers]
        centres = ((2.0 * np.arange(edge) + 1.0) / edge - 1.0).astype(np.float32)
        along_x = np.zeros((edge, width), np.float32)
        along_x[:, :channels] = np.outer(centres, first[:, features])
        along_y = np.zeros((edge, width), np.float32)
        along_y[:, :channels] = np.outer(centres, first[:, features + 1]) + first_bias
        along_y[:, channels : channels + _ONES] = _HALF_PI
        pose = np.zeros((width, first.shape[1] - features - 2), np.float32)
        pose[:channels] = first[:, features + 2 :]
        self.along_x = torch.from_numpy(along_x).to(device)  # (edge, C)
        self._along_y = torch.from_numpy(along_y).to(device)  # (edge, C)
        self._pose = torch.from_numpy(pose).to(device)  # (C, P)
        self.dtype = dtype
        self._hidden = [
            _matrix(weight, bias, _width(len(weight)), ones=True).to(device, dtype) for weight, bias in layers[1:]
        ]
        self._share = None if share is None else _matrix(share, None, _width(len(share)), ones=False).to(device, dtype)
        self._answer: Tensor | None = None
        if answer is not None:
            self._answer = _matrix(*answer, _aligned(len(answer[0])), ones=False).to(device)

    @property
    def answer_channels(self) -> int:
        """How many channels the answer has, those that fill up included; 0: there is none."""
        return 0 if self._answer is None else self._answer.shape[1]

    def run(self, pose: Tensor, buffers: StageBuffers, share: Tensor | None, answer: Tensor | None) -> None:
        """pose (P,), in the buffers what the coarser level left -> ``share``, fp32 (n, next width), and ``answer``,
        fp32 (n, answer_channels); each where the stage has it."""
        torch.add(self._along_y, torch.mv(self._pose, pose), out=buffers.along_y)
        sums = functional.embedding_bag(
            buffers.taps, buffers.table, buffers.offsets, mode="sum", per_sample_weights=buffers.weights
        )  # (n, C)
        # What the first one's sums lie in serves for all, unless layers get wider.
        storage = sums.view(-1)
        if max(self.widths) > self.widths[0]:
            storage = torch.empty(len(sums) * max(self.widths), device=sums.device)
        for width, weight in zip(self.widths[1:], self._hidden, strict=True):
            values = torch.sin(sums, out=buffers.values(sums.shape[1]))
            sums = storage[: len(values) * width].view(-1, width)
            _product(values, weight, sums)
        half = self.dtype == torch.float16
        if self._share is not None and half:
            torch.sin(sums, out=buffers.values(sums.shape[1]))
        if self._answer is not None or not half:
            sums.sin_()
        if self._share is not None:
            assert share is not None
            _product(buffers.values(sums.shape[1]) if half else sums, self._share, share)
        if self._answer is not None:
            assert answer is not None
            _product(sums, self._answer, answer)
            if buffers.coarse_answer is not None:
                answer += buffers.upsampled(buffers.coarse_answer)


class StageBuffers:
    """What a stage needs for the pixels of a plan: constant lists, and memory that stays where it is."""

    def __init__(self, stage: Stage, plan: LevelPlan, device: torch.device, coarse_answer_channels: int = 0) -> None:
        """coarse_answer_channels: of the coarser stage."""
        count = plan.taps.shape[1]
        self.taps = torch.from_numpy(plan.taps).to(device).view(-1)  # (n * k,)
        self.weights = torch.from_numpy(plan.weights).to(device).view(-1)  # (n * k,)
        self.offsets = torch.arange(0, len(self.taps), count, dtype=torch.int32, device=device)  # (n,)
        #: Rows to be summed, fp32 (coarse + 2 * edge, C): see ``plan``.
        self.table = torch.empty((plan.coarse + 2 * plan.edge, stage.widths[0]), device=device)
        self.table[plan.coarse : plan.coarse + plan.edge] = stage.along_x
        self.features = self.table[: plan.coarse]
        self.along_y = self.table[plan.coarse + plan.edge :]
        #: What the coarser level's answer goes to, fp32 (coarse, channels); None where it has none.
        self.coarse_answer: Tensor | None = None
        if coarse_answer_channels:
            self.coarse_answer = torch.empty((plan.coarse, coarse_answer_channels), device=device)
            self._four = torch.from_numpy(plan.taps[:, :_FOUR].copy()).to(device).view(-1)  # (n * 4,)
            self._four_weights = torch.from_numpy(plan.weights[:, :_FOUR].copy()).to(device).view(-1)
            self._four_offsets = torch.arange(0, len(self._four), _FOUR, dtype=torch.int32, device=device)
        self._pixels = plan.pixels
        self._values = torch.empty(plan.pixels * max(stage.widths), dtype=stage.dtype, device=device)

    def values(self, width: int) -> Tensor:
        """Where a layer's sines go, (n, width)."""
        return self._values[: self._pixels * width].view(-1, width)

    def upsampled(self, coarse: Tensor) -> Tensor:
        """coarse (coarse, channels) at the plan's pixels, (n, channels)."""
        return functional.embedding_bag(
            self._four, coarse, self._four_offsets, mode="sum", per_sample_weights=self._four_weights
        )


def face_stage(character: Character, *, half: bool, device: torch.device) -> Stage:
    """The face morpher, 39 parameters -> R, G, B, A (8 channels, 4 of them to fill up)."""
    names = (f"siren.sine_layers.{i}.linear" for i in range(len(character.networks.face.widths)))
    layers = [_linear(character.face_morpher, name, OMEGA) for name in names]
    answer = _linear(character.face_morpher, "siren.last_linear", 1.0)
    return Stage(layers, edge=FACE_EDGE, features=0, share=None, answer=answer, half=half, device=device)


def body_stages(character: Character, *, half: bool, device: torch.device) -> list[Stage]:
    """The body morpher's levels, 45 parameters -> flow x, y, alpha, direct R, G, B, A (8 channels)."""
    weights, networks = character.body_morpher, character.networks
    stages: list[Stage] = []
    for index, level in enumerate(networks.body):
        layers = [_linear(weights, f"siren_layers.{index}.{i}.linear", OMEGA) for i in range(len(level.widths))]
        share: NDArray[np.float32] | None = None
        answer: _Linear | None = None
        if index + 1 == len(networks.body):
            answer = _linear(weights, "last_linear", 1.0)
        else:
            following, _ = _linear(weights, f"siren_layers.{index + 1}.0.linear", OMEGA)
            share = following[:, : level.features]
            if networks.summed:
                answer = _linear(weights, f"heads.{index}", 1.0)
        features = networks.coarser_features(index)
        stages.append(
            Stage(layers, edge=level.grid, features=features, share=share, answer=answer, half=half, device=device)
        )
    return stages


def body_ignores_face(character: Character) -> bool:
    """Whether no first layer of the body looks at the 39 face parameters."""
    weights = character.body_morpher
    firsts = (weights[f"siren_layers.{level}.0.linear.weight"] for level in range(len(character.networks.body)))
    return not any(first[:, -SIZE : FACE_SIZE - SIZE].any() for first in firsts)


def _linear(weights: Weights, name: str, scale: float) -> _Linear:
    """Weight (out, in) and bias (out,), both multiplied by ``scale``."""
    weight, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
    return np.float32(scale) * weight.reshape(len(weight), -1), np.float32(scale) * bias


def _aligned(channels: int) -> int:
    return -(-channels // _ALIGNMENT) * _ALIGNMENT


def _width(channels: int) -> int:
    """How many columns hold so many channels and the ones."""
    return _aligned(channels + _ONES)


def _matrix(weight: NDArray[np.float32], bias: NDArray[np.float32] | None, width: int, *, ones: bool) -> Tensor:
    """weight (out, in), bias (out,) -> fp32 (width of in, width), to be multiplied from the left by rows of pixels.

    The rows of ones hold the bias as fp16 and what that leaves over, so that rounding the whole to fp16 loses little.
    ones: whether the result is to have channels whose sine is one, as what goes into a sine layer must.
    """
    outputs, inputs = weight.shape
    matrix = torch.zeros((_width(inputs), width))
    matrix[:inputs, :outputs] = torch.from_numpy(weight).T
    full_bias = torch.zeros(width)
    if bias is not None:
        full_bias[:outputs] = torch.from_numpy(bias)
    if ones:
        full_bias[outputs : outputs + _ONES] = _HALF_PI
    matrix[inputs] = full_bias.half().float()
    matrix[inputs + 1] = full_bias - matrix[inputs]
    return matrix


def _product(values: Tensor, weight: Tensor, out: Tensor) -> None:
    """values (n, in) @ weight (in, out), both fp32 or both fp16 -> ``out`` in fp32, summed in fp32."""
    if values.dtype == torch.float32:
        torch.mm(values, weight, out=out)
    elif values.is_cuda:
        torch.mm(values, weight, out_dtype=torch.float32, out=out)
    else:
        torch.mm(values.float(), weight.float(), out=out)  # the same numbers: fp16 products are exact in fp32
