"""Measures how steadily characters of ours move: ``python3 tools/compare_motion.py [NAME[=FILE] ...] [-o FOLDER]``.

Each movement is slow, from one end to the other, against the rig's own. Prints a table: how like the frames are, and by
how much the error changes from frame to frame, beside what the movement itself changes. With ``-o`` a picture of each
movement: one line of pixels through the head in every frame, time going down; the rig's, the character's, and four
times their difference. What swims or flickers is a line that is not where the rig's is, or a row of dots.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment

    enter_environment("torch", "rig")

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tha4_core.built_in import ALL_NAMES, NAMES
from tha4_core.console import make_output_safe
from tha4_core.engines import create_engine
from tha4_core.errors import UserError
from tha4_core.memory import keep_freed_memory
from tha4_core.rig.teacher import RigTeacher
from tools.measuring.motion_likeness import MOVEMENTS, Movement, Steadiness, measure_movement
from tools.measuring.rig_subjects import Subject, read_subject, told_on_the_way
from tools.output.picture_files import check_place, write_picture

#: A frame takes half a second.
_TOLD_EVERY: Final = 30
#: Of the lines' picture: what it lies on, and how many times a difference is shown.
_GROUND: Final = 200.0
_ENLARGED: Final = 4.0
_HEAD = (
    "| | PSNR, mean / worst | the error's change, mean / largest | the movement's | share |",
    "|---|---|---|---|---|",
)


def rows(subjects: Sequence[Subject], frames: int, folder: Path | None) -> Iterator[str]:
    """Lines of a Markdown table, each as soon as it is measured; pictures go to ``folder``."""
    yield from _HEAD
    for number, subject in enumerate(subjects, 1):
        engine, rig = create_engine(subject.character), RigTeacher(subject.design)
        for name, parameters in MOVEMENTS.items():
            title = f"{subject.name}, {name}"
            told = told_on_the_way(title, frames, _TOLD_EVERY)
            movement = measure_movement(engine, rig, subject.character.info.head_view, parameters, frames, told)
            if folder is not None:
                # Two files may be called alike.
                file = f"{number}_{Path(subject.name.split('=')[-1]).stem}_{name}.png".replace(" ", "_")
                write_picture(folder / file, Image.fromarray(lines_picture(movement)))
            yield _row(title, movement.steadiness)


def lines_picture(movement: Movement) -> NDArray[np.uint8]:
    """RGB (3 frames, 3 x 3 pixels, 3): the rig's lines, the character's, and their difference, each pixel thrice."""
    truth, made = (_over_ground(lines) for lines in (movement.truth, movement.made))
    difference = np.clip(_GROUND + _ENLARGED * (made - truth), 0.0, 255.0)
    side_by_side = np.concatenate((truth, made, difference), axis=1)  # (frames, 3 x pixels, 3)
    picture: NDArray[np.uint8] = np.rint(side_by_side).astype(np.uint8).repeat(3, axis=0).repeat(3, axis=1)
    return picture


def _over_ground(lines: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Straight alpha (frames, pixels, 4) -> (frames, pixels, 3) over an even grey."""
    values = lines.astype(np.float32)
    alpha = values[..., 3:] / 255.0
    over: NDArray[np.float32] = values[..., :3] * alpha + _GROUND * (1.0 - alpha)
    return over


def _row(title: str, of: Steadiness) -> str:
    share = of.change / of.movement if of.movement else 0.0
    return (
        f"| {title} | {of.psnr:.1f} / {of.worst:.1f} | {of.change:.2f} / {of.largest:.2f} | {of.movement:.2f}"
        f" | {share:.2f} |"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    parser = argparse.ArgumentParser(prog="compare_motion.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "characters", nargs="*", metavar="NAME[=FILE]", help=f"of {', '.join(ALL_NAMES)}; default: {' '.join(NAMES)}"
    )
    parser.add_argument("--frames", type=int, default=90, help="of each movement; default 90")
    parser.add_argument("-o", "--output", type=Path, metavar="FOLDER", help="for a picture of each movement")
    options = parser.parse_args(arguments)
    keep_freed_memory()
    try:
        if options.frames < 2:
            raise UserError("--frames is a whole number from 2.")
        if options.output is not None:
            check_place(options.output / "1.png")
        subjects = [read_subject(argument) for argument in options.characters or NAMES]
        print(f"{options.frames} frames of each movement")
        for line in rows(subjects, options.frames, options.output):
            print(line, flush=True)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
