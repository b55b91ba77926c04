"""A character as the C++ engine takes it."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from tha4_core.character import Character
from tha4_core.character.networks import Shapes
from tha4_core.character.weights import Weights
from tha4_core.engines.native import library


@dataclass(frozen=True)
class Networks:
    """numbers: what to give to :class:`library.Renderer`. memory: what it points into."""

    numbers: library.CharacterNumbers
    memory: list[NDArray[np.float32] | NDArray[np.uint8]]


def networks_of(character: Character) -> Networks:
    """Both networks, the picture, and the larger drawing if there is one."""
    memory: list[NDArray[np.float32] | NDArray[np.uint8]] = []

    def address(array: NDArray[np.float32]) -> int:
        memory.append(np.ascontiguousarray(array, np.float32))
        return memory[-1].ctypes.data

    def layers(weights: Weights, shapes: Shapes) -> Iterator[library.Layer]:
        names = list(shapes)
        for weight, bias in zip(names[::2], names[1::2], strict=True):
            outputs, inputs = weights[weight].shape[:2]
            sizes = (weights[weight].size, weights[bias].size, inputs, outputs)
            yield library.Layer(address(weights[weight]), address(weights[bias]), *sizes)

    numbers = library.published()
    picture = character.network_image
    numbers.picture, numbers.picture_count = address(picture), picture.size
    if character.drawing_hd is not None:
        memory.append(np.ascontiguousarray(character.drawing_hd))
        numbers.drawing, numbers.drawing_size = memory[-1].ctypes.data, memory[-1].nbytes
        numbers.drawing_edge = len(character.drawing_hd)
    networks = character.networks
    *face, numbers.face_output = layers(character.face_morpher, networks.face_shapes)
    numbers.face = _level(face, networks.face.grid)
    body = layers(character.body_morpher, networks.body_shapes)
    levels = [_level(list(islice(body, len(level.widths))), level.grid) for level in networks.body]
    numbers.levels, numbers.level_count = (library.Level * len(levels))(*levels), len(levels)
    *heads, numbers.body_output = body
    numbers.heads, numbers.head_count = (library.Layer * len(heads))(*heads), len(heads)
    return Networks(numbers, memory)


def _level(layers: list[library.Layer], edge: int) -> library.Level:
    array = (library.Layer * len(layers))(*layers)
    return library.Level(ctypes.cast(array, ctypes.POINTER(library.Layer)), len(layers), edge)
