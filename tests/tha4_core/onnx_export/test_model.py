from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from tests.synthetic import random_networks, synthetic_character
from tha4_core.character import Character
from tha4_core.character.credits import Credit
from tha4_core.engines import Engine
from tha4_core.engines.reference import ReferenceEngine
from tha4_core.onnx_export import OnnxForm, export_onnx
from tha4_core.onnx_export.trial import OnnxPlayer, as_units
from tha4_core.pose import NAMES, PARAMETERS, SIZE, Pose, neutral_pose
from tha4_core.visibility import sample_poses

#: What ONNX Runtime 1.2x registers for WebGPU, of those that a character could be put in. Identity and Reshape are no
#: work anywhere.
_ON_WEBGPU = {
    *("Add", "Sub", "Mul", "Div", "Sin", "Exp", "Log", "Clip", "Greater", "Where", "Cast", "Gemm", "MatMul"),
    *("Resize", "GridSample", "Pad", "Concat", "Split", "Transpose", "Reshape", "Identity"),
}
_HIGHEST = np.array([parameter.maximum for parameter in PARAMETERS], np.float32)
_LOWEST = np.array([parameter.minimum for parameter in PARAMETERS], np.float32)


def posed(seed: int) -> Pose:
    return list(sample_poses(82, seed))[81]


@pytest.fixture(scope="module")
def small() -> Character:
    """Quick to play."""
    return synthetic_character(networks=random_networks(3))


@pytest.fixture(scope="module")
def straight(small: Character) -> OnnxPlayer:
    return player_of(small)


@pytest.fixture(scope="module")
def published(character: Character) -> OnnxPlayer:
    """Networks of the published shape, in full width."""
    return player_of(character)


def player_of(character: Character, form: OnnxForm | None = None) -> OnnxPlayer:
    form = form or OnnxForm()
    return OnnxPlayer(export_onnx(character, form).SerializeToString(), character, form, threads=1)


def least_likeness(player: OnnxPlayer, engine: Engine, poses: Sequence[Pose]) -> float:
    return min(player.likeness(engine, pose) for pose in poses)


def test_a_model_shows_what_the_reference_engine_shows_up_to_the_extremes(
    character: Character, published: OnnxPlayer
) -> None:
    poses = [neutral_pose(), posed(1), _HIGHEST, _LOWEST]
    assert least_likeness(published, ReferenceEngine(character), poses) > 85


@pytest.mark.parametrize("seed", [1, 2, 5, 8])
def test_networks_of_any_shape_become_a_model(seed: int) -> None:
    character = synthetic_character(networks=random_networks(seed, summed=seed % 2 == 0))
    assert least_likeness(player_of(character), ReferenceEngine(character), [posed(seed), _HIGHEST]) > 85


def test_a_pose_out_of_range_is_clamped(straight: OnnxPlayer) -> None:
    assert np.array_equal(straight.render(5.0 * _HIGHEST), straight.render(_HIGHEST))
    assert np.array_equal(straight.render(np.full(SIZE, -3.0, np.float32)), straight.render(_LOWEST))


def test_premultiplied_colours_are_the_straight_ones_times_alpha(small: Character, straight: OnnxPlayer) -> None:
    expected = straight.render(posed(1))
    expected[..., :3] *= expected[..., 3:]
    shown = player_of(small, OnnxForm(premultiplied=True)).render(posed(1))
    assert np.allclose(shown, expected, atol=1e-6)


def test_bytes_are_the_numbers_rounded(small: Character, straight: OnnxPlayer) -> None:
    shown = player_of(small, OnnxForm(is_bytes=True)).render(posed(1))
    assert shown.dtype == np.uint8
    assert np.abs(shown - 255.0 * straight.render(posed(1))).max() <= 0.501


def test_pixels_that_are_not_seen_are_nothing(published: OnnxPlayer) -> None:
    picture = published.render(posed(1))
    unseen = picture[..., 3] == 0.0
    assert unseen.any()
    assert not picture[unseen].any()
    assert picture[~unseen][:, 3].min() >= 0.499 / 255


@pytest.mark.parametrize("is_bytes", [False, True])
def test_a_drawing_that_is_given_is_played_as_if_it_were_the_characters_own(
    small: Character, straight: OnnxPlayer, is_bytes: bool
) -> None:
    own = straight.render(posed(1))
    form = OnnxForm(drawing_is_input=True, is_bytes=is_bytes)
    model = export_onnx(small, form).SerializeToString()
    assert np.abs(as_units(OnnxPlayer(model, small, form).render(posed(1))) - own).max() < (0.01 if is_bytes else 1e-3)
    other = synthetic_character(networks=small.networks)
    moved = replace(other, face_morpher=small.face_morpher, body_morpher=small.body_morpher)
    moved.__dict__["image"] = np.roll(small.image, 60, axis=0)
    player = OnnxPlayer(model, moved, form)
    assert player.likeness(ReferenceEngine(moved), posed(1)) > (50 if is_bytes else 80)
    assert player.likeness(ReferenceEngine(small), posed(1)) < 40


@pytest.mark.parametrize("form", [OnnxForm(), OnnxForm(True, True, True)])
def test_all_operators_are_ones_that_graphics_cards_have(small: Character, form: OnnxForm) -> None:
    model = export_onnx(small, form)
    assert {node.op_type for node in model.graph.node} <= _ON_WEBGPU
    assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", 17)]


def test_a_model_says_who_it_is_and_what_its_numbers_are(small: Character) -> None:
    credit = Credit("Teacher's weights", "Eve", "CC BY 4.0")
    provenance = {"seed": 7, "credits": [credit.to_json()]}
    described = replace(small, info=replace(small.info, author="Ada", licence="CC0-1.0", provenance=provenance))
    model = export_onnx(described, OnnxForm(premultiplied=True))
    said = {entry.key: entry.value for entry in model.metadata_props}
    assert (said["name"], said["author"], said["licence"], said["colors"]) == (
        "Blob",
        "Ada",
        "CC0-1.0",
        "premultiplied",
    )
    assert json.loads(said["provenance"]) == provenance
    assert said["credits"] == credit.line()
    assert [parameter["name"] for parameter in json.loads(said["parameters"])] == list(NAMES)
    assert said["character"] == described.digest
    assert model.graph.input[0].doc_string.split() == list(NAMES)


def test_a_models_size_is_that_of_its_drawing_and_weights(small: Character) -> None:
    """No table of places, which would be several times as large."""

    def megabytes(form: OnnxForm) -> float:
        constants: Sequence[onnx.TensorProto] = export_onnx(small, form).graph.initializer
        return sum(numpy_helper.to_array(constant).nbytes for constant in constants) / 1e6

    drawing = 512 * 512 * 4 * 4 / 1e6
    assert megabytes(OnnxForm()) < drawing + 0.5
