"""A character as an ONNX model: what goes in, what comes out, and what is said of the character.

In: ``pose`` float32 (1, 45), clamped to each parameter's range; ``drawing`` (1, 512, 512, 4) if it is not part of the
model, straight alpha and sRGB, in the type of the picture. Out: ``picture`` (1, 512, 512, 4), sRGB, float32 from 0 to 1
or uint8.

Operators are those of opset 17 that ONNX Runtime has on the CPU and for WebGPU, and Unity's Inference Engine.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import onnx
from onnx import TensorProto, helper

import tha4_core
from tha4_core.character import Character
from tha4_core.errors import UserError
from tha4_core.files.atomic import write_atomically
from tha4_core.onnx_export import networks, pictures
from tha4_core.onnx_export.graph import Graph
from tha4_core.picture.region import PICTURE_SIZE
from tha4_core.pose import NAMES, PARAMETERS, SIZE

#: GridSample came with 16, and with 20 its modes changed their names; ONNX Runtime's WebGPU knows it up to 19.
OPSET: Final = 17
# The file format that opset 17 came with.
_IR_VERSION: Final = 8
_SHAPE: Final = (1, PICTURE_SIZE, PICTURE_SIZE, 4)


class OnnxError(UserError):
    """A model that cannot be written."""


@dataclass(frozen=True)
class OnnxForm:
    """What a model takes and gives.

    drawing_is_input: the drawing is given with each pose, and not part of the model. premultiplied: colours are
    multiplied by alpha, after they were coded as sRGB. is_bytes: pictures are uint8 and not float32.
    """

    drawing_is_input: bool = False
    premultiplied: bool = False
    is_bytes: bool = False


def export_onnx(character: Character, form: OnnxForm | None = None) -> onnx.ModelProto:
    """The model of a character. Raises PictureError if its picture is none."""
    form = form or OnnxForm()
    element = TensorProto.UINT8 if form.is_bytes else TensorProto.FLOAT
    graph = Graph()
    pose = _clamped(graph, "pose")
    inputs = [helper.make_tensor_value_info("pose", TensorProto.FLOAT, (1, SIZE), doc_string=" ".join(NAMES))]
    if form.drawing_is_input:
        inputs.append(helper.make_tensor_value_info("drawing", element, _SHAPE, doc_string="RGBA, straight, sRGB"))
        drawing = pictures.network_drawing(graph, "drawing", is_bytes=form.is_bytes)
    else:
        drawing = graph.constant("drawing", character.network_image[None] * pictures.outside_face())
    drawing = pictures.with_face(graph, drawing, networks.face(graph, character, pose))
    picture = pictures.moved(graph, drawing, networks.body(graph, character, pose))
    made = pictures.shown(graph, picture, premultiplied=form.premultiplied, is_bytes=form.is_bytes)
    graph.nodes.append(helper.make_node("Identity", [made], ["picture"], name="picture"))
    colors = "premultiplied" if form.premultiplied else "straight"
    output = helper.make_tensor_value_info("picture", element, _SHAPE, doc_string=f"RGBA, {colors}, sRGB")
    name = character.info.name or "character"
    model = helper.make_model(
        helper.make_graph(graph.nodes, name, inputs, [output], graph.constants),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=_IR_VERSION,
        producer_name="anime-character",
        producer_version=tha4_core.__version__,
        doc_string=f"{name}: a pose of {SIZE} numbers in, a picture of {PICTURE_SIZE}x{PICTURE_SIZE} pixels out.",
    )
    helper.set_model_props(model, dict(_properties(character, colors)))
    onnx.checker.check_model(model, full_check=True)
    return model


def save_onnx(model: onnx.ModelProto, path: Path) -> None:
    """Write a model whole or not at all. Raises OnnxError."""
    try:
        write_atomically(path, model.SerializeToString())
    except OSError as error:
        raise OnnxError(f"{path} could not be written: {error.strerror}; give another place.") from None


def _clamped(graph: Graph, pose: str) -> str:
    """A pose with each number in its range: what is below 0 stays, down to -1, where the parameter goes there."""
    zero, one = graph.constant("zero", 0.0), graph.constant("one", 1.0)
    above = graph.apply("Clip", pose, zero, one)
    below = graph.apply("Clip", pose, graph.constant("least", -1.0), zero)
    lowest = graph.constant("lowest", -np.array([[parameter.minimum for parameter in PARAMETERS]]))
    return graph.apply("Add", above, graph.apply("Mul", below, lowest))


def _properties(character: Character, colors: str) -> Iterator[tuple[str, str]]:
    """What is said of the character in the model's metadata."""
    info = character.info
    yield "name", info.name
    yield "author", info.author
    yield "licence", info.licence
    yield "credits", "\n".join(credit.line() for credit in info.credits)
    yield "provenance", json.dumps(dict(info.provenance), ensure_ascii=False)
    yield "character", character.digest
    yield "head_view", json.dumps(list(info.head_view))
    yield "colors", colors
    ranges = [{"name": p.name, "minimum": p.minimum, "maximum": p.maximum} for p in PARAMETERS]
    yield "parameters", json.dumps(ranges)
    yield "expressions", json.dumps({name: dict(pose) for name, pose in info.expressions.items()}, ensure_ascii=False)
