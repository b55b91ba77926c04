"""A student's weights, checked without torch against what its networks are said to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tha4_core.character.networks import PUBLISHED, Networks
from tha4_core.errors import UserError

#: A state dict: name -> float32 array (:attr:`.Networks.face_shapes`, :attr:`.Networks.body_shapes`).
Weights = Mapping[str, NDArray[np.float32]]


class WeightsError(UserError):
    """Tensors that are not the network they are said to be."""


def check_weights(tensors: Mapping[str, Any], network: str, source: str, networks: Networks = PUBLISHED) -> None:
    """Check names, shapes, dtype and finiteness of what a file holds.

    tensors: name -> array (numpy's). network: "face morpher" or "body morpher", of ``networks``. source: the file, for
    the message. Raises WeightsError.
    """
    known = {"face morpher": networks.face_shapes, "body morpher": networks.body_shapes}
    shapes = known[network]
    if tensors.keys() != shapes.keys():
        missing = [name for name in shapes if name not in tensors]
        extra = [name for name in tensors if name not in shapes]
        other = next((n for n, s in known.items() if n != network and tensors.keys() == s.keys()), None)
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
