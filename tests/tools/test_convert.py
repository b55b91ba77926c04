from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.color_profiles import display_p3
from tests.tha4_core.picture.png_files import packed_profile, with_chunks
from tha4_core.character import Character, load_character, save_character
from tha4_core.engines.native import masks
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
