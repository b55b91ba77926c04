from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from torch import nn

from tests.conftest import unavailable
from tests.synthetic import synthetic_character
from tha4_core.character import Character, save_character
from tha4_core.character.networks import NAMED
from tha4_core.engines.native import masks
from tha4_core.errors import UserError
from tha4_core.teacher import attention_unet, encoder_decoder
from tha4_core.teacher.attention_unet import AttentionUnet
from tha4_core.teacher.body_morpher import BODY_POSE_SIZE
from tha4_core.teacher.editor import Editor
from tha4_core.teacher.networks import Networks
from tha4_core.teacher.systems import THA3_SEPARABLE, THA4, System
from tha4_core.teacher.tha3_networks import Tha3Networks
from tha4_core.teacher.two_algo_face_body_rotator import TwoAlgoFaceBodyRotator
from tha4_core.visibility import EVERY_LEAN, SHAPE, Visibility
from tools import bench
from tools.bench import main
from tools.environment import godot
from tools.environment.godot import find_godot
from tools.measuring import bench_engines, bench_godot, bench_rows
from tools.measuring.bench_godot import OPENGL, SOURCES, BenchProject, Source, Timing, sources_table
from tools.measuring.bench_rows import Row, table
from tools.measuring.bench_teacher import Measured, TeacherRow, teacher_table
from tools.measuring.soak import Sample, Taken, soak_table


def test_a_table_gives_medians_and_what_they_are_against_the_baseline() -> None:
    slow, fast = Row("slow", [0.2, 0.3, 0.4]), Row("fast", [0.01, 0.002, 0.003], psnr=50.2, peak=0.7, pictures=2)
    assert list(table([slow, fast], compared=True)) == [
        "| what | median | p99 | frames a second | speed against the baseline | PSNR | of peak | at the peak |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        "| slow | 300 ms | 398 ms | 3.3 | 1.0x |  |  |  |",
        "| fast | 3.00 ms | 9.86 ms | 666.7 | 200.0x | 50 dB | 70% | 952 |",
    ]


def test_a_table_of_sources_has_a_column_for_each_and_tells_of_the_slow_repetitions() -> None:
    frames = Timing("a frame", [0.001] * 95 + [0.002] * 4 + [0.3])
    pictures = Timing("from one to the next", [0.04, 0.06], is_rate=True)
    assert list(sources_table({"CPU": [frames, pictures], "bridge": [frames, Timing("its end", [])]})) == [
        "| median / p95 / longest, in ms | CPU | bridge |",
        "| --- | --- | --- |",
        "| a frame | 1.00 / 1.05 / 300 | 1.00 / 1.05 / 300 |",
        "| from one to the next | 50.00 / 59.00 / 60.00 (20.0 a second) |  |",
        "| its end |  | none |",
    ]


def soak_samples(bridge: Taken | None) -> list[Sample]:
    taken = Taken(3 << 20, 5, 6)
    return [Sample(10.0 * at, at, 5, 6, 0, 7, 1 << 20, 2 << 20, taken, bridge) for at in range(1, 8)]


def test_a_soak_is_told_by_its_beginning_middle_and_end() -> None:
    lines = soak_table(soak_samples(Taken(4 << 20, 8, 9))).splitlines()
    assert lines[0] == "|  | after 10 s | after 40 s | after 70 s |"
    assert "| pictures shown | 1 | 4 | 7 |" in lines
    assert "| Godot: threads, open files | 5, 6 | 5, 6 | 5, 6 |" in lines
    assert "| bridge: resident memory | 4.0 MiB | 4.0 MiB | 4.0 MiB |" in lines
    assert "bridge" not in soak_table(soak_samples(None))


def test_the_teachers_table_sets_each_precision_against_the_plain_modules() -> None:
    row = TeacherRow(
        "upscaler",
        Measured([4.0, 4.2, 4.4], 512 << 20),
        {"float32": Measured([2.1], 256 << 20), "bfloat16": Measured([1.0, 1.05, 2.0], 128 << 20, psnr=37.4)},
    )
    assert list(teacher_table([row], ["float32", "bfloat16"])) == [
        "| what | plain modules | memory | Teacher, float32 | speed against plain | memory | PSNR"
        " | Teacher, bfloat16 | speed against plain | memory | PSNR |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        "| upscaler | 4200 ms | 512 MiB | 2100 ms | 2.00x | 256 MiB |  | 1050 ms | 4.00x | 128 MiB | 37 dB |",
    ]


