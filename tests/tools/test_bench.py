from __future__ import annotations

from pathlib import Path

import pytest

from tha4_core.character import Character, save_character
from tools.bench import main
from tools.bench_rows import Row, table


def test_a_table_gives_medians_and_what_they_are_against_the_baseline() -> None:
    slow, fast = Row("slow", [0.2, 0.3, 0.4]), Row("fast", [0.01, 0.002, 0.003], psnr=50.2, peak=0.7, pictures=2)
    assert table([slow, fast], slow).splitlines() == [
        "| what | median | p99 | frames a second | speed against the baseline | PSNR | of peak |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        "| slow | 300 ms | 398 ms | 3.3 | 1.0x |  |  |",
        "| fast | 3.00 ms | 9.86 ms | 666.7 | 200.0x | 50 dB | 70% |",
    ]


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


def test_a_missing_character_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--character", str(tmp_path / "nobody.tha4")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
