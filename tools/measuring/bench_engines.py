"""What a frame costs in each engine, for tools/bench.py."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch
from PIL import Image

from tha4_core.character import Character
from tha4_core.character.larger_drawing import packed
from tha4_core.engines.engine import SCALES
from tha4_core.engines.native.engine import NativeEngine
from tha4_core.engines.reference import ReferenceEngine
from tha4_core.metrics import psnr
from tha4_core.picture.region import DEFAULT_HEAD_VIEW, PICTURE_SIZE
from tha4_core.pose import FACE_SIZE
from tools.measuring.bench_rows import (
    Row,
    blind_to_face,
    compared_pictures,
    eager_student,
    heads_in_turn,
    measure,
    only,
)

#: The native engine is quick enough for so many times more frames.
_MORE = 5


def engine_rows(character: Character, frames: int) -> Iterator[Row]:
    """The eager student, the reference engine, and, for a character with a visibility mask, the native engine."""
    yield measure("eager student, full picture (baseline)", eager_student(character, "cpu"), max(3, frames // 8))
    reference = ReferenceEngine(character)
    yield measure("reference engine, full picture", reference.render, frames)
    yield measure("reference engine, head view 192x192", lambda pose: reference.render(pose, DEFAULT_HEAD_VIEW), frames)
    visibility = character.visibility
    if visibility is None:
        return
    poses, expected = compared_pictures(reference)
    for precision in ("float32", "auto"):
        for skip in (False, True):
            for threads in dict.fromkeys((1, 2, torch.get_num_threads())):
                engine = NativeEngine(character, threads=threads, precision=precision, skip_invisible=skip)
                pixels = f"visible tiles ({visibility.share:.0%})" if skip else "all pixels"
                name = f"native engine, {engine.precision}, {pixels}, {threads} thread{'s'[: threads > 1]}"
                row = _with_peak(measure(name, engine.render, _MORE * frames), engine)
                yield replace(row, psnr=psnr(np.stack([engine.render(pose) for pose in poses]), expected))
    threads = torch.get_num_threads()
    engine = NativeEngine(character, threads=threads)
    name = f"native engine, {engine.precision}, {threads} threads"
    head = measure(f"{name}, head view 192x192", lambda pose: engine.render(pose, DEFAULT_HEAD_VIEW), _MORE * frames)
    yield _with_peak(head, engine)
    yield only(slice(FACE_SIZE, None), f"{name}, only head and body move", engine, _MORE * frames)
    blind = NativeEngine(blind_to_face(character), threads=threads)
    yield only(slice(None, FACE_SIZE), f"{name}, only the face moves, body blind to it", blind, _MORE * frames)
    yield from _larger_rows(character, _MORE * frames)
    yield measure(f"{name}, the same frame again", lambda _: engine.render(poses[0]), _MORE * frames)
    for count in (2, 4):
        yield heads_in_turn(name, [NativeEngine(character, threads=threads) for _ in range(count)], _MORE * frames)


def layer_lines() -> Iterator[str]:
    """The native engine's sine layers against what this machine's processor can do, as rows of a Markdown table."""
    from tha4_core.engines.native import library  # not at the top: where it was not built, that is said in a sentence

    yield "| instruction set | arithmetic | most multiply-adds a second of a thread | 90 channels | 128 | 180 | 360 |"
    yield "| --- " * 7 + "|"
    for isa in library.supported():
        for arithmetic in ("float32", "fixed16"):
            try:
                speeds = [_speed(isa, arithmetic, channels) for channels in (90, 128, 180, 360)]
            except ValueError:
                continue  # this instruction set has no fixed16
            peak = max(peak for peak, _ in speeds)
            cells = [isa, arithmetic, f"{peak / 1e9:.0f} G", *(f"{layer / peak:.0%}" for _, layer in speeds)]
            yield f"| {' | '.join(cells)} |"


@functools.cache  # many rows are held against the same figure
def _speed(isa: str, arithmetic: str, channels: int) -> tuple[float, float]:
    """Multiply-adds a second of one thread: the most, and those of a sine layer. Raises ValueError if it has none."""
    from tha4_core.engines.native import library

    return library.speed(isa, arithmetic == "fixed16", channels)


def _with_peak(row: Row, engine: NativeEngine) -> Row:
    peak, _ = _speed(engine.isa, engine.precision, 128)
    return replace(row, peak=engine.multiply_adds / (row.median * engine.threads * peak))


def _larger_rows(character: Character, frames: int) -> Iterator[Row]:
    """Frames of 512, 1024 and 2048 pixels of a character with a larger drawing: its own, or the picture enlarged."""
    if character.drawing_hd is None:
        picture = Image.fromarray(character.image).resize((2048, 2048), Image.Resampling.LANCZOS)
        character = replace(character, drawing_hd_png=packed(np.array(picture), "the picture enlarged"))
    engine = NativeEngine(character, threads=2)
    for scale in SCALES:
        edge = scale * PICTURE_SIZE
        name = f"native engine, {engine.precision}, 2 threads, a frame of {edge}x{edge}"
        yield measure(name, functools.partial(engine.render, scale=scale), frames)
