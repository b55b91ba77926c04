from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.color_profiles import display_p3
from tests.tha4_core.picture.png_files import packed_profile, with_chunks
from tha4_core.character import Character, load_character, save_character
from tha4_core.engines.native import masks
from tha4_core.rig import layers
from tha4_core.visibility import EVERY_LEAN, SHAPE, Visibility
from tools.convert import main


@pytest.fixture
def source(character: Character, tmp_path: Path) -> Path:
    save_character(character, tmp_path / "source.tha4")
    return tmp_path / "source.tha4"


def test_a_character_goes_to_the_official_form_and_back_unchanged(
    character: Character, source: Path, tmp_path: Path
) -> None:
    assert main([str(source), str(tmp_path / "official"), "--no-measure"]) == 0
    assert main([str(tmp_path / "official"), str(tmp_path / "back.tha4"), "--no-measure"]) == 0
    assert (tmp_path / "back.tha4").read_bytes() == source.read_bytes()
    assert load_character(tmp_path / "official").digest == character.digest


def test_a_file_that_was_zipped_again_is_written_as_it_was(source: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(source) as archive, zipfile.ZipFile(tmp_path / "p.tha4", "w", zipfile.ZIP_DEFLATED) as packed:
        for name in archive.namelist():
            packed.writestr(f"hero/{name}", archive.read(name))
    assert main([str(tmp_path / "p.tha4"), str(tmp_path / "again.tha4"), "--no-measure"]) == 0
    assert (tmp_path / "again.tha4").read_bytes() == source.read_bytes()


def test_an_existing_target_is_kept_unless_told(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "target.tha4"
    target.write_bytes(b"precious")
    assert main([str(source), str(target), "--no-measure"]) == 2
    assert target.read_bytes() == b"precious"
    assert capsys.readouterr().err == f"error: {target} exists already; choose another name, or give --overwrite.\n"
    assert main([str(source), str(target), "--overwrite", "--no-measure"]) == 0
    assert load_character(target).info.name == "Yunagi"


def test_what_is_known_of_a_character_can_be_given(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "named.tha4"
    assert main([str(source), str(target), "--no-measure", "--name", "Mio", "--head-view", "150,40,200,200"]) == 0
    info = load_character(target).info
    assert (info.name, info.licence, info.head_view) == ("Mio", "CC0-1.0", (150, 40, 200, 200))


def test_colours_that_its_networks_know_as_they_are_stay_and_are_said(
    character: Character, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    png = with_chunks(character.image_png, packed_profile(display_p3()))
    save_character(replace(character, image_png=png), tmp_path / "p3.tha4")
    assert main([str(tmp_path / "p3.tha4"), str(tmp_path / "target.tha4"), "--no-measure"]) == 0
    assert "are of the profile 'Display P3', and are shown as sRGB" in capsys.readouterr().err
    np.testing.assert_array_equal(load_character(tmp_path / "target.tha4").image, character.image)


def test_a_larger_drawing_goes_in_from_any_usual_file_and_out_again(source: Path, tmp_path: Path) -> None:
    wide = Image.fromarray(load_character(source).image).resize((1024, 1024), Image.Resampling.LANCZOS)
    wide.save(tmp_path / "wide.webp", lossless=True)
    plain, sharp, back = (tmp_path / name for name in ("plain.tha4", "sharp.tha4", "back.tha4"))
    assert main([str(source), str(plain), "--no-measure", "--drawing-hd", "none"]) == 0
    assert main([str(source), str(sharp), "--no-measure", "--drawing-hd", str(tmp_path / "wide.webp")]) == 0
    drawing = load_character(sharp).drawing_hd
    assert drawing is not None
    seen = drawing[..., 3] > 0
    np.testing.assert_array_equal(drawing[seen], np.array(wide)[seen])
    assert main([str(sharp), str(back), "--no-measure", "--drawing-hd", "none"]) == 0
    assert back.read_bytes() == plain.read_bytes()


def test_the_rig_draws_our_own_characters_larger(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = layers.draw
    monkeypatch.setattr(layers, "draw", lambda design, finer: drawn(design, finer // 2))  # in a fourth of the time
    target = tmp_path / "sharp.tha4"
    assert main([str(source), str(target), "--no-measure", "--drawing-hd", "rig:yunagi"]) == 0
    drawing = load_character(target).drawing_hd
    assert drawing is not None
    assert drawing.shape == (1024, 1024, 4)
    assert main([str(source), str(target), "--overwrite", "--no-measure", "--drawing-hd", "rig:nobody"]) == 2
    assert "there is no drawn character named 'nobody'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda wide: wide.convert("RGB"), "has no transparency"),
        (lambda wide: wide.resize((900, 900)), "is 900x900 pixels; a larger drawing must be 1024x1024 or 2048x2048"),
        (lambda wide: wide.transpose(Image.Transpose.FLIP_LEFT_RIGHT), "is not the character's picture drawn larger"),
    ],
)
def test_a_larger_drawing_that_cannot_be_used_is_one_sentence_and_writes_nothing(
    source: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[Image.Image], Image.Image],
    sentence: str,
) -> None:
    change(Image.fromarray(load_character(source).image).resize((1024, 1024))).save(tmp_path / "wide.png")
    drawing = str(tmp_path / "wide.png")
    assert main([str(source), str(tmp_path / "target.tha4"), "--no-measure", "--drawing-hd", drawing]) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1
    assert not (tmp_path / "target.tha4").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--head-view", "1,2,3"], "a region is four whole numbers"),
        (["--head-view", "head"], "--head-view is four whole numbers x,y,width,height, not 'head'"),
    ],
)
def test_a_wrong_head_view_is_one_sentence_and_writes_nothing(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert main([str(source), str(tmp_path / "target.tha4"), *arguments]) == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "target.tha4").exists()


def test_a_missing_source_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nobody.tha4"), str(tmp_path / "target.tha4")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_what_can_be_seen_is_measured_once_and_kept(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[str] = []

    def measure(character: Character, *_: object) -> Visibility:
        measured.append(character.look)
        return Visibility(np.full(SHAPE, EVERY_LEAN, np.uint8), character.look, poses=1, seed=2, threshold=4, margin=3)

    monkeypatch.setattr(masks, "measure", measure)
    assert main([str(source), str(tmp_path / "official")]) == 0
    assert main([str(tmp_path / "official"), str(tmp_path / "back.tha4")]) == 0
    assert len(measured) == 1
    visibility = load_character(tmp_path / "back.tha4").visibility
    assert visibility is not None
    assert (visibility.poses, visibility.seed, visibility.threshold, visibility.margin) == (1, 2, 4, 3)
