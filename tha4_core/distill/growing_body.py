"""The body morpher as it is trained here: each level says what it adds to the coarser one's answer.

The published network asks its finest level alone for flow, alpha and direct colour, so that nothing is known before
all three levels are. Here each level has a head of its own, and the answer is their sum, each upsampled to the next:
the coarsest level learns by itself first, and what a finer level adds starts at nothing, so that growing keeps the
function exactly. Networks whose heads are summed (:mod:`tha4_core.character.networks`) are just that. Others become it
(:meth:`GrowingBody.body_morpher`): finer levels give up seven channels of each layer, which carry the coarser answer
through, each layer's sine included.

Levels are evaluated at points, or on windows of the picture with just as much of the coarser grids as bilinear
upsampling reads, by the exact rewritings of :mod:`tha4_core.engines.reference`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from tha4_core.character.networks import BODY_CHANNELS, PUBLISHED, Networks
from tha4_core.distill.sine_layer import sine_layer
from tha4_core.pose import FACE_SIZE, SIZE
from tha4_core.student import OMEGA, BodyMorpher

#: Flow x and y, alpha, direct R, G, B, A.
OUTPUTS: Final = BODY_CHANNELS
#: Carried values are multiplied by this on their way through sines: flows reach 0.2, alphas and colours 1. Larger, and
#: the sines bend them more; smaller, and an engine that keeps activations in few bits loses them in its rounding.
_CARRIED_SCALE: Final = (1.5, 1.5, 0.35, 0.35, 0.35, 0.35, 0.35)
#: Heads answer in these units: 10 pixels for flow. Adam changes weights at one pace whatever they mean; without units
#: one step would move pixels by dozens of pixels.
HEAD_UNITS: Final = (10 / 256, 10 / 256, 0.25, 0.25, 0.25, 0.25, 0.25)


class Bounds(NamedTuple):
    """Of the uniform distribution of level 0's first weights, for position and for pose inputs.

    The published bound is 1/47 for all, of which position makes much too smooth a picture: 0.6 radians across.
    """

    position: float
    pose: float


class Level(nn.Module):
    """Sine layers and a head on one grid.

    inputs: channels of the coarser level, 0 of the coarsest. pose_inputs: how many of the pose's last numbers it sees.
    position (w0, 2), pose (w0, pose_inputs), features (w0, inputs) are its first layer's columns; hidden (w1, w0),
    (w2, w1) and so on; biases (w0,), (w1,) and so on; head (7, wn) and head_bias (7,), in HEAD_UNITS, which begin at
    zero.
    """

    def __init__(self, inputs: int, widths: Sequence[int], pose_inputs: int, bounds: Bounds) -> None:
        super().__init__()
        first = widths[0]
        self.widths = tuple(widths)
        self.position = _uniform((first, 2), bounds.position)
        self.pose = _uniform((first, pose_inputs), bounds.pose)
        self.features = _uniform((first, inputs), _hidden_bound(inputs + 2 + SIZE)) if inputs else None
        self.hidden = nn.ParameterList([_uniform((out, into), _hidden_bound(into)) for into, out in pairwise(widths)])
        fed = (inputs + 2 + SIZE, *widths)
        self.biases = nn.ParameterList([_uniform((out,), into**-0.5) for out, into in zip(widths, fed, strict=False)])
        self.head = nn.Parameter(torch.zeros(OUTPUTS, widths[-1]))
        self.head_bias = nn.Parameter(torch.zeros(OUTPUTS))
        self.units = nn.Buffer(torch.tensor(HEAD_UNITS), persistent=False)

    def multiply_adds(self) -> int:
        """Of a forward pass at one pixel of its own grid, without what is done on the coarser one."""
        return sum(weight.numel() for weight in (self.position, *self.hidden))

    def forward(self, places: Tensor, poses: Tensor, extra: Tensor | None, precision: torch.dtype) -> Tensor:
        """Features (wn, P * n) at ``places`` (2, P, n) of ``poses`` (P, 45); extra (w0, P * n) of the coarser level."""
        seen = poses[:, SIZE - self.pose.shape[1] :].t()  # (p, P)
        inputs = torch.cat((places.flatten(1), seen[:, :, None].expand(-1, -1, places.shape[2]).flatten(1)))
        values = sine_layer(inputs, torch.cat((self.position, self.pose), dim=1), self.biases[0], extra)
        for weight, bias in zip(self.hidden, list(self.biases)[1:], strict=True):
            values = sine_layer(values, weight, bias, None, precision)
        return values

    def answer(self, features: Tensor) -> Tensor:
        """(wn, n) -> (7, n)."""
        weight, bias = self.scaled_head()
        return torch.addmm(bias[:, None], weight, features)

    def scaled_head(self) -> tuple[Tensor, Tensor]:
        """Weight (7, wn) and bias (7,) of the head, its units multiplied in."""
        return self.units[:, None] * self.head, self.units * self.head_bias


class GrowingBody(nn.Module):
    """All levels. ``sees_face``: whether the 39 face parameters are inputs; else their weights are zero."""

    def __init__(
        self,
        networks: Networks = PUBLISHED,
        *,
        sees_face: bool = False,
        bounds: Bounds,
        fine_position_bound: float,
    ) -> None:
        """networks: where their heads are not summed, each finer layer is wider than OUTPUTS. fine_position_bound: as
        ``bounds.position``, of all levels but the coarsest."""
        super().__init__()
        self.networks = networks
        levels: list[Level] = []
        inputs = 0
        for index, shape in enumerate(networks.body):
            carried = OUTPUTS if index and not networks.summed else 0
            widths = [width - carried for width in shape.widths]
            bound = _hidden_bound(inputs + 2 + SIZE)
            level_bounds = bounds if index == 0 else Bounds(fine_position_bound, bound)
            levels.append(Level(inputs, widths, SIZE if sees_face else SIZE - FACE_SIZE, level_bounds))
            inputs = widths[-1]
        self.levels = nn.ModuleList(levels)
        scale = (1.0,) * OUTPUTS if networks.summed else _CARRIED_SCALE
        self.carried_scale = nn.Buffer(torch.tensor(scale), persistent=False)

    @property
    def stride(self) -> int:
        """Pixels of the picture to a pixel of the coarsest grid."""
        return self.networks.body[-1].grid // self.networks.body[0].grid

    def level(self, index: int) -> Level:
        found = self.levels[index]
        assert isinstance(found, Level)
        return found

    def coarse(self, places: Tensor, poses: Tensor, precision: torch.dtype = torch.float32) -> Tensor:
        """Level 0's answer as it comes out of the network if the others add nothing, but for upsampling.

        places: (2, P, n), x and y in [-1, 1]. poses: (P, 45). Returns (7, P, n).
        """
        level = self.level(0)
        scale = self.carried_scale[:, None]
        own = scale * level.answer(level(places, poses, None, precision))
        for index in range(1, len(self.levels)):
            own = self._carried_through(own, index)
        return (own / scale).view(OUTPUTS, *places.shape[1:])

    def windows(self, corners: Tensor, poses: Tensor, edge: int, precision: torch.dtype = torch.float32) -> Tensor:
        """The whole answer on B square windows, (7, B, edge, edge).

        corners: (B, 2), row and column of each window's first pixel, multiples of ``stride``. poses: (B, 45). edge: of
        the windows, in pixels, a multiple of ``stride``.
        """
        scale = self.carried_scale[:, None]
        carried: Tensor | None = None
        extra: Tensor | None = None
        finest = len(self.levels) - 1
        for index, shape in enumerate(self.networks.body):
            level = self.level(index)
            halo = self._halo(index)
            factor = self.networks.body[-1].grid // shape.grid
            size = edge // factor + 2 * halo
            places = _places(shape.grid, corners // factor - halo, size)  # (2, B, size * size)
            features = level(places, poses, extra, precision)  # (wn, B * size * size)
            own = scale * level.answer(features)
            carried = own if carried is None else carried + own  # (7, B * size * size)
            if index == finest:
                break
            following = self.level(index + 1)
            assert following.features is not None
            width = len(following.features)
            both = torch.cat((following.features @ features, carried))
            # A halo of one pixel becomes two; the finer grid keeps one of them, the finest none.
            fine = _upsampled(both, size, crop=2 - self._halo(index + 1))
            extra, carried = fine[:width], self._carried_through(fine[width:], index + 1)
        assert carried is not None
        return (carried / scale).view(OUTPUTS, len(corners), edge, edge)

    def coarse_multiply_adds(self) -> int:
        """Of one point of :meth:`coarse`, forward."""
        return self.level(0).multiply_adds() + self.level(0).head.numel()

    def window_multiply_adds(self, edge: int) -> tuple[int, int]:
        """Of one window of :meth:`windows`, forward: of all levels, and of level 0 alone."""
        own, maps = [], []
        for index, shape in enumerate(self.networks.body):
            points = (edge * shape.grid // self.networks.body[-1].grid + 2 * self._halo(index)) ** 2
            level = self.level(index)
            own.append(points * (level.multiply_adds() + level.head.numel()))
            if index + 1 < len(self.levels):
                following = self.level(index + 1).features
                assert following is not None
                maps.append(points * following.numel())
        return sum(own) + sum(maps), own[0]

    def _halo(self, index: int) -> int:
        """Pixels around a window that the next finer grid reads of a level."""
        return 1 if index + 1 < len(self.levels) else 0

    def _carried_through(self, values: Tensor, index: int) -> Tensor:
        """What becomes of a coarser answer on its way through a level."""
        if not self.networks.summed:
            for _ in self.level(index).widths:
                values = values.sin()
        return values

    @torch.no_grad()
    def take(self, weights: Mapping[str, Tensor], *, coarsest_only: bool = False) -> bool:
        """Become the function of a network of the same shape; whether that went for all of it.

        One that was exported by :meth:`body_morpher` is taken as it is, or with ``coarsest_only`` its level 0, head
        included. Others have no channels that carry anything: of those only level 0 is taken, whose answer then has
        to be learned. Works on the CPU only.
        """
        known = {name: value.clone() for name, value in self.state_dict().items()}
        for index in range(len(self.levels)):
            level = self.level(index)
            rows = level.widths
            matrices, biases = self._layers_of(weights, index)
            coarser = self.networks.coarser_features(index)
            level.position.copy_(matrices[0][: rows[0], coarser : coarser + 2])
            level.pose.copy_(matrices[0][: rows[0], matrices[0].shape[1] - level.pose.shape[1] :])
            for target, bias in zip(level.biases, biases, strict=True):
                target.copy_(bias[: len(target)])
            for target, matrix in zip(level.hidden, matrices[1:], strict=True):
                target.copy_(matrix[: target.shape[0], : target.shape[1]])
            head, head_bias = self._head_of(weights, index)
            level.head.copy_(head[:, : level.head.shape[1]] / level.units[:, None])
            level.head_bias.copy_(head_bias / level.units)
            if level.features is not None:
                level.features.copy_(matrices[0][: rows[0], : level.features.shape[1]])
        exported = self.body_morpher().state_dict()
        of_this_kind = all(
            torch.allclose(exported[name], value, rtol=1e-5, atol=1e-7) for name, value in weights.items()
        )
        if of_this_kind and not coarsest_only:
            return True
        coarsest = {name: value.clone() for name, value in self.state_dict().items() if name.startswith("levels.0.")}
        if not of_this_kind:
            coarsest = {name: value for name, value in coarsest.items() if "head" not in name}
        self.load_state_dict(known | coarsest)
        return False

    def _layers_of(self, weights: Mapping[str, Tensor], index: int) -> tuple[list[Tensor], list[Tensor]]:
        """A level's matrices (out, in) and biases in a network's weights."""
        names = [f"siren_layers.{index}.{layer}.linear" for layer in range(len(self.level(index).widths))]
        return [weights[f"{name}.weight"][:, :, 0, 0] for name in names], [weights[f"{name}.bias"] for name in names]

    def _head_of(self, weights: Mapping[str, Tensor], index: int) -> tuple[Tensor, Tensor]:
        """Weight (7, channels) and bias (7,) of what a level adds to the answer, in a network's weights."""
        name = "last_linear" if index + 1 == len(self.levels) else f"heads.{index}"
        if f"{name}.weight" in weights:
            return weights[f"{name}.weight"][:, :, 0, 0], weights[f"{name}.bias"]
        carrying, biases = self._layers_of(weights, index + 1)
        scale = OMEGA / self.carried_scale
        return scale[:, None] * carrying[0][-OUTPUTS:], scale * biases[0][-OUTPUTS:]

    @torch.no_grad()
    def body_morpher(self) -> BodyMorpher:
        """The same function as a network of ``networks``, in evaluation mode. Works on the CPU only."""
        network = BodyMorpher(self.networks)
        weights = {name: torch.zeros_like(value) for name, value in network.state_dict().items()}
        scale = self.carried_scale
        carry = torch.eye(OUTPUTS) / OMEGA
        for index in range(len(self.levels)):
            level = self.level(index)
            rows = level.widths
            matrices, biases = self._layers_of(weights, index)
            for bias, value in zip(biases, level.biases, strict=True):
                bias[: len(value)] = value
            for matrix, value in zip(matrices[1:], level.hidden, strict=True):
                matrix[: value.shape[0], : value.shape[1]] = value
            first = matrices[0]
            coarser = self.networks.coarser_features(index)  # those that the coarser level carries are the last
            first[: rows[0], coarser : coarser + 2] = level.position
            first[: rows[0], first.shape[1] - level.pose.shape[1] :] = level.pose
            if level.features is not None:
                learned = level.features.shape[1]
                first[: rows[0], :learned] = level.features
                head, head_bias = self.level(index - 1).scaled_head()
                if self.networks.summed:
                    weights[f"heads.{index - 1}.weight"][:, :, 0, 0] = head
                    weights[f"heads.{index - 1}.bias"].copy_(head_bias)
                    continue
                first[rows[0] :, :learned] = scale[:, None] / OMEGA * head
                first[rows[0] :, learned:coarser] = carry[:, : coarser - learned]
                biases[0][rows[0] :] = scale / OMEGA * head_bias
                for matrix, width in zip(matrices[1:], rows[1:], strict=True):
                    matrix[width:, -OUTPUTS:] = carry
        head, head_bias = self.level(len(self.levels) - 1).scaled_head()
        last = weights["last_linear.weight"][:, :, 0, 0]
        last[:, : head.shape[1]] = head
        if last.shape[1] > head.shape[1]:
            last[:, -OUTPUTS:] = torch.diag(1.0 / scale)
        weights["last_linear.bias"].copy_(head_bias)
        network.load_state_dict(weights)
        return network.eval()