def narrow_networks(system: System) -> Networks | Tha3Networks:
    """Those of the picture with fewer channels: rows come of them as of the real ones, and sooner."""
    if system is not THA4:
        return system.chain(system.new_networks()).eval()
    networks = Networks()
    networks.body_morpher.body = AttentionUnet((8,) * 5, BODY_POSE_SIZE)
    networks.upscaler.body = AttentionUnet((8,) * 6, BODY_POSE_SIZE)
    networks.upscaler.coarse_image_conv = nn.Conv2d(10, 8, 3, padding=1)
    return networks.eval()


@pytest.mark.slow
def test_the_teacher_is_measured_network_by_network(
    character: Character, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention_unet, "_HEAD_CHANNELS", 8)
    for network in (Editor, TwoAlgoFaceBodyRotator):
        monkeypatch.setitem(network.__init__.__kwdefaults__, "channels", (8,) * 4)
    monkeypatch.setattr(encoder_decoder, "_CHANNELS", (64, 8, 8, 8))
    monkeypatch.setattr(encoder_decoder, "_BOTTLENECK", 8)
    monkeypatch.setattr(bench, "deterministic_networks", narrow_networks)
    save_character(character, tmp_path / "blob.tha4")
    arguments = ["--character", str(tmp_path / "blob.tha4"), "--frames", "1", "--teacher", "--precisions", "float32"]
    assert main(arguments) == 0
    output = capsys.readouterr().out
    for system, section in zip((THA4, THA3_SEPARABLE), output.split("## Teacher: ")[1:], strict=True):
        assert section.startswith(system.name)
        for row in (*system.networks, "a pose, picture known", "a pose, face only"):
            assert f"| {row}" in section


