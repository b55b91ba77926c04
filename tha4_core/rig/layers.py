"""A design's layers as pictures: drawn once where they are always the same, and again for each expression."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tha4_core.picture.color import to_rgba8_straight
from tha4_core.picture.region import FULL_PICTURE, PICTURE_SIZE, Region
from tha4_core.pose import FACE_SIZE
from tha4_core.rig.brows import paint_brow
from tha4_core.rig.design import Design
from tha4_core.rig.expression import LEFT, RIGHT, Expression
from tha4_core.rig.face import paint_face
from tha4_core.rig.pen import SUPERSAMPLING, Pen
from tha4_core.student import FACE_EDGE, FACE_LEFT, FACE_TOP

#: All that face parameters change.
FACE_BOX: Final = Region(FACE_LEFT, FACE_TOP, FACE_EDGE, FACE_EDGE)
#: Expressions kept, of 2.6 MB each.
_KEPT: Final = 16
#: Samples along each axis of a pixel that is finer than the picture's, by how much: large sheets of samples take
#: gigabytes, and Skia smooths edges by itself, too.
_SAMPLES: Final = {1: SUPERSAMPLING, 2: SUPERSAMPLING, 4: 2}


class Sheets(NamedTuple):
    """The layers of one expression, body at rest; linear light, premultiplied, in [0, 1].

    layers: (K, 5, 512, 512), back to front; the fifth channel is how much of what lies there can be seen: what those
    in front of it let through. picture: (4, 512, 512), all on top of each other. A finer painter's are as much larger.
    """

    layers: Tensor
    picture: Tensor


class LayerPainter:
    """Paints a design's layers. Remembers the last few expressions; one thread at a time.

    finer: 1, 2 or 4, how many times the picture's pixels there are along each axis.
    """

    def __init__(self, design: Design, finer: int = 1) -> None:
        self._design, self._finer = design, finer
        self._rows = slice(finer * FACE_TOP, finer * (FACE_TOP + FACE_EDGE))
        self._columns = slice(finer * FACE_LEFT, finer * (FACE_LEFT + FACE_EDGE))
        layers = torch.zeros(len(design.parts), 5, finer * PICTURE_SIZE, finer * PICTURE_SIZE)
        for layer, part in zip(layers, design.parts, strict=True):
            if part.paint is not None:
                pen = Pen(FULL_PICTURE, _SAMPLES[finer], finer)
                part.paint(pen)
                layer[:4] = torch.from_numpy(pen.pixels())
        _see_through(layers)
        # The face box without its face: what expressions are painted on.
        self._bare_box = layers[:, :, self._rows, self._columns].clone()
        self._boxes: OrderedDict[tuple[float, ...], Tensor] = OrderedDict()
        self._sheets = Sheets(layers, composite(layers))
        self._shown: tuple[float, ...] = ()

    def sheets(self, face_pose: Tensor) -> Sheets:
        """The layers for 39 face parameters, (39,). To be read only, and only until the next call."""
        key = tuple(face_pose.tolist())
        if key != self._shown:
            box = self._box(key)
            self._sheets.layers[:, :, self._rows, self._columns] = box
            self._sheets.picture[:, self._rows, self._columns] = composite(box)
            self._shown = key
        return self._sheets

    def face(self, face_pose: Tensor) -> Tensor:
        """The picture in the face morpher's box, (39,) -> (4, 128, 128)."""
        return composite(self._box(tuple(face_pose.tolist())))

    def _box(self, face_pose: tuple[float, ...]) -> Tensor:
        """The layers inside the face box, (K, 5, 128, 128)."""
        if face_pose not in self._boxes:
            self._boxes[face_pose] = self._paint(Expression(face_pose))
            if len(self._boxes) > _KEPT:
                self._boxes.popitem(last=False)
        self._boxes.move_to_end(face_pose)
        return self._boxes[face_pose]

    def _paint(self, expression: Expression) -> Tensor:
        layers = self._bare_box.clone()
        for layer, part in zip(layers, self._design.parts, strict=True):
            if part.paint is not None:
                continue
            pen = Pen(FACE_BOX, _SAMPLES[self._finer], self._finer)
            if part.name == "face":
                paint_face(pen, self._design.face, expression)
            else:
                for side in (LEFT, RIGHT):
                    paint_brow(pen, self._design.brows, expression, side)
            layer[:4] = torch.from_numpy(pen.pixels())
        _see_through(layers)
        return layers


def draw(design: Design, finer: int = 1) -> NDArray[np.uint8]:
    """A character at rest, straight-alpha sRGB uint8 (512 finer, 512 finer, 4); finer: 1, 2 or 4."""
    sheets = LayerPainter(design, finer).sheets(torch.zeros(FACE_SIZE))
    return to_rgba8_straight((2.0 * sheets.picture - 1.0).numpy())


def composite(layers: Tensor) -> Tensor:
    """Layers (K, 4 or more, H, W), back to front, put over each other: (4, H, W)."""
    picture = torch.zeros_like(layers[0, :4])
    for layer in layers[:, :4]:
        picture = layer + (1.0 - layer[3:4]) * picture
    return picture


def _see_through(layers: Tensor) -> None:
    """Fill in the fifth channel of (K, 5, H, W)."""
    through = torch.ones_like(layers[0, 3])
    for k in reversed(range(len(layers))):
        layer = layers[k]
        layer[4] = through
        through = through * (1.0 - layer[3])
