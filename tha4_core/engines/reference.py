"""The reference engine: the student networks in plain torch, evaluated only where a region needs them.

The numbers are those of :mod:`tha4_core.student` up to rounding, by three exact rewritings (STUDENT.md, end of
section 5): the pose is folded into each first layer's bias, since it is the same for all pixels; a level's map
of the coarser level's features is applied before they are upsampled, on a quarter of the pixels; and pixels are
worked through in bands of rows, so that a band's activations stay in the cache.

On the CPU each thread takes whole bands (:mod:`tha4_core.torch_workers`): on a machine that a game keeps busy, a frame
would take seconds otherwise.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tha4_core.character import Character
from tha4_core.character.weights import Weights
from tha4_core.engines import larger
from tha4_core.engines.engine import EngineError, ScaleCheck, checked_device, checked_threads, output_array
from tha4_core.engines.warping import centres, sampled, sampling_grid
from tha4_core.picture.color import to_rgba8_straight
from tha4_core.picture.region import PICTURE_SIZE, Region, as_region
from tha4_core.pose import FACE_SIZE, Pose, as_pose
from tha4_core.student import FACE_EDGE, FACE_LEFT, FACE_TOP, OMEGA
from tha4_core.torch_workers import TorchWorkers

#: Pixels a band holds at most: 360 channels of them, twice, fill the second-level cache and little more.
_BAND_PIXELS: Final = 2048


class RegionOutput(NamedTuple):
    """A region's networks' outputs, float32 (C, height, width): as the student's, cut to the region."""

    final: Tensor
    alpha: Tensor
    direct: Tensor
    warped: Tensor
    flow: Tensor


