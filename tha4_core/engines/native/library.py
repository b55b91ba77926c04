"""The C++ engine as a shared library, called through ctypes, which lets go of the GIL meanwhile.

``src/tha4_engine.h`` says what the functions do. The library is the file that :data:`FILE_NAME` names, beside this
one. Importing this module raises ImportError where it was not built, or does not fit.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

#: Of the library, on this system.
FILE_NAME: Final = {"win32": "tha4_engine.dll", "darwin": "libtha4_engine.dylib"}.get(sys.platform, "libtha4_engine.so")
_ABI_VERSION: Final = 5
#: THA4_FACE_CHANNELS and THA4_BODY_CHANNELS.
_FACE_CHANNELS: Final = 4
_BODY_CHANNELS: Final = 7


class Status(IntEnum):
    """``tha4_status``: how a call ended."""

    OK = 0
    INVALID = 1
    UNSUPPORTED = 2
    BUSY = 3
    MEMORY = 4
    THREADS = 5
    FAILED = 6


class Precision(IntEnum):
    """``tha4_precision``."""

    AUTO = 0
    FLOAT32 = 1
    FIXED16 = 2


class Region(ctypes.Structure):
    """``tha4_region``."""

    _fields_ = tuple((name, ctypes.c_int32) for name in ("x", "y", "width", "height"))


class Layer(ctypes.Structure):
    """``tha4_layer``."""

    _fields_ = (
        ("weight", ctypes.c_void_p),
        ("bias", ctypes.c_void_p),
        ("weight_count", ctypes.c_size_t),
        ("bias_count", ctypes.c_size_t),
        ("inputs", ctypes.c_int32),
        ("outputs", ctypes.c_int32),
    )


class Level(ctypes.Structure):
    """``tha4_level``."""

    _fields_ = (("layers", ctypes.POINTER(Layer)), ("layer_count", ctypes.c_int32), ("edge", ctypes.c_int32))


class CharacterNumbers(ctypes.Structure):
    """``tha4_character``."""

    _fields_ = (
        ("picture", ctypes.c_void_p),
        ("picture_count", ctypes.c_size_t),
        ("picture_edge", ctypes.c_int32),
        ("pose_size", ctypes.c_int32),
        ("lean_parameters", ctypes.c_int32 * 2),
        ("face_left", ctypes.c_int32),
        ("face_top", ctypes.c_int32),
        ("face_pose_size", ctypes.c_int32),
        ("level_count", ctypes.c_int32),
        ("face", Level),
        ("face_output", Layer),
        ("levels", ctypes.POINTER(Level)),
        ("body_output", Layer),
        ("heads", ctypes.POINTER(Layer)),
        ("head_count", ctypes.c_int32),
        ("drawing_edge", ctypes.c_int32),
        ("drawing", ctypes.c_void_p),
        ("drawing_size", ctypes.c_size_t),
    )


class Trial(ctypes.Structure):
    """``tha4_trial``."""

    _fields_ = (
        ("pose", ctypes.POINTER(ctypes.c_float)),
        ("pose_count", ctypes.c_size_t),
        ("region", Region),
        ("least_psnr", ctypes.c_double),
    )


class Options(ctypes.Structure):
    """``tha4_options``."""

    _fields_ = (
        ("isa", ctypes.c_char_p),
        ("precision", ctypes.c_int32),
        ("threads", ctypes.c_int32),
        ("pool", ctypes.c_void_p),
        ("trial", ctypes.POINTER(Trial)),
    )


def _loaded() -> ctypes.CDLL:
    path = Path(__file__).with_name(FILE_NAME)
    try:
        found = ctypes.CDLL(str(path))
    except OSError as error:
        raise ImportError(f"{path} was not built, or cannot be loaded: {error}") from None
    found.tha4_abi_version.restype = ctypes.c_uint32
    version = found.tha4_abi_version()
    if version != _ABI_VERSION:
        raise ImportError(f"{path} was built from other sources: its interface has version {version}")
    return found


_LIBRARY: Final = _loaded()
_SIZES: Final = [ctypes.c_size_t, ctypes.c_size_t]


def _function(name: str, result: object, *arguments: object) -> Callable[..., Any]:
    function = getattr(_LIBRARY, name)
    function.restype = result
    function.argtypes = arguments
    return function  # type: ignore[no-any-return]


_POINTER: Final = ctypes.c_void_p
_INT: Final = ctypes.c_int32
_last_error: Final = _function("tha4_last_error", ctypes.c_char_p)
_supported: Final = _function("tha4_supported", ctypes.c_char_p, _INT)
_published: Final = _function("tha4_published", _INT, ctypes.POINTER(CharacterNumbers))
_published_trial: Final = _function("tha4_published_trial", ctypes.POINTER(Trial))
_network_picture: Final = _function("tha4_network_picture", _INT, _POINTER, *_SIZES, _INT, _POINTER, ctypes.c_size_t)
_fill_edges: Final = _function("tha4_fill_edges", _INT, _POINTER, *_SIZES, _INT, _INT)
_create: Final = _function(
    "tha4_renderer_create",
    _INT,
    ctypes.POINTER(CharacterNumbers),
    ctypes.POINTER(Options),
    ctypes.POINTER(_POINTER),
)
_destroy: Final = _function("tha4_renderer_destroy", None, _POINTER)
_set_visibility: Final = _function("tha4_set_visibility", _INT, _POINTER, _POINTER, _INT, _INT)
_render: Final = _function("tha4_render", _INT, _POINTER, _POINTER, ctypes.c_size_t, Region, _POINTER, *_SIZES)
_body_outputs: Final = _function(
    "tha4_body_outputs", _INT, _POINTER, _POINTER, ctypes.c_size_t, Region, _POINTER, ctypes.c_size_t
)
_face_outputs: Final = _function(
    "tha4_face_outputs", _INT, _POINTER, _POINTER, ctypes.c_size_t, _POINTER, ctypes.c_size_t
)
_render_larger: Final = _function(
    "tha4_render_larger", _INT, _POINTER, _POINTER, ctypes.c_size_t, Region, _INT, _POINTER, *_SIZES
)
_isa: Final = _function("tha4_renderer_isa", ctypes.c_char_p, _POINTER)
_fixed16: Final = _function("tha4_renderer_fixed16", _INT, _POINTER)
_threads: Final = _function("tha4_renderer_threads", _INT, _POINTER)
_multiply_adds: Final = _function("tha4_renderer_multiply_adds", ctypes.c_double, _POINTER)
_spare_cores: Final = _function("tha4_spare_cores", _INT)
_speed: Final = _function("tha4_speed", _INT, ctypes.c_char_p, _INT, _INT, *[ctypes.POINTER(ctypes.c_double)] * 2)


class ThreadsError(RuntimeError):
    """The system starts no more threads."""


class UnsupportedError(ValueError):
    """An instruction set or a precision that is not to be had here."""


_ERRORS: Final[dict[int, type[Exception]]] = {
    Status.INVALID: ValueError,
    Status.UNSUPPORTED: UnsupportedError,
    Status.BUSY: RuntimeError,
    Status.MEMORY: MemoryError,
    Status.THREADS: ThreadsError,
}


def _check(status: int) -> None:
    if status != Status.OK:
        raise _ERRORS.get(status, RuntimeError)(_last_error().decode())


def supported() -> list[str]:
    """The instruction sets that this processor can run, best first."""
    names: list[str] = []
    while name := _supported(len(names)):
        names.append(name.decode())
    return names


def spare_cores() -> int:
    """How many threads leave the game its share: the physical cores that this process may use less one, at least 1."""
    return int(_spare_cores())


def speed(isa: str, fixed16: bool, channels: int) -> tuple[float, float]:
    """Multiply-adds a second of one thread: at most, and in a sine layer of ``channels`` inputs and outputs.

    Raises ValueError where there is no such instruction set, arithmetic or layer.
    """
    peak, layer = ctypes.c_double(), ctypes.c_double()
    _check(_speed(isa.encode(), fixed16, channels, peak, layer))
    return peak.value, layer.value


def fill_edges(pixels: NDArray[np.uint8]) -> None:
    """:func:`tha4_core.picture.edges.fill_edges`, in C++. Raises ValueError."""
    height, width = _checked_pixels(pixels).shape[:2]
    _check(_fill_edges(pixels.ctypes.data, pixels.nbytes, 4 * width, width, height))


def network_picture(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """:func:`tha4_core.picture.color.to_network` of a square picture, in C++. Raises ValueError."""
    height, width = _checked_pixels(pixels).shape[:2]
    if height != width:
        raise ValueError(f"a picture must be square, not {width} x {height}")
    picture = np.empty((4, height, width), np.float32)
    _check(_network_picture(pixels.ctypes.data, pixels.nbytes, 4 * width, width, picture.ctypes.data, picture.size))
    return picture


def published() -> CharacterNumbers:
    """The numbers of the published networks; neither picture nor weights."""
    character = CharacterNumbers()
    _check(_published(character))
    return character


def published_trial() -> Trial:
    """The picture that decides whether a character with the published networks is drawn in fixed16; a copy."""
    return Trial.from_buffer_copy(_published_trial().contents)


def _checked_pixels(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What C++ may read and write. Raises ValueError."""
    good = pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.shape[2] == 4
    if not good or not pixels.flags.c_contiguous or not pixels.flags.writeable:
        raise ValueError(f"pixels must be contiguous and writable bytes (height, width, 4), not {pixels.shape}")
    return pixels


