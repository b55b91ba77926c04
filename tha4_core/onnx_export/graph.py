"""Operators of an ONNX graph, put down one after the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper


@dataclass
class Graph:
    """What has been put down so far. A value is known by its name, a text."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)

    def constant(self, what: str, values: NDArray[Any] | float) -> str:
        """A constant's name; numbers are float32 unless they are whole ones. what: for people who look at the graph."""
        array = np.asarray(values)
        if array.dtype != np.int64:
            array = array.astype(np.float32)
        name = f"{what}_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def apply(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """The one value that an operator makes of others."""
        return self.apply_many(operator, 1, *inputs, **attributes)[0]

    def apply_many(self, operator: str, count: int, *inputs: str, **attributes: Any) -> list[str]:
        """The values that an operator of several outputs makes."""
        outputs = [f"{operator}_{len(self.nodes)}_{index}" for index in range(count)]
        self.nodes.append(helper.make_node(operator, list(inputs), outputs, name=outputs[0], **attributes))
        return outputs

    def reshape(self, value: str, *shape: int) -> str:
        """The same numbers in another shape."""
        return self.apply("Reshape", value, self.constant("shape", np.array(shape, np.int64)))

    def upsampled(self, value: str) -> str:
        """(1, S, S, C) on the grid twice as fine, (1, 2 S, 2 S, C), with half-pixel centres."""
        # Channels go first for it: ONNX Runtime 1.30 enlarges the wrong axes on WebGPU when they are last.
        value = self.apply("Transpose", value, perm=[0, 3, 1, 2])
        scales = self.constant("scales", np.array([1.0, 1.0, 2.0, 2.0]))
        form = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}
        value = self.apply("Resize", value, "", scales, **form)  # "": no region of interest
        return self.apply("Transpose", value, perm=[0, 2, 3, 1])
