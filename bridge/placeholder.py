"""A character of nothing, to try an engine with before there is a real one."""

from __future__ import annotations

import numpy as np

from tha4_core.character import Character
from tha4_core.character.networks import PUBLISHED, Shapes
from tha4_core.character.weights import Weights
from tha4_core.picture.color import encode_png
from tha4_core.picture.region import PICTURE_SIZE


def placeholder_character() -> Character:
    """A valid character with a transparent picture and weights of zero."""
    picture = np.zeros((PICTURE_SIZE, PICTURE_SIZE, 4), dtype=np.uint8)
    return Character(encode_png(picture), _zeros(PUBLISHED.face_shapes), _zeros(PUBLISHED.body_shapes))


def _zeros(shapes: Shapes) -> Weights:
    return {name: np.zeros(shape, dtype=np.float32) for name, shape in shapes.items()}
