"""Characters beside the rigs that taught them, by the words of a command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tha4_core.built_in import built_in_path
from tha4_core.character import load_character
from tha4_core.errors import UserError
from tha4_core.rig.characters import load_design
from tools.measuring.rig_subjects import read_subject


@pytest.mark.parametrize("name", ["kohaku", "kohaku_light"])
def test_one_of_ours_is_held_against_its_rig(name: str) -> None:
    subject = read_subject(name)
    assert subject.name == name
    assert subject.character.look == load_character(built_in_path(name)).look
    assert subject.design is load_design("kohaku")


def test_another_character_is_held_against_the_named_rig(tmp_path: Path) -> None:
    file = tmp_path / "mine.tha4"
    file.write_bytes(built_in_path("yunagi_light").read_bytes())
    subject = read_subject(f"yunagi={file}")
    assert subject.character.look == load_character(file).look
    assert subject.design is load_design("yunagi")


@pytest.mark.parametrize("words", ["yunagy", "nobody=x.tha4", "yunagi=nothing_there.tha4"])
def test_who_is_not_there_is_one_sentence(words: str) -> None:
    with pytest.raises(UserError):
        read_subject(words)
