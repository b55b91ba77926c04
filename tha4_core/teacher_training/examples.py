"""What a teacher's body networks are trained on: pictures at rest, poses, and the same pictures posed.

A data set is a folder. ``train`` and ``test`` hold a folder for each character, so that both share none, and in each
``examples.json`` lists the examples::

    DATA/train/hero/examples.json   [{"rest": "0_rest.png", "posed": "0_posed.png", "pose": {"head_x": 0.5}}, ...]
    DATA/train/hero/0_rest.png ...
    DATA/test/villain/examples.json ...

Pictures are square PNG files of one size, a power of two from 32 to 1024, RGBA with 8 bits, sRGB, straight alpha, with
the head in its place (docs/DISTILLATION.md). Both pictures of an example show the same face: the body networks see no
face parameter, so what they are to make must follow from the picture at rest. A pose names any of the six parameters
of head and body; what is left out is 0.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from tha4_core.errors import shown
from tha4_core.files.reading import FileError, read_file
from tha4_core.picture.color import PictureError, decode_png, to_network
from tha4_core.pose import FACE_SIZE, NAMES, PARAMETERS
from tha4_core.teacher_training.errors import TrainingError

LIST: Final = "examples.json"
TRAIN: Final = "train"
TEST: Final = "test"
#: The last parameters of a pose.
BODY_NAMES: Final = NAMES[FACE_SIZE:]
#: Edges that pictures may have.
EDGES: Final = (32, 64, 128, 256, 512, 1024)
_MAX_LIST_BYTES: Final = 16 << 20
_MAX_PICTURE_BYTES: Final = 16 << 20
_MOST_EXAMPLES: Final = 10_000_000


class Example(NamedTuple):
    """rest, posed: (4, S, S), linear, premultiplied, in [-1, 1]. pose: (6,)."""

    rest: Tensor
    pose: Tensor
    posed: Tensor


class Examples(Protocol):
    """A set of examples, each always the same."""

    @property
    def identity(self) -> str:
        """Names the set: another one has another name."""

    def __len__(self) -> int:
        """How many there are."""

    def __getitem__(self, index: int) -> Example:
        """Example ``index``, from 0. Raises TrainingError and PictureError for files that are none."""


class _Listed(NamedTuple):
    rest: Path
    posed: Path
    pose: tuple[float, ...]


class FolderExamples:
    """One part of a data set on disk; pictures are read when they are asked for."""

    def __init__(self, folder: Path, part: str, size: int) -> None:
        """part: TRAIN or TEST. size: edge of the pictures that are given; larger ones are averaged down to it.

        Raises TrainingError for lists that are none, or a set without examples.
        """
        self._size = size
        self._examples: list[_Listed] = []
        root = folder / part
        characters = sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
        for character in characters:
            self._examples += _listed(character)
            if len(self._examples) > _MOST_EXAMPLES:
                raise TrainingError(f"{root} lists more than {_MOST_EXAMPLES} examples; split it.")
        if not self._examples:
            raise TrainingError(
                f"{root} holds no examples; it must have a folder for each character, with its {LIST}"
                " (docs/TEACHER_TRAINING.md)."
            )
        #: How many characters there are.
        self.characters = len(characters)

    @property
    def identity(self) -> str:
        # Counted, not read: a data set of the paper's size is a terabyte.
        return f"{len(self._examples)} examples of {self.characters} characters at {self._size}"

    def __len__(self) -> int:
        return len(self._examples)

    def __getitem__(self, index: int) -> Example:
        listed = self._examples[index]
        rest, posed = (_picture(path, self._size) for path in (listed.rest, listed.posed))
        return Example(rest, torch.tensor(listed.pose, dtype=torch.float32), posed)


def reduced(picture: Tensor, size: int) -> Tensor:
    """A picture (4, S, S) averaged down to (4, size, size); S a multiple of size."""
    factor = picture.shape[-1] // size
    return picture if factor == 1 else functional.avg_pool2d(picture[None], factor)[0]


def write_list(character: Path, examples: list[dict[str, Any]]) -> bytes:
    """The bytes of a character's list, as :class:`FolderExamples` reads it. ``character``: its folder, for errors."""
    data = (json.dumps(examples) + "\n").encode()
    if len(data) > _MAX_LIST_BYTES:
        raise TrainingError(f"{character}: {len(examples)} examples are too many for one character.")
    return data


def pose_document(pose: NDArray[np.float32] | Tensor) -> dict[str, float]:
    """The six numbers of a pose by their names, those at rest left out."""
    return {name: round(float(value), 4) for name, value in zip(BODY_NAMES, pose, strict=True) if value}


def _listed(character: Path) -> list[_Listed]:
    path = character / LIST
    try:
        document = json.loads(read_file(path, _MAX_LIST_BYTES, "no list of a character's examples is"))
    except FileError as error:
        raise TrainingError(str(error)) from None
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, list):
        raise TrainingError(f"{path} is no list of examples in JSON; docs/TEACHER_TRAINING.md shows one.")
    return [_entry(entry, character, f"{path}, example {i + 1}") for i, entry in enumerate(document)]


def _entry(entry: Any, character: Path, source: str) -> _Listed:
    if not isinstance(entry, dict) or set(entry) != {"rest", "posed", "pose"}:
        raise TrainingError(f"{source}: an example names rest, posed and pose, and nothing else.")
    paths = []
    for name in ("rest", "posed"):
        # A name alone: a list from a stranger reads nothing outside its folder.
        if not isinstance(entry[name], str) or not entry[name] or entry[name] != Path(entry[name]).name:
            raise TrainingError(f"{source}: {name} must be a file's name in this folder, not {shown(entry[name])}.")
        paths.append(character / entry[name])
    return _Listed(paths[0], paths[1], _pose(entry["pose"], source))


def _pose(document: Any, source: str) -> tuple[float, ...]:
    if not isinstance(document, Mapping):
        raise TrainingError(f"{source}: pose must name parameters and their values, not {shown(document)}.")
    for name, value in document.items():
        if name not in BODY_NAMES:
            raise TrainingError(f"{source}: there is no parameter {shown(name)}; there are {', '.join(BODY_NAMES)}.")
        parameter = PARAMETERS[NAMES.index(name)]
        if type(value) not in (int, float) or not parameter.minimum <= value <= parameter.maximum:
            raise TrainingError(
                f"{source}: {name} must be a number from {parameter.minimum:g} to {parameter.maximum:g}, not"
                f" {shown(value)}."
            )
    return tuple(float(document.get(name, 0.0)) for name in BODY_NAMES)


def _picture(path: Path, size: int) -> Tensor:
    edges = tuple(edge for edge in EDGES if edge >= size)
    try:
        data = read_file(path, _MAX_PICTURE_BYTES, "no picture of an example is")
    except FileError as error:
        raise PictureError(str(error)) from None
    return reduced(torch.from_numpy(to_network(decode_png(data, str(path), edges, _MAX_PICTURE_BYTES))), size)
