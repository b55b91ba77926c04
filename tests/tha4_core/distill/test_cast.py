"""A cast's file: each character's settings, and one sentence for what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tha4_core.distill.cast import Member, read_cast
from tha4_core.distill.errors import DistillationError


def cast(folder: Path, text: str) -> tuple[Member, ...]:
    (folder / "cast.yaml").write_text(text)
    return read_cast(folder / "cast.yaml", folder / "out")


def test_what_stands_under_all_holds_for_each_that_says_nothing_else(tmp_path: Path) -> None:
    hero, villain = cast(
        tmp_path,
        "all: {minutes: 30, author: Ann}\nhero: hero.png\n"
        "villain: {character_image_file_name: art/villain.webp, minutes: 60, threads: 4, gpus: 0.5}\n",
    )
    assert (hero.name, hero.config.minutes, hero.config.author, hero.threads, hero.gpus) == ("hero", 30, "Ann", 1, 0)
    assert (villain.config.minutes, villain.config.author, villain.threads, villain.gpus) == (60, "Ann", 4, 0.5)
    assert (hero.config.device, villain.config.device) == ("cpu", "cuda")
    assert hero.config.teacher == villain.config.teacher == "tha3"


def test_paths_lie_beside_the_file_and_characters_in_the_casts_folder(tmp_path: Path) -> None:
    (tmp_path / "networks").mkdir()
    hero, other, built_in = cast(
        tmp_path,
        "hero: {character_image_file_name: hero.png, teacher: networks, face_mask_image_file_name: mask.png}\n"
        "other: {teacher: 'student:networks'}\nbuilt in: {teacher: 'student:yunagi'}\n",
    )
    assert hero.config.character_image_file_name == tmp_path / "hero.png"
    assert hero.config.face_mask_image_file_name == tmp_path / "mask.png"
    assert hero.config.teacher == str(tmp_path / "networks")
    assert other.config.teacher == f"student:{tmp_path / 'networks'}"
    assert built_in.config.teacher == "student:yunagi"
    assert hero.config.target == tmp_path / "out" / "hero.tha4"
    assert built_in.config.run_directory == tmp_path / "out" / "built in.distill"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "names no character; it must have lines such as 'hero: hero.png'."),
        ("all: {minutes: 3}", "names no character"),
        ("hero: [a]", "cast.yaml, line 1: lists, and settings nested more than once, are not read"),
        ("hero:", "cast.yaml: hero: nothing says what is drawn; give character_image_file_name: NAME.png"),
        ("hero: {minits: 3}", r"cast.yaml: hero: there is no setting named 'minits'; did you mean minutes\?"),
        ("hero: 3", "cast.yaml: hero: character_image_file_name must be a path, not 3."),
        ("all: {minutes: -1}\nhero: a.png", "cast.yaml: all: minutes must be a number greater than 0, not -1."),
        ("hero: {teacher: 'rig:yunagi', gpus: 2}", "hero: gpus must be a number from 0 to 1, not 2."),
        ("hero: {teacher: 'rig:yunagi', gpus: true}", "hero: gpus must be a number from 0 to 1, not True."),
        ("hero: {teacher: 'rig:yunagi', threads: null}", "hero: threads must be a whole number"),
        ("all: {device: cuda}\nhero: a.png", "all: device is no setting of a cast: gpus: 1 gives a character a GPU."),
        ("hero: {output: x.tha4}", "hero: output is no setting of a cast: each character goes to the cast's folder"),
        ("hero: a.png\nHero: b.png", "hero and Hero are one file on some systems; rename one of them."),
        ("../hero: a.png", "'../hero' can be no file's name on every system"),
        ("con: a.png", "'con' can be no file's name"),
        ("'': a.png", "'' can be no file's name"),
    ],
)
def test_what_is_wrong_is_one_sentence_that_says_where(text: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(DistillationError, match=sentence) as caught:
        cast(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_a_cast_has_an_end(tmp_path: Path) -> None:
    with pytest.raises(DistillationError, match="names 1001 characters; at most 1000 make a cast"):
        cast(tmp_path, "".join(f"a{number}: a.png\n" for number in range(1001)))
