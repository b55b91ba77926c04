"""The command that trains a teacher's networks: from examples on disk to samples, and one sentence for mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from tests.tha4_core.teacher_training.memory_examples import MemoryExamples
from tha4_core.distill.snapshots import load_snapshot
from tha4_core.picture.color import encode_png, to_rgba8_straight
from tha4_core.teacher_training.examples import LIST, TEST, TRAIN, pose_document
from tools import train_teacher
from tools.train_teacher import SAMPLES, main

pytestmark = pytest.mark.usefixtures("one_torch_thread")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    for part, first in ((TRAIN, 0), (TEST, 50)):
        character = folder / part / "spots"
        character.mkdir(parents=True)
        entries = []
        for index in range(4):
            example = MemoryExamples(4, 64, first)[index]
            names = {"rest": f"{index}_rest.png", "posed": f"{index}_posed.png"}
            for name, picture in zip(names.values(), (example.rest, example.posed), strict=True):
                (character / name).write_bytes(encode_png(to_rgba8_straight(picture.numpy())))
            entries.append({**names, "pose": pose_document(example.pose)})
        (character / LIST).write_text(json.dumps(entries))
    return folder


SMALL = ["--batch", "2", "--threads", "1", "--device", "cpu", "--set", "samples=2"]


def test_a_rotator_and_then_an_editor_are_trained_shown_and_gone_on_with(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "nowhere"))
    rotator, editor = str(tmp_path / "rotator"), str(tmp_path / "editor")
    first = ["rotator", str(data), "-o", rotator, *SMALL, "--size", "32", "--channels", "32,32", "--examples", "2,2"]
    assert main(first) == 0
    out, errors = capsys.readouterr()
    assert out.startswith("4 examples: ")
    assert "without VGG16's weights the losses are L1 only" in errors
    assert "4 examples; held out, unmoved: " in errors
    with Image.open(tmp_path / "rotator" / SAMPLES / "newest.png") as sheet:
        assert sheet.size == (3 * 36 + 4, 2 * 36 + 4)
    assert main(first) == 0  # through already
    assert capsys.readouterr().out == out

    (tmp_path / "editor.yaml").write_text("channels: 32,32,32\nexamples: 2,2,2\nsize: 64\n")
    second = ["editor", str(data), "-o", editor, *SMALL, "--config", str(tmp_path / "editor.yaml")]
    assert main([*second, "--rotator", rotator]) == 0
    snapshot = load_snapshot(tmp_path / "editor")
    assert snapshot is not None
    assert snapshot["training"]["examples"] == 6
    assert len(snapshot["log"]["points"]) >= 2
    capsys.readouterr()

    assert main(["export", rotator, editor, "--faces", str(tmp_path), "-o", str(tmp_path / "teacher")]) == 2
    assert "has channels [32, 32]; a teacher's files have the released networks'" in capsys.readouterr().err
    assert main([*first[:-1], "3,3"]) == 2
    assert "holds a training with another examples ([2, 2], now [3, 3])" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["rotator", "nowhere", "-o", "x"], "train holds no examples; it must have a folder for each character"),
        (["rotator", "rigs:many", "-o", "x"], "rigs:many: give rigs:N with a number of characters from 1 to 100000"),
        (["rotator", "{data}", "-o", "x", "--channels", "a"], "channels must be whole numbers with commas between"),
        (["rotator", "{data}", "-o", "x", "--set", "speed"], "--set speed: give a setting and its value"),
        (["rotator", "{data}", "-o", "x", "--set", "speed=3"], "there is no setting 'speed'"),
        (["rotator", "{data}", "-o", "x", "--config", "no.yaml"], "no.yaml could not be read"),
        (["rotator", "{data}", "-o", "x", "--size", "64", "--vgg", "no.pth"], "no.pth could not be read"),
        (["editor", "{data}", "-o", "x", "--size", "32", "--channels", "32,32"], "an editor learns from a trained"),
        (["editor", "{data}", "-o", "x", "--rotator", "nowhere", "--size", "32", "--channels", "32,32"],
         "nowhere holds no training"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_sentence(
    arguments: list[str],
    sentence: str,
    data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(train_teacher, "weights_folder", lambda: tmp_path)
    assert main([argument.format(data=data) for argument in arguments]) == 2
    out, errors = capsys.readouterr()
    assert out == ""
    assert sentence in errors.splitlines()[-1]
    assert errors.splitlines()[-1].startswith("error: ")
