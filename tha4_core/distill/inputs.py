"""All that a distillation starts from, opened and checked before any hour is spent."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final, NamedTuple

import torch
from torch import Tensor

from tha4_core.character import Character, load_character
from tha4_core.character.networks import NAMED, Networks, name_of
from tha4_core.distill.config import Config
from tha4_core.distill.distributed import World
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.face_mask import read_face_mask
from tha4_core.distill.poses import read_pose_dataset
from tha4_core.distill.teachers import OpenedTeacher, open_teacher
from tha4_core.drawing.reading import Drawing, ReadyDrawing, read_ready_drawing
from tha4_core.published_teachers import FETCHED
from tha4_core.teacher import CharacterTeacher
from tha4_core.teacher.face_probe import face_probe
from tha4_core.teacher.system import DrawingTeacher

#: Fewer poses than this make no data set: an epoch must hold a batch.
_FEWEST_POSES: Final = 8


class Inputs(NamedTuple):
    """image_png: the drawing's pixels, in sRGB. mask: (128, 128) painted by hand, or None. dataset: poses (N, 45), or
    None. start: the character to begin with, or None. warnings: sentences about the drawing that a person should read.
    networks: what is to be trained.
    """

    image_png: bytes
    opened: OpenedTeacher
    mask: Tensor | None
    dataset: Tensor | None
    start: Character | None
    warnings: tuple[str, ...]
    networks: Networks

    @property
    def teacher(self) -> CharacterTeacher:
        return self.opened.teacher

    def subject(self) -> dict[str, str]:
        """What is distilled and from what, by names for people: what may not change when a training goes on."""
        return {
            "drawing": hashlib.sha256(self.image_png).hexdigest(),
            "teacher": " ".join(f"{value}" for _, value in sorted(self.teacher.provenance.items())),
            "face mask": "found" if self.mask is None else hashlib.sha256(self.mask.numpy().tobytes()).hexdigest(),
            "pose data set": "none" if self.dataset is None else _digest(self.dataset),
            "start_from": "nothing" if self.start is None else self.start.look,
        }


def open_inputs(config: Config, world: World) -> Inputs:
    """Read and check everything that ``config`` names. Raises DistillationError and the errors of reading."""
    if config.num_gpus is not None and config.num_gpus != world.size:
        raise DistillationError(
            f"num_gpus is {config.num_gpus}, but {world.size} process{'es were' if world.size > 1 else ' was'} started;"
            f" start it as torchrun --nproc-per-node {config.num_gpus} tools/distill.py ..."
        )
    target = config.target
    if target.is_dir():
        raise DistillationError(f"{target} is a folder; give the name of a file to write.")
    if config.teacher is None:
        raise DistillationError(
            f"nothing says what poses the drawing; give --teacher with {FETCHED}, the folder of other networks,"
            " student:PATH for another character, or rig:NAME for a built-in one."
        )
    mask = None if config.face_mask_image_file_name is None else read_face_mask(config.face_mask_image_file_name)
    dataset = None if config.pose_dataset is None else read_pose_dataset(config.pose_dataset)
    if dataset is not None and len(dataset) < _FEWEST_POSES:
        raise DistillationError(f"{config.pose_dataset} holds {len(dataset)} poses; {_FEWEST_POSES} are the fewest.")
    start = None if config.start_from is None else load_character(config.start_from)
    networks = NAMED[config.networks]
    if start is not None and start.networks != networks:
        own = name_of(start.networks)
        raise DistillationError(
            f"{config.start_from} has other networks than are to be trained ({config.networks}), and cannot be begun"
            f" with; give {f'--networks {own}' if own else 'another character'}, or make it the teacher (student:PATH)."
        )
    image_path = config.character_image_file_name
    if image_path is None:
        opened = open_teacher(config.teacher, None, world.device)
        assert opened.image_png is not None
        return Inputs(opened.image_png, opened, mask, dataset, start, (), networks)
    ready = read_drawing_file(image_path)
    opened = open_teacher(config.teacher, ready.drawing.pixels, world.device)
    warnings = _examined(ready.drawing, image_path, opened.teacher, accept=config.accept_drawing)
    return Inputs(ready.png, opened, mask, dataset, start, warnings, networks)


def read_drawing_file(path: Path) -> ReadyDrawing:
    """A drawing by the rules of DISTILLATION.md A.8, in sRGB. Raises DistillationError, PictureError."""
    if path.suffix.lower() != ".png":
        raise DistillationError(f"{path}: a character's drawing is a PNG; tools/check.py --fit makes one.")
    ready = read_ready_drawing(path)
    if int(ready.drawing.pixels[..., 3].min()) == 255:
        raise DistillationError(f"{path} is nowhere transparent; remove the background, as tools/check.py says.")
    return ready


def _examined(drawing: Drawing, path: Path, teacher: CharacterTeacher, *, accept: bool) -> tuple[str, ...]:
    """What there is to say about a drawing. Raises DistillationError for problems unless they are accepted."""
    try:
        from tha4_core.drawing.findings import Level, examine
    except ModuleNotFoundError as error:
        raise DistillationError(
            f'drawings are checked with {error.name}, which is not installed: pip install "anime-character[distill]".'
        ) from None
    # Networks that pose any drawing see where its face is; those of a character know theirs only.
    probe = face_probe(teacher.teacher) if isinstance(teacher, DrawingTeacher) else None
    findings = [finding for finding in examine(drawing, probe).findings if finding.level is not Level.OK]
    problems = [finding for finding in findings if finding.level is Level.PROBLEM]
    if problems and not accept:
        raise DistillationError(
            f"{path}: {problems[0].text} {problems[0].advice} (tools/check.py shows everything; accept_drawing: true or"
            " --accept-drawing trains on it as it is.)"
        )
    return tuple(f"{finding.text} {finding.advice}".strip() for finding in findings)


def _digest(tensor: Tensor) -> str:
    return hashlib.sha256(tensor.to(torch.float32).contiguous().numpy().tobytes()).hexdigest()
