from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from tha4_core.built_in import default_character
from tha4_core.engines import Engine, create_engine
from tha4_core.picture.color import to_rgba8_straight
from tha4_core.picture.region import DEFAULT_HEAD_VIEW
from tha4_core.pose import Pose, parameter_indices
from tha4_core.rig.characters import load_design
from tha4_core.rig.teacher import RigTeacher
from tools import compare_motion
from tools.compare_motion import lines_picture, main
from tools.measuring.motion_likeness import MOVEMENTS, Movement, Steadiness, measure_movement, poses_of

(HEAD_Y,) = parameter_indices("head_y")


def figure(turn: float) -> Tensor:
    """A disc that a turn moves by up to 40 pixels, (4, 512, 512) in [-1, 1]."""
    rows, columns = torch.meshgrid(torch.arange(512.0), torch.arange(512.0), indexing="ij")
    inside = (rows - 144) ** 2 + (columns - 256 - 40 * turn) ** 2 < 60**2
    picture = torch.full((4, 512, 512), -1.0)
    picture[:, inside] = torch.tensor([0.2, -0.3, -0.6, 1.0])[:, None]
    return picture


class DrawnRig:
    def pose(self, poses: Tensor) -> SimpleNamespace:
        return SimpleNamespace(final=torch.stack([figure(float(pose[HEAD_Y])) for pose in poses]))


Mistake = Callable[[np.ndarray, int], None]


def measured(mistake: Mistake) -> Movement:
    """A turn of the head in 9 frames, by an engine that makes a mistake in each: of its bytes and its number."""

    class MistakenEngine:
        count = 0

        def render(self, pose: Pose) -> np.ndarray:
            picture = to_rgba8_straight(figure(float(pose[HEAD_Y])).numpy())
            mistake(picture, self.count)
            self.count += 1
            return picture

    engine, rig = cast(Engine, MistakenEngine()), cast(RigTeacher, DrawnRig())
    return measure_movement(engine, rig, DEFAULT_HEAD_VIEW, ("head_y",), 9)


def no_mistake(_: np.ndarray, __: int) -> None:
    pass


def too_bright(picture: np.ndarray, _: int) -> None:
    picture[130:158, 240:272, :3] += 8  # always within the disc


def too_bright_in_turns(picture: np.ndarray, number: int) -> None:
    if number % 2:
        too_bright(picture, number)


def specks_in_turns(picture: np.ndarray, number: int) -> None:
    if number % 2:
        picture[400:404, 20:40] = 255


def test_what_is_drawn_exactly_moves_exactly() -> None:
    of = measured(no_mistake).steadiness
    assert of.worst == float("inf")
    assert (of.change, of.largest) == (0.0, 0.0)
    assert of.movement > 10.0


def test_an_error_counts_for_how_it_changes_and_not_for_being_there() -> None:
    steady = measured(too_bright).steadiness
    flickering = measured(too_bright_in_turns).steadiness
    assert steady.psnr < 100.0
    assert steady.change == 0.0 < 1.0 < flickering.change
    assert flickering.largest == pytest.approx(flickering.change, rel=0.1)


def test_specks_beside_the_figure_that_come_and_go_are_seen() -> None:
    assert measured(specks_in_turns).steadiness.change > 10.0


def test_a_movement_goes_from_one_end_to_the_other_slow_at_both() -> None:
    values = [pose[HEAD_Y] for pose in poses_of(("head_y", "neck_z"), 31)]
    steps = np.diff(values)
    assert (values[0], values[15], values[-1]) == pytest.approx((-1.0, 0.0, 1.0), abs=1e-6)
    assert steps.min() > 0.0
    assert max(steps[0], steps[-1]) < 0.1 * steps.max()


def test_its_lines_show_the_rigs_the_characters_and_their_difference_side_by_side() -> None:
    picture = lines_picture(measured(too_bright_in_turns))
    # The head view and 24 pixels on either side, each pixel three times.
    assert picture.shape == (3 * 9, 3 * 3 * (192 + 48), 3)
    truth, made, difference = np.split(picture.astype(int), 3, axis=1)
    middle = truth.shape[1] // 2
    assert not np.ptp(truth[:, middle], axis=0).any()
    assert (made[3, middle] - truth[3, middle] == 8).all()
    assert (difference[3, middle] - difference[0, middle] == 32).all()
    # The disc goes from left to right.
    assert np.argmax(truth[0, :, 0] != 200) < np.argmax(truth[-1, :, 0] != 200)


def test_a_character_of_ours_moves_steadily() -> None:
    character = default_character()
    engine, rig = create_engine(character), RigTeacher(load_design("yunagi"))
    of = measure_movement(engine, rig, character.info.head_view, MOVEMENTS["the head nods"], 4).steadiness
    assert of.psnr >= of.worst > 38.0
    assert of.change < 0.25 * of.movement


def test_each_movement_of_each_character_is_a_row_and_a_picture(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    movement = Movement(Steadiness(41.04, 38.9, 0.456, 1.2, 4.0), *[np.zeros((5, 240, 4), np.uint8)] * 2)
    for maker in ("create_engine", "RigTeacher"):
        monkeypatch.setattr(compare_motion, maker, lambda _: None)
    monkeypatch.setattr(compare_motion, "measure_movement", lambda *_: movement)
    assert main(["kohaku", "yunagi", "--frames", "5", "-o", str(tmp_path / "lines")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[3] == "| kohaku, the head turns | 41.0 / 38.9 | 0.46 / 1.20 | 4.00 | 0.11 |"
    assert len(lines) == 3 + 2 * len(MOVEMENTS)
    assert len(list((tmp_path / "lines").iterdir())) == 2 * len(MOVEMENTS)
    with Image.open(tmp_path / "lines" / "1_kohaku_the_head_turns.png") as picture:
        assert picture.size == (3 * 3 * 240, 3 * 5)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (["yunagy"], "did you mean yunagi?"),
        (["yunagi=missing.tha4"], "missing.tha4"),
        (["--frames", "1"], "--frames is a whole number from 2."),
        (["-o", f"{__file__}/lines"], "is no folder"),
    ],
)
def test_what_cannot_be_measured_is_a_sentence(wrong: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(wrong) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert says in said
