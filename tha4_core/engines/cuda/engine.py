"""The CUDA engine: a frame in three steps on the GPU, and what is kept between frames.

1. *Face*: the face network paints all of its 128x128 pixels into the picture. It is the same for all regions, since
   where the body's flow reads is not known beforehand, and runs only when a face parameter has changed.
2. *Body*: the body network's levels, on those pixels only that a region needs and that can ever be seen.
3. *Picture*: warp, blend, un-premultiplication, sRGB, and the bytes of the frame.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from tha4_core.character import Character
from tha4_core.engines.cuda.layers import (
    Stage,
    StageBuffers,
    body_ignores_face,
    body_stages,
    face_stage,
    fits_half,
)
from tha4_core.engines.cuda.plan import RegionPlan, plan_grid, plan_region
from tha4_core.engines.cuda.runner import DirectRunner, GraphRunner, Runner, Step
from tha4_core.engines.engine import EngineError, checked_device, checked_threads, output_array
from tha4_core.engines.native.masks import MaskInUse
from tha4_core.picture.region import PICTURE_SIZE, Region, as_region
from tha4_core.pose import FACE_SIZE, Pose, as_pose
from tha4_core.student import FACE_EDGE, FACE_LEFT, FACE_TOP
from tha4_core.visibility import Visibility, pixels_of

_PRECISIONS: Final = ("auto", "float32", "half")
# Regions whose lists, memory and graphs are kept. The full picture of a character takes about 150 MB.
_PLANS_KEPT: Final = 8
# The first GPUs whose tensor cores multiply fp16 and sum in fp32.
_TENSOR_CORES: Final = (7, 0)


class CudaEngine:
    """See :class:`tha4_core.engines.engine.Engine` for the contract."""

    name = "cuda"

    def __init__(
        self,
        character: Character,
        *,
        threads: int | None = None,
        device: str | None = None,
        precision: str | None = None,
        skip_invisible: bool = True,
    ) -> None:
        """An engine for ``character``.

        threads: torch's pool, which all of the process shares; of use on the CPU only.
        device: as ``cuda:0``; None: the current GPU. ``cpu`` runs the same steps there, for tests.
        precision: "float32"; "half": fp16 weights and activations with fp32 sums (see ``layers``); None or "auto":
        half on GPUs with tensor cores if the character's weights fit, else float32.
        skip_invisible: leave out what can never be seen, by the character's own mask, one from the user's cache, or
        one that the native engine, if it was built, measures in the background once this one is in steady use.
        Raises EngineError.
        """
        if precision not in (None, *_PRECISIONS):
            raise EngineError(f"there is no precision named {precision!r}; choose one of {', '.join(_PRECISIONS)}.")
        threads, place = checked_threads(threads), _device(checked_device(device))
        if threads is not None:
            torch.set_num_threads(threads)
        half = precision == "half"
        if half and not fits_half(character):
            raise EngineError("this character's weights are too large for half precision; choose float32 or auto.")
        if precision in (None, "auto") and place.type == "cuda":
            half = torch.cuda.get_device_capability(place) >= _TENSOR_CORES and fits_half(character)
        self._half = half
        self._mask = MaskInUse(character) if skip_invisible else None
        self._visible = _visible(self._mask.visibility if self._mask else None)
        self._ignores_face = body_ignores_face(character)
        try:
            self._build(character, place)
        except torch.OutOfMemoryError:
            raise _out_of_memory(place) from None

    @torch.inference_mode()
    def _build(self, character: Character, device: torch.device) -> None:
        self._runner: Runner = GraphRunner(device) if device.type == "cuda" else DirectRunner()
        with self._runner.active():
            picture = torch.from_numpy(character.network_image).to(device)  # (4, 512, 512)
            face = face_stage(character, half=self._half, device=device)
            self._stages = body_stages(character, half=self._half, device=device)
            buffers = StageBuffers(face, plan_grid(np.ones((FACE_EDGE, FACE_EDGE), np.bool_)), device)
            painted = torch.empty((FACE_EDGE * FACE_EDGE, face.answer_channels), device=device)
        box = picture[:, FACE_TOP : FACE_TOP + FACE_EDGE, FACE_LEFT : FACE_LEFT + FACE_EDGE]
        pose = self._runner.pose[:FACE_SIZE]

        def paint() -> None:
            face.run(pose, buffers, None, painted)
            box.copy_(painted[:, :4].T.view(4, FACE_EDGE, FACE_EDGE))

        self._picture = picture
        self._paint = self._runner.prepare(paint)
        self._painted: bytes | None = None  # the face parameters of the face in the picture
        self._frames: OrderedDict[Region, _RegionFrame | None] = OrderedDict()
        self._host: tuple[Region, bytes, NDArray[np.uint8]] | None = None  # the last frame, its region and pose

    @property
    def device(self) -> str:
        return str(self._runner.device)

    @property
    def precision(self) -> str:
        """What it computes in: float32 or half."""
        return "half" if self._half else "float32"

    def set_visibility(self, visibility: Visibility | None) -> None:
        """Leave out what ``visibility`` says cannot be seen; None: compute all. Measures nothing from now on."""
        self._mask = None
        self._look_through(visibility)

    def _look_through(self, visibility: Visibility | None) -> None:
        self._visible = _visible(visibility)
        self._frames.clear()
        self._host = None

    def render(
        self,
        pose: Pose | Sequence[float],
        region: Sequence[int] | None = None,
        out: NDArray[np.uint8] | None = None,
    ) -> NDArray[np.uint8]:
        """As the contract says; raises EngineError also when the GPU's memory is full."""
        rectangle = as_region(region)
        vector = as_pose(pose)
        out = output_array(rectangle, out)
        if self._mask is not None and self._mask.found_at_frame():
            self._look_through(self._mask.visibility)
        key = vector.tobytes()
        if self._host is None or self._host[:2] != (rectangle, key):
            self._host = None  # its array is about to be reused
            try:
                self._host = rectangle, key, self._render(vector, rectangle)
            except torch.OutOfMemoryError:
                self._frames.clear()
                self._painted = None
                raise _out_of_memory(self._runner.device) from None
        np.copyto(out, self._host[2])
        return out

    @torch.inference_mode()
    def _render(self, pose: Pose, region: Region) -> NDArray[np.uint8]:
        with self._runner.active():
            frame = self._frame(region)
            if frame is None:
                return np.zeros((region.height, region.width, 4), np.uint8)
            key = pose.tobytes()
            if frame.shows != key:
                self._run(frame, pose, key)
            return self._runner.download(frame.pixels)

    def _run(self, frame: _RegionFrame, pose: Pose, key: bytes) -> None:
        """Bring ``frame`` to ``pose`` by those of the three steps that this takes."""
        self._runner.upload(pose)
        # What is noted as done is so only once its step has run: an error in between leaves nothing stale.
        frame.shows = None
        face = pose[:FACE_SIZE].tobytes()
        if self._painted != face:
            self._painted = None
            self._paint()
            self._painted = face
        body = pose[FACE_SIZE:].tobytes() if self._ignores_face else key
        if frame.body_of != body:
            frame.body_of = None
            frame.run_body()
            frame.body_of = body
        frame.run_picture()
        frame.shows = key

    def _frame(self, region: Region) -> _RegionFrame | None:
        """What is kept for ``region``, made if need be; None where nothing can be seen."""
        if region not in self._frames:
            while len(self._frames) >= _PLANS_KEPT:
                self._frames.popitem(last=False)
            plan = plan_region(region, self._visible, len(self._stages))
            frame = None if plan is None else _region_frame(region, plan, self._stages, self._picture, self._runner)
            self._frames[region] = frame
        self._frames.move_to_end(region)
        return self._frames[region]