class ReferenceEngine:
    """See :class:`tha4_core.engines.engine.Engine` for the contract."""

    name = "reference"

    def __init__(self, character: Character, *, threads: int | None = None, device: str | None = None) -> None:
        """threads: how many work on a frame; None for as many as there are cores. Raises EngineError without device."""
        threads = checked_threads(threads)
        try:
            self._device = torch.device(checked_device(device) or "cpu")
            self._picture = torch.from_numpy(character.network_image).to(self._device)  # (4, 512, 512)
        except (RuntimeError, AssertionError) as error:  # torch built without CUDA asserts
            reason = str(error).splitlines()[0].rstrip(".")
            raise EngineError(f"the reference engine cannot use device {device!r}: {reason}.") from None
        #: The face's parameters, (39,), if the picture holds the whole face as they pose it.
        self._painted: NDArray[np.float32] | None = None
        self._workers = TorchWorkers(threads or core_count()) if self._device.type == "cpu" else None
        self._checked_scale = ScaleCheck(character)
        self._drawing = character.drawing_hd
        self._larger_pictures: dict[int, larger.LargerPicture] = {}
        self._painted_larger: set[int] = set()  # those that hold the face of _painted
        self._networks = networks = character.networks
        self._face_layers = [
            _Layer(character.face_morpher, f"siren.sine_layers.{i}.linear", OMEGA, self._device)
            for i in range(len(networks.face.widths))
        ]
        self._face_last = _Layer(character.face_morpher, "siren.last_linear", 1.0, self._device)
        self._body_layers = [
            [
                _Layer(character.body_morpher, f"siren_layers.{index}.{i}.linear", OMEGA, self._device)
                for i in range(len(level.widths))
            ]
            for index, level in enumerate(networks.body)
        ]
        self._body_maps = self._maps_of(character.body_morpher)

    @property
    def device(self) -> str:
        return str(self._device)

    def render(
        self,
        pose: Pose | Sequence[float],
        region: Sequence[int] | None = None,
        out: NDArray[np.uint8] | None = None,
        scale: int = 1,
    ) -> NDArray[np.uint8]:
        rectangle = as_region(region)
        out = output_array(rectangle, out, self._checked_scale(scale))
        final = self.outputs(pose, rectangle).final if scale == 1 else self._larger(pose, rectangle, scale)
        return to_rgba8_straight(final.cpu().numpy(), out)

    @torch.inference_mode()
    def _larger(self, pose: Pose | Sequence[float], region: Region, scale: int) -> Tensor:
        """The final picture at a scale of 2 or 4, (4, height * scale, width * scale)."""
        checked = as_pose(pose)
        answers = self._body(torch.from_numpy(checked).to(self._device), larger.grown(region))
        enlarged = larger.enlarged_answers(answers, region, scale)
        picture = self._picture
        face = self.face(checked)
        found = self._larger_picture(scale)
        if found is not None:
            if found.times not in self._painted_larger:
                found.paint(face)
                self._painted_larger.add(found.times)
            picture = found.picture
        return blend(picture, enlarged, sampling_grid(enlarged, region, scale)).final

    def _larger_picture(self, scale: int) -> larger.LargerPicture | None:
        """What is warped at a scale; None: the character's picture, which has no larger drawing."""
        if self._drawing is None:
            return None
        times = larger.times_of(self._drawing, scale)
        if times not in self._larger_pictures:
            whole = Region(0, 0, FACE_EDGE, FACE_EDGE)
            resting = self._face(torch.zeros(FACE_SIZE, device=self._device), whole)
            self._larger_pictures[times] = larger.LargerPicture(self._drawing, times, resting)
        return self._larger_pictures[times]

    @torch.inference_mode()
    def outputs(self, pose: Pose | Sequence[float], region: Sequence[int] | None = None) -> RegionOutput:
        """The body morpher's outputs for a region, before any conversion to bytes."""
        rectangle = as_region(region)
        checked = as_pose(pose)
        vector = torch.from_numpy(checked).to(self._device)
        raw = self._body(vector, rectangle)  # (7, h, w)
        grid = sampling_grid(raw, rectangle)
        if self._painted is None or not np.array_equal(self._painted, checked[:FACE_SIZE]):
            self._painted = None
            self._painted_larger.clear()
            self._paint_face(vector[:FACE_SIZE], grid)
        return blend(self._picture, raw, grid)

    @torch.inference_mode()
    def face(self, pose: Pose | Sequence[float]) -> Tensor:
        """The face morpher's whole output, float32 (4, 128, 128). ``outputs`` of the same face then costs less."""
        face_pose = as_pose(pose)[:FACE_SIZE]
        painted = self._picture[:, FACE_TOP : FACE_TOP + FACE_EDGE, FACE_LEFT : FACE_LEFT + FACE_EDGE]
        if self._painted is None or not np.array_equal(self._painted, face_pose):
            whole = Region(0, 0, FACE_EDGE, FACE_EDGE)
            painted[:] = self._face(torch.from_numpy(face_pose).to(self._device), whole)
            self._painted = face_pose
            self._painted_larger.clear()
        return painted.clone()

    def _maps_of(self, weights: Weights) -> list[tuple[Tensor, Tensor | None]]:
        """What is made of each level's features, weight and bias: of the finest level's the answer, of a coarser one's
        its share of the next level's first layer, before its sine, and where answers are summed then its own."""
        maps: list[tuple[Tensor, Tensor | None]] = []
        for index, level in enumerate(self._networks.body[:-1]):
            share = self._body_layers[index + 1][0].weight[:, : level.features]
            if self._networks.summed:
                head = _Layer(weights, f"heads.{index}", 1.0, self._device)
                nothing = torch.zeros(len(share), device=self._device)
                maps.append((torch.cat((share, head.weight)), torch.cat((nothing, head.bias))))
            else:
                maps.append((share, None))
        last = _Layer(weights, "last_linear", 1.0, self._device)
        return [*maps, (last.weight, last.bias)]

    def _body(self, pose: Tensor, region: Region) -> Tensor:
        """pose (45,) -> (7, region.height, region.width): flow, alpha, direct."""
        # What each level must cover, fine to coarse: bilinear upsampling looks one pixel past the edge.
        levels = self._networks.body
        covers = [region]
        for level in levels[-2::-1]:
            covers.insert(0, _coarse_cover(covers[0], level.grid))
        coarse: Tensor | None = None  # what the coarser level's map made
        for index, (level, cover, layers) in enumerate(zip(levels, covers, self._body_layers, strict=True)):
            last, bias = self._body_maps[index]
            features = self._networks.coarser_features(index)
            upsample = None
            if coarse is not None:
                upsample = _Upsampling(coarse, covers[index - 1], cover)
            coarse = _siren(
                layers[0], layers[1:], last, bias, features, pose, level.grid, cover, upsample, self._workers
            )
        assert coarse is not None
        return coarse

    def _paint_face(self, face_pose: Tensor, grid: Tensor) -> None:
        """Paint into the picture those pixels of the face that ``grid`` (h, w, 2) samples; face_pose (39,)."""
        places = ((grid + 1.0) * PICTURE_SIZE - 1.0) / 2.0  # in pixels
        places = places.clamp(0.0, PICTURE_SIZE - 1.0).floor()
        corner = torch.tensor([FACE_LEFT, FACE_TOP], device=self._device)
        # A sample reads its own pixel and the next; one more on each side absorbs rounding of the place.
        touches = ((places >= corner - 2) & (places <= corner + FACE_EDGE)).all(dim=-1)  # (h, w)
        seen = places[touches] - corner  # (n, 2)
        if not len(seen):
            return
        left, top = (int(value) for value in (seen.amin(dim=0) - 1).clamp(min=0).tolist())
        right, bottom = (int(value) for value in (seen.amax(dim=0) + 3).clamp(max=FACE_EDGE).tolist())
        cover = Region(left, top, right - left, bottom - top)
        y, x = FACE_TOP + top, FACE_LEFT + left
        self._picture[:, y : y + cover.height, x : x + cover.width] = self._face(face_pose, cover)

    def _face(self, face_pose: Tensor, cover: Region) -> Tensor:
        """face_pose (39,) -> (4, cover.height, cover.width), a rectangle of the face morpher's output."""
        first, rest = self._face_layers[0], self._face_layers[1:]
        weight, bias = self._face_last.weight, self._face_last.bias
        return _siren(first, rest, weight, bias, 0, face_pose, FACE_EDGE, cover, None, self._workers)


