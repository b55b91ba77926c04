"""Draws examples to train a teacher with: ``python3 tools/rig_examples.py -o DATA [--train N] [--test N] [--poses N]``.

Different characters by seed, from the rig of our own ones, each in many poses; those to train with and those to test
with share none. ``--sheet sheet.png`` shows fifty of them and writes no examples. docs/TEACHER_TRAINING.md says what
lies in DATA; other pictures may lie there in the same form.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment

    enter_environment("torch", "rig")

from PIL import Image

from tha4_core.console import make_output_safe
from tha4_core.errors import UserError
from tha4_core.picture.color import to_rgba8_straight
from tha4_core.rig.generated import generated_design
from tha4_core.rig.teacher import RigTeacher
from tha4_core.teacher_training.examples import EDGES, TEST, TRAIN
from tha4_core.teacher_training.rig_examples import write_rig_examples
from tools.environment.interruption import INTERRUPTED
from tools.output.picture_files import check_output, write_picture

_PAPER: Final = (238, 238, 242, 255)
_COLUMNS: Final = 10
#: Of each character on a sheet: what is cut out of its picture, and how large it is shown.
_FIGURE: Final = (96, 0, 416, 512)
_CELL: Final = (160, 256)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    options = _parser().parse_args(arguments)
    try:
        if options.sheet is not None:
            check_output(options.sheet)
            write_picture(options.sheet, character_sheet(range(options.first, options.first + options.count)))
            return 0
        counts = {TRAIN: options.train, TEST: options.test}
        write_rig_examples(options.output, counts, options.poses, options.size, _show)
        return 0
    except KeyboardInterrupt:
        print("\nstopped; the same command goes on from here.", file=sys.stderr)
        return INTERRUPTED
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def character_sheet(seeds: Sequence[int]) -> Image.Image:
    """The characters of some seeds, at rest, ten in a row."""
    width, height = _CELL
    rows = -(-len(seeds) // _COLUMNS)
    sheet = Image.new("RGBA", (min(len(seeds), _COLUMNS) * width, rows * height), _PAPER)
    for place, seed in enumerate(seeds):
        picture = Image.fromarray(to_rgba8_straight(RigTeacher(generated_design(seed)).image.numpy()))
        figure = picture.crop(_FIGURE).resize(_CELL, Image.Resampling.LANCZOS)
        sheet.alpha_composite(figure, (place % _COLUMNS * width, place // _COLUMNS * height))
    return sheet


def _show(done: int, total: int) -> None:
    if done % 10 == 0 or done == total:
        print(f"{done} of {total} characters", file=sys.stderr, flush=True)


def _count(text: str) -> int:
    number = int(text)
    if not 0 < number <= 1_000_000:
        raise ValueError(text)
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("-o", "--output", type=Path, metavar="DATA", help="the folder to write examples to")
    what.add_argument("--sheet", type=Path, metavar="SHEET.png", help="show characters instead")
    parser.add_argument("--train", type=_count, default=200, metavar="N", help="characters to train with; default 200")
    parser.add_argument("--test", type=_count, default=20, metavar="N", help="characters to test with; default 20")
    parser.add_argument("--poses", type=_count, default=16, metavar="N", help="of each; default 16")
    parser.add_argument("--size", type=int, choices=EDGES[:-1], default=512, help="edge of the pictures; default 512")
    parser.add_argument("--first", type=int, default=0, metavar="SEED", help="of a sheet; default 0")
    parser.add_argument("--count", type=_count, default=50, metavar="N", help="on a sheet; default 50")
    return parser


if __name__ == "__main__":
    sys.exit(main())
