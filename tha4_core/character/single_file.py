"""The single-file form of a character, ``.tha4``: a stored zip (DESIGN.md, "Character").

Members: ``character.json``, ``character.png``, ``face_morpher.safetensors``, ``body_morpher.safetensors``,
``preview.png``, and ``expressions.json``, ``visibility.json`` and ``character_hd.png`` if there are any. The same
character gives the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from PIL import Image
from safetensors import SafetensorError

from tha4_core.character import larger_drawing
from tha4_core.character.files import dump_json, parse_json, read_bounded
from tha4_core.character.model import Character, CharacterError, CharacterInfo
from tha4_core.character.networks import Networks
from tha4_core.character.weights import Weights, check_weights
from tha4_core.character.zipped_again import MAX_MEMBERS, is_zipped_again, refused_zip, store_again
from tha4_core.files.atomic import write_atomically
from tha4_core.files.reading import FileError, refuse_stand_in
from tha4_core.files.zip_members import ZipError, list_members, stored_bytes
from tha4_core.picture.color import encode_png
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
#: What is not read is not unpacked either: other members may hold anything.
_READ: Final = (_INFO, _IMAGE, _FACE, _BODY, _EXPRESSIONS, _VISIBILITY, larger_drawing.FILE_NAME)
#: The longest file that is read, from disk or from a connection; a real one has 2 MB, with a larger drawing 3 to 8.
MAX_FILE_BYTES: Final = 16 << 20
#: JSON takes many times its size in memory; a real one is a few kilobytes.
_MAX_JSON_BYTES: Final = 1 << 20
#: Of a safetensors file, which lists its tensors; a real one has 2 KB.
_MAX_HEADER_BYTES: Final = 64 << 10


def load_single_file(path: Path, *, zipped_again: bool = False) -> Character:
    """Load a ``.tha4`` file; torch is not needed. zipped_again: as of :func:`~tha4_core.character.load_character`.

    Raises CharacterError, PictureError, WeightsError, VisibilityError.
    """
    data = read_bounded(path, MAX_FILE_BYTES)
    return parse_single_file(store_again(data, str(path), MAX_FILE_BYTES) if zipped_again else data, str(path))


def parse_single_file(data: bytes, source: str) -> Character:
    """The character in the bytes of a ``.tha4`` file, which are not trusted; torch is not needed.

    source: what messages call the file. Raises CharacterError, PictureError, WeightsError, VisibilityError.
    """
    members = _read_members(data, source)
    expressions = members.get(_EXPRESSIONS)
    description = _parse_json(members[_INFO], f"{source}: {_INFO}")
    info = CharacterInfo.from_json(
        description,
        None if expressions is None else _parse_json(expressions, f"{source}: {_EXPRESSIONS}"),
        f"{source}: {_INFO}",
    )
    character = Character(
        image_png=members[_IMAGE],
        face_morpher=_load_safetensors(members[_FACE], "face morpher", f"{source}: {_FACE}", info.networks),
        body_morpher=_load_safetensors(members[_BODY], "body morpher", f"{source}: {_BODY}", info.networks),
        info=info,
        drawing_hd_png=members.get(larger_drawing.FILE_NAME),
    )
    # Decoding now makes a bad picture an error of loading.
    _ = character.image
    character.check_drawing_hd(larger_drawing.declared_edge(description, f"{source}: {_INFO}"), source)
    if _VISIBILITY in members:
        place = f"{source}: {_VISIBILITY}"
        visibility = Visibility.from_json(_parse_json(members[_VISIBILITY], place), character.look, place)
        character = replace(character, visibility=visibility)
    return character


def save_single_file(character: Character, path: Path) -> None:
    """Write ``character`` as a ``.tha4`` file, atomically. Raises CharacterError when it cannot be written."""
    members = {
        _INFO: dump_json(character.describe()),
        _IMAGE: character.image_png,
        _FACE: safetensors.numpy.save(dict(character.face_morpher)),
        _BODY: safetensors.numpy.save(dict(character.body_morpher)),
        _PREVIEW: encode_png(preview(character.image)),
    }
    if character.info.expressions:
        members[_EXPRESSIONS] = dump_json(character.info.expressions)
    if character.visibility is not None:
        members[_VISIBILITY] = dump_json(character.visibility.to_json())
    if character.drawing_hd_png is not None:
        members[larger_drawing.FILE_NAME] = character.drawing_hd_png
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)  # ZipInfo's date is fixed, so equal in, equal out
    if buffer.tell() > MAX_FILE_BYTES:
        raise CharacterError(
            f"{path} would be larger than {MAX_FILE_BYTES >> 20} MiB, which no reader takes; give a smaller drawing."
        )
    try:
        write_atomically(path, buffer.getvalue())
    except OSError as error:
        raise CharacterError(f"{path} could not be written: {error.strerror}.") from None


def preview(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A thumbnail of a picture, uint8 (256, 256, 4)."""
    return np.array(Image.fromarray(image).resize((PREVIEW_SIZE, PREVIEW_SIZE), Image.Resampling.LANCZOS))


def _read_members(data: bytes, source: str) -> dict[str, bytes]:
    if len(data) > MAX_FILE_BYTES:
        raise CharacterError(f"{source} is larger than {MAX_FILE_BYTES >> 20} MiB; no character is.")
    try:
        refuse_stand_in(data, source)
        listed = list_members(data, MAX_MEMBERS)
        # Stored, and none over another's bytes: nothing unpacks to more than the file's own size.
        if is_zipped_again(listed):
            raise CharacterError(
                f"{source} was zipped again by another program, but its members must be stored, and in no folder;"
                " tools/convert.py writes it anew (python3 tools/convert.py OLD.tha4 NEW.tha4)."
            )
        members: dict[str, bytes] = {name: bytes(stored_bytes(data, listed[name])) for name in _READ if name in listed}
    except FileError as error:
        raise CharacterError(str(error)) from None
    except ZipError as error:
        raise refused_zip(error, source) from None
    missing = [name for name in (_INFO, _IMAGE, _FACE, _BODY) if name not in members]
    if missing:
        raise CharacterError(f"{source} misses {', '.join(missing)}; it is not a whole character file.")
    return members


def _parse_json(data: bytes, source: str) -> Any:
    if len(data) > _MAX_JSON_BYTES:
        raise CharacterError(f"{source} is larger than {_MAX_JSON_BYTES >> 20} MiB; no character's is.")
    return parse_json(data, source)


def _load_safetensors(data: bytes, network: str, source: str, networks: Networks) -> Weights:
    length = int.from_bytes(data[:8], "little")
    if length > _MAX_HEADER_BYTES and length <= len(data) - 8:
        raise CharacterError(
            f"{source} has a header of {length} bytes, but no {network}'s is longer than {_MAX_HEADER_BYTES >> 10} KiB."
        )
    try:
        tensors = safetensors.numpy.load(data)
    except (SafetensorError, ValueError, KeyError, TypeError):
        raise CharacterError(f"{source} is not a safetensors file, or is damaged.") from None
    check_weights(tensors, network, source, networks)
    return tensors
