"""Distillations side by side: what each took and how likeness rose."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.synthetic import synthetic_character
from tha4_core.character import save_character
from tha4_core.distill.report import paper_multiply_adds
from tha4_core.distill.snapshots import save_snapshot
from tha4_core.distill.training_log import Point, TrainingLog
from tools.compare_runs import main, read_run


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """A run as distill.py leaves it: 60 s of the face, 300 s of the body."""
    character = synthetic_character()
    training = {
        "preset": "standard",
        "face": {"teacher_frames": 100, "multiply_adds": 1e12, "teacher_multiply_adds": 5e11, "seconds": 60.0},
        "body": {"teacher_frames": 40, "multiply_adds": 6e12, "teacher_multiply_adds": 5e11, "seconds": 300.0},
    }
    info = replace(
        character.info,
        provenance={"training": training},
        quality={"psnr_mean": 34.56, "psnr_worst": 30.04, "held_out_poses": 100},
    )
    path = tmp_path / "hero.tha4"
    save_character(replace(character, info=info), path)
    face = TrainingLog(60.0, [Point(0.0, 0, 0, 0.0, 10.0, 1.0), Point(60.0, 10, 100, 1e12, 36.0, 0.1)])
    body = TrainingLog(300.0, [Point(0.0, 0, 0, 0.0, 15.0, 1.0), Point(300.0, 10, 40, 6e12, 34.6, 0.1)])
    for name, log in (("face_morpher", face), ("body_morpher", body)):
        save_snapshot(tmp_path / "hero.distill" / name, {"training": {}, "log": log.to_state()}, 10)
    return path


def test_a_row_tells_what_a_run_took_and_how_good_it_became(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([f"ours={finished}", str(finished)]) == 0
    rows = capsys.readouterr().out.splitlines()[2:]
    share = f"{paper_multiply_adds() / 8e12:,.0f}"
    assert rows[0] == f"| ours | 60 + 300 | 100 + 40 | 8.0 T | {share} | 34.6 dB | 30.0 dB |"
    assert rows[1].startswith("| hero |")


def test_the_course_of_whole_pictures_begins_after_the_face(finished: Path) -> None:
    course = read_run(str(finished)).course
    assert [(point.seconds, point.teacher_frames, point.psnr) for point in course] == [
        (60.0, 100, 15.0),
        (360.0, 140, 34.6),
    ]


def test_charts_are_files_of_their_own(finished: Path, tmp_path: Path) -> None:
    assert main([f"a <b>={finished}", str(finished), "-o", str(tmp_path / "charts")]) == 0
    for axis in ("seconds", "teacher_frames"):
        text = (tmp_path / "charts" / f"distillation_{axis}.svg").read_text()
        assert text.startswith('<svg xmlns="http://www.w3.org/2000/svg" viewBox=')
        assert text.count("<polyline") == 2
        assert "a &lt;b&gt;" in text
        assert "<b>" not in text


def test_a_character_without_its_run_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_character(synthetic_character(), tmp_path / "alone.tha4")
    assert main([str(tmp_path / "alone.tha4")]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "has no finished run beside it" in error


def test_a_folder_for_charts_that_cannot_be_is_said_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert main([str(tmp_path / "nothing.tha4"), "-o", str(tmp_path / "file")]) == 2
    assert "file is no folder; give another place" in capsys.readouterr().err