def blend(picture: Tensor, raw: Tensor, grid: Tensor) -> RegionOutput:
    """What the body morpher's answer ``raw`` (7, h, w) makes of a picture (4, edge, edge), sampled at ``grid``."""
    flow, alpha, direct = torch.split(raw, [2, 1, 4])
    warped = sampled(picture, grid)
    return RegionOutput((1.0 - alpha) * warped + alpha * direct, alpha, direct, warped, flow)


def core_count() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Layer:
    """A layer's weight (out, in) and bias (out,), both multiplied by ``omega``."""

    def __init__(self, weights: Weights, name: str, omega: float, device: torch.device) -> None:
        weight = torch.from_numpy(np.array(weights[f"{name}.weight"])).to(device)
        self.weight = omega * weight.flatten(1)
        self.bias = omega * torch.from_numpy(np.array(weights[f"{name}.bias"])).to(device)


class _Upsampling:
    """``coarse`` (C, h, w), which is ``cover`` of its grid, at twice the resolution over ``target``, in bands."""

    def __init__(self, coarse: Tensor, cover: Region, target: Region) -> None:
        self._coarse = coarse
        self._rows = _taps(target.y, target.height, cover.y, cover.height, coarse.device)
        self._columns = _taps(target.x, target.width, cover.x, cover.width, coarse.device)

    def band(self, start: int, stop: int) -> Tensor:
        """Rows start..stop of the target, (C, stop - start, w)."""
        low, high, weight = (tap[start:stop] for tap in self._rows)
        rows = torch.lerp(self._coarse[:, low], self._coarse[:, high], weight[:, None])
        low, high, weight = self._columns
        return torch.lerp(rows[..., low], rows[..., high], weight)


def _taps(
    start: int, count: int, cover_start: int, cover_count: int, device: torch.device
) -> tuple[Tensor, Tensor, Tensor]:
    """Bilinear taps (half-pixel centres) of fine pixels start.. : two indices into the coarse cover, and a weight."""
    place = (torch.arange(start, start + count, device=device, dtype=torch.float32) + 0.5) / 2.0 - 0.5
    place = place.clamp(min=0.0)
    low = place.floor().long()
    weight = place - low
    low = low - cover_start
    # At the picture's borders the edge pixel is repeated (its second tap has no weight, or is the pixel itself).
    return low, (low + 1).clamp(max=cover_count - 1), weight


def _coarse_cover(fine: Region, coarse_edge: int) -> Region:
    """The pixels of a coarser grid that bilinear upsampling reads for ``fine``."""

    def span(start: int, count: int) -> tuple[int, int]:
        low = max((start - 1) // 2, 0)
        high = min((start + count) // 2, coarse_edge - 1)
        return low, high - low + 1

    (x, width), (y, height) = span(fine.x, fine.width), span(fine.y, fine.height)
    return Region(x, y, width, height)


def _siren(
    first: _Layer,
    rest: Sequence[_Layer],
    last: Tensor,
    last_bias: Tensor | None,
    features: int,
    pose: Tensor,
    edge: int,
    cover: Region,
    upsampling: _Upsampling | None,
    workers: TorchWorkers | None,
) -> Tensor:
    """Sine layers and one linear map over ``cover`` of a grid of ``edge``: (last's rows, cover.height, cover.width).

    features: how many of the first layer's inputs come before position and pose; their share arrives through
    ``upsampling``, already mapped. What arrives beside it is a coarser answer, which is added to the last rows.
    """
    device = first.weight.device
    constant = torch.addmv(first.bias, first.weight[:, features + 2 :], pose)  # (C,)
    weight_x, weight_y = first.weight[:, features], first.weight[:, features + 1]
    x, y = centres(cover.x, cover.width, edge, device), centres(cover.y, cover.height, edge, device)
    along_x = torch.outer(weight_x, x)[:, None, :]  # (C, 1, w)
    along_y = (torch.outer(weight_y, y) + constant[:, None])[:, :, None]  # (C, h, 1)
    out = torch.empty((last.shape[0], cover.height, cover.width), device=device)
    rows = max(1, _BAND_PIXELS // cover.width)

    @torch.inference_mode()
    def work(start: int) -> None:
        stop = min(start + rows, cover.height)
        band = along_x + along_y[:, start:stop]  # (C, rows, w)
        coarse = None if upsampling is None else upsampling.band(start, stop)
        if coarse is not None:
            band += coarse[: len(band)]
        values = band.flatten(1).sin_()  # (C, n)
        for layer in rest:
            values = torch.addmm(layer.bias[:, None], layer.weight, values).sin_()
        values = last @ values if last_bias is None else torch.addmm(last_bias[:, None], last, values)
        out[:, start:stop] = values.view(-1, stop - start, cover.width)
        if coarse is not None and len(coarse) > len(band):
            answer = coarse[len(band) :]
            out[-len(answer) :, start:stop] += answer

    starts = range(0, cover.height, rows)
    for _ in workers.map(work, starts) if workers else map(work, starts):
        pass
    return out
