"""The drawing in and the picture out, in ONNX's operators: bytes or numbers <-> linear premultiplied (STUDENT.md 6).

Powers are written as exp(e log(x)), for which runtimes have faster code than for pow; a difference of a thousandth of
a level of 255 is all there is.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from onnx import TensorProto

from tha4_core.character.networks import FACE_GRID, FACE_LEFT, FACE_TOP
from tha4_core.onnx_export.graph import Graph
from tha4_core.picture.region import PICTURE_SIZE

_TINY: Final = 1e-6
# Alphas below this are bytes of 0, whose colour is nothing.
_LEAST_ALPHA: Final = 0.5 / 255.0


def outside_face() -> np.ndarray:
    """1 where the face morpher paints nothing, else 0: float32 (1, 1, 512, 512)."""
    mask = np.ones((1, 1, PICTURE_SIZE, PICTURE_SIZE), np.float32)
    mask[..., FACE_TOP : FACE_TOP + FACE_GRID, FACE_LEFT : FACE_LEFT + FACE_GRID] = 0.0
    return mask


def network_drawing(graph: Graph, drawing: str, *, is_bytes: bool) -> str:
    """A drawing with straight alpha, sRGB, (1, 512, 512, 4), as the networks see it: (1, 4, 512, 512), -1 to 1, and 0
    where the face will be."""
    if is_bytes:
        drawing = graph.apply("Cast", drawing, to=TensorProto.FLOAT)
        drawing = graph.apply("Mul", drawing, graph.constant("level", 1.0 / 255.0))
    color, alpha = _split(graph, drawing, 3, 1)
    low = graph.apply("Mul", color, graph.constant("slope", 1.0 / 12.92))
    high = graph.apply("Add", color, graph.constant("offset", 0.055))
    high = _power(graph, graph.apply("Mul", high, graph.constant("scale", 1.0 / 1.055)), 2.4)
    linear = _choose(graph, color, 0.04045, high, low)
    values = graph.apply("Concat", graph.apply("Mul", linear, alpha), alpha, axis=3)
    values = graph.apply("Mul", values, graph.constant("range", 2.0))
    values = graph.apply("Sub", values, graph.constant("one", 1.0))
    values = graph.apply("Transpose", values, perm=[0, 3, 1, 2])
    return graph.apply("Mul", values, graph.constant("outside_face", outside_face()))


def with_face(graph: Graph, drawing: str, face: str) -> str:
    """A drawing (1, 4, 512, 512) that is 0 where the face is, with the face (1, 128, 128, 4) in its place."""
    face = graph.apply("Transpose", face, perm=[0, 3, 1, 2])
    below, right = (PICTURE_SIZE - FACE_GRID - place for place in (FACE_TOP, FACE_LEFT))
    pads = graph.constant("face_place", np.array([0, 0, FACE_TOP, FACE_LEFT, 0, 0, below, right], np.int64))
    return graph.apply("Add", drawing, graph.apply("Pad", face, pads))


def moved(graph: Graph, drawing: str, answer: str) -> str:
    """A drawing (1, 4, 512, 512) as the body's answer (1, 512, 512, 7) moves and paints it: (1, 512, 512, 4)."""
    flow_x, flow_y, alpha, direct = _split(graph, answer, 1, 1, 1, 4)
    centres = (2.0 * np.arange(PICTURE_SIZE) + 1.0) / PICTURE_SIZE - 1.0
    x = graph.apply("Add", flow_x, graph.constant("columns", centres[None, None, :, None]))
    y = graph.apply("Add", flow_y, graph.constant("rows", centres[None, :, None, None]))
    places = graph.apply("Concat", x, y, axis=3)  # (1, 512, 512, 2)
    warped = graph.apply("GridSample", drawing, places, mode="bilinear", padding_mode="border", align_corners=0)
    warped = graph.apply("Transpose", warped, perm=[0, 2, 3, 1])
    kept = graph.apply("Sub", graph.constant("one", 1.0), alpha)
    return graph.apply("Add", graph.apply("Mul", kept, warped), graph.apply("Mul", alpha, direct))


def shown(graph: Graph, picture: str, *, premultiplied: bool, is_bytes: bool) -> str:
    """A linear premultiplied picture (1, 512, 512, 4), -1 to 1, as sRGB from 0 to 1, or bytes: colour straight, or
    multiplied by alpha. Pixels whose alpha is less than half a level of 255 are 0."""
    half = graph.constant("half", 0.5)
    unit = graph.apply("Add", graph.apply("Mul", picture, half), half)
    color, alpha = _split(graph, unit, 3, 1)
    zero, one = graph.constant("zero", 0.0), graph.constant("one", 1.0)
    alpha = graph.apply("Clip", alpha, zero, one)
    seen = graph.apply("Greater", alpha, graph.constant("least_alpha", _LEAST_ALPHA))
    seen = graph.apply("Cast", seen, to=TensorProto.FLOAT)
    alpha = graph.apply("Mul", alpha, seen)
    straight = graph.apply("Div", color, graph.apply("Clip", alpha, graph.constant("tiny", _TINY), one))
    straight = graph.apply("Clip", straight, zero, one)
    low = graph.apply("Mul", straight, graph.constant("slope", 12.92))
    high = graph.apply("Mul", _power(graph, straight, 1.0 / 2.4), graph.constant("scale", 1.055))
    high = graph.apply("Sub", high, graph.constant("offset", 0.055))
    coded = _choose(graph, straight, 0.003130804953560372, high, low)
    color = graph.apply("Mul", coded, alpha if premultiplied else seen)
    made = graph.apply("Concat", color, alpha, axis=3)
    if is_bytes:
        levels = graph.apply("Mul", made, graph.constant("levels", 255.0))
        made = graph.apply("Cast", graph.apply("Add", levels, half), to=TensorProto.UINT8)
    return made


def _split(graph: Graph, value: str, *sizes: int) -> list[str]:
    """The channels of (..., C) in parts."""
    return graph.apply_many("Split", len(sizes), value, graph.constant("sizes", np.array(sizes, np.int64)), axis=3)


def _power(graph: Graph, value: str, exponent: float) -> str:
    """``value ** exponent``, for values from _TINY on; that of _TINY for those below."""
    above = graph.apply("Clip", value, graph.constant("tiny", _TINY))
    return graph.apply("Exp", graph.apply("Mul", graph.apply("Log", above), graph.constant("exponent", exponent)))


def _choose(graph: Graph, value: str, border: float, above: str, below: str) -> str:
    """``above`` where ``value`` is above the border, else ``below``."""
    return graph.apply("Where", graph.apply("Greater", value, graph.constant("border", border)), above, below)
