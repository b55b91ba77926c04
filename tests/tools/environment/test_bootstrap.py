from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools.environment import bootstrap


@pytest.fixture(autouse=True)
def excepthook(monkeypatch: pytest.MonkeyPatch) -> None:
    """Entering an environment sets it for a command's whole life."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)


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


class StartedAgainError(Exception):
    """In the place of a process that another program takes over."""


@pytest.fixture
def handmade(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A ``.venv`` that somebody else made, whose Python runs the command; pip's work is pretended."""

    def execute(program: str, command: list[str]) -> None:
        raise StartedAgainError(program, command)

    python = tmp_path / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    python.parent.mkdir()
    python.touch()
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap, "_ensure_pip", lambda _: None)
    monkeypatch.setattr(bootstrap, "_run", lambda *_: None)
    monkeypatch.setattr(bootstrap, "debian_install", lambda *_: True)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["tools/convert.py", "a", "b"])
    monkeypatch.setattr(os, "execv", execute)
    monkeypatch.setitem(bootstrap._EXTRA_MODULES, "torch", ("lately_installed",))
    return tmp_path


def test_the_environments_own_python_looks_again_after_installing(
    handmade: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = handmade / "packages"
    packages.mkdir()
    monkeypatch.syspath_prepend(packages)
    assert importlib.util.find_spec("lately_installed") is None
    # Python believes that a folder of the same date holds what it held.
    date = packages.stat()

    def install(*_: object) -> None:
        (packages / "lately_installed.py").touch()
        os.utime(packages, ns=(date.st_atime_ns, date.st_mtime_ns))

    monkeypatch.setattr(bootstrap, "_run", install)
    bootstrap.enter_environment("torch")


@pytest.mark.usefixtures("handmade")
def test_what_is_still_not_found_is_looked_for_once_more_by_a_new_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(bootstrap._STARTED_AGAIN, raising=False)
    with pytest.raises(StartedAgainError) as first:
        bootstrap.enter_environment("torch")
    assert first.value.args[1][1:] == ["tools/convert.py", "a", "b"]
    with pytest.raises(SystemExit) as second:
        bootstrap.enter_environment("torch")
    said = str(second.value)
    assert "still lacks lately_installed," in said
    assert f'pip install --force-reinstall --editable "{bootstrap.ROOT}[torch]"' in said
    assert "delete" not in said
    assert "\n" not in said
    assert bootstrap._STARTED_AGAIN not in os.environ  # other commands that this one starts are no second tries


def test_packages_that_were_removed_are_installed_again_whatever_was_noted(
    handmade: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap.ensure_environment(("torch",))
    assert (handmade / ".installed").exists()
    calls: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "_run", lambda command, _: calls.append(command))
    with pytest.raises(StartedAgainError):
        bootstrap.enter_environment("torch")
    assert calls[-1][-1] == f"{bootstrap.ROOT}[torch]"
    monkeypatch.delenv(bootstrap._STARTED_AGAIN)


@pytest.mark.usefixtures("handmade")
@pytest.mark.parametrize(("draws", "built", "installs"), [(True, False, 1), (True, True, 0), (False, False, 0)])
def test_what_draws_builds_the_engine_in_an_environment_that_has_its_own_copy_of_the_project(
    monkeypatch: pytest.MonkeyPatch, draws: bool, built: bool, installs: int
) -> None:
    calls: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "_run", lambda command, _: calls.append(command))
    monkeypatch.setattr(bootstrap, "has_native_engine", lambda: built)
    bootstrap.enter_environment(draws=draws)
    assert len(calls) == installs
    bootstrap.enter_environment(draws=draws)  # where no compiler is, it is not tried again and again
    assert len(calls) == installs


@pytest.mark.skipif(sys.platform == "win32", reason="the Python here is a shell script")
@pytest.mark.parametrize("has_pip", [True, False])
def test_an_environment_without_pip_gets_one(tmp_path: Path, has_pip: bool) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n[ "$2" != pip ] || exit {0 if has_pip else 1}\n')
    python.chmod(0o755)
    bootstrap._ensure_pip(python)
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked == ["-m pip --version", *([] if has_pip else ["-m ensurepip"])]


def test_what_is_installed_already_is_not_installed_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls: list[list[str]] = []

    def pretend(command: list[str], _: str) -> None:
        calls.append(command)
        if "venv" in command:
            (tmp_path / "bin").mkdir(exist_ok=True)
            (tmp_path / "bin" / "python").touch()

    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap, "_run", pretend)
    monkeypatch.setattr(bootstrap, "_ensure_pip", lambda _: None)
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
    monkeypatch.setattr(bootstrap, "_ensure_pip", lambda _: None)
    monkeypatch.setattr(bootstrap, "find_library", lambda _: None if missing else "lib.so")
    monkeypatch.setattr(bootstrap, "debian_install", lambda *packages: installed.append(packages))
    monkeypatch.setattr("shutil.which", lambda _: "compiler")
    bootstrap.ensure_environment(("rig",))
    assert installed == ([("libegl1", "libgl1")] if missing else [])
