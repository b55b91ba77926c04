"""Examples of generated characters: drawn by the rig, which knows every pose exactly; made on the fly or written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from tha4_core.distill.poses import BelievablePoses
from tha4_core.files.atomic import write_atomically
from tha4_core.picture.color import encode_png, to_network, to_rgba8_straight
from tha4_core.pose import FACE_SIZE
from tha4_core.rig.generated import generated_design
from tha4_core.rig.teacher import RigTeacher
from tha4_core.teacher_training.errors import TrainingError
from tha4_core.teacher_training.examples import LIST, TEST, TRAIN, Example, pose_document, reduced, write_list

#: The seeds of characters to test with begin here; those to train with end before.
FIRST_TEST_SEED: Final = 1 << 32
#: Of a drawn example, bytes: what is kept of those made on the fly may take so many.
_MOST_KEPT_BYTES: Final = 8 << 30
#: Poses with head and body at their ends.
_CORNERS: Final = 0.125


class RigExamples:
    """Examples drawn when they are first asked for, and then kept in memory, as bytes.

    Example i is pose i % poses of character i // poses. An example takes about two seconds of a core when its
    character is new, and a third of one when it is not.
    """

    def __init__(self, first_seed: int, characters: int, poses: int, size: int) -> None:
        """first_seed: of the characters, which follow each other. size: edge of the pictures. Raises TrainingError."""
        needed = characters * poses * 2 * 4 * size * size
        if needed > _MOST_KEPT_BYTES:
            raise TrainingError(
                f"{characters * poses} examples of {size}x{size} would take {needed >> 30} GiB of memory; write them"
                " with tools/rig_examples.py, and give the folder."
            )
        self._first, self._characters, self._poses, self._size = first_seed, characters, poses, size
        self._kept: dict[int, tuple[Tensor, Tensor, Tensor]] = {}
        self._teacher: tuple[int, RigTeacher] | None = None

    @property
    def identity(self) -> str:
        return f"{self._characters} generated characters from {self._first}, {self._poses} poses, at {self._size}"

    def __len__(self) -> int:
        return self._characters * self._poses

    def __getitem__(self, index: int) -> Example:
        if not 0 <= index < len(self):
            raise IndexError(index)
        if index not in self._kept:
            seed = self._first + index // self._poses
            if self._teacher is None or self._teacher[0] != seed:
                self._teacher = (seed, RigTeacher(generated_design(seed)))
            rest, pose, posed = drawn_example(self._teacher[1], seed, index % self._poses, self._size)
            self._kept[index] = (_bytes(rest), pose, _bytes(posed))
        rest, pose, posed = self._kept[index]
        return Example(_network(rest), pose, _network(posed))


def drawn_example(teacher: RigTeacher, seed: int, number: int, size: int) -> Example:
    """Example ``number`` of a character: a face of its own, at rest and in a pose, (4, size, size)."""
    pose = BelievablePoses(seed, _CORNERS)(number)
    rest = pose.clone()
    rest[FACE_SIZE:] = 0.0
    pictures = [reduced(teacher.pose(vector[None]).final[0], size) for vector in (rest, pose)]
    return Example(pictures[0], pose[FACE_SIZE:].clone(), pictures[1])


def write_rig_examples(
    folder: Path, characters: dict[str, int], poses: int, size: int, notify: Callable[[int, int], None]
) -> None:
    """Write a data set of generated characters; goes on where it was interrupted.

    characters: how many for TRAIN and for TEST. poses: of each. notify: characters done, of how many. Raises
    TrainingError when it cannot be written, or the folder holds other examples.
    """
    starts = {TRAIN: 0, TEST: FIRST_TEST_SEED}
    todo = [(part, starts[part] + i) for part, count in characters.items() for i in range(count)]
    for done, (part, seed) in enumerate(todo):
        notify(done, len(todo))
        _write_character(folder / part / f"seed_{seed}", seed, poses, size)
    notify(len(todo), len(todo))


def _write_character(character: Path, seed: int, poses: int, size: int) -> None:
    try:
        if (character / LIST).exists():  # written last
            _check_kept(character, poses, size)
            return
        character.mkdir(parents=True, exist_ok=True)
        teacher = RigTeacher(generated_design(seed))
        entries = []
        for number in range(poses):
            example = drawn_example(teacher, seed, number, size)
            names = {"rest": f"{number}_rest.png", "posed": f"{number}_posed.png"}
            for name, picture in zip(names.values(), (example.rest, example.posed), strict=True):
                write_atomically(character / name, encode_png(to_rgba8_straight(picture.numpy())))
            entries.append({**names, "pose": pose_document(example.pose)})
        write_atomically(character / LIST, write_list(character, entries))
    except OSError as error:
        raise TrainingError(f"{error.filename or character} could not be written: {error.strerror}.") from None


def _check_kept(character: Path, poses: int, size: int) -> None:
    kept = len(json.loads((character / LIST).read_bytes()))
    head = (character / "0_rest.png").read_bytes()[16:20]
    if kept != poses or int.from_bytes(head, "big") != size:
        raise TrainingError(
            f"{character} holds {kept} examples of another size or number than asked for now; give another folder."
        )


def _bytes(picture: Tensor) -> Tensor:
    """As a file would keep it, (S, S, 4): so that written and unwritten examples are the same."""
    return torch.from_numpy(to_rgba8_straight(picture.numpy()))


def _network(pixels: Tensor) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(to_network(pixels.numpy())))
