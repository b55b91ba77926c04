"""Makes the C++ renderer of a character, or says in a sentence why there is none."""

from __future__ import annotations

import ctypes
import os
from typing import TYPE_CHECKING, Final

from tha4_core.character import Character
from tha4_core.engines.engine import EngineError

if TYPE_CHECKING:
    from tha4_core.engines.native.library import Renderer

#: Forces an instruction set: avx512, avxvnni, avx2, neon or portable.
ISA_VARIABLE: Final = "THA4_NATIVE_ISA"
#: Forces a precision: float32 or fixed16.
PRECISION_VARIABLE: Final = "THA4_NATIVE_PRECISION"
_ISAS: Final = ("avx512", "avxvnni", "avx2", "neon", "portable")
_PRECISIONS: Final = ("auto", "float32", "fixed16")


def new_renderer(character: Character, threads: int, isa: str | None = None, precision: str | None = None) -> Renderer:
    """A renderer of ``character`` that computes every pixel.

    isa, precision: as of :class:`.engine.NativeEngine`; None: what the environment says, else the best. With "auto"
    a part of one picture is rendered in both precisions, which takes some hundredths of a second.
    Raises EngineError.
    """
    _require_library()
    from tha4_core.engines.native import library
    from tha4_core.engines.native.networks import networks_of

    isa = isa or os.environ.get(ISA_VARIABLE) or ""
    if isa and isa not in _ISAS:
        raise EngineError(
            f"there is no instruction set named {isa!r}; set {ISA_VARIABLE} to one of {', '.join(_ISAS)}."
        )
    supported = library.supported()
    if isa and isa not in supported:
        raise EngineError(
            f"this processor or build cannot run {isa}; set {ISA_VARIABLE} to one of {', '.join(supported)}."
        )
    precision = precision or os.environ.get(PRECISION_VARIABLE) or "auto"
    if precision not in _PRECISIONS:
        raise EngineError(f"there is no precision named {precision!r}; choose one of {', '.join(_PRECISIONS)}.")
    trial = library.published_trial()
    options = library.Options(
        isa=isa.encode(),
        precision=library.Precision[precision.upper()],
        threads=threads,
        trial=ctypes.pointer(trial),
    )
    networks = networks_of(character)
    try:
        return library.Renderer(networks.numbers, options)
    except library.ThreadsError as error:
        raise EngineError(
            f"{threads} threads could not be started ({error}); give fewer, or raise the limit (ulimit -u)."
        ) from None
    except (library.UnsupportedError, ValueError) as error:
        raise EngineError(str(error)) from None


def default_threads() -> int:
    """The physical cores that this process may use less one, for the game; at least one. Raises EngineError."""
    _require_library()
    from tha4_core.engines.native import library

    return library.spare_cores()


def is_built() -> bool:
    """Whether there is a library of these sources."""
    try:
        import tha4_core.engines.native.library  # noqa: F401
    except ImportError:
        return False
    return True


def _require_library() -> None:
    if not is_built():
        raise EngineError(
            "the native engine was not built; install a C++ compiler (Debian: apt install g++), then the project again"
            " (pip install -e .)."
        )
