"""Names and shapes of a student's weights (STUDENT.md sections 4 and 5), checked without torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tha4_core.errors import UserError

#: A state dict: official name -> float32 array of the official shape (out, in, 1, 1) or (out,).
Weights = Mapping[str, NDArray[np.float32]]
Shapes = Mapping[str, tuple[int, ...]]


class WeightsError(UserError):
    """Tensors that are not the network they are said to be."""


def _linear(name: str, inputs: int, outputs: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (outputs, inputs, 1, 1), f"{name}.bias": (outputs,)}


def _face_morpher_shapes() -> Shapes:
    shapes: dict[str, tuple[int, ...]] = {}
    for i in range(8):
        shapes |= _linear(f"siren.sine_layers.{i}.linear", 41 if i == 0 else 128, 128)
    return shapes | _linear("siren.last_linear", 128, 4)


def _body_morpher_shapes() -> Shapes:
    shapes: dict[str, tuple[int, ...]] = {}
    levels = ((47, 360, 360, 180), (227, 180, 180, 90), (137, 90, 90, 90))
    for level, widths in enumerate(levels):
        for layer in range(3):
            shapes |= _linear(f"siren_layers.{level}.{layer}.linear", widths[layer], widths[layer + 1])
    return shapes | _linear("last_linear", 90, 7)


FACE_MORPHER_SHAPES: Final[Shapes] = _face_morpher_shapes()
BODY_MORPHER_SHAPES: Final[Shapes] = _body_morpher_shapes()
_NETWORKS: Final = {"face morpher": FACE_MORPHER_SHAPES, "body morpher": BODY_MORPHER_SHAPES}


def check_weights(tensors: Mapping[str, Any], network: str, source: str) -> None:
    """Check names, shapes, dtype and finiteness of what a file holds.

    tensors: name -> array (numpy's). network: "face morpher" or "body morpher". source: the file, for the message.
    Raises WeightsError.
    """
    shapes = _NETWORKS[network]
    if tensors.keys() != shapes.keys():
        missing = [name for name in shapes if name not in tensors]
        extra = [name for name in tensors if name not in shapes]
        other = next((n for n, s in _NETWORKS.items() if n != network and tensors.keys() == s.keys()), None)
        if other:
            raise WeightsError(f"{source} holds a {other}, but a {network} is needed; are the two files swapped?")
        problem = f"misses tensor {missing[0]!r}" if missing else f"has an unknown tensor {extra[0]!r:.100}"
        raise WeightsError(
            f"{source} is not a {network} of THA4: it {problem} ({len(missing)} missing, {len(extra)} unknown)."
        )
    for name, shape in shapes.items():
        tensor = tensors[name]
        if tuple(tensor.shape) != shape:
            raise WeightsError(f"{source}: tensor {name!r} has shape {tuple(tensor.shape)}, but {shape} is needed.")
        if tensor.dtype != np.float32:
            raise WeightsError(f"{source}: tensor {name!r} is {tensor.dtype}, but float32 is needed.")
        if not np.isfinite(tensor).all():
            raise WeightsError(f"{source}: tensor {name!r} holds NaN or infinity; the training that made it failed.")
