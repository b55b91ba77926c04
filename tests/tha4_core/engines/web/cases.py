"""What tests in JavaScript are given: characters, and pictures of them by the other engines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.synthetic import synthetic_character
from tha4_core.character import Character, save_character
from tha4_core.character.networks import Networks
from tha4_core.engines.native.renderer import new_renderer
from tha4_core.pose import SIZE, Pose, as_pose


def pose_of(seed: int) -> Pose:
    return as_pose(np.random.default_rng(seed).uniform(-1.0, 1.0, SIZE))


def native(
    character: Character, precision: str, pose: Pose, region: Sequence[int], isa: str = "", scale: int = 1
) -> NDArray[np.uint8]:
    """What the native engine draws of what can be seen. Raises EngineError where it cannot have the precision."""
    renderer = new_renderer(character, 1, isa, precision)
    if character.visibility is not None:
        renderer.set_visibility(character.visibility.tiles)
    pixels = np.empty((scale * region[3], scale * region[2], 4), np.uint8)
    renderer.render(pose, tuple(region), pixels, scale)
    return pixels


def with_networks(character: Character, networks: Networks, replaced: str) -> Character:
    """A character of which one network is another one, made up."""
    made_up = synthetic_character(networks=networks)
    info = replace(character.info, networks=networks)
    return replace(character, info=info, **{replaced: getattr(made_up, replaced)})


class Cases:
    """A folder of characters and pictures, and what is said of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._cases: list[dict[str, Any]] = []

    def add(self, character: Character, name: str, pose: Pose, region: Sequence[int], **pictures: NDArray[Any]) -> None:
        """pictures: by what they are."""
        if not (self.folder / name).exists():
            save_character(character, self.folder / name)
        case: dict[str, Any] = {"file": name, "pose": pose.tolist(), "region": list(region)}
        for what, pixels in pictures.items():
            case[what] = f"{len(self._cases)}_{what}.rgba"
            (self.folder / case[what]).write_bytes(pixels.tobytes())
        self._cases.append(case)
        self.say()

    def say(self, **more: object) -> None:
        """More of the last one."""
        self._cases[-1] |= more
        (self.folder / "cases.json").write_text(json.dumps(self._cases))
