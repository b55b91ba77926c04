"""Shows what a drawn character can do: ``python3 tools/rig_sheet.py NAME... [--to FOLDER]``.

For each character three sheets, WebP: every parameter at half and at full strength, twelve moods, a turnaround.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Final

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment

    enter_environment("torch", "rig")

import torch
from PIL import Image, ImageDraw, ImageFont

from tha4_core.console import make_output_safe
from tha4_core.errors import UserError
from tha4_core.picture.color import to_rgba8_straight
from tha4_core.picture.region import Region
from tha4_core.pose import FACE_SIZE, PARAMETERS, pose_from_names
from tools.output.picture_files import check_place, write_bytes

if TYPE_CHECKING:
    from tha4_core.rig.teacher import RigTeacher

#: What the twelve moods are made of.
MOODS: Final[Mapping[str, Mapping[str, float]]] = {
    "calm": {"breathing": 0.5},
    "joy": {
        "eye_happy_wink": 1, "mouth_aaa": 0.8, "mouth_raised_corner": 0.8, "eyebrow_happy": 1, "head_x": 0.3,
        "neck_z": 0.4,
    },
    "smile": {"mouth_raised_corner": 1, "eye_raised_lower_eyelid": 0.5, "eyebrow_happy": 0.6, "neck_z": -0.5},
    "wink": {
        "eye_wink_left": 1, "mouth_raised_corner": 1, "mouth_aaa": 0.45, "eyebrow_raised_right": 0.6, "head_y": 0.6,
        "neck_z": 0.5,
    },
    "anger": {
        "eyebrow_angry": 1, "eye_unimpressed": 0.35, "mouth_iii": 0.8, "mouth_lowered_corner": 1, "head_x": -0.4,
        "iris_small": 0.15,
    },
    "sorrow": {
        "eyebrow_troubled": 1, "eye_relaxed": 0.5, "mouth_lowered_corner": 0.8, "head_x": -0.7, "iris_rotation_x": -0.5,
        "neck_z": 0.3, "body_z": 0.3,
    },
    "surprise": {"eye_surprised": 1, "iris_small": 0.35, "eyebrow_raised": 1, "mouth_ooo": 0.9, "head_x": 0.4},
    "worry": {
        "eyebrow_troubled": 1, "mouth_uuu": 0.5, "iris_rotation_y": -0.7, "head_y": -0.5, "mouth_lowered_corner": 0.5,
    },
    "smugness": {
        "mouth_smirk": 1, "eye_unimpressed": 0.6, "eyebrow_raised_left": 0.9, "eyebrow_serious_right": 0.7,
        "head_x": 0.5, "head_y": -0.5,
    },
    "boredom": {"eye_unimpressed": 1, "eyebrow_lowered": 0.6, "iris_rotation_y": 1, "head_y": 0.3, "neck_z": -0.6},
    "sleep": {"eye_wink": 1, "mouth_uuu": 0.3, "head_x": -0.8, "neck_z": 0.8, "eyebrow_lowered": 0.3},
    "laughter": {
        "eye_happy_wink": 1, "mouth_delta": 0.6, "mouth_aaa": 0.5, "eyebrow_raised": 0.6, "head_x": 0.8, "body_z": -0.5,
        "breathing": 1,
    },
}  # fmt: skip

_FACE: Final = Region(200, 104, 112, 100)
_FIGURE: Final = Region(130, 52, 252, 225)
_BUST: Final = Region(126, 44, 260, 260)
_PAPER: Final = (243, 242, 238, 255)
_INK: Final = (70, 66, 84)
_CAPTION: Final = 26
_GAP: Final = 6


def parameter_sheet(teacher: RigTeacher) -> Image.Image:
    """All 45 parameters at 0.5 and 1, and at -1 where that is another direction."""
    captions: list[str] = []
    poses: list[Mapping[str, float]] = []
    views: list[Region] = []
    for parameter in PARAMETERS:
        for value in (-1.0, 0.5, 1.0) if parameter.minimum < 0 else (0.5, 1.0):
            captions.append("\n".join(wrap(f"{parameter.name.replace('_', ' ')} {value:g}", 20)))
            poses.append({parameter.name: value})
            views.append(_FACE if parameter.index < FACE_SIZE else _FIGURE)
    return _sheet(teacher, captions, poses, views, columns=10, size=(118, 105))


def mood_sheet(teacher: RigTeacher) -> Image.Image:
    """The twelve moods."""
    return _sheet(teacher, list(MOODS), list(MOODS.values()), [_BUST] * len(MOODS), columns=4, size=(260, 260))


def turn_sheet(teacher: RigTeacher) -> Image.Image:
    """Head and torso turned from side to side, looking up, ahead and down; then leaning."""
    turns = (-1.0, -0.5, 0.0, 0.5, 1.0)
    poses: list[Mapping[str, float]] = [
        {"head_x": pitch, "head_y": turn, "body_y": turn} for pitch in (1.0, 0.0, -1.0) for turn in turns
    ]
    poses += [{"neck_z": lean, "body_z": lean, "head_y": 0.5 * lean} for lean in turns]
    captions = [", ".join(f"{name} {value:g}" for name, value in pose.items() if value) or "at rest" for pose in poses]
    return _sheet(teacher, captions, poses, [_BUST] * len(poses), columns=5, size=(208, 208))


def open_teachers(names: Sequence[str]) -> dict[str, RigTeacher]:
    """All that are to be drawn, by their names. Raises a UserError."""
    # Only here, because drawing may not be possible on this machine: then this is an error in words.
    from tha4_core.rig.characters import load_design
    from tha4_core.rig.teacher import RigTeacher

    return {name: RigTeacher(load_design(name)) for name in names}


def write_sheets(name: str, teacher: RigTeacher, folder: Path) -> Iterator[Path]:
    """The three sheets of one character, each as it is drawn. Raises a UserError."""
    for kind, sheet in (("parameters", parameter_sheet), ("moods", mood_sheet), ("turnaround", turn_sheet)):
        buffer = io.BytesIO()
        sheet(teacher).save(buffer, format="WEBP", quality=78, method=6)
        path = folder / f"{name}_{kind}.webp"
        write_bytes(path, buffer.getvalue())
        yield path


def _sheet(
    teacher: RigTeacher,
    captions: Sequence[str],
    poses: Sequence[Mapping[str, float]],
    views: Sequence[Region],
    *,
    columns: int,
    size: tuple[int, int],
) -> Image.Image:
    """Tiles in reading order, each ``size`` (width, height) and a caption."""
    width, height = size[0] + _GAP, size[1] + _CAPTION
    rows = -(-len(poses) // columns)
    sheet = Image.new("RGBA", (columns * width, rows * height), _PAPER)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=10)
    for index, (caption, pose, view) in enumerate(zip(captions, poses, views, strict=True)):
        final = teacher.pose(torch.from_numpy(pose_from_names(pose))[None], view).final[0]  # (4, h, w)
        tile = Image.fromarray(to_rgba8_straight(final.numpy()))
        x, y = index % columns * width, index // columns * height
        sheet.alpha_composite(tile.resize(size, Image.Resampling.LANCZOS), (x + _GAP // 2, y))
        draw.multiline_text((x + width / 2, y + size[1]), caption, _INK, font, anchor="ma", align="center", spacing=0)
    return sheet.convert("RGB")


def main(arguments: list[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    parser = argparse.ArgumentParser(prog="rig_sheet.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="+", metavar="NAME", help="a character in tha4_core/rig/characters")
    parser.add_argument("--to", type=Path, default=Path("docs/rig"), metavar="FOLDER", help="where to write them")
    options = parser.parse_args(arguments)
    try:
        check_place(options.to / "any.webp")
        for name, teacher in open_teachers(options.names).items():
            for path in write_sheets(name, teacher, options.to):
                print(f"{path} written", flush=True)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
