"""A search for networks: what is done is kept, and a table says what came of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.moving_teacher import MovingTeacher
from tests.synthetic import random_networks, synthetic_character
from tha4_core.character import load_character
from tha4_core.character.networks import Level, Networks
from tha4_core.distill import inputs, report, run
from tha4_core.distill.config import Config
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.evaluate import ENDS
from tha4_core.distill.network_costs import NetworkCost
from tha4_core.distill.teachers import OpenedTeacher
from tools import network_search
from tools.network_search import main


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small one, and a teacher that takes no time."""

    def opened(*_: Any) -> OpenedTeacher:
        return OpenedTeacher(MovingTeacher(), synthetic_character().image_png, 0.0, 0.0)

    monkeypatch.setattr(network_search, "SHAPES", {"tiny": random_networks(0, summed=True)})
    cost = NetworkCost("tiny", 12_000_000, 3.0, None, True)
    for module in (network_search, run):
        monkeypatch.setattr(module, "network_costs", lambda _: [cost])
    monkeypatch.setattr(inputs, "open_teacher", opened)
    monkeypatch.setattr(run, "_BODY_MEASURED", 1)
    for poses in ("EXPRESSIONS", "ROTATIONS"):
        monkeypatch.setattr(report, poses, {})


@pytest.mark.usefixtures("_small")
def test_each_shape_is_trained_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--teacher", "the fast one", "--minutes", "0.005", "--preset", "draft", "--held-out-poses", "1"]
    arguments += ["-o", str(tmp_path)]
    assert main(arguments) == 0
    *_, row = table = capsys.readouterr().out.splitlines()
    assert len(table) == 3
    name, work, sines, full, head, seconds, *likeness = (cell.strip() for cell in row.strip("|").split("|"))
    assert (name, work, full, head) == ("tiny", "0.01", "3.0", "-")
    assert float(sines) == pytest.approx(network_search.sines(network_search.SHAPES["tiny"]) / 1e6, abs=0.06)
    assert float(seconds) >= 0.0
    quality = load_character(tmp_path / "tiny.tha4").info.quality
    by_group = quality["psnr_by_group"]
    face = (by_group["eyebrows"] + by_group["eyes and irises"] + by_group["mouth"]) / 3
    wanted = (quality["psnr_mean"], quality["psnr_worst"], by_group[ENDS], face)
    assert likeness == [f"{value:.2f}" for value in wanted]
    assert load_character(tmp_path / "tiny.tha4").networks == network_search.SHAPES["tiny"]
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert main([*arguments, "--only", "tiny"]) == 0
    assert capsys.readouterr().out.splitlines() == table
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_sines_are_those_of_every_grids_pixels() -> None:
    networks = Networks(Level(128, (3, 2)), (Level(256, (4,)), Level(512, (5, 6))))
    assert network_search.sines(networks) == 128 * 128 * 5 + 256 * 256 * 4 + 512 * 512 * 11


@pytest.mark.usefixtures("_small")
def test_what_was_finished_before_the_ends_were_measured_is_still_told() -> None:
    groups = {"eyebrows": 46.0, "eyes and irises": 45.0, "mouth": 47.0}
    quality = {"psnr_mean": 40.0, "psnr_worst": 34.0, "psnr_by_group": groups}
    provenance = {"training": {"face": {"seconds": 1.0}, "body": {"seconds": 2.0}}}
    character = synthetic_character()
    old = replace(character, info=replace(character.info, quality=quality, provenance=provenance))
    assert network_search.row("old", old)[1].endswith("| 3 | 40.00 | 34.00 | - | 46.00 |")


@pytest.mark.usefixtures("_small")
def test_a_drawing_is_learned_with_a_teacher_that_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Path | None] = []

    def noted(config: Config, *_: Any) -> Any:
        given.append(config.character_image_file_name)
        raise DistillationError("enough")

    monkeypatch.setattr(network_search, "open_inputs", noted)
    assert main([str(tmp_path / "hero.png"), "--teacher", "x", "-o", str(tmp_path)]) == 2
    assert given == [tmp_path / "hero.png"]


def test_a_shape_that_is_not_there_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--teacher", "x", "--only", "the best", "-o", str(tmp_path)]) == 2
    assert "--only names no shape with 'the best'" in capsys.readouterr().err