@dataclass(eq=False)
class _RegionFrame:
    """A region's body and picture steps, and the frame that they make.

    pixels: uint8 (h, w, 4) on the device. shows: the pose in ``pixels``; body_of: what the body network's output is
    of; both are for who runs the steps to set.
    """

    pixels: Tensor
    run_body: Step
    run_picture: Step
    shows: bytes | None = None
    body_of: bytes | None = None


def _region_frame(
    region: Region, plan: RegionPlan, stages: Sequence[Stage], picture: Tensor, runner: Runner
) -> _RegionFrame:
    """The steps of a region, with memory of their own. picture: fp32 (4, 512, 512), the face painted in."""
    device = runner.device
    coarse_channels = [0, *(stage.answer_channels for stage in stages[:-1])]
    all_buffers = [
        StageBuffers(stage, level, device, channels)
        for stage, level, channels in zip(stages, plan.levels, coarse_channels, strict=True)
    ]
    raw = torch.empty((len(plan.places), stages[-1].answer_channels), device=device)  # (n, 8)
    # Each level writes the features that the next one's table begins with, and its answer where they are summed.
    outs = [(buffers.features, buffers.coarse_answer) for buffers in all_buffers[1:]] + [(None, raw)]
    # What is not visible is never written, and stays transparent.
    pixels = torch.zeros((region.height, region.width, 4), dtype=torch.uint8, device=device)
    words = pixels.view(torch.int32).view(-1)  # a pixel is a word: (h * w,)
    places = torch.from_numpy(plan.places).to(device)  # (n,)
    centres = torch.from_numpy(plan.centres).to(device)  # (n, 2)

    def body() -> None:
        for stage, buffers, out in zip(stages, all_buffers, outs, strict=True):
            stage.run(runner.pose, buffers, *out)

    def compose() -> None:
        flow, alpha, direct = raw[:, :2], raw[:, 2:3], raw[:, 3:7]
        grid = (centres + flow)[None, None]  # (1, 1, n, 2)
        warped = functional.grid_sample(
            picture[None], grid, mode="bilinear", padding_mode="border", align_corners=False
        )  # (1, 4, 1, n)
        final = torch.lerp(warped[0, :, 0].T, direct, alpha)  # (n, 4)
        words.index_copy_(0, places, _to_rgba8_straight(final).view(torch.int32).view(-1))

    # These functions hold no frame: one that is given up goes at once, and the GPU's memory with it.
    return _RegionFrame(pixels, runner.prepare(body), runner.prepare(compose))


