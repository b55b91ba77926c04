"""Data sets on disk, drawn and of others: what is read, and one sentence for what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from tha4_core.picture.color import PictureError, encode_png
from tha4_core.teacher_training.errors import TrainingError
from tha4_core.teacher_training.examples import LIST, TEST, TRAIN, FolderExamples
from tha4_core.teacher_training.rig_examples import FIRST_TEST_SEED, RigExamples, write_rig_examples


@pytest.fixture
def data(tmp_path: Path) -> Callable[[object], Path]:
    """Writes a data set of one character with a list, and one picture of 64x64."""

    def write(entries: object) -> Path:
        character = tmp_path / TRAIN / "hero"
        character.mkdir(parents=True, exist_ok=True)
        pixels = np.zeros((64, 64, 4), np.uint8)
        pixels[:32] = (255, 0, 0, 255)
        (character / "a.png").write_bytes(encode_png(pixels))
        (character / LIST).write_text(json.dumps(entries))
        return tmp_path

    return write


def test_an_example_is_a_picture_at_rest_a_pose_and_the_picture_posed(data: Callable[[object], Path]) -> None:
    folder = data([{"rest": "a.png", "posed": "a.png", "pose": {"head_y": -0.5, "breathing": 1}}])
    examples = FolderExamples(folder, TRAIN, 32)
    assert (len(examples), examples.characters) == (1, 1)
    example = examples[0]
    assert example.pose.tolist() == [0.0, -0.5, 0.0, 0.0, 0.0, 1.0]
    assert example.rest.shape == (4, 32, 32)
    assert example.rest[:, 0, 0].tolist() == [1.0, -1.0, -1.0, 1.0]
    assert example.rest[:, 31, 0].tolist() == [-1.0] * 4
    assert torch.equal(example.rest, example.posed)


GOOD = {"rest": "a.png", "posed": "a.png", "pose": {}}


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ({}, "is no list of examples in JSON"),
        ([3], "example 1: an example names rest, posed and pose, and nothing else"),
        ([GOOD, {**GOOD, "more": 1}], "example 2: an example names rest, posed and pose, and nothing else"),
        ([{**GOOD, "rest": "../a.png"}], r"rest must be a file's name in this folder, not '\.\./a\.png'"),
        ([{**GOOD, "posed": 3}], "posed must be a file's name in this folder, not 3"),
        ([{**GOOD, "pose": [0, 0]}], r"pose must name parameters and their values, not \[0, 0\]"),
        ([{**GOOD, "pose": {"mouth_aaa": 1}}], "there is no parameter 'mouth_aaa'; there are head_x, head_y, neck_z"),
        ([{**GOOD, "pose": {"head_x": 2}}], "head_x must be a number from -1 to 1, not 2"),
        ([{**GOOD, "pose": {"breathing": -0.5}}], "breathing must be a number from 0 to 1, not -0.5"),
        ([], "holds no examples; it must have a folder for each character"),
    ],
)
def test_a_list_that_is_none_is_one_sentence(entries: object, sentence: str, data: Callable[[object], Path]) -> None:
    with pytest.raises(TrainingError, match=sentence):
        FolderExamples(data(entries), TRAIN, 32)


def test_pictures_that_are_none_are_one_sentence(data: Callable[[object], Path]) -> None:
    folder = data([GOOD, {**GOOD, "rest": "b.png"}])
    with pytest.raises(PictureError, match=r"a\.png is 64x64 pixels; .* must be 128x128 or 256x256"):
        FolderExamples(folder, TRAIN, 128)[0]
    with pytest.raises(PictureError, match=r"b\.png could not be read"):
        FolderExamples(folder, TRAIN, 64)[1]
    with pytest.raises(TrainingError, match=r"test holds no examples"):
        FolderExamples(folder, TEST, 64)


def test_drawn_examples_are_the_same_on_the_fly_and_from_disk_and_none_is_tested_with_what_it_is_trained_with(
    tmp_path: Path,
) -> None:
    said: list[tuple[int, int]] = []
    write_rig_examples(tmp_path, {TRAIN: 1, TEST: 1}, 2, 64, lambda *progress: said.append(progress))
    assert said == [(0, 2), (1, 2), (2, 2)]
    drawn = RigExamples(0, 1, 2, 64)
    written, tested = FolderExamples(tmp_path, TRAIN, 64), FolderExamples(tmp_path, TEST, 64)
    assert len(drawn) == len(written) == 2
    for one, other in zip([drawn[0], drawn[1]], [written[0], written[1]], strict=True):
        torch.testing.assert_close(one.pose, other.pose, atol=1e-4, rtol=0)
        assert torch.equal(one.rest, other.rest)
        assert torch.equal(one.posed, other.posed)
    assert {path.name for path in (tmp_path / TEST).iterdir()} == {f"seed_{FIRST_TEST_SEED}"}
    assert float((tested[0].rest - written[0].rest).abs().mean()) > 0.02

    # What is there already is not drawn again, and is not taken for another set.
    write_rig_examples(tmp_path, {TRAIN: 1, TEST: 1}, 2, 64, lambda *_: None)
    with pytest.raises(TrainingError, match="holds 2 examples of another size or number than asked for now"):
        write_rig_examples(tmp_path, {TRAIN: 1}, 3, 64, lambda *_: None)
    with pytest.raises(TrainingError, match=r"would take 19 GiB of memory; write them with tools/rig_examples\.py"):
        RigExamples(0, 10_000, 1, 512)
