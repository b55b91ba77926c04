from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tha4_core.built_in import default_character
from tha4_core.character import Character, save_character
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.teachers import open_teacher
from tha4_core.files.user_cache import CACHE_VARIABLE
from tha4_core.picture.color import decode_png, to_network
from tha4_core.published_teachers import THA3, THA4
from tha4_core.rig.errors import RigError

CPU = torch.device("cpu")


def test_a_student_teaches_its_own_drawing(character: Character, tmp_path: Path) -> None:
    save_character(character, tmp_path / "source.tha4")
    opened = open_teacher(f"student:{tmp_path / 'source.tha4'}", None, CPU)
    assert opened.image_png == character.image_png
    assert opened.teacher.provenance["teacher_digest"] == character.digest
    assert opened.multiply_adds == pytest.approx(13.73e9, rel=1e-3)


def test_a_rig_teaches_what_it_draws() -> None:
    opened = open_teacher("rig:yunagi", None, CPU)
    assert opened.image_png is not None
    pixels = decode_png(opened.image_png, "yunagi")
    difference = torch.from_numpy(to_network(pixels)) - opened.teacher.image
    assert difference.abs().mean() < 2e-3
    again = open_teacher("rig:yunagi", pixels, CPU)
    assert again.teacher.provenance == opened.teacher.provenance


def test_another_drawing_is_refused(character: Character) -> None:
    with pytest.raises(DistillationError, match="knows its own drawing only"):
        open_teacher("rig:kohaku", character.image, CPU)


def test_a_character_of_ours_teaches_by_its_name() -> None:
    opened = open_teacher("student:yunagi", None, CPU)
    assert opened.image_png == default_character().image_png


def test_a_folder_that_is_not_there_is_told_where_it_comes_from(character: Character) -> None:
    with pytest.raises(DistillationError) as raised:
        open_teacher("data/tha4", character.image, CPU)
    for words in (
        "'data/tha4' is no folder",
        "student:PATH",
        "rig:NAME",
        "github.com/pkhungurn/talking-head-anime-4-demo",
    ):
        assert words in str(raised.value)


def test_a_rig_that_is_nearly_there_is_asked_about() -> None:
    with pytest.raises(RigError, match=r"'Yunagi'; did you mean yunagi\?"):
        open_teacher("rig:Yunagi", None, CPU)


def test_an_unknown_rig_names_those_there_are() -> None:
    with pytest.raises(RigError, match="yunagi and kohaku"):
        open_teacher("rig:nobody", None, CPU)


def test_the_fetched_teacher_is_found_wherever_the_cache_is(
    character: Character, tha3_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DistillationError, match=r"tha3 is not on this machine.*tools/teacher.py fetch"):
        open_teacher("tha3", character.image, CPU)
    monkeypatch.setenv(CACHE_VARIABLE, str(tha3_weights.parents[1]))
    opened = open_teacher("tha3", character.image, CPU)
    assert opened.teacher.provenance["teacher"].startswith("THA3")
    assert opened.credits == (THA3,)


def test_whom_a_student_owes_something_its_student_owes_it_too(character: Character, tmp_path: Path) -> None:
    known = replace(character.info, author="Ann", licence="CC BY", provenance={"credits": [THA4.to_json()]})
    save_character(replace(character, info=known), tmp_path / "source.tha4")
    opened = open_teacher(f"student:{tmp_path / 'source.tha4'}", None, CPU)
    assert opened.credits == (THA4,)
    assert (opened.author, opened.licence) == ("Ann", "CC BY")
    assert "non-commercial use only" in THA4.line()
