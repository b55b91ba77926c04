"""What a picture asks of a graphics card, counted: nothing here is measured. For tools/bench.py."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from tha4_core.character import Character
from tha4_core.character.networks import BODY_CHANNELS
from tha4_core.engines.native.engine import NativeEngine
from tha4_core.picture.region import DEFAULT_HEAD_VIEW, FULL_PICTURE, PICTURE_SIZE, Region
from tools.poses.preview_motion import preview_poses

_FLOAT = 4
#: Bytes of a pixel: read as four floats where it is warped; as RGBA8 written, read for its edges, written and copied.
_WARPED = 4 * _FLOAT
_DRAWN = 5 * 4


def cost_lines(character: Character) -> Iterator[str]:
    """Lines of a Markdown table: multiply-adds of a picture, and bytes that pass between the card and its memory if its
    caches keep nothing but weights."""
    pose = preview_poses(2)[1]
    yield "| what | multiply-adds | bytes, at most |"
    yield "| --- | --- | --- |"
    engine = NativeEngine(character, threads=1)
    for what, visibility in (("all pixels", None), ("visible tiles", character.visibility)):
        engine.set_visibility(visibility)
        for view, region in (("full picture", FULL_PICTURE), ("head view 192x192", DEFAULT_HEAD_VIEW)):
            # Another pose, so that the engine has kept nothing.
            engine.render(pose * 0.5, region)
            engine.render(pose, region)
            count = engine.multiply_adds / 1e9
            yield f"| {view}, {what} | {count:.1f} G | {moved_bytes(character, region) / 1e6:.0f} MB |"


def moved_bytes(character: Character, region: Region) -> int:
    """Bytes for a region where every tile is visible: what coarse levels leave for the finer ones, weights, pixels."""
    levels = character.networks.body
    total = region.width * region.height * (_WARPED + _DRAWN)
    weights = (character.face_morpher, character.body_morpher)
    total += sum(array.nbytes for network in weights for array in network.values())
    for coarser, level in itertools.pairwise(levels):
        # A level's first layer is applied before its pixels are made twice as many, with one more on each side; behind
        # it goes what the coarser level answers, where answers are summed.
        channels = level.widths[0] + (BODY_CHANNELS if character.networks.summed else 0)
        shrunk = PICTURE_SIZE // coarser.grid
        width, height = (min(side // shrunk + 2, coarser.grid) for side in (region.width, region.height))
        total += 2 * _FLOAT * channels * width * height
    return total
