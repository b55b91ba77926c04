"""The single-file form of a character, ``.tha4``: a stored zip (DESIGN.md, "Character").

Members: ``character.json``, ``character.png``, ``face_morpher.safetensors``, ``body_morpher.safetensors``,
``preview.png``, and ``expressions.json`` and ``visibility.json`` if there are any. The same character gives the same
bytes.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from PIL import Image
from safetensors import SafetensorError

from tha4_core.atomic import write_atomically
from tha4_core.character.files import dump_json, parse_json, read_bounded
from tha4_core.character.model import Character, CharacterError, CharacterInfo
from tha4_core.character.weights import Weights, check_weights
from tha4_core.color import encode_png
from tha4_core.visibility import Visibility

SUFFIX: Final = ".tha4"
PREVIEW_SIZE: Final = 256
_INFO: Final = "character.json"
_IMAGE: Final = "character.png"
_FACE: Final = "face_morpher.safetensors"
_BODY: Final = "body_morpher.safetensors"
_PREVIEW: Final = "preview.png"
_EXPRESSIONS: Final = "expressions.json"
_VISIBILITY: Final = "visibility.json"
#: A real one is about 2 MB.
_MAX_FILE_BYTES: Final = 32 << 20


def load_single_file(path: Path) -> Character:
    """Load a ``.tha4`` file; torch is not needed.

    Raises CharacterError, PictureError, WeightsError, VisibilityError.
    """
    members = _read_members(read_bounded(path, _MAX_FILE_BYTES), path)
    expressions = members.get(_EXPRESSIONS)
    info = CharacterInfo.from_json(
        parse_json(members[_INFO], f"{path}: {_INFO}"),
        None if expressions is None else parse_json(expressions, f"{path}: {_EXPRESSIONS}"),
        f"{path}: {_INFO}",
    )
    character = Character(
        image_png=members[_IMAGE],
        face_morpher=_load_safetensors(members[_FACE], "face morpher", f"{path}: {_FACE}"),
        body_morpher=_load_safetensors(members[_BODY], "body morpher", f"{path}: {_BODY}"),
        info=info,
    )
    # Decoding now makes a bad picture an error of loading.
    _ = character.image
    if _VISIBILITY in members:
        source = f"{path}: {_VISIBILITY}"
        visibility = Visibility.from_json(parse_json(members[_VISIBILITY], source), character.look, source)
        character = replace(character, visibility=visibility)
    return character


def save_single_file(character: Character, path: Path) -> None:
    """Write ``character`` as a ``.tha4`` file, atomically. Raises CharacterError when it cannot be written."""
    members = {
        _INFO: dump_json(character.info.to_json()),
        _IMAGE: character.image_png,
        _FACE: safetensors.numpy.save(dict(character.face_morpher)),
        _BODY: safetensors.numpy.save(dict(character.body_morpher)),
        _PREVIEW: encode_png(preview(character.image)),
    }
    if character.info.expressions:
        members[_EXPRESSIONS] = dump_json(character.info.expressions)
    if character.visibility is not None:
        members[_VISIBILITY] = dump_json(character.visibility.to_json())
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)  # ZipInfo's date is fixed, so equal in, equal out
    try:
        write_atomically(path, buffer.getvalue())
    except OSError as error:
        raise CharacterError(f"{path} could not be written: {error.strerror}.") from None


def preview(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A thumbnail of a picture, uint8 (256, 256, 4)."""
    return np.array(Image.fromarray(image).resize((PREVIEW_SIZE, PREVIEW_SIZE), Image.Resampling.LANCZOS))


def _read_members(data: bytes, path: Path) -> dict[str, bytes]:
    members: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist():
                if member.filename in members:
                    raise CharacterError(f"{path} has two members named {member.filename!r}; it was not made by us.")
                # Stored, so nothing unpacks to more than the file's own size.
                if member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 1:
                    raise CharacterError(f"{path}: member {member.filename!r} is packed; members must be stored.")
                members[member.filename] = archive.read(member)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, OSError):
        raise CharacterError(f"{path} is not a character file, or is damaged or cut short; copy it again.") from None
    missing = [name for name in (_INFO, _IMAGE, _FACE, _BODY) if name not in members]
    if missing:
        raise CharacterError(f"{path} misses {', '.join(missing)}; it is not a whole character file.")
    return members


def _load_safetensors(data: bytes, network: str, source: str) -> Weights:
    try:
        tensors = safetensors.numpy.load(data)
    except (SafetensorError, ValueError, KeyError, TypeError):
        raise CharacterError(f"{source} is not a safetensors file, or is damaged.") from None
    check_weights(tensors, network, source)
    return tensors
