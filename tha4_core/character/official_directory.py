"""The official form of a character: a directory with a YAML file naming a PNG and two ``.pt`` files.

STUDENT.md section 8. What the official form has no place for (name, licence, ...) lies beside it in
``character.json``, ``expressions.json`` and ``visibility.json``, which the official programs do not look at.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import yaml

from tha4_core.character.files import dump_json, parse_json, read_bounded
from tha4_core.character.model import Character, CharacterError, CharacterInfo
from tha4_core.character.model_yaml import named_files
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
_MAX_TEXT_BYTES: Final = 1 << 20


def load_directory(path: Path) -> Character:
    """Load the character whose YAML file is ``path``, or lies in the directory ``path`` as character_model.yaml.

    Needs torch, for the ``.pt`` files. Raises CharacterError, PictureError, WeightsError, VisibilityError.
    """
    yaml_path = path / YAML_NAME if path.is_dir() else path
    directory = yaml_path.parent
    files = _named_files(yaml_path)
    character = Character(
        image_png=read_bounded(files[_IMAGE_KEY], MAX_PNG_BYTES),
        face_morpher=_load_pt(files[_FACE_KEY], "face morpher"),
        body_morpher=_load_pt(files[_BODY_KEY], "body morpher"),
        info=_load_info(directory),
    )
    # Decoding now makes a bad picture an error of loading, naming the file.
    _ = character.image
    visibility_path = directory / _VISIBILITY_NAME
    if visibility_path.exists():
        document = parse_json(read_bounded(visibility_path, _MAX_TEXT_BYTES), str(visibility_path))
        visibility = Visibility.from_json(document, character.look, str(visibility_path))
        character = replace(character, visibility=visibility)
    return character


def save_directory(character: Character, directory: Path) -> None:
    """Write ``character`` in the official form, each file atomically and the YAML that names them last.

    Files of the same names are replaced. Needs torch. Raises CharacterError when something cannot be written.
    """
    torch = _torch(directory)
    from tha4_core.files.state_dict_files import dump_state_dict

    try:
        directory.mkdir(parents=True, exist_ok=True)
        write_atomically(directory / _FILE_NAMES[_IMAGE_KEY], character.image_png)
        for key, weights in ((_FACE_KEY, character.face_morpher), (_BODY_KEY, character.body_morpher)):
            tensors = {name: torch.from_numpy(array.copy()) for name, array in weights.items()}
            write_atomically(directory / _FILE_NAMES[key], dump_state_dict(tensors))
        write_atomically(directory / _INFO_NAME, dump_json(character.info.to_json()))
        visibility = character.visibility and character.visibility.to_json()
        for name, document in ((_EXPRESSIONS_NAME, character.info.expressions), (_VISIBILITY_NAME, visibility)):
            if document:
                write_atomically(directory / name, dump_json(document))
            else:
                (directory / name).unlink(missing_ok=True)
        write_atomically(directory / YAML_NAME, yaml.safe_dump(_FILE_NAMES, sort_keys=False).encode())
    except OSError as error:
        raise CharacterError(f"{directory} could not be written: {error.strerror}.") from None


def _named_files(yaml_path: Path) -> dict[str, Path]:
    names = named_files(read_bounded(yaml_path, _MAX_TEXT_BYTES), _FILE_NAMES, str(yaml_path))
    files = {key: yaml_path.parent / name for key, name in names.items()}
    home = yaml_path.parent.resolve()
    for key, file in files.items():
        # Links may lead out, too.
        if not file.resolve().is_relative_to(home):
            raise CharacterError(f'{yaml_path}: "{key}" leads out of its directory ({file.name}); put the file there.')
    return files


def _load_info(directory: Path) -> CharacterInfo:
    info_path, expressions_path = directory / _INFO_NAME, directory / _EXPRESSIONS_NAME
    if not info_path.exists():
        return CharacterInfo(name=directory.resolve().name)
    expressions = None
    if expressions_path.exists():
        expressions = parse_json(read_bounded(expressions_path, _MAX_TEXT_BYTES), str(expressions_path))
    return CharacterInfo.from_json(
        parse_json(read_bounded(info_path, _MAX_TEXT_BYTES), str(info_path)), expressions, str(info_path)
    )


def _torch(path: Path) -> Any:
    try:
        import torch
    except ImportError:
        raise CharacterError(
            f"{path}: the official form has .pt files, which need PyTorch; install it (pip install torch),"
            " or convert the character to a .tha4 file where PyTorch is (python tools/convert.py)."
        ) from None
    return torch


def _load_pt(path: Path, network: str) -> Weights:
    _torch(path)
    from tha4_core.files.state_dict_files import parse_state_dict

    state = parse_state_dict(read_bounded(path, _MAX_PT_BYTES), str(path), _MAX_PT_BYTES)
    weights = {name: tensor.numpy() for name, tensor in state.items()}
    check_weights(weights, network, str(path))
    return weights