def _check_numbers(out: NDArray[np.float32], shape: tuple[int, ...]) -> None:
    """Raise ValueError where C++ may not write numbers of ``shape``."""
    good = out.dtype == np.float32 and out.shape == shape
    if not good or not out.flags.c_contiguous or not out.flags.writeable:
        raise ValueError(f"out must be contiguous and writable float32 {shape}, not {out.dtype} {out.shape}")


class Renderer:
    """``tha4_renderer``: draws one character. One thread at a time.

    Raises ValueError (a character or option that cannot be used; UnsupportedError), MemoryError, ThreadsError.
    """

    _release = staticmethod(_destroy)  # there even when the interpreter ends

    def __init__(self, character: CharacterNumbers, options: Options) -> None:
        self._renderer = ctypes.c_void_p()
        _check(_create(character, options, self._renderer))
        self.isa: str = _isa(self._renderer).decode()
        self.fixed16 = bool(_fixed16(self._renderer))
        self.threads: int = _threads(self._renderer)

    def __del__(self) -> None:
        self._release(self._renderer)  # its threads are asleep and end at once

    @property
    def multiply_adds(self) -> float:
        """Of the networks' layers, in the last frame."""
        return float(_multiply_adds(self._renderer))

    def render(
        self, pose: NDArray[np.float32], region: tuple[int, int, int, int], out: NDArray[np.uint8], scale: int = 1
    ) -> None:
        """Render a region (x, y, width, height) of a pose into ``out``, straight-alpha RGBA8 (height * scale,
        width * scale, 4); scale: 1, 2 or 4.

        Raises RuntimeError where another thread is rendering, ThreadsError, ValueError.
        """
        pose = np.ascontiguousarray(pose, np.float32)
        width, height = region[2] * scale, region[3] * scale
        if _checked_pixels(out).shape[:2] != (height, width):
            raise ValueError(f"out must be {width} x {height} pixels, not {out.shape[1]} x {out.shape[0]}")
        given = self._renderer, pose.ctypes.data, pose.size, Region(*region)
        rows = out.ctypes.data, out.nbytes, 4 * width
        _check(_render(*given, *rows) if scale == 1 else _render_larger(*given, scale, *rows))

    def body_outputs(
        self, pose: NDArray[np.float32], region: tuple[int, int, int, int], out: NDArray[np.float32]
    ) -> None:
        """What the body morpher puts out for a region of a pose, into ``out``, (7, height, width). Raises as render."""
        pose = np.ascontiguousarray(pose, np.float32)
        _, _, width, height = region
        _check_numbers(out, (_BODY_CHANNELS, height, width))
        rectangle = Region(*region)
        _check(_body_outputs(self._renderer, pose.ctypes.data, pose.size, rectangle, out.ctypes.data, out.size))

    def face_outputs(self, pose: NDArray[np.float32], out: NDArray[np.float32]) -> None:
        """What the face morpher puts out for a pose, into ``out``, (4, edge, edge) of its grid. Raises as render."""
        pose = np.ascontiguousarray(pose, np.float32)
        _check_numbers(out, (_FACE_CHANNELS, *out.shape[1:]))
        _check(_face_outputs(self._renderer, pose.ctypes.data, pose.size, out.ctypes.data, out.size))

    def set_visibility(self, tiles: NDArray[np.uint8]) -> None:
        """Leave transparent what a mask (rows, columns) over the picture says cannot be seen: bit i of a tile is
        whether it can be in poses that lean in way i. Raises RuntimeError, ValueError."""
        tiles = np.ascontiguousarray(tiles, np.uint8)
        rows, columns = tiles.shape
        _check(_set_visibility(self._renderer, tiles.ctypes.data, rows, columns))
