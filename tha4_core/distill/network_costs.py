"""What a picture of each shape of networks would cost on this machine."""

from __future__ import annotations

import time
from typing import Final, NamedTuple

import torch

from tha4_core.character import Character, CharacterInfo
from tha4_core.character.networks import NAMED, Networks, name_of
from tha4_core.distill.export import make_character
from tha4_core.engines.engine import EngineError
from tha4_core.engines.native.engine import NativeEngine
from tha4_core.picture.region import FULL_PICTURE, Region
from tha4_core.pose import pose_from_names
from tha4_core.student import Student

#: Poses that leave nothing known from the one before.
_POSES: Final = tuple(
    pose_from_names({"mouth_aaa": 0.2 * step, "head_y": 0.2 * step, "body_y": 0.1 * step}) for step in range(3)
)
#: The first of a body's answers; and what a new one's are made smaller by.
_FLOWS: Final = 2
_SMALL: Final = 0.02


class NetworkCost(NamedTuple):
    """multiply_adds: of a picture, nothing of it known before and all of it visible. full, head: milliseconds of the
    native engine on one thread, of the picture and of a head view; None where that engine is not to be had. own:
    whether these are the networks of the character that is told about."""

    name: str
    multiply_adds: int
    full: float | None
    head: float | None
    own: bool


def network_costs(character: Character) -> list[NetworkCost]:
    """Of the named networks, and of the character's own. Takes about a second."""
    shapes: dict[str, Networks] = dict(NAMED)
    if name_of(character.networks) is None:
        shapes["its own"] = character.networks
    return [
        NetworkCost(
            name,
            networks.face_multiply_adds + networks.body_multiply_adds,
            *_milliseconds(character, networks),
            networks == character.networks,
        )
        for name, networks in shapes.items()
    ]


def new_networks(image_png: bytes, networks: Networks, seed: int = 0) -> Character:
    """A character whose networks have learned nothing: as fast as any of their shape.

    It moves by some pixels, as trained ones do: with flows across the whole picture hardly a pixel would show the face,
    which then need not be painted.
    """
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        student = Student(networks)
        for head in (*student.body_morpher.heads, student.body_morpher.last_linear):
            head.weight[:_FLOWS] *= _SMALL
            head.bias[:_FLOWS] *= _SMALL
    return make_character(image_png, student.face_morpher, student.body_morpher, CharacterInfo(networks=networks))


def _milliseconds(character: Character, networks: Networks) -> tuple[float | None, float | None]:
    try:
        engine = NativeEngine(new_networks(character.image_png, networks), threads=1, skip_invisible=False)
    except EngineError:
        return None, None
    return _best(engine, FULL_PICTURE), _best(engine, character.info.head_view)


def _best(engine: NativeEngine, region: Region) -> float:
    """Of a few pictures, for other programs only ever make one slower."""
    times = []
    for pose in _POSES:
        began = time.perf_counter()
        engine.render(pose, region)
        times.append(time.perf_counter() - began)
    return 1000.0 * min(times)
