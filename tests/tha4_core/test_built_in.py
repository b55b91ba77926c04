"""The characters that come with the project: whole, free, and like the drawings they were distilled from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.conftest import ROOT
from tha4_core.built_in import ALL_NAMES, DEFAULT, FOLDER, LIGHT_NAMES, built_in_path, character_path, default_character
from tha4_core.character import Character, CharacterError, load_character
from tha4_core.character.networks import name_of
from tha4_core.distill.evaluate import StudentPictures, picture_psnr, teacher_picture
from tha4_core.distill.poses import held_out_poses
from tha4_core.engines import create_engine
from tha4_core.metrics import psnr
from tha4_core.picture.color import to_rgba8_straight
from tha4_core.pose import pose_from_names
from tha4_core.rig.characters import load_design
from tha4_core.rig.teacher import RigTeacher

#: Least likeness, dB, where head and body are all at their ends.
AT_THEIR_ENDS = {"published": 35.0, "light": 31.0}


def rig_of(name: str) -> RigTeacher:
    return RigTeacher(load_design(name.split("_")[0]))


@pytest.fixture(scope="module", params=ALL_NAMES)
def named(request: pytest.FixtureRequest) -> tuple[str, Character]:
    return request.param, load_character(built_in_path(request.param))


def test_the_default_one_is_among_them() -> None:
    assert default_character().look == load_character(built_in_path(DEFAULT)).look


def test_every_file_in_the_folder_has_a_name() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.tha4")) == sorted(ALL_NAMES)


def test_the_demos_have_the_same_ones() -> None:
    for path in (ROOT / "godot_addon" / "demo" / "characters").glob("*.tha4"):
        assert path.read_bytes() == built_in_path(path.stem).read_bytes()


def test_an_unknown_one_is_one_sentence() -> None:
    with pytest.raises(
        CharacterError, match=r"^no character named 'nobody' comes with the project; there are yunagi, kohaku, .* and "
    ):
        built_in_path("nobody")


@pytest.mark.parametrize("text", ["Kohaku", "KOHAKU", "kohakku", "kohaku.tha4"])
def test_one_that_is_nearly_one_of_ours_is_asked_about(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CharacterError, match=rf"named '{text}'; did you mean kohaku\?$"):
        character_path(text)
    Path(text).touch()
    assert character_path(text) == Path(text)


def test_a_name_is_one_of_ours_unless_it_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert character_path("kohaku") == built_in_path("kohaku")
    assert character_path("hero.tha4") == Path("hero.tha4")
    monkeypatch.chdir(tmp_path)
    Path("kohaku").mkdir()
    assert character_path("kohaku") == Path("kohaku")


def test_they_say_who_they_are_and_are_free(named: tuple[str, Character]) -> None:
    name, character = named
    assert character.info.name.lower().replace(", ", "_") == name
    assert character.info.licence == "CC0-1.0"
    assert character.info.author
    assert character.info.provenance["teacher"]
    assert "CC0 1.0" in (FOLDER / "LICENSE").read_text()


def test_their_networks_take_less_than_two_megabytes_and_light_ones_a_quarter(named: tuple[str, Character]) -> None:
    name, character = named
    networks = (character.face_morpher, character.body_morpher)
    size = sum(array.nbytes for weights in networks for array in weights.values())
    assert size < (5e5 if name in LIGHT_NAMES else 2e6)
    assert name_of(character.info.networks) == ("light" if name in LIGHT_NAMES else "published")


def test_they_know_what_of_them_can_be_seen(named: tuple[str, Character]) -> None:
    _, character = named
    assert character.visibility is not None
    assert character.visibility.character == character.look
    assert character.visibility.share < 0.4


def test_their_resting_picture_is_the_drawing_of_the_rig(named: tuple[str, Character]) -> None:
    name, character = named
    drawn = rig_of(name).image.numpy()
    # Kept in 8 bits, straight alpha: half a step of dark colours is more in linear light than of bright ones.
    assert picture_psnr(character.network_image, drawn) > 50.0


def test_they_move_as_the_rig_does(named: tuple[str, Character]) -> None:
    name, character = named
    teacher, student = rig_of(name), StudentPictures(character)
    likeness = [picture_psnr(student(pose), teacher_picture(teacher, pose)) for pose in held_out_poses(4).numpy()]
    assert np.mean(likeness) > 36.0
    assert character.info.quality["psnr_mean"] >= 36.0
    assert character.info.quality["held_out_poses"] >= 200


def test_they_hold_together_where_head_and_body_are_all_at_their_ends(named: tuple[str, Character]) -> None:
    name, character = named
    teacher, engine = rig_of(name), create_engine(character)
    least = AT_THEIR_ENDS[name_of(character.info.networks) or ""]
    for nod, turn in ((-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0)):
        pose = pose_from_names({"head_x": nod, "head_y": turn, "neck_z": -turn, "body_y": turn, "body_z": nod})
        assert psnr(engine.render(pose), to_rgba8_straight(teacher_picture(teacher, pose))) > least
