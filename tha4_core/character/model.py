"""A distilled character in memory: its picture, its two networks' weights, and what is known of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tha4_core.character import larger_drawing
from tha4_core.character.credits import Credit, CreditsError, credits_in
from tha4_core.character.networks import PUBLISHED, Networks, NetworksError
from tha4_core.character.weights import Weights
from tha4_core.errors import UserError
from tha4_core.picture.color import decode_png, to_network
from tha4_core.picture.region import DEFAULT_HEAD_VIEW, Region, RegionError, as_region
from tha4_core.pose import PoseError, pose_from_names
from tha4_core.visibility import Visibility

#: Versions of ``character.json``: the first, which knows the published networks alone, the one that says what networks
#: are, and the one that may name a larger drawing. All are read, and the oldest is written that can say all.
_FIRST_VERSION: Final = 1
_NETWORKS_VERSION: Final = 2
_DRAWING_VERSION: Final = 3
FORMAT_VERSION: Final = _DRAWING_VERSION
_FORMAT_NAME: Final = "tha4-character"
_MAX_TEXT: Final = 2000
_MAX_EXPRESSIONS: Final = 256
_MAX_EXPRESSION_NAME: Final = 64


class CharacterError(UserError):
    """A file that is no usable character; the sentence says which file, what is wrong, and what to do."""


@dataclass(frozen=True)
class CharacterInfo:
    """What is known of a character besides picture and weights (``character.json``).

    name, author, licence: for people, may be empty. head_view: what a head view shows.
    provenance: how it came to be (teacher, training, source files). quality: what was measured, by name.
    expressions: named partial poses, ``{"joy": {"mouth_raised_corner_left": 1.0, ...}}``. networks: what the two are.
    """

    name: str = ""
    author: str = ""
    licence: str = ""
    head_view: Region = DEFAULT_HEAD_VIEW
    provenance: Mapping[str, Any] = field(default_factory=dict)
    quality: Mapping[str, Any] = field(default_factory=dict)
    expressions: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    networks: Networks = PUBLISHED

    @property
    def credits(self) -> tuple[Credit, ...]:
        """Whom the character owes something besides its author: the works that it was made with (``provenance``)."""
        return credits_in(self.provenance)

    def to_json(self, drawing_hd: int = 0) -> dict[str, Any]:
        """The content of ``character.json``; expressions have a file of their own.

        drawing_hd: the edge of the larger drawing beside it; 0: there is none.
        """
        published = self.networks == PUBLISHED
        version = _FIRST_VERSION if published else _NETWORKS_VERSION
        return {
            "format": _FORMAT_NAME,
            "version": _DRAWING_VERSION if drawing_hd else version,
            "name": self.name,
            "author": self.author,
            "licence": self.licence,
            "head_view": list(self.head_view),
            "provenance": dict(self.provenance),
            "quality": dict(self.quality),
            **({} if published else {"networks": self.networks.to_json()}),
            **({larger_drawing.KEY: drawing_hd} if drawing_hd else {}),
        }

    @classmethod
    def from_json(cls, document: object, expressions: object, source: str) -> CharacterInfo:
        """Parsed ``character.json`` and ``expressions.json`` (None: there is none), checked. Raises CharacterError."""
        if not isinstance(document, dict) or document.get("format") != _FORMAT_NAME:
            raise CharacterError(f'{source} is not a character\'s description: "format" must be "{_FORMAT_NAME}".')
        version = document.get("version")
        if type(version) is not int or version < 1:
            raise CharacterError(f'{source}: "version" must be a whole number from 1.')
        if version > FORMAT_VERSION:
            raise CharacterError(
                f"{source} has format version {version}, but this program reads up to {FORMAT_VERSION}; update it."
            )
        texts: dict[str, str] = {}
        for key in ("name", "author", "licence"):
            text = document.get(key, "")
            if not isinstance(text, str) or len(text) > _MAX_TEXT:
                raise CharacterError(f'{source}: "{key}" must be a text of at most {_MAX_TEXT} characters.')
            texts[key] = text
        if larger_drawing.KEY in document and version < _DRAWING_VERSION:
            raise CharacterError(
                f'{source}: "{larger_drawing.KEY}" needs "version" {_DRAWING_VERSION}, and has version {version}.'
            )
        maps: dict[str, dict[str, Any]] = {}
        for key in ("provenance", "quality"):
            value = document.get(key, {})
            if not isinstance(value, dict):
                raise CharacterError(f'{source}: "{key}" must be an object.')
            maps[key] = value
        try:
            credits_in(maps["provenance"])
        except CreditsError as error:
            raise CharacterError(f'{source}: "credits" of "provenance" {error}.') from None
        try:
            head_view = as_region(document.get("head_view", list(DEFAULT_HEAD_VIEW)))
        except RegionError as error:
            raise CharacterError(f'{source}: "head_view": {error}') from None
        return cls(
            name=texts["name"],
            author=texts["author"],
            licence=texts["licence"],
            head_view=head_view,
            provenance=maps["provenance"],
            quality=maps["quality"],
            expressions=_checked_expressions(expressions, source),
            networks=_checked_networks(document, version, source),
        )


def _checked_networks(document: Mapping[str, Any], version: int, source: str) -> Networks:
    if "networks" not in document:
        return PUBLISHED
    if version < _NETWORKS_VERSION:
        raise CharacterError(f'{source}: "networks" needs "version" {_NETWORKS_VERSION}, and has version {version}.')
    try:
        return Networks.from_json(document["networks"])
    except NetworksError as error:
        raise CharacterError(f"{source}: {error}") from None


def _checked_expressions(document: object, source: str) -> dict[str, dict[str, float]]:
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise CharacterError(f"{source}: expressions must be an object of named partial poses.")
    if len(document) > _MAX_EXPRESSIONS:
        raise CharacterError(f"{source}: there are {len(document)} expressions; at most {_MAX_EXPRESSIONS} are read.")
    expressions: dict[str, dict[str, float]] = {}
    for name, values in document.items():
        try:
            if not 1 <= len(name) <= _MAX_EXPRESSION_NAME:
                raise PoseError(f"its name must have 1 to {_MAX_EXPRESSION_NAME} characters.")
            if not isinstance(values, dict) or any(type(value) not in (int, float) for value in values.values()):
                raise PoseError("it must be an object of parameter names and numbers.")
            pose_from_names(values)
        except PoseError as error:
            raise CharacterError(f'{source}: expression "{name}": {error}') from None
        expressions[name] = {parameter: float(value) for parameter, value in values.items()}
    return expressions


@dataclass(frozen=True, eq=False)
class Character:
    """A distilled character.

    image_png: the picture's PNG file, kept byte for byte. face_morpher, body_morpher: state dicts with the names and
    shapes of ``networks``, float32. visibility: which parts of the picture can ever be seen, if that was
    measured; it is not part of the ``digest``. drawing_hd_png: the PNG of the picture drawn larger, if there is one
    (:mod:`.larger_drawing`). Two characters of the same ``digest`` give the same frames.
    """

    image_png: bytes
    face_morpher: Weights
    body_morpher: Weights
    info: CharacterInfo = field(default_factory=CharacterInfo)
    visibility: Visibility | None = None
    drawing_hd_png: bytes | None = None

    @cached_property
    def image(self) -> NDArray[np.uint8]:
        """The picture, straight-alpha sRGB uint8 (512, 512, 4). Raises PictureError if the PNG is none."""
        image = decode_png(self.image_png, f"the picture of {self.info.name or 'the character'}")
        image.flags.writeable = False
        return image

    @cached_property
    def drawing_hd(self) -> NDArray[np.uint8] | None:
        """The larger drawing, straight-alpha sRGB uint8 (edge, edge, 4), edge 1024 or 2048; None where there is none.

        Raises PictureError if it is no such PNG, or another drawing than the picture.
        """
        if self.drawing_hd_png is None:
            return None
        source = f"the larger drawing of {self.info.name or 'the character'}"
        drawing = larger_drawing.decode_larger(self.drawing_hd_png, source)
        larger_drawing.check_alike(drawing, self.image, source)
        drawing.flags.writeable = False
        return drawing

    def check_drawing_hd(self, edge: int, source: str) -> None:
        """Whether the larger drawing is the one, of ``edge``, that a description names; 0: it names none.

        Raises CharacterError, which begins with ``source``; PictureError where it is no such drawing.
        """
        found = 0 if self.drawing_hd is None else len(self.drawing_hd)
        if found == edge:
            return
        name, key = larger_drawing.FILE_NAME, larger_drawing.KEY
        there = f"{name} of {found} pixels" if found else f"no {name}"
        named = f'"{key}": {edge}' if edge else f'no "{key}"'
        raise CharacterError(f"{source} holds {there}, but character.json has {named}; convert the character again.")

    def describe(self) -> dict[str, Any]:
        """The content of ``character.json``."""
        return self.info.to_json(0 if self.drawing_hd is None else len(self.drawing_hd))

    @property
    def networks(self) -> Networks:
        """What the two networks are."""
        return self.info.networks

    @property
    def network_image(self) -> NDArray[np.float32]:
        """The picture as the networks see it: linear premultiplied, float32 (4, 512, 512) in [-1, 1]."""
        return to_network(self.image)

    @cached_property
    def look(self) -> str:
        """SHA-256 (hex) of picture and networks: what decides the frames of 512 pixels, and what can be seen."""
        return self._hash().hexdigest()

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of picture, networks, larger drawing and head view: the same in every file form."""
        digest = self._hash()
        if self.drawing_hd is not None:
            digest.update(self.drawing_hd.tobytes())
        digest.update(repr(tuple(self.info.head_view)).encode())
        return digest.hexdigest()

    def _hash(self) -> hashlib._Hash:
        digest = hashlib.sha256()
        digest.update(self.image.tobytes())
        for weights in (self.face_morpher, self.body_morpher):
            for name in sorted(weights):
                digest.update(name.encode())
                digest.update(np.ascontiguousarray(weights[name], dtype="<f4").tobytes())
        if self.networks != PUBLISHED:  # the same numbers may be those of several
            digest.update(self.networks.signature.encode())
        return digest
