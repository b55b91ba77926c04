"""The paper's tables: every row measured once, kept, and shown beside the paper's own figure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.tha4_core.teacher_training.memory_examples import MemoryExamples
from tha4_core.distill.distributed import alone
from tha4_core.distill.paper_phases import BODY_PHASES
from tha4_core.teacher_training.errors import TrainingError
from tools import paper_tables
from tools.measuring import paper_rows
from tools.measuring.paper_figures import PHASES
from tools.measuring.paper_rows import BUDGETS, Figures, Job, architectures, jobs, phases
from tools.paper_tables import PAGE, main

pytestmark = pytest.mark.usefixtures("one_torch_thread")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Examples out of a formula in the place of drawn ones, and no files of others."""
    monkeypatch.setattr(paper_rows, "RigExamples", lambda first, *_: MemoryExamples(8, 32, first % 1000))
    monkeypatch.setattr(paper_tables, "weights_folder", lambda: Path("nowhere"))


def test_every_table_has_all_its_rows_at_every_budget(tmp_path: Path) -> None:
    for name in ("seconds", "minutes", "hours"):
        made = list(jobs(BUDGETS[name], alone(), tmp_path, None, None, print))
        rows = {table: [job.row for job in made if job.table == table] for table in (1, 2, 4, 5, 6, 7)}
        assert rows[1] == ["not moved", "mean flow", "THA3", "THA4"]
        assert rows[2] == ["THA3", "THA4", "student"]
        assert sorted(rows[4]) == sorted(rows[2])
        assert rows[5] == ["yunagi", "kohaku"]
        assert [row for row in rows[6] if "time" not in row] == [
            "plain SIREN", "one resolution", "as published", "ours, balanced", "ours, light",
        ]  # fmt: skip
        assert rows[7] == list(PHASES)
    # The paper's own examples are more than a memory holds.
    with pytest.raises(TrainingError, match=r"GiB of memory; write them with tools/rig_examples\.py"):
        list(jobs(BUDGETS["paper"], alone(), tmp_path, None, None, print))


def test_phases_and_architectures_are_the_papers() -> None:
    assert all(variant.phases[-1].until == BODY_PHASES[-1].until for variant in (*phases(), *architectures()))
    alone_, two, all_ = phases()[0], phases()[3], phases()[6]
    assert len({phase.weights for phase in alone_.phases}) == 1
    assert len({phase.weights for phase in two.phases}) == 2
    assert all_.phases == BODY_PHASES


@pytest.mark.usefixtures("small")
def test_sizes_and_rotators_are_measured_and_shown_beside_the_papers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["--budget", "seconds", "-o", str(tmp_path), "--threads", "1", "--device", "cpu"]
    monkeypatch.setattr(paper_rows._Data, "mean_flow", lambda _: paper_rows.unmoved)
    assert main([*arguments, "--only", "1", "2"]) == 0
    out, errors = capsys.readouterr()
    lines = {line.split(" | ")[0].removeprefix("| "): line for line in out.splitlines() if line.count(" | ") > 2}
    assert "| 517.4 | 517 | 135,644,262 weights" in out
    assert "| 626.8 | 627 | 164,318,088 weights" in out
    assert "| 1.7 | 1.8 | 453,043 weights" in out
    assert "22.369 / 0.9094 / 0.0480" in out
    assert "22.962 / 0.9195 / 0.0336" in out
    assert {"THA3", "THA4", "student", "not moved", "mean flow"} <= set(lines)
    assert "16 examples" in out
    assert "L1 only" in out
    assert "without VGG16's weights" in errors
    assert (tmp_path / "seconds" / PAGE).read_text() == out

    # Nothing is measured twice.
    monkeypatch.setattr(paper_rows, "_rotator", lambda *_: pytest.fail("again"))
    assert main([*arguments, "--only", "1"]) == 0
    assert capsys.readouterr().out == out


def test_what_was_measured_is_kept_when_a_later_thing_is_interrupted_and_machines_add_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = ["a slow one"]

    def interrupted() -> Figures:
        raise KeyboardInterrupt

    def made(*_: Any) -> Iterator[Job]:
        times: Figures = {"ms": 10.0, "on": "best of 2", "g": 1.0}
        yield Job(4, "THA4", machine[0], lambda: times)
        yield Job(4, "student", machine[0], interrupted if machine[0] == "a slow one" else lambda: times)

    monkeypatch.setattr(paper_tables, "jobs", made)
    arguments = ["--budget", "minutes", "-o", str(tmp_path), "--device", "cpu"]
    assert main(arguments) == 130
    assert "what was measured is kept" in capsys.readouterr().err
    machine[0] = "a fast one"
    assert main(arguments) == 0
    out, errors = capsys.readouterr()
    assert [line for line in errors.splitlines() if " of 2: " in line] == [
        "1 of 2: table 4, THA4",
        "2 of 2: table 4, student",
    ]
    assert out.count("| THA4 | 10.0 | up to 150") == 2
    assert "a slow one; best of 2; 1.0 G multiply-adds" in out

    file = next((tmp_path / "minutes").glob("table_4_THA4_*.json"))
    file.write_text("{")
    assert main(arguments) == 2
    assert f"error: {file} is damaged; delete it, and it is measured again." in capsys.readouterr().err