def _upsampled(values: Tensor, size: int, crop: int) -> Tensor:
    """(c, B * size * size) twice as fine, less ``crop`` pixels at each side, (c, B * edge * edge).

    As two products with a matrix, whose gradients are products, too: several times as fast as torch's own.
    """
    matrix = _upsampling(size, crop, values.device)  # (edge, size)
    rows = values.reshape(-1, size) @ matrix.t()  # (c * B * size, edge)
    return (matrix @ rows.view(-1, size, len(matrix))).view(len(values), -1)


@cache
def _upsampling(size: int, crop: int, device: torch.device) -> Tensor:
    """The matrix of bilinear upsampling along an axis, half-pixel centres, (2 * size - 2 * crop, size)."""
    rows = functional.interpolate(torch.eye(size)[None], scale_factor=2, mode="linear", align_corners=False)[0].t()
    return rows[crop : 2 * size - crop].contiguous().to(device)


def _places(grid: int, corners: Tensor, size: int) -> Tensor:
    """x and y, (2, B, size * size), of squares of a grid's pixels; outside the picture its border pixels'."""
    centres = (corners[:, :, None] + torch.arange(size, device=corners.device)).clamp(0, grid - 1)  # (B, 2, size)
    values = (2.0 * centres.float() + 1.0) / grid - 1.0
    y, x = values[:, 0, :, None].expand(-1, -1, size), values[:, 1, None, :].expand(-1, size, -1)
    return torch.stack((x, y)).flatten(2)


def _hidden_bound(inputs: int) -> float:
    return float((6.0 / inputs) ** 0.5 / OMEGA)


def _uniform(shape: tuple[int, ...], bound: float) -> nn.Parameter:
    return nn.Parameter(torch.empty(shape).uniform_(-bound, bound))
