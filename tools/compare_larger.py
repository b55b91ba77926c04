"""Measures larger frames of our own characters: ``python3 tools/compare_larger.py [NAME[=FILE] ...]``.

Prints the table of docs/HD.md: frames of 1024 and 2048 pixels against the rigs drawn at those sizes, over held-out
poses, and beside them the frames of 512 enlarged. NAME is one of ours; FILE another character that its rig has taught.
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

from tha4_core.built_in import ALL_NAMES, NAMES
from tha4_core.console import make_output_safe
from tha4_core.errors import UserError
from tha4_core.memory import keep_freed_memory
from tha4_core.picture.region import PICTURE_SIZE
from tools.measuring.larger_likeness import SCALES, Likeness, measure_larger
from tools.measuring.rig_subjects import Subject, read_subject, told_on_the_way

#: A pose takes seconds.
_TOLD_EVERY: Final = 10
_HEAD = (
    "| | whole, mean / worst | head | gradient energy | the 512 picture enlarged: whole / head / energy |",
    "|---|---|---|---|---|",
)


def rows(subjects: Sequence[Subject], poses: int) -> Iterator[str]:
    """Lines of a Markdown table, each as soon as it is measured."""
    yield from _HEAD
    for subject in subjects:
        for scale in SCALES:
            title = f"{subject.name}, {scale * PICTURE_SIZE}"
            told = told_on_the_way(title, poses, _TOLD_EVERY)
            yield _row(title, *measure_larger(subject.character, subject.design, scale, poses, told))


def _row(title: str, frames: Likeness, enlarged: Likeness) -> str:
    return (
        f"| {title} | {frames.psnr:.1f} / {frames.worst:.1f} | {frames.head:.1f} | {frames.energy:.2f}"
        f" | {enlarged.psnr:.1f} / {enlarged.head:.1f} / {enlarged.energy:.2f} |"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    parser = argparse.ArgumentParser(prog="compare_larger.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "characters", nargs="*", metavar="NAME[=FILE]", help=f"of {', '.join(ALL_NAMES)}; default: {' '.join(NAMES)}"
    )
    parser.add_argument("--poses", type=int, default=20, help="held-out ones; default 20")
    options = parser.parse_args(arguments)
    keep_freed_memory()
    try:
        if options.poses < 1:
            raise UserError("--poses is a whole number from 1.")
        subjects = [read_subject(argument) for argument in options.characters or NAMES]
        print(f"{options.poses} held-out poses")
        for line in rows(subjects, options.poses):
            print(line, flush=True)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
