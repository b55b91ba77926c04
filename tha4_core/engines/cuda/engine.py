"""The CUDA engine: a frame in three steps on the GPU, and what is kept between frames.

1. *Face*: the face network paints all of its 128x128 pixels into the picture. It is the same for all regions, since
   where the body's flow reads is not known beforehand, and runs only when a face parameter has changed.
2. *Body*: the body network's levels, on those pixels only that a region needs and that can ever be seen.
3. *Picture*: warp, blend, un-premultiplication, sRGB, and the bytes of the frame.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tha4_core.character import Character
from tha4_core.engines.cuda.frames import RegionFrame, larger_frame, region_frame
from tha4_core.engines.cuda.layers import (
    StageBuffers,
    body_ignores_face,
    body_stages,
    face_stage,
    fits_half,
)
from tha4_core.engines.cuda.plan import plan_grid
from tha4_core.engines.cuda.runner import DirectRunner, GraphRunner, Runner, Step
from tha4_core.engines.engine import EngineError, ScaleCheck, checked_device, checked_threads, output_array
from tha4_core.engines.larger import LargerPicture, times_of
from tha4_core.engines.native.masks import MaskInUse
from tha4_core.picture.region import PICTURE_SIZE, Region, as_region
from tha4_core.pose import FACE_SIZE, Pose, as_pose, neutral_pose
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
        self._checked_scale = ScaleCheck(character)
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
        self._drawing = character.drawing_hd
        self._larger: dict[int, _Larger] = {}  # by how many times 512 pixels they have
        self._painted_larger: set[int] = set()  # those that hold the face of _painted
        self._frames: OrderedDict[tuple[Region, int], RegionFrame | None] = OrderedDict()
        # The last frame, its region and scale, and its pose.
        self._host: tuple[tuple[Region, int], bytes, NDArray[np.uint8]] | None = None

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
        scale: int = 1,
    ) -> NDArray[np.uint8]:
        """As the contract says; raises EngineError also when the GPU's memory is full."""
        rectangle = as_region(region)
        vector = as_pose(pose)
        out = output_array(rectangle, out, self._checked_scale(scale))
        if self._mask is not None and self._mask.found_at_frame():
            self._look_through(self._mask.visibility)
        key = vector.tobytes()
        wanted = rectangle, scale
        if self._host is None or self._host[:2] != (wanted, key):
            self._host = None  # its array is about to be reused
            try:
                self._host = wanted, key, self._render(vector, wanted)
            except torch.OutOfMemoryError:
                self._frames.clear()
                self._painted = None
                self._painted_larger.clear()
                raise _out_of_memory(self._runner.device) from None
        np.copyto(out, self._host[2])
        return out

    @torch.inference_mode()
    def _render(self, pose: Pose, wanted: tuple[Region, int]) -> NDArray[np.uint8]:
        with self._runner.active():
            frame = self._frame(wanted)
            if frame is None:
                region, scale = wanted
                return np.zeros((region.height * scale, region.width * scale, 4), np.uint8)
            key = pose.tobytes()
            if frame.shows != key:
                self._run(frame, pose, key, self._times(wanted[1]))
            return self._runner.download(frame.pixels)

    def _run(self, frame: RegionFrame, pose: Pose, key: bytes, times: int) -> None:
        """Bring ``frame`` to ``pose`` by those of the steps that this takes. times: as of :meth:`_times`."""
        self._runner.upload(pose)
        # What is noted as done is so only once its step has run: an error in between leaves nothing stale.
        frame.shows = None
        face = pose[:FACE_SIZE].tobytes()
        if self._painted != face:
            self._painted = None
            self._painted_larger.clear()
            self._paint()
            self._painted = face
        if times > 1 and times not in self._painted_larger:
            self._larger[times].paint()
            self._painted_larger.add(times)
        body = pose[FACE_SIZE:].tobytes() if self._ignores_face else key
        if frame.body_of != body:
            frame.body_of = None
            frame.run_body()
            frame.body_of = body
        frame.run_picture()
        frame.shows = key

    def _frame(self, wanted: tuple[Region, int]) -> RegionFrame | None:
        """What is kept for a region and a scale, made if need be; None where nothing can be seen."""
        if wanted not in self._frames:
            while len(self._frames) >= _PLANS_KEPT:
                self._frames.popitem(last=False)
            region, scale = wanted
            if scale == 1:
                frame = region_frame(region, self._visible, self._stages, self._picture, self._runner)
            else:
                picture = self._larger_picture(self._times(scale))
                frame = larger_frame(region, scale, self._visible, self._stages, picture, self._runner)
            self._frames[wanted] = frame
        self._frames.move_to_end(wanted)
        return self._frames[wanted]

    def _times(self, scale: int) -> int:
        """How many times 512 pixels the picture has that is warped at a scale."""
        return 1 if self._drawing is None else times_of(self._drawing, scale)

    def _larger_picture(self, times: int) -> Tensor:
        if times == 1 or self._drawing is None:
            return self._picture
        if times not in self._larger:
            rows, columns = (slice(start, start + FACE_EDGE) for start in (FACE_TOP, FACE_LEFT))
            box = self._picture[:, rows, columns]
            # The face at rest is painted for a moment; the next frame paints its own.
            self._painted = None
            self._painted_larger.clear()
            self._runner.upload(neutral_pose())
            self._paint()
            larger = LargerPicture(self._drawing, times, box.clone())
            self._larger[times] = _Larger(larger.picture, self._runner.prepare(lambda: larger.paint(box)))
        return self._larger[times].picture


class _Larger(NamedTuple):
    """A larger picture, and the step that paints the face into it."""

    picture: Tensor
    paint: Step


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
