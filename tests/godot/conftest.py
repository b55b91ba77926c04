"""Fixtures of the tests that run a real Godot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.godot.engine import Godot, find_godot, install_project, missing, virtual_display
from tests.godot.fake_bridge import FakeBridge


@pytest.fixture(scope="session")
def godot(tmp_path_factory: pytest.TempPathFactory) -> Godot:
    """The engine, headless, with an imported copy of the project."""
    program = find_godot()
    if program is None:
        missing("Godot was not found; set GODOT, or run tools/install_godot.sh .cache/godot")
    assert program is not None
    return install_project(program, tmp_path_factory.mktemp("godot"))


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """A virtual display for this session."""
    with virtual_display() as name:
        yield name


@pytest.fixture(scope="session")
def drawing_godot(godot: Godot, display: str) -> Godot:
    """The engine with a display, drawing with OpenGL."""
    return godot.on(display)


@pytest.fixture
def fake_bridge() -> Iterator[FakeBridge]:
    """A bridge whose pictures are of one colour and whose faults are chosen by the test."""
    with FakeBridge() as bridge:
        yield bridge


@pytest.fixture
def character(tmp_path: Path) -> Path:
    """A character directory with a blue picture whose head is green."""
    from tests.godot.fake_bridge import write_character

    return write_character(tmp_path / "character")
