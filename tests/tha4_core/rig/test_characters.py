from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from tha4_core.rig.characters import NAMES, load_design
from tha4_core.rig.errors import RigError
from tha4_core.rig.teacher import RigTeacher


@pytest.mark.parametrize("name", NAMES)
def test_a_character_is_loaded_by_its_name(name: str) -> None:
    design = load_design(name)
    assert design.name.lower() == name


@pytest.mark.parametrize("name", NAMES)
def test_two_parts_show_the_expression_and_the_others_are_drawn(name: str) -> None:
    parts = load_design(name).parts
    assert [part.name for part in parts if part.paint is None] == ["face", "brows"]
    assert len({part.name for part in parts}) == len(parts)


def test_an_unknown_character_is_told_apart_in_one_sentence() -> None:
    with pytest.raises(RigError, match="no drawn character named 'nobody'; there are yunagi and kohaku"):
        load_design("nobody")


def test_characters_differ_in_outline_and_colour(rig_teacher: Callable[[str], RigTeacher]) -> None:
    for first, second in itertools.combinations((rig_teacher(name).image for name in NAMES), 2):
        figures = [(picture[3] > 0) for picture in (first, second)]
        only_one = figures[0] ^ figures[1]
        assert int(only_one.sum()) > 0.1 * int(figures[0].sum())
        both = figures[0] & figures[1]
        assert float((first - second).abs().amax(dim=0)[both].mean()) > 0.5
