"""Fixtures of the tests that run a real Godot."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from tests.conftest import unavailable
from tests.godot.editor import Editor
from tests.godot.engine import Godot, copy_project, install_project
from tests.godot.fake_bridge import FakeBridge, write_character
from tests.synthetic import synthetic_character
from tha4_core.character import save_character
from tha4_core.character.networks import NAMED
from tools.binaries.addon import ensure_host_extension
from tools.environment.godot import find_godot, virtual_display


@pytest.fixture(scope="session")
def godot(of_all_processes: Path, tmp_path_factory: pytest.TempPathFactory) -> Godot:
    """The engine, headless, with an imported copy of the project and the extension for this machine."""
    program = find_godot()
    if program is None:
        unavailable("Godot was not found; set GODOT, or run tools/install_godot.sh .cache/godot")
    assert program is not None
    if not ensure_host_extension():
        unavailable("the addon's extension was not built; install a C++ compiler (Debian: apt install g++)")
    imported = of_all_processes / "godot"
    with FileLock(of_all_processes / "godot.lock"):
        if not imported.is_dir():
            install_project(program, tmp_path_factory.mktemp("imported")).folder.rename(imported)
    return copy_project(Godot(program, imported / "project", imported), tmp_path_factory.mktemp("godot"))


@pytest.fixture(scope="session")
def xvfb() -> None:
    """Makes sure that virtual displays can be had."""
    if not shutil.which("Xvfb"):
        unavailable("Xvfb is not installed; install the package xvfb to run the tests that need a display")


@pytest.fixture(scope="session")
def display(xvfb: None) -> Iterator[str]:  # noqa: ARG001
    """A virtual display for this session."""
    with virtual_display() as name:
        yield name


@pytest.fixture(scope="session")
def drawing_godot(godot: Godot, display: str) -> Godot:
    """The engine with a display, drawing with OpenGL."""
    return godot.on(display)


@pytest.fixture(scope="session")
def editor(godot: Godot, xvfb: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:  # noqa: ARG001
    """The editor, which all tests that need one share."""
    editor = Editor(godot, tmp_path_factory.mktemp("editor"))
    yield editor
    editor.close()


@pytest.fixture(scope="session")
def light_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up character of light networks: a program that plays a graphics card is slow."""
    path = tmp_path_factory.mktemp("light") / "light.tha4"
    save_character(synthetic_character(networks=NAMED["light"]), path)
    return path


@pytest.fixture
def fake_bridge() -> Iterator[FakeBridge]:
    """A bridge whose pictures are of one colour and whose faults are chosen by the test."""
    with FakeBridge() as bridge:
        yield bridge


@pytest.fixture
def character(tmp_path: Path) -> Path:
    """A character directory with a blue picture whose head is green."""
    return write_character(tmp_path / "character")
