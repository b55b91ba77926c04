from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.moving_teacher import MovingTeacher
from tha4_core.distill.paper_phases import BODY_PHASES
from tha4_core.distill.teachers import OpenedTeacher
from tools import experiments
from tools.experiments import VARIANTS, Outcome, Variant, main


def test_variants_are_named_once_and_as_long_as_the_papers_schedule() -> None:
    assert len({variant.name for variant in VARIANTS}) == len(VARIANTS) == 9
    assert all(variant.phases[-1].until == BODY_PHASES[-1].until for variant in VARIANTS)


def test_a_row_for_each_variant_with_its_likeness(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def opened(*_: Any) -> OpenedTeacher:
        return OpenedTeacher(MovingTeacher(), None, 0.0, 0.0)

    monkeypatch.setattr(experiments, "open_teacher", opened)
    small = ["--examples", "8", "--resolution", "64", "--poses", "1"]
    names = ["as in the paper", "one resolution", "plain SIREN", "phase 2 and 3 only"]
    assert main(["--teacher", "the fast one", *small, "--only", *names]) == 0
    rows = capsys.readouterr().out.splitlines()[3:]
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows] == names
    assert rows[0].split(" | ")[2] == "1.00"
    assert 1.7 < float(rows[1].split(" | ")[2]) < 2.0
    assert all(float(row.split(" | ")[4].removesuffix(" |")) > 0.0 for row in rows)


def test_variants_that_were_trained_are_told_when_a_later_one_is_interrupted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def trained(variant: Variant, *_: Any, **__: Any) -> Outcome:
        if variant != VARIANTS[0]:
            raise KeyboardInterrupt
        return Outcome(variant, 8, 1.0, 1e9, 30.0)

    monkeypatch.setattr(experiments, "open_teacher", lambda *_: OpenedTeacher(MovingTeacher(), None, 0.0, 0.0))
    monkeypatch.setattr(experiments, "run", trained)
    with pytest.raises(KeyboardInterrupt):
        main(["--teacher", "the fast one"])
    assert capsys.readouterr().out.endswith("| as in the paper | 8 | 1.00 | 1 | 30.0 |\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--examples", "0"], "whole numbers from 1"),
        (["--only", "the best"], "--only names no variant"),
        (["--only", "plain SIREN", "the best"], "--only names no variant with 'the best'"),
        ([], "a drawing is needed"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["--teacher", str(tmp_path), *arguments]) == 2
    assert sentence in capsys.readouterr().err
