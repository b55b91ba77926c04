"""The command over a cast: what is due, what is shown of it, and how it ends."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import redirect_stderr
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from tha4_core.distill.cast import Member, read_cast
from tha4_core.distill.cast_records import DONE, FAILED, RUNNING, Record, key_of, load_record, record_path, save_record
from tha4_core.distill.report_pictures import Comparison
from tools import distill_cast
from tools.distill_cast import PAGE, main
from tools.distilling import cast_cluster
from tools.distilling.cast_member import distil_member
from tools.output.cast_table import CastTable, cast_table

PICTURE = "data:image/webp;base64,AAAA"


@pytest.fixture
def cast(tmp_path: Path) -> Path:
    path = tmp_path / "cast.yaml"
    path.write_text("all: {teacher: 'student:yunagi', held_out_poses: 1}\ngood:\nbetter:\nbad: no.png\n")
    return path


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The names of those that each run distilled, on a cluster that fails with one of them."""
    runs: list[list[str]] = []

    def run_cast(_: Any, members: Sequence[Member], run: str, _stop: Any, look: Any, **__: Any) -> None:
        runs.append([member.name for member in members])
        for member in members:
            worst = Comparison(
                "a pose", PICTURE, PICTURE, PICTURE, {"good": 21.0, "better": 25.0}.get(member.name, 0.0)
            )
            record = Record(DONE, key_of(member), run, psnr=30.0, worst=(worst,))
            if member.name == "bad":
                record = Record(FAILED, key_of(member), run, "no.png could not be read.")
            else:
                member.config.target.parent.mkdir(exist_ok=True)
                member.config.target.write_bytes(b"a character")
            save_record(record_path(member), record)
        look()

    ray = SimpleNamespace(shutdown=lambda: None, nodes=lambda: [{"Alive": True, "Resources": {"CPU": 2.0}}])
    monkeypatch.setattr(distill_cast, "open_cluster", lambda *_: ray)
    monkeypatch.setattr(distill_cast, "run_cast", run_cast)
    return runs


def test_without_ray_it_is_one_sentence(
    cast: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cast_cluster, "find_spec", lambda _: None)
    assert main([str(cast)]) == 2
    assert capsys.readouterr().err == (
        'error: a cast is distilled with Ray, which is not installed here: pip install "anime-character[cast]".\n'
    )


def test_what_is_done_is_not_done_again_and_what_failed_only_on_wish(
    cast: Path, begun: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(cast)]) == 1
    assert main([str(cast)]) == 1
    assert main([str(cast), "--retry-failed"]) == 1
    (cast.parent / "cast" / "good.tha4").unlink()
    assert main([str(cast)]) == 1
    cast.write_text(cast.read_text().replace("bad: no.png", "bad: {minutes: 3}"))
    assert main([str(cast)]) == 1
    assert begun == [["good", "better", "bad"], ["bad"], ["good"], ["bad"]]
    out, errors = capsys.readouterr()
    assert out.splitlines()[:4] == [
        "good: mean 30.0 dB, worst pose 21.0 dB",
        "better: mean 30.0 dB, worst pose 25.0 dB",
        "bad failed: no.png could not be read.",
        f"report: {cast.parent / 'cast' / PAGE}",
    ]
    assert "1 failed; --retry-failed tries them again.\n" in errors


def test_the_report_shows_the_worst_first_and_why_others_failed(cast: Path, begun: list[list[str]]) -> None:
    assert main([str(cast), "-o", str(cast.parent / "out")]) == 1
    assert begun
    page = (cast.parent / "out" / PAGE).read_text()
    assert page.index("<td>bad<td>no.png could not be read.") < page.index("good.distill/report.html")
    assert page.index("good.distill/report.html") < page.index("better.distill/report.html")
    assert page.index("good: a pose") < page.index("better: a pose")
    assert page.count(PICTURE) == 6


def test_the_table_says_who_works_on_what() -> None:
    records = {
        "hero": Record(
            RUNNING, "", text="body: fine", place="node 1a2b", fraction=0.25, psnr=28.04, seconds_left=600.0
        ),
        "villain": Record(FAILED, "", text="no drawing."),
        "guard": Record(RUNNING, "", place="node 2", lost=1),
    }
    console = Console(file=io.StringIO(), width=120)
    console.print(cast_table(records))
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    assert "3: 2 running, 1 failed" in lines[0]
    hero, villain, guard = (next(line for line in lines if name in line) for name in records)
    assert all(part in hero for part in ("running", "node 1a2b", "25%", "28.0", "10 min", "body: fine"))
    assert "failed" in villain
    assert "no drawing." in villain
    assert "running, moved 1x" in guard


def test_without_a_terminal_each_change_is_a_line() -> None:
    said = io.StringIO()
    with redirect_stderr(said), CastTable() as table:
        for fraction in (0.0, 0.5):  # the second is no news yet
            table.show({"hero": Record(RUNNING, "", text="face", place="here", fraction=fraction)})
        table.show({"hero": Record(DONE, "", psnr=30.0)})
    assert said.getvalue() == "hero: running on here, 0%, face\nhero: done, 30.0 dB\n"


def test_a_worker_says_what_is_wrong_in_the_characters_record(cast: Path) -> None:
    folder = cast.parent / "out"
    good, _, bad = read_cast(cast, folder)
    unseen = distil_member(good, "a run", "node 1", yes=False, offline=True)
    assert unseen.state == FAILED
    assert unseen.text.endswith("is not there on node 1; put the cast's folder on storage that all machines share.")

    save_record(record_path(bad), Record("waiting", key_of(bad), "a run"))
    failed = distil_member(bad, "a run", "node 1", yes=False, offline=True)
    assert (failed.state, failed.lost) == (FAILED, 0)
    assert "no.png could not be read" in failed.text
    assert load_record(record_path(bad)) == failed


def test_a_character_that_loses_its_workers_again_and_again_fails(cast: Path) -> None:
    member = read_cast(cast, cast.parent / "out")[0]
    record = Record(RUNNING, key_of(member), "a run", place="node 1", lost=5)
    save_record(record_path(member), record)
    failed = distil_member(member, "a run", "node 2", yes=False, offline=True)
    assert failed.text.startswith("its worker was lost 6 times, the last time on node 1; see whether")
    save_record(record_path(member), replace(record, lost=0))
    assert distil_member(replace_teacher(member), "another run", "node 2", yes=False, offline=True).lost == 0


def replace_teacher(member: Member) -> Member:
    """One that fails at once."""
    return member._replace(config=replace(member.config, teacher="student:nobody.tha4"))
