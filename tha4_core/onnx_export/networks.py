"""A character's two networks in ONNX's operators, by the reference engine's exact rewritings.

Pixels are rows of matrices and channels are columns, since a matrix of weights on the right is what runtimes multiply
fastest by. Three things are computed where they cost least: the pose's share of a level's first layer once for all
pixels, that of rows and columns once for each, and that of the coarser level's features on the coarser grid, before
they are upsampled.

Biases come without a pass of their own over all pixels: each sine layer has one channel more, whose phase is always a
quarter turn, so that it is 1, and by which the next layer multiplies its bias.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tha4_core.character import Character
from tha4_core.character.networks import BODY_CHANNELS, FACE_CHANNELS, OMEGA, Level
from tha4_core.character.weights import Weights
from tha4_core.onnx_export.graph import Graph
from tha4_core.pose import FACE_SIZE, SIZE

_QUARTER_TURN: Final = np.pi / 2.0

Matrix = NDArray[np.float64]


def face(graph: Graph, character: Character, pose: str) -> str:
    """What the face morpher makes of a pose (1, 45): (1, 128, 128, 4)."""
    level, weights = character.networks.face, character.face_morpher
    layers = [f"siren.sine_layers.{index}.linear" for index in range(len(level.widths))]
    features = _features(graph, level, weights, layers, pose, FACE_SIZE, None)
    answer = _linear(graph, weights, "siren.last_linear", features)
    return graph.reshape(answer, 1, level.grid, level.grid, FACE_CHANNELS)


def body(graph: Graph, character: Character, pose: str) -> str:
    """What the body morpher makes of a pose (1, 45), flow, alpha and direct colour: (1, 512, 512, 7)."""
    networks, weights = character.networks, character.body_morpher
    share: str | None = None  # of the coarser level in this level's first layer, (1, S, S, C + 1)
    answer: str | None = None  # the sum of the coarser levels' answers, (1, S, S, 7)
    for index, level in enumerate(networks.body):
        layers = [f"siren_layers.{index}.{layer}.linear" for layer in range(len(level.widths))]
        features = _features(graph, level, weights, layers, pose, SIZE, share)
        is_finest = index + 1 == len(networks.body)
        if not is_finest:
            share = _share(graph, weights, f"siren_layers.{index + 1}.0.linear", level, features)
        if is_finest or networks.summed:
            name = "last_linear" if is_finest else f"heads.{index}"
            made = graph.reshape(_linear(graph, weights, name, features), 1, level.grid, level.grid, BODY_CHANNELS)
            answer = made if answer is None else graph.apply("Add", made, graph.upsampled(answer))
    assert answer is not None
    return answer


def _features(
    graph: Graph, level: Level, weights: Weights, layers: Sequence[str], pose: str, seen: int, share: str | None
) -> str:
    """A level's last features and the channel that is 1: (grid * grid, features + 1).

    seen: how many of the pose's numbers, the first ones, it sees. share: the coarser level's, (1, grid / 2, grid / 2,
    first width + 1).
    """
    phases = _first_phases(graph, level.grid, weights, layers[0], pose, seen)  # (1, grid, grid, C + 1)
    if share is not None:
        phases = graph.apply("Add", phases, graph.upsampled(share))
    values = graph.reshape(graph.apply("Sin", phases), level.grid**2, level.widths[0] + 1)
    for layer in layers[1:]:
        matrix = OMEGA * _with_bias(weights, layer)  # (C + 1, C')
        matrix = np.concatenate((matrix, np.zeros((len(matrix), 1))), axis=1)
        matrix[-1, -1] = _QUARTER_TURN
        values = graph.apply("Sin", graph.apply("MatMul", values, graph.constant(layer, matrix)))
    return values


def _first_phases(graph: Graph, edge: int, weights: Weights, layer: str, pose: str, seen: int) -> str:
    """What place and pose add to the phases of a level's first layer: (1, edge, edge, C + 1)."""
    weight, bias = _weight(weights, layer), np.array(weights[f"{layer}.bias"], np.float64)
    # What the layer sees: the coarser level's features, x, y, and the first numbers of the pose.
    x, y = weight[:, -seen - 2], weight[:, -seen - 1]
    of_pose = np.zeros((SIZE, len(weight)))
    of_pose[:seen] = weight[:, -seen:].T
    centres = (2.0 * np.arange(edge) + 1.0) / edge - 1.0
    along_x = _with_one(OMEGA * np.outer(centres, x), 0.0)[None, None]  # (1, 1, edge, C + 1)
    along_y = _with_one(OMEGA * np.outer(centres, y), 0.0)[None, :, None]  # (1, edge, 1, C + 1)
    posed = graph.apply(
        "Gemm",
        pose,
        graph.constant(f"{layer}.pose", _with_one(OMEGA * of_pose, 0.0)),
        graph.constant(f"{layer}.bias", _with_one(OMEGA * bias[None], _QUARTER_TURN)),
    )  # (1, C + 1)
    rows = graph.apply("Add", graph.constant(f"{layer}.rows", along_y), posed)
    return graph.apply("Add", graph.constant(f"{layer}.columns", along_x), rows)


def _share(graph: Graph, weights: Weights, layer: str, level: Level, features: str) -> str:
    """What a level's features (grid * grid, F + 1) add to the phases of the next level's first layer."""
    weight = _weight(weights, layer)[:, : level.features]  # (C, F)
    matrix = np.zeros((level.features + 1, len(weight) + 1))
    matrix[:-1, :-1] = OMEGA * weight.T
    share = graph.apply("MatMul", features, graph.constant(f"{layer}.features", matrix))
    return graph.reshape(share, 1, level.grid, level.grid, len(weight) + 1)


def _linear(graph: Graph, weights: Weights, layer: str, features: str) -> str:
    """A linear map of features and the channel that is 1, (N, F + 1) -> (N, outputs)."""
    return graph.apply("MatMul", features, graph.constant(layer, _with_bias(weights, layer)))


def _weight(weights: Weights, layer: str) -> Matrix:
    """(out, in)."""
    return np.array(weights[f"{layer}.weight"], np.float64)[:, :, 0, 0]


def _with_bias(weights: Weights, layer: str) -> Matrix:
    """A layer's matrix as it stands on the right, its bias below: (in + 1, out)."""
    return np.concatenate((_weight(weights, layer).T, np.array(weights[f"{layer}.bias"], np.float64)[None]))


def _with_one(columns: Matrix, phase: float) -> Matrix:
    """(N, C) -> (N, C + 1): with a column more, of the channel that is 1."""
    return np.concatenate((columns, np.full((len(columns), 1), phase)), axis=1)
