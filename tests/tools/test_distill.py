from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from tests.drawings import mannequin
from tha4_core.character import Character, load_character, save_character
from tha4_core.distill import pace, recipes, report, run, training_loop
from tha4_core.distill.config import Config
from tha4_core.distill.evaluate import Evaluation, Score
from tha4_core.distill.run_directory import BODY, FACE
from tha4_core.distill.snapshots import load_snapshot
from tha4_core.distill.training_log import TrainingLog
from tha4_core.files.user_cache import CACHE_VARIABLE
from tha4_core.key_poses import EXPRESSIONS
from tha4_core.published_teachers import THA3
from tools.distill import main


@pytest.fixture
def source(character: Character, tmp_path: Path) -> Path:
    save_character(character, tmp_path / "source.tha4")
    return tmp_path / "source.tha4"


@pytest.fixture
def drawing(tmp_path: Path) -> Path:
    Image.fromarray(mannequin()).save(tmp_path / "drawing.png")
    return tmp_path / "drawing.png"


@pytest.fixture
def short_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report of few pictures, each of which takes a second: what belongs into it is tested elsewhere."""
    monkeypatch.setattr(report, "EXPRESSIONS", {"laughter": EXPRESSIONS["laughter"]})
    monkeypatch.setattr(report, "ROTATIONS", {})
    monkeypatch.setattr(report, "_WORST", 1)


def error_of(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one sentence with which a command line ends."""
    assert main(arguments) == 2
    out, errors = capsys.readouterr()
    assert out == ""
    assert errors.startswith("error: ")
    assert errors.count("\n") == 1
    return errors


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["-o", "x.tha4"], "nothing says what poses the drawing; give --teacher"),
        (["--teacher", "models"], "nothing says where the character goes; give -o"),
        (["-o", "x.png", "--teacher", "models"], r"output must be a file name that ends in \.tha4"),
        (["-o", "x.tha4", "--teacher", "models"], "a drawing is needed"),
        (["-o", "x.tha4", "--teacher", "student:nobody.tha4"], "nobody.tha4 does not exist"),
        (["no.png", "-o", "x.tha4", "--teacher", "models"], "no.png could not be read"),
        (["no.png", "-o", "x.tha4", "--offline"], r"not on this machine, and --offline keeps from fetching them"),
        (["no.png", "-o", "x.tha4", "--teacher", "models", "--preview"], "no.png could not be read"),
        (["-o", "x.tha4", "--teacher", "student:yunagi", "--preview"], "a preview is of a drawing"),
        (["-o", "x.tha4", "--teacher", "models", "--minutes", "-1"], "minutes must be a number greater than 0"),
        (["-o", "x.tha4", "--teacher", "models", "--mask", "no.png"], "no.png does not exist"),
        (["-o", "x.tha4", "--teacher", "models", "--pose-dataset", "no.pt"], "no.pt could not be read"),
        (["--config", "no.yaml"], "no.yaml could not be read"),
        (["resume", "nobody.tha4"], "nobody.distill holds no training"),
        (["export", "nobody.distill"], "nobody.distill holds no training"),
        (["evaluate", "nobody.tha4", "--teacher", "models"], "nobody.tha4 does not exist"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    arguments: list[str],
    sentence: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert re.search(sentence, error_of(arguments, capsys))
    assert list(tmp_path.iterdir()) == []


def test_a_teacher_that_is_no_folder_is_one_sentence(
    drawing: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "is no folder" in error_of([str(drawing), "-o", str(tmp_path / "x.tha4"), "--teacher", "no"], capsys)


def test_a_folder_without_the_networks_names_what_is_missing(
    drawing: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(drawing), "-o", str(tmp_path / "x.tha4"), "--teacher", str(tmp_path)]
    assert "of the teacher's five files" in error_of(arguments, capsys)


def test_a_full_gpu_is_one_sentence(
    source: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.30 GiB.")

    monkeypatch.setattr("tools.distill.distill", full)
    arguments = ["-o", str(source.with_name("x.tha4")), "--teacher", f"student:{source}"]
    assert "the GPU's memory is full; end what else uses it, or give --device cpu" in error_of(arguments, capsys)


def test_a_student_knows_its_own_drawing_only(
    source: Path, drawing: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(drawing), "-o", str(tmp_path / "x.tha4"), "--teacher", f"student:{source}"]
    assert "knows its own drawing only" in error_of(arguments, capsys)


def test_a_drawing_with_problems_is_refused(
    tha3_weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    two = mannequin(scale=0.5).copy()
    two[:, :200] = np.roll(two, -180, axis=1)[:, :200]
    Image.fromarray(two).save(tmp_path / "two.png")
    arguments = [str(tmp_path / "two.png"), "-o", str(tmp_path / "x.tha4"), "--teacher", str(tha3_weights)]
    assert "2 separate figures" in error_of(arguments, capsys)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["two.png"]


def test_an_opaque_drawing_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.fromarray(np.full((512, 512, 4), 255, np.uint8)).save(tmp_path / "opaque.png")
    arguments = ["check", str(tmp_path / "opaque.png"), "--teacher", "no"]
    assert "nowhere transparent" in error_of(arguments, capsys)


def test_a_drawing_alone_has_the_fetched_teacher_and_half_an_hour(
    drawing: Path, tha3_weights: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tha3_weights.parents[1]))
    begun: list[Config] = []
    monkeypatch.setattr("tools.distill.distill", lambda config, *_: begun.append(config))
    monkeypatch.setattr("tools.distill.place_drawing", lambda config, *_, **__: config)
    arguments = [str(drawing), "-o", str(drawing.with_name("x.tha4")), "--device", "cpu"]
    assert main(arguments) == 0
    assert "it will train for 30 minutes, unless --minutes says otherwise" in capsys.readouterr().err
    for more in (["--minutes", "5"], ["--target-psnr", "30"], ["--preset", "draft"]):
        assert main([*arguments, *more]) == 0
        assert "it will train" not in capsys.readouterr().err
    assert [config.teacher for config in begun] == ["tha3"] * 4
    assert [config.minutes for config in begun] == [30.0, 5.0, None, None]


def test_the_end_says_whom_to_name_and_what_comes_next(
    source: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    character = load_character(source)
    info = replace(character.info, provenance={"credits": [THA3.to_json()]})
    evaluation = Evaluation((Score(np.zeros(45, np.float32), 35.0, 0.99),), {})
    outcome = run.Outcome(replace(character, info=info), source, source, source, evaluation)
    monkeypatch.setattr("tools.distill.distill", lambda *_: outcome)
    assert main(["-o", str(source.with_name("x.tha4")), "--teacher", f"student:{source}"]) == 0
    out = capsys.readouterr().out
    assert f"whoever passes it on names: {THA3.line()}" in out
    assert f"drag {source.name} into a Godot project" in out


def test_check_looks_at_everything_and_writes_nothing(
    source: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["check", "--teacher", f"student:{source}", "-o", str(tmp_path / "new.tha4")]) == 0
    assert capsys.readouterr().out == "everything that the distillation needs is there.\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source.tha4"]


@pytest.mark.usefixtures("short_report")
def test_evaluating_writes_a_report_and_notes_what_was_measured(
    source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(source), "--teacher", f"student:{source}", "--held-out-poses", "1", "--note"]) == 0
    assert re.match(r"mean \d+\.\d+ dB", capsys.readouterr().out)
    assert "laughter" in source.with_suffix(".html").read_text()
    quality = load_character(source).info.quality
    assert quality["psnr_mean"] > 80.0


@pytest.fixture
def few_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The teacher is asked for few pictures, and time is the processor's own, whatever else it does meanwhile."""
    monkeypatch.setattr(run, "_MASK_POSES", 16)
    for network, frames in ((FACE, 32), (BODY, 6)):
        monkeypatch.setitem(recipes.FRAMES, network, (frames, frames))
    for part in ("_FACE_MEASURED", "_BODY_MEASURED"):
        monkeypatch.setattr(run, part, 1)
    for module in (pace, training_loop):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=time.process_time))


@pytest.mark.slow
@pytest.mark.usefixtures("short_report", "few_answers")
def test_seconds_of_distillation_raise_the_likeness(
    lambda_00: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    threads, output = torch.get_num_threads(), tmp_path / "smoke.tha4"
    arguments = ["-o", str(output), "--teacher", f"student:{lambda_00}", "--minutes", "0.3", "--held-out-poses", "1"]
    assert main([*arguments, "--no-measure", "--threads", "1"]) == 0
    torch.set_num_threads(threads)
    # How far it comes depends on the machine; that both networks learn does not.
    for network in (FACE, BODY):
        snapshot = load_snapshot(output.with_suffix(".distill") / network)
        assert snapshot is not None
        points = TrainingLog.from_state(snapshot["log"]).points
        assert points[-1].psnr > points[0].psnr + 0.2, network
    character = load_character(output)
    assert character.info.quality["psnr_mean"] > 12.0
    assert str(output) in capsys.readouterr().out
