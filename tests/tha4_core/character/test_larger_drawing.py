"""A picture drawn larger beside the picture: read and kept in both forms, refused when it is anything else."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.synthetic import larger_picture, synthetic_character
from tha4_core.character import Character, CharacterInfo, load_character, save_character
from tha4_core.character.larger_drawing import FILE_NAME, KEY, MAX_BYTES, check_alike, packed
from tha4_core.character.networks import NAMED
from tha4_core.errors import UserError
from tha4_core.picture.color import PictureError, encode_png


@pytest.fixture(scope="module")
def sharp() -> Character:
    return replace(synthetic_character(), drawing_hd_png=packed(larger_picture(1024), "it"))


def with_members(path: Path, changes: dict[str, bytes | None]) -> Path:
    with zipfile.ZipFile(path) as archive:
        content: dict[str, bytes | None] = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in (content | changes).items():
            if data is not None:
                archive.writestr(name, data)
    return path


def described(**fields: object) -> bytes:
    return json.dumps(CharacterInfo().to_json() | fields).encode()


def refusal(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        load_character(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(("edge", "name"), [(2048, "hero.tha4"), (1024, "hero")])
def test_both_forms_keep_it(tmp_path: Path, edge: int, name: str) -> None:
    character = replace(synthetic_character(), drawing_hd_png=packed(larger_picture(edge), "it"))
    save_character(character, tmp_path / name)
    again = load_character(tmp_path / name)
    assert again.drawing_hd is not None
    assert again.drawing_hd.shape == (edge, edge, 4)
    assert (again.drawing_hd_png, again.digest) == (character.drawing_hd_png, character.digest)
    assert (again.describe()["version"], again.describe()[KEY]) == (3, edge)


def test_files_without_one_are_what_they_were(sharp: Character) -> None:
    assert synthetic_character().describe() == synthetic_character().info.to_json()
    assert synthetic_character().describe()["version"] == 1
    assert synthetic_character(networks=NAMED["light"]).describe()["version"] == 2
    assert KEY not in synthetic_character().describe()
    assert sharp.look == synthetic_character().look, "what is drawn at 512 pixels is the same"
    assert sharp.digest != synthetic_character().digest


def test_one_that_is_laid_into_an_official_directory_is_taken(tmp_path: Path, sharp: Character) -> None:
    save_character(synthetic_character(), tmp_path / "hero")
    (tmp_path / "hero" / FILE_NAME).write_bytes(sharp.drawing_hd_png or b"")
    assert load_character(tmp_path / "hero").digest == sharp.digest
    save_character(synthetic_character(), tmp_path / "hero")
    assert not (tmp_path / "hero" / FILE_NAME).exists(), "saving one without it leaves none"


def test_colours_that_nobody_sees_are_dropped() -> None:
    pixels = larger_picture(1024)
    pixels[..., :3][pixels[..., 3] == 0] = 77
    kept = np.array(Image.open(io.BytesIO(packed(pixels, "it"))))
    seen = pixels[..., 3] > 0
    np.testing.assert_array_equal(kept[seen], pixels[seen])
    assert not kept[~seen].any()


def noise(edge: int) -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (edge, edge, 4), np.uint8)


def other_figure() -> NDArray[np.uint8]:
    return np.ascontiguousarray(larger_picture(1024)[::-1])


def moved() -> NDArray[np.uint8]:
    return np.roll(larger_picture(1024), 4, axis=1)


def closed_eye() -> NDArray[np.uint8]:
    pixels = larger_picture(1024)
    pixels[270:340, 450:490] = (250, 220, 200, 255)
    return pixels


@pytest.mark.parametrize(
    ("png", "sentence"),
    [
        (lambda: encode_png(other_figure()), "is not the character's picture drawn larger"),
        (lambda: encode_png(moved()), "give the same drawing with the same framing"),
        (lambda: encode_png(closed_eye()), "most around x=232 y=152"),
        (lambda: encode_png(larger_picture(1024)[:600]), "is 1024x600 pixels"),
        (lambda: encode_png(larger_picture(512)), "is 512x512 pixels"),
        (lambda: encode_png(larger_picture(1024)[..., :3]), "has no alpha channel"),
        (lambda: bytes(MAX_BYTES + 1), "is larger than 12 MiB"),
        (lambda: b"", "is not a PNG file"),
    ],
)
def test_any_other_picture_is_refused(tmp_path: Path, sharp: Character, png: object, sentence: str) -> None:
    for place in ("hero.tha4", "hero"):
        save_character(sharp, tmp_path / place)
    data = png()  # type: ignore[operator]
    with_members(tmp_path / "hero.tha4", {FILE_NAME: data})
    (tmp_path / "hero" / FILE_NAME).write_bytes(data)
    assert sentence in refusal(tmp_path / "hero.tha4")
    said = refusal(tmp_path / "hero")
    assert sentence in said or "is larger than 12 MiB" in said


@pytest.mark.parametrize(
    ("description", "sentence"),
    [
        (described(version=3), "holds character_hd.png of 1024 pixels, but character.json has no"),
        (described(version=3, drawing_hd=2048), 'but character.json has "drawing_hd": 2048'),
        (described(version=3, drawing_hd=1000), '"drawing_hd" must be 1024 or 2048'),
        (described(version=3, drawing_hd=True), '"drawing_hd" must be 1024 or 2048'),
        (described(version=3, drawing_hd=[]), '"drawing_hd" must be 1024 or 2048'),
        (described(version=2, drawing_hd=1024), '"drawing_hd" needs "version" 3'),
    ],
)
def test_a_description_that_says_otherwise_is_refused(
    tmp_path: Path, sharp: Character, description: bytes, sentence: str
) -> None:
    save_character(sharp, tmp_path / "hero.tha4")
    assert sentence in refusal(with_members(tmp_path / "hero.tha4", {"character.json": description}))


def test_one_that_is_named_and_missing_is_refused(tmp_path: Path, sharp: Character) -> None:
    save_character(sharp, tmp_path / "hero.tha4")
    assert f"holds no {FILE_NAME}" in refusal(with_members(tmp_path / "hero.tha4", {FILE_NAME: None}))
    save_character(sharp, tmp_path / "hero")
    (tmp_path / "hero" / FILE_NAME).unlink()
    assert f"holds no {FILE_NAME}" in refusal(tmp_path / "hero")


def test_what_no_reader_takes_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=r"takes 1[0-9] MiB as a PNG, but at most 12 are taken"):
        packed(noise(2048), "noise.png")
    assert not list(tmp_path.iterdir())


def test_resampling_is_allowed_for() -> None:
    picture = synthetic_character().image
    for kind in (Image.Resampling.BILINEAR, Image.Resampling.LANCZOS, Image.Resampling.NEAREST):
        check_alike(np.array(Image.fromarray(picture).resize((2048, 2048), kind)), picture, "it")
