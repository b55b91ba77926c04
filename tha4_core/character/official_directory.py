"""The official form of a character: a directory with a YAML file naming a PNG and two ``.pt`` files.

STUDENT.md section 8. What the official form has no place for (name, licence, ...) lies beside it in
``character.json``, ``expressions.json``, ``visibility.json`` and ``character_hd.png``, which the official programs do
not look at.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any, Final

import yaml

from tha4_core.character import larger_drawing
from tha4_core.character.files import dump_json, parse_json, read_bounded
from tha4_core.character.model import Character, CharacterError, CharacterInfo
from tha4_core.character.model_yaml import MAX_BYTES as MAX_YAML_BYTES
from tha4_core.character.model_yaml import named_files
from tha4_core.character.networks import PUBLISHED
from tha4_core.character.single_file import SUFFIX
from tha4_core.character.weights import Weights, check_weights
from tha4_core.files.atomic import write_atomically
from tha4_core.picture.color import MAX_PNG_BYTES
from tha4_core.visibility import Visibility

YAML_NAME: Final = "character_model.yaml"
_IMAGE_KEY: Final = "character_image_file_name"
_FACE_KEY: Final = "face_morpher_file_name"
_BODY_KEY: Final = "body_morpher_file_name"
_FILE_NAMES: Final = {_IMAGE_KEY: "character.png", _FACE_KEY: "face_morpher.pt", _BODY_KEY: "body_morpher.pt"}
_INFO_NAME: Final = "character.json"
_EXPRESSIONS_NAME: Final = "expressions.json"
_VISIBILITY_NAME: Final = "visibility.json"
#: The official files are 0.5 and 1.3 MB.
_MAX_PT_BYTES: Final = 16 << 20
_MAX_JSON_BYTES: Final = 1 << 20


def load_directory(path: Path) -> Character:
    """Load the character whose YAML file is ``path``, or lies in the directory ``path`` as character_model.yaml.

    It can hold the published networks alone. Its files must lie in the YAML file's directory, once links are followed.
    Needs no torch. Raises CharacterError, PictureError, WeightsError, VisibilityError.
    """
    if path.is_symlink():
        path = _real(path)
    yaml_path = path / YAML_NAME if path.is_dir() else path
    directory = _Directory(yaml_path.parent, _real(yaml_path.parent))
    info, named_edge = _load_info(directory)
    larger = larger_drawing.FILE_NAME
    files = named_files(directory.read(yaml_path.name, MAX_YAML_BYTES), _FILE_NAMES, str(yaml_path))
    character = Character(
        image_png=directory.read(files[_IMAGE_KEY], MAX_PNG_BYTES),
        face_morpher=_load_pt(directory, files[_FACE_KEY], "face morpher"),
        body_morpher=_load_pt(directory, files[_BODY_KEY], "body morpher"),
        info=info,
        drawing_hd_png=directory.read(larger, larger_drawing.MAX_BYTES) if directory.has(larger) else None,
    )
    # Decoding now makes a bad picture an error of loading, naming the file.
    _ = character.image
    if named_edge:  # a drawing that somebody lays beside the other files needs no description
        character.check_drawing_hd(named_edge, str(directory.path))
    _ = character.drawing_hd
    if directory.has(_VISIBILITY_NAME):
        document = directory.read_json(_VISIBILITY_NAME)
        visibility = Visibility.from_json(document, character.look, str(directory.path / _VISIBILITY_NAME))
        character = replace(character, visibility=visibility)
    return character


def save_directory(character: Character, directory: Path) -> None:
    """Write ``character`` in the official form, each file atomically and the YAML that names them last.

    Files of the same names are replaced. Needs torch. Raises CharacterError when something cannot be written, or when
    the character's networks are not the published ones.
    """
    if character.networks != PUBLISHED:
        raise CharacterError(
            f"{directory}: the official form holds the published networks alone, and this character's are others; save"
            f" a {SUFFIX} file."
        )
    torch = _torch(directory)
    from tha4_core.files.state_dict_files import dump_state_dict

    try:
        directory.mkdir(parents=True, exist_ok=True)
        write_atomically(directory / _FILE_NAMES[_IMAGE_KEY], character.image_png)
        for key, weights in ((_FACE_KEY, character.face_morpher), (_BODY_KEY, character.body_morpher)):
            tensors = {name: torch.from_numpy(array.copy()) for name, array in weights.items()}
            write_atomically(directory / _FILE_NAMES[key], dump_state_dict(tensors))
        write_atomically(directory / _INFO_NAME, dump_json(character.describe()))
        visibility = character.visibility and character.visibility.to_json()
        for name, document in ((_EXPRESSIONS_NAME, character.info.expressions), (_VISIBILITY_NAME, visibility)):
            if document:
                write_atomically(directory / name, dump_json(document))
            else:
                (directory / name).unlink(missing_ok=True)
        if character.drawing_hd_png is None:
            (directory / larger_drawing.FILE_NAME).unlink(missing_ok=True)
        else:
            write_atomically(directory / larger_drawing.FILE_NAME, character.drawing_hd_png)
        write_atomically(directory / YAML_NAME, yaml.safe_dump(_FILE_NAMES, sort_keys=False).encode())
    except OSError as error:
        raise CharacterError(f"{directory} could not be written: {error.strerror}.") from None


@dataclass(frozen=True)
class _Directory:
    """Where a character's files lie. path: as it was given. home: resolved; no file lies outside of it."""

    path: Path
    home: Path

    def read(self, name: PurePath | str, limit: int) -> bytes:
        # A character is data from strangers: it may not make us read files from elsewhere.
        return read_bounded(self.path / name, limit, inside=self.home)

    def has(self, name: str) -> bool:
        """Whether a file is there, be it a link that leads nowhere."""
        return os.path.lexists(self.path / name)

    def read_json(self, name: str) -> Any:
        return parse_json(self.read(name, _MAX_JSON_BYTES), str(self.path / name))


def _real(path: Path) -> Path:
    """Where ``path`` leads. Raises CharacterError."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        raise CharacterError(f"{path} could not be read: its links lead nowhere.") from None


def _load_info(directory: _Directory) -> tuple[CharacterInfo, int]:
    """What is known of the character, and the edge of the larger drawing that is named; 0: none is."""
    if not directory.has(_INFO_NAME):
        return CharacterInfo(name=directory.home.name), 0
    document = directory.read_json(_INFO_NAME)
    expressions = directory.read_json(_EXPRESSIONS_NAME) if directory.has(_EXPRESSIONS_NAME) else None
    info = CharacterInfo.from_json(document, expressions, str(directory.path / _INFO_NAME))
    if info.networks != PUBLISHED:
        raise CharacterError(
            f"{directory.path / _INFO_NAME} describes other networks than the published ones, which an official"
            f" directory cannot hold; take the character's {SUFFIX} file."
        )
    return info, larger_drawing.declared_edge(document, str(directory.path / _INFO_NAME))


def _load_pt(directory: _Directory, name: PurePath, network: str) -> Weights:
    from tha4_core.files.state_dict_files import parse_float_weights

    source = str(directory.path / name)
    state = parse_float_weights(directory.read(name, _MAX_PT_BYTES), source)
    weights = {name: tensor.to_array() for name, tensor in state.items()}
    check_weights(weights, network, source)
    return weights


def _torch(path: Path) -> Any:
    try:
        import torch
    except ImportError:
        raise CharacterError(
            f"{path}: writing the official form, which has .pt files, needs PyTorch; install it (pip install torch),"
            " or save a .tha4 file."
        ) from None
    return torch
