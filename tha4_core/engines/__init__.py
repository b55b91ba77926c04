"""Engines turn poses of a character into pictures: ``create_engine(character).render(pose, region)``.

Importing this package imports no engine's own needs (torch); creating an engine does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Final

from tha4_core.character import Character
from tha4_core.engines.cuda.driver import worth_trying
from tha4_core.engines.engine import Engine, EngineError, checked_device, checked_threads
from tha4_core.pose import neutral_pose

__all__ = ["Engine", "EngineError", "create_engine", "engine_names"]


def _create_cuda(character: Character, threads: int | None, device: str | None) -> Engine:
    try:
        from tha4_core.engines.cuda.engine import CudaEngine
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise EngineError(
            "the cuda engine needs PyTorch with CUDA, which is not installed; install it from"
            " https://pytorch.org/get-started/locally, or choose the native engine."
        ) from None
    return CudaEngine(character, threads=threads, device=device)


def _create_native(character: Character, threads: int | None, device: str | None) -> Engine:
    from tha4_core.engines.native.engine import NativeEngine

    return NativeEngine(character, threads=threads, device=device)


def _create_reference(character: Character, threads: int | None, device: str | None) -> Engine:
    try:
        from tha4_core.engines.reference import ReferenceEngine
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise EngineError("the reference engine needs PyTorch, which is not installed: pip install torch.") from None
    return ReferenceEngine(character, threads=threads, device=device)


#: In the order in which "auto" prefers them.
_ENGINES: Final[Mapping[str, Callable[[Character, int | None, str | None], Engine]]] = {
    "cuda": _create_cuda,
    "native": _create_native,
    "reference": _create_reference,
}
_LOG: Final = logging.getLogger(__name__)


def engine_names() -> tuple[str, ...]:
    """The names that ``create_engine`` knows besides "auto"."""
    return tuple(_ENGINES)


def create_engine(
    character: Character, name: str = "auto", threads: int | None = None, device: str | None = None
) -> Engine:
    """An engine for ``character``.

    name: one of ``engine_names()``, or "auto" for the best that works here: cuda where there are an NVIDIA GPU and a
    torch built for it, else native, else reference. threads: how many CPU threads it may use; None leaves it the
    choice. device: as ``cpu`` or ``cuda:0``; None leaves it the choice.
    Raises EngineError.
    """
    threads, device = checked_threads(threads), checked_device(device)
    if name != "auto":
        if name not in engine_names():  # a tuple takes what has no hash, too
            raise EngineError(f"there is no engine named {name!r:.80}; choose auto or one of {', '.join(_ENGINES)}.")
        return _ENGINES[name](character, threads, device)
    problems: dict[str, str] = {}
    for candidate, create in _ENGINES.items():
        if candidate == "cuda" and not _cuda_may_serve(device):
            continue
        try:
            engine = create(character, threads, device)
            if candidate == "cuda":
                _try_out(engine)
        except EngineError as error:
            problems[candidate] = str(error)
            continue
        if "cuda" in problems:
            _LOG.warning("The %s engine serves instead of the cuda engine: %s", engine.name, problems["cuda"])
        if "native" in problems and device in (None, "cpu"):
            _LOG.warning(
                "The %s engine serves, many times slower than the native one: %s", engine.name, problems["native"]
            )
        return engine
    raise EngineError(f"no engine works here: {' '.join(problems.values())}")


def _try_out(engine: Engine) -> None:
    """Render a little, so that a GPU or driver that fails does so while another engine can still serve.

    Raises EngineError.
    """
    try:
        engine.render(neutral_pose(), (0, 0, 16, 16))
    except RuntimeError as error:  # what torch raises for whatever is wrong with a device
        reason = str(error).splitlines()[0].rstrip(".")
        raise EngineError(f"the {engine.name} engine failed on {engine.device}: {reason}.") from None


def _cuda_may_serve(device: str | None) -> bool:
    """Whether "auto" tries the cuda engine, which imports torch: seconds and 200 MB that a CPU need not pay."""
    if device is None:
        return worth_trying()
    return device.startswith("cuda")