def _to_rgba8_straight(values: Tensor) -> Tensor:
    """Linear premultiplied fp32 (n, 4) in [-1, 1] -> straight-alpha sRGB uint8 (n, 4) (STUDENT.md section 6.4)."""
    unit = (values + 1.0) * 0.5
    alpha = unit[:, 3:].clamp(0.0, 1.0)  # (n, 1)
    alpha8 = torch.round(alpha * 255.0)
    linear = (unit[:, :3] / alpha).clamp(0.0, 1.0)  # (n, 3)
    color = torch.where(linear <= 0.003130804953560372, 12.92 * linear, 1.055 * linear.pow(1.0 / 2.4) - 0.055)
    color8 = torch.where(alpha8 > 0.0, torch.round(color * 255.0), 0.0)  # 0 also where 0 was divided by 0
    return torch.cat((color8, alpha8), dim=1).to(torch.uint8)


def _visible(visibility: Visibility | None) -> NDArray[np.bool_]:
    if visibility is None:
        return np.ones((PICTURE_SIZE, PICTURE_SIZE), np.bool_)
    return pixels_of(visibility.anywhere)


def _device(name: str | None) -> torch.device:
    """The device to use, checked. Raises EngineError."""
    try:
        device = torch.device(name or "cuda")
    except RuntimeError:
        raise EngineError(f"the cuda engine cannot use device {name!r}; give one as cuda:0.") from None
    if device.type == "cpu":
        return device
    if device.type != "cuda":
        raise EngineError(f"the cuda engine runs on NVIDIA GPUs, not on device {name!r}; give one as cuda:0.")
    if not torch.backends.cuda.is_built():  # type: ignore[no-untyped-call]
        raise EngineError(
            f"the cuda engine needs PyTorch with CUDA, but {torch.__version__} was built without it; install one from"
            " https://pytorch.org/get-started/locally, or choose the native engine."
        )
    if not torch.cuda.is_available():
        raise EngineError(
            "the cuda engine needs an NVIDIA GPU, but PyTorch finds none; install or update its driver, or choose the"
            " native engine."
        )
    if not hasattr(torch.ops.aten.mm, "dtype_out"):
        raise EngineError(
            f"the cuda engine needs PyTorch 2.8 or newer, but this is {torch.__version__}: pip install -U torch."
        )
    count = torch.cuda.device_count()
    index = torch.cuda.current_device() if device.index is None else device.index
    if index >= count:
        raise EngineError(f"there is no device {name!r}: PyTorch finds {count}, cuda:0 to cuda:{count - 1}.")
    return torch.device("cuda", index)


def _out_of_memory(device: torch.device) -> EngineError:
    return EngineError(
        f"{device} has too little free memory for this character; close other programs, render smaller regions, or"
        " choose the native engine."
    )
