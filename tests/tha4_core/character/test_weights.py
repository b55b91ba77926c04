from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tha4_core.character import Character
from tha4_core.character.networks import PUBLISHED, Shapes
from tha4_core.character.weights import WeightsError, check_weights


@pytest.mark.parametrize(("network", "shapes"), [("face", PUBLISHED.face_shapes), ("body", PUBLISHED.body_shapes)])
def test_names_and_shapes_are_the_official_ones_in_order(shared_tha4: Path, network: str, shapes: Shapes) -> None:
    with (shared_tha4 / f"student_state_dict_{network}_morpher.tsv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert [(row["key"], row["shape"]) for row in rows] == [
        (name, "x".join(map(str, shape))) for name, shape in shapes.items()
    ]


def test_whole_weights_pass(character: Character) -> None:
    check_weights(character.face_morpher, "face morpher", "face.pt")
    check_weights(character.body_morpher, "body morpher", "body.pt")


def test_the_other_network_is_recognised(character: Character) -> None:
    with pytest.raises(WeightsError, match=r"face\.pt holds a body morpher, but a face morpher is needed; .* swapped"):
        check_weights(character.body_morpher, "face morpher", "face.pt")


def test_a_missing_tensor_is_named(character: Character) -> None:
    weights = dict(character.face_morpher)
    del weights["siren.last_linear.bias"]
    with pytest.raises(WeightsError, match=r"misses tensor 'siren\.last_linear\.bias'"):
        check_weights(weights, "face morpher", "face.pt")


def test_an_unknown_tensor_is_named(character: Character) -> None:
    with pytest.raises(WeightsError, match="unknown tensor 'step'"):
        check_weights({**character.face_morpher, "step": np.zeros(1)}, "face morpher", "face.pt")


@pytest.mark.parametrize(
    ("tensor", "sentence"),
    [
        (np.zeros(5, np.float32), r"has shape \(5,\), but \(4,\) is needed"),
        (np.zeros(4, np.float64), "is float64, but float32 is needed"),
        (np.array([0, 0, np.nan, 0], np.float32), "holds NaN or infinity"),
    ],
)
def test_a_wrong_tensor_is_named(character: Character, tensor: np.ndarray, sentence: str) -> None:
    with pytest.raises(WeightsError, match=f"'siren.last_linear.bias' {sentence}"):
        check_weights({**character.face_morpher, "siren.last_linear.bias": tensor}, "face morpher", "face.pt")
