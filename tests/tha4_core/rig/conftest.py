"""Teachers of the drawn characters, made once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from tha4_core.rig.characters import NAMES, load_design
from tha4_core.rig.teacher import RigTeacher


@pytest.fixture(autouse=True)
def _one_thread(one_torch_thread: None) -> None:
    """Every test here."""


@pytest.fixture(scope="session")
def rig_teacher() -> Callable[[str], RigTeacher]:
    """Makes the teacher of a drawn character, once."""
    return cache(lambda name: RigTeacher(load_design(name)))


@pytest.fixture(scope="session", params=NAMES)
def teacher(request: pytest.FixtureRequest, rig_teacher: Callable[[str], RigTeacher]) -> RigTeacher:
    """Each drawn character's teacher in turn."""
    return rig_teacher(request.param)
