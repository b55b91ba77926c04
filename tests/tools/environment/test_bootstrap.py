from __future__ import annotations

import importlib.util
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools.environment import bootstrap


def test_a_python_that_has_everything_is_used_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> Path:
        raise AssertionError("nothing was to be installed")

    monkeypatch.setattr(bootstrap, "ensure_environment", fail)
    bootstrap.enter_environment("torch", "tools", "dev")


def test_a_python_that_lacks_a_package_hands_over_to_the_projects_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    find = importlib.util.find_spec

    def without_torch(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name == "torch" else find(name, package)

    class HandedOverError(Exception):
        pass

    def execute(program: str, command: list[str]) -> None:
        raise HandedOverError(program, command)

    python = tmp_path / "python"
    monkeypatch.setattr(importlib.util, "find_spec", without_torch)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap, "ensure_environment", lambda extras: python if extras == ("torch",) else None)
    monkeypatch.setattr("os.execv", execute)
    monkeypatch.setattr(sys, "argv", ["tools/play.py", "--character", "x"])
    with pytest.raises(HandedOverError) as handed:
        bootstrap.enter_environment("torch")
    assert handed.value.args == (str(python), [str(python), "tools/play.py", "--character", "x"])


def test_what_is_installed_already_is_not_installed_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls: list[list[str]] = []

    def pretend(command: list[str], _: str) -> None:
        calls.append(command)
        if "venv" in command:
            (tmp_path / "bin").mkdir(exist_ok=True)
            (tmp_path / "bin" / "python").touch()

    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap, "_run", pretend)
    bootstrap.ensure_environment(())
    assert calls[-1][-1] == str(bootstrap.ROOT)
    bootstrap.ensure_environment(("torch",))
    first = len(calls)
    assert first == 4  # the environment, the project, torch, the project with what it needs for torch
    bootstrap.ensure_environment(("torch",))
    assert len(calls) == first
    bootstrap.ensure_environment(("dev",))  # one more extra keeps those that are there
    assert calls[-1][-1] == f"{bootstrap.ROOT}[dev,torch]"
    more = len(calls)
    bootstrap.ensure_environment(("torch",))
    assert len(calls) == more


@pytest.mark.parametrize("tool", ["play", "convert", "bench", "pose", "check"])
def test_every_tool_explains_itself(tool: str) -> None:
    command = [sys.executable, f"tools/{tool}.py", "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.startswith("usage:")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux leaves these libraries to the distribution")
@pytest.mark.parametrize("missing", [True, False])
def test_the_libraries_that_drawing_needs_are_installed_where_they_are_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, missing: bool
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch()
    installed: list[tuple[str, ...]] = []
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap, "_run", lambda *_: None)
    monkeypatch.setattr(bootstrap, "find_library", lambda _: None if missing else "lib.so")
    monkeypatch.setattr(bootstrap, "debian_install", lambda *packages: installed.append(packages))
    monkeypatch.setattr("shutil.which", lambda _: "compiler")
    bootstrap.ensure_environment(("rig",))
    assert installed == ([("libegl1", "libgl1")] if missing else [])
