from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from tha4_core.built_in import default_character
from tha4_core.picture.color import to_rgba8_straight
from tha4_core.rig.characters import load_design
from tools import compare_larger
from tools.compare_larger import main
from tools.measuring import larger_likeness
from tools.measuring.larger_likeness import Likeness, measure_larger


def stripes(pose: Tensor, scale: int) -> Tensor:
    """A picture of fine lines that a pose moves, (4, 512 scale, 512 scale) in [-1, 1]."""
    edge = 512 * scale
    places = torch.arange(edge) / scale
    line = torch.sin(places * 2.0 + 3.0 * pose[39])
    picture = torch.ones(4, edge, edge)
    picture[:3] = 0.8 * line
    return picture


class DrawnRig:
    def __init__(self, _: object, finer: int) -> None:
        self._finer = finer

    def pose(self, poses: Tensor) -> SimpleNamespace:
        return SimpleNamespace(final=torch.stack([stripes(pose, self._finer) for pose in poses]))


class ExactEngine:
    def render(self, pose: np.ndarray, scale: int = 1) -> np.ndarray:
        return to_rgba8_straight(avg_pool2d(stripes(torch.from_numpy(pose), 2), 2 // scale).numpy())


def test_frames_are_held_against_the_rig_drawn_as_large_and_so_are_small_ones_enlarged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(larger_likeness, "RigTeacher", DrawnRig)
    monkeypatch.setattr(larger_likeness, "create_engine", lambda _: ExactEngine())
    counts: list[int] = []
    frames, enlarged = measure_larger(default_character(), load_design("yunagi"), 2, 3, counts.append)
    assert counts == [1, 2, 3]
    assert frames.worst > 50.0
    assert frames.head > 50.0
    assert frames.energy == pytest.approx(1.0, abs=0.01)
    assert enlarged.worst < enlarged.psnr < 35.0
    assert enlarged.energy < 0.9


def test_a_character_of_ours_is_nearer_to_its_rig_than_its_small_picture_enlarged() -> None:
    frames, enlarged = measure_larger(default_character(), load_design("yunagi"), 2, 1)
    assert 34.0 < frames.psnr == frames.worst
    assert frames.psnr > enlarged.psnr + 2.0
    assert frames.head > enlarged.head + 2.0
    assert enlarged.energy < 0.6 < 0.8 < frames.energy < 1.1


def test_it_prints_a_row_for_each_character_and_size(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    measured = Likeness(37.84, 30.1, 31.0, 0.951), Likeness(32.0, 28.0, 26.5, 0.4)
    monkeypatch.setattr(compare_larger, "measure_larger", lambda *_: measured)
    assert main(["kohaku", "--poses", "5"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "5 held-out poses"
    assert lines[3] == "| kohaku, 1024 | 37.8 / 30.1 | 31.0 | 0.95 | 32.0 / 26.5 / 0.40 |"
    assert [line.split(" |")[0] for line in lines[3:]] == ["| kohaku, 1024", "| kohaku, 2048"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (["yunagy"], "did you mean yunagi?"),
        (["yunagi=missing.tha4"], "missing.tha4"),
        (["--poses", "0"], "--poses is a whole number from 1."),
    ],
)
def test_what_cannot_be_measured_is_a_sentence(wrong: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(wrong) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert says in said