def test_measuring_a_gpu_that_is_not_there_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert main(["--only-gpu"]) == 2
    assert capsys.readouterr().err == "error: there is no NVIDIA GPU, or PyTorch was built without CUDA.\n"


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there is always a screen there")
def test_without_a_screen_nothing_is_measured_first(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _forget_everything(monkeypatch)
    assert main(["--frames", "1"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert (
        said.err
        == "error: there is no display and no Xvfb to make one; install the package xvfb, or give --no-godot.\n"
    )
    assert main(["--soak", "1"]) == 2
    assert capsys.readouterr().err.endswith("install the package xvfb.\n")


def test_without_godot_nothing_is_measured_first(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _forget_everything(monkeypatch)
    monkeypatch.setattr(bench, "has_display", lambda: True)
    assert main(["--only-godot"]) == 2
    assert capsys.readouterr() == ("", "error: there is no Godot 4.4 or newer; set GODOT to the engine's program.\n")


def _forget_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a screen, Xvfb, and Godot."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "GODOT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    monkeypatch.setattr(godot, "CACHE", Path("nowhere"))
    monkeypatch.setattr(godot, "debian_install", lambda *_: False)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--frames", "0"], "--frames is a whole number from 1, not 0."),
        (["--soak", "nan"], "--soak takes minutes above 0"),
        (["--device", "cuda"], "give --teacher, too."),
        (["--teacher", "--device", "toaster"], "cannot use device 'toaster'"),
    ],
)
def test_options_are_looked_at_before_anything_is_measured(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert sentence in said.err


def test_options_that_exclude_each_other_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--only-godot", "--no-godot"])
    assert "not allowed with" in capsys.readouterr().err


@pytest.mark.parametrize("end", [UserError("the engine failed."), KeyboardInterrupt()])
def test_what_was_measured_before_a_fault_is_printed(
    end: BaseException, character: Character, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def rows(*_: object) -> Iterator[Row]:
        yield Row("the first", [0.1])
        raise end

    monkeypatch.setattr(bench, "engine_rows", rows)
    monkeypatch.setattr(bench, "load_character", lambda _: character)
    monkeypatch.setattr(bench, "with_visibility", lambda character, _: character)
    with contextlib.suppress(KeyboardInterrupt):
        assert main(["--no-godot", "--frames", "1"]) == 2
    assert "| the first | 100 ms |" in capsys.readouterr().out


def test_an_interrupted_soak_tells_what_there_is(
    character: Character, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def samples(*_: object, **__: object) -> Iterator[Sample]:
        yield soak_samples(None)[0]
        raise KeyboardInterrupt

    monkeypatch.setattr(bench, "soak", samples)
    monkeypatch.setattr(bench, "bench_project", lambda _: contextlib.nullcontext())
    with pytest.raises(KeyboardInterrupt):
        bench._measure_soak(Path("godot"), character, tmp_path, 1.0, SOURCES[0])
    assert "| pictures shown | 1 | 1 | 1 |" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="Godot here is a shell script")
def test_what_godot_measured_before_it_failed_is_told(tmp_path: Path) -> None:
    program = tmp_path / "godot"
    program.write_text("""#!/bin/sh
echo 'note=a card'
echo 'row={"name": "a frame", "milliseconds": [2.0, 4.0], "rate": false}'
echo 'the screen fell over' >&2
exit 3
""")
    program.chmod(0o755)
    notes: list[str] = []
    rows = bench_godot._rows(BenchProject(program, tmp_path, {}), [str(program)], notes)
    assert next(rows) == Timing("a frame", [0.002, 0.004])
    assert notes == ["a card"]
    with pytest.raises(UserError, match="the screen fell over"):
        next(rows)


def test_a_teacher_without_its_files_is_one_sentence(
    character: Character, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_character(character, tmp_path / "blob.tha4")
    assert main(["--character", str(tmp_path / "blob.tha4"), "--teacher", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "upscaler.pt" in error


def test_steadiness_and_what_skipping_loses_are_measured(
    character: Character, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tiles = np.zeros(SHAPE, np.uint8)
    hidden = Visibility(tiles, character.look, poses=1, seed=1, threshold=3, margin=0)
    monkeypatch.setattr(masks, "measure", lambda *_: hidden)  # as the file holds none
    save_character(character, tmp_path / "hidden.tha4")
    assert main(["--character", str(tmp_path / "hidden.tha4"), "--steady", "--frames", "3"]) == 0
    output = capsys.readouterr().out
    assert "full picture | 3 |" in output
    assert "head view 192x192 | 3 |" in output
    assert "in 3 held-out poses: 255 of 255." in output


@pytest.mark.slow
def test_named_networks_are_measured_on_one_thread(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--networks", "--frames", "1"]) == 0
    output = capsys.readouterr().out
    for row in ("published, full picture (baseline)", "| light, float32, head view", "only the face moves"):
        assert row in output


@pytest.fixture
def light(tmp_path: Path) -> Path:
    """A character of light networks that says what of it can be seen: all, which else would take a minute to find."""
    character = synthetic_character(networks=NAMED["light"])
    everything = Visibility(np.full(SHAPE, EVERY_LEAN, np.uint8), character.look, 1, 2, 3, 4)
    save_character(replace(character, visibility=everything), tmp_path / "light.tha4")
    return tmp_path / "light.tha4"


@pytest.mark.slow
def test_engines_and_bridge_are_measured_in_one_run(
    light: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench_engines, "_MORE", 2)
    monkeypatch.setattr(bench_rows, "_COMPARED", 1)
    assert main(["--character", str(light), "--frames", "1", "--no-godot"]) == 0
    output = capsys.readouterr().out
    rows = ("eager student", "reference engine, head view", "start to ready line", "without the engine's time")
    for row in (*rows, "head views of 4 characters at once", "| portable | float32 |"):
        assert row in output


@pytest.mark.slow
def test_what_a_game_feels_is_measured_in_a_real_engine(
    light: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if find_godot() is None:
        unavailable("Godot was not found; set GODOT, or run tools/install_godot.sh .cache/godot")
    if not shutil.which("Xvfb"):
        unavailable("Xvfb is not installed; install the package xvfb")
    monkeypatch.setattr(bench, "_GAME_FRAMES", 3)
    monkeypatch.setattr(bench, "_EVENT_FRAMES", 3)
    # The graphics card's needs a card; a small window is drawn sooner by a processor.
    drawing = (*OPENGL, "--resolution", "320x200")
    monkeypatch.setattr(bench, "SOURCES", [Source("CPU", "cpu", drawing), Source("bridge", "bridge", drawing)])
    assert main(["--character", str(light), "--frames", "1", "--only-godot"]) == 0
    output = capsys.readouterr().out
    assert output.count("| median / p95 / longest, in ms | CPU | bridge |") == 3
    rows = ("pose set to texture updated", "from one to the next", "a character comes", "frames with a new picture")
    for row in (*rows, "full picture, visible tiles | ", "the scene changes", "what plays the character fails"):
        assert row in output
    measured = [line.split("|")[2:4] for line in output.splitlines() if " / " in line and line.count("|") == 4]
    assert all(cell.strip() for cells in measured for cell in cells), "each row is of both"
    assert "\nCPU: " not in output, "something failed"
    assert "\nbridge: " not in output, "something failed"
