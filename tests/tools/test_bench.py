from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import unavailable
from tha4_core.character import Character, save_character
from tha4_core.teacher.networks import NETWORKS
from tha4_core.visibility import SHAPE, Visibility
from tools import bench
from tools.bench import main
from tools.environment.godot import find_godot
from tools.measuring.bench_rows import Row, table, tail_table
from tools.measuring.bench_teacher import Measured, TeacherRow, teacher_table
from tools.measuring.soak import Sample, soak_table


def test_a_table_gives_medians_and_what_they_are_against_the_baseline() -> None:
    slow, fast = Row("slow", [0.2, 0.3, 0.4]), Row("fast", [0.01, 0.002, 0.003], psnr=50.2, peak=0.7, pictures=2)
    assert table([slow, fast], slow).splitlines() == [
        "| what | median | p99 | frames a second | speed against the baseline | PSNR | of peak | at the peak |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        "| slow | 300 ms | 398 ms | 3.3 | 1.0x |  |  |  |",
        "| fast | 3.00 ms | 9.86 ms | 666.7 | 200.0x | 50 dB | 70% | 952 |",
    ]


def test_a_table_of_many_repetitions_tells_of_the_slow_ones() -> None:
    assert tail_table([Row("a frame", [0.001] * 95 + [0.002] * 4 + [0.3])]).splitlines() == [
        "| what | median | p95 | longest | frames |",
        "| --- | --- | --- | --- | --- |",
        "| a frame | 1.00 ms | 1.05 ms | 300 ms | 100 |",
    ]


def test_a_soak_is_told_by_its_beginning_middle_and_end() -> None:
    samples = [Sample(10.0 * at, at, 5, 6, 0, 7, 1 << 20, 2 << 20, 3 << 20, 4 << 20, 8, 9) for at in range(1, 8)]
    lines = soak_table(samples).splitlines()
    assert lines[0] == "|  | after 10 s | after 40 s | after 70 s |"
    assert "| pictures shown | 1 | 4 | 7 |" in lines
    assert "| bridge: resident memory | 4.0 MiB | 4.0 MiB | 4.0 MiB |" in lines


def test_the_teachers_table_sets_each_precision_against_the_plain_modules() -> None:
    row = TeacherRow(
        "upscaler",
        Measured([4.0, 4.2, 4.4], 512 << 20),
        {"float32": Measured([2.1], 256 << 20), "bfloat16": Measured([1.0, 1.05, 2.0], 128 << 20, psnr=37.4)},
    )
    assert teacher_table([row]).splitlines() == [
        "| what | plain modules | memory | Teacher, float32 | speed against plain | memory | PSNR"
        " | Teacher, bfloat16 | speed against plain | memory | PSNR |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        "| upscaler | 4200 ms | 512 MiB | 2100 ms | 2.00x | 256 MiB |  | 1050 ms | 4.00x | 128 MiB | 37 dB |",
    ]


@pytest.mark.slow
def test_the_teacher_is_measured_network_by_network(
    character: Character, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_character(character, tmp_path / "blob.tha4")
    arguments = ["--character", str(tmp_path / "blob.tha4"), "--frames", "1", "--teacher", "--precisions", "float32"]
    assert main(arguments) == 0
    output = capsys.readouterr().out
    for row in (*NETWORKS, "a pose, picture known", "a pose, face only"):
        assert f"| {row}" in output


def test_measuring_a_gpu_that_is_not_there_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert main(["--only-gpu"]) == 2
    assert capsys.readouterr().err == "error: there is no NVIDIA GPU, or PyTorch was built without CUDA.\n"


def test_a_teacher_without_its_files_is_one_sentence(
    character: Character, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_character(character, tmp_path / "blob.tha4")
    assert main(["--character", str(tmp_path / "blob.tha4"), "--teacher", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "upscaler.pt" in error


def test_steadiness_and_what_skipping_loses_are_measured(
    character: Character, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tiles = np.zeros(SHAPE, np.uint8)
    hidden = Visibility(tiles, character.look, poses=1, seed=1, threshold=3, margin=0)
    save_character(replace(character, visibility=hidden), tmp_path / "hidden.tha4")
    assert main(["--character", str(tmp_path / "hidden.tha4"), "--steady", "--frames", "3"]) == 0
    output = capsys.readouterr().out
    assert "full picture | 3 |" in output
    assert "head view 192x192 | 3 |" in output
    assert "in 3 held-out poses: 255 of 255." in output


@pytest.mark.slow
def test_engines_and_bridge_are_measured_in_one_run(
    character: Character, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_character(character, tmp_path / "blob.tha4")
    assert main(["--character", str(tmp_path / "blob.tha4"), "--frames", "1", "--no-godot"]) == 0
    output = capsys.readouterr().out
    rows = ("eager student", "reference engine, head view", "start to ready line", "without the engine's time")
    for row in (*rows, "head views of 4 characters at once", "| portable | float32 |"):
        assert row in output


@pytest.mark.slow
def test_what_a_game_feels_is_measured_in_a_real_engine(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if find_godot() is None:
        unavailable("Godot was not found; set GODOT, or run tools/install_godot.sh .cache/godot")
    if not shutil.which("Xvfb"):
        unavailable("Xvfb is not installed; install the package xvfb")
    monkeypatch.setattr(bench, "_GAME_FRAMES", 3)
    # The character that it takes of itself says what of it can be seen, which takes minutes to find out.
    assert main(["--frames", "1", "--only-godot"]) == 0
    output = capsys.readouterr().out
    rows = ("pose set to texture updated", "a character comes", "frames with a new picture", "the bridge is killed")
    for row in rows:
        assert row in output
    assert "eager student" not in output


def test_a_missing_character_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--character", str(tmp_path / "nobody.tha4")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
