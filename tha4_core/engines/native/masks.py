"""Where a character's visibility mask comes from when its file has none: measured once, kept in the user's cache."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tha4_core.character import Character
from tha4_core.engines.engine import EngineError
from tha4_core.engines.native.renderer import new_renderer
from tha4_core.files.atomic import write_atomically
from tha4_core.files.user_cache import cache_directory
from tha4_core.pose import Pose
from tha4_core.visibility import VERSION, Visibility, VisibilityError, measure_visibility

_LOG: Final = logging.getLogger(__name__)
_MAX_BYTES: Final = 1 << 16
# A character without a visibility mask gets one measured once so many of its frames were wanted: an animation
# gains by it, a program that takes a picture or two does not.
_FRAMES_BEFORE_MEASURING: Final = 60
# How much less the measuring thread weighs with the system's scheduler than a game (Linux only).
_NICENESS: Final = 15


def measure(character: Character, threads: int, before_each: Callable[[], None] = lambda: None) -> Visibility:
    """Measure a character's mask with the native engine; half a minute to two. Of one that has a mask, within that.

    before_each: called before every pose; what it raises ends the measuring. Raises EngineError.
    """
    renderer = new_renderer(character, threads)
    if character.visibility is not None:
        renderer.set_visibility(character.visibility.tiles)
    pixels = np.empty((512, 512, 4), dtype=np.uint8)

    def alpha(pose: Pose) -> NDArray[np.uint8]:
        before_each()
        renderer.render(pose, (0, 0, 512, 512), pixels)
        return pixels[..., 3]

    return measure_visibility(alpha, character.look)


def with_visibility(character: Character, threads: int, before_each: Callable[[], None] = lambda: None) -> Character:
    """The character, measured if it has no mask yet; as it is where the native engine was not built.

    before_each: as for :func:`measure`.
    """
    if character.visibility is None:
        with contextlib.suppress(EngineError):
            return replace(character, visibility=measure(character, threads, before_each))
    return character


def cached(character: Character) -> Visibility | None:
    """The mask that an earlier run left in the cache; None if there is none, or it cannot be used."""
    path = _cache_path(character)
    try:
        with path.open("rb") as file:
            return Visibility.from_json(json.loads(file.read(_MAX_BYTES)), character.look, str(path))
    except (OSError, ValueError, RecursionError, VisibilityError):
        return None  # it will be measured and written anew


def _cache_path(character: Character) -> Path:
    return cache_directory() / "visibility" / f"{character.look}.{VERSION}.json"


class Measurement:
    """A mask being measured in the background, on one thread of low priority, and then cached."""

    def __init__(self, character: Character) -> None:
        self.result: Visibility | None = None
        self._character = character
        self._thread = threading.Thread(target=self._run, name="tha4-visibility", daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether ``result`` is what it will be: the mask, or None if measuring failed."""
        return not self._thread.is_alive()

    def wait(self) -> None:
        """Return when it is done."""
        self._thread.join()

    def _run(self) -> None:
        if sys.platform == "linux":
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        try:
            visibility = measure(self._character, threads=1)
        except EngineError as error:
            _LOG.info("what can be seen of a character is not measured, and all of it is computed: %s", error)
            return
        try:
            path = _cache_path(self._character)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, json.dumps(visibility.to_json()).encode())
        except OSError as error:
            _LOG.warning("what can be seen of a character could not be cached (%s); it is measured each time.", error)
        self.result = visibility


_running: Final[dict[str, Measurement]] = {}
_lock: Final = threading.Lock()


def measurement(character: Character) -> Measurement:
    """The measurement of ``character``, started if this process has none: several engines of one character share it."""
    with _lock:
        if character.look not in _running:
            _running[character.look] = Measurement(character)
        return _running[character.look]


class MaskInUse:
    """The mask an engine works with: the character's own, or one from the cache, or else one measured in the
    background once the engine is in steady use.

    visibility: the mask; None while there is none.
    """

    def __init__(self, character: Character) -> None:
        self.visibility = character.visibility or cached(character)
        self._character = character
        self._frames_to_measuring = _FRAMES_BEFORE_MEASURING
        self._measuring: Measurement | None = None
        self._settled = self.visibility is not None

    def found_at_frame(self) -> bool:
        """To be asked before each frame: whether ``visibility`` has just been found."""
        if self._settled:
            return False
        if self._measuring is None:
            self._frames_to_measuring -= 1
            if self._frames_to_measuring <= 0:
                self._measuring = measurement(self._character)
            return False
        if not self._measuring.done:
            return False
        self._settled = True
        self.visibility = self._measuring.result
        return self.visibility is not None
