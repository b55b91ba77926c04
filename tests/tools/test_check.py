"""Will this drawing make a character? The command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tha4_core.teacher
from tests.color_profiles import display_p3, display_p3_as_srgb
from tests.drawings import mannequin, over_color
from tests.tools.teacher import FakeTeacher
from tha4_core.character import Character, save_character
from tha4_core.picture.color import decode_png
from tha4_core.picture.png import split_png
from tools.check import main


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., Path]:
    """Saves a drawing, by default a good one, and gives its path."""

    def save(pixels: np.ndarray | None = None, name: str = "drawing.png") -> Path:
        picture = Image.fromarray(mannequin() if pixels is None else pixels)
        (picture.convert("RGB") if name.endswith(".jpg") else picture).save(tmp_path / name)
        return tmp_path / name

    return save


def test_a_good_drawing_is_usable(saved: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(saved())]) == 0
    output = capsys.readouterr().out
    assert output.endswith("The picture can be used.\n")
    assert "PROBLEM" not in output


@pytest.mark.parametrize("name", ["lambda_00", "lambda_01"])
def test_the_drawings_of_published_characters_are_usable(shared_tha4: Path, name: str) -> None:
    assert main([str(shared_tha4 / "reference" / name / "character.png")]) == 0


def test_a_bad_drawing_ends_with_status_one_and_says_what_to_do(
    saved: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(saved(over_color(mannequin(), (255, 255, 255)), "drawing.jpg"))]) == 1
    output = capsys.readouterr().out
    assert "no alpha channel" in output
    assert "rembg" in output


def test_colours_that_were_converted_are_said_and_are_the_prepared_pictures(
    saved: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.fromarray(mannequin()).save(saved(), icc_profile=display_p3(2 << 20))
    target = tmp_path / "prepared.png"
    assert main([str(tmp_path / "drawing.png"), "--fit", "-o", str(target)]) == 0
    assert "warning  The drawing's colours, of the profile 'Display P3', were converted" in capsys.readouterr().out
    coat = np.array([70, 100, 160], dtype=np.uint8)
    seen = decode_png(target.read_bytes(), "prepared.png")[400, 256, :3]
    assert np.abs(seen.astype(int) - display_p3_as_srgb(coat)).max() <= 1
    assert np.abs(seen.astype(int) - coat).max() > 5
    assert split_png(target.read_bytes()).plain


def test_the_sheet_shows_the_drawing_and_the_boxes(saved: Callable[..., Path], tmp_path: Path) -> None:
    assert main([str(saved()), "-o", str(tmp_path / "sheet.png")]) == 0
    sheet = np.asarray(Image.open(tmp_path / "sheet.png"))
    colors = {tuple(color) for color in np.unique(sheet.reshape(-1, 4), axis=0).tolist()}
    assert {(220, 30, 60, 255), (30, 100, 220, 255), (20, 140, 90, 255), (150, 70, 200, 255)} <= colors
    assert (70, 100, 160, 255) in colors  # the coat


@pytest.mark.parametrize("shape", [(700, 300), (90, 1200)])
def test_a_drawing_of_any_shape_has_a_sheet(saved: Callable[..., Path], tmp_path: Path, shape: tuple[int, int]) -> None:
    pixels = np.zeros((*shape, 4), np.uint8)
    pixels[20:80, 40:200] = (9, 9, 200, 255)
    assert main([str(saved(pixels)), "-o", str(tmp_path / "sheet.webp")]) == 1
    with Image.open(tmp_path / "sheet.webp") as sheet:
        assert sheet.width == 1216


def test_json_says_the_same_for_programs(saved: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    path = saved(mannequin(offset=(70, 0)))
    assert main([str(path), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["drawing"], report["usable"], report["sheet"]) == (str(path), False, None)
    levels = {finding["subject"]: finding["level"] for finding in report["findings"]}
    assert levels["head"] == "problem"
    assert levels["size"] == "ok"
    assert report["head"]["confidence"] == "good"
    assert report["head"]["box"][0] == pytest.approx(192 + 70, abs=5)


def test_fitting_writes_a_picture_that_a_character_can_be_made_of(
    saved: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = saved(mannequin(900, scale=0.6, offset=(-90, 20)))
    prepared, sheet = tmp_path / "prepared.png", tmp_path / "sheet.png"
    assert main([str(source), "--fit", "-o", str(prepared), "--sheet", str(sheet), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["prepared"]["path"] == str(prepared)
    assert decode_png(prepared.read_bytes(), "prepared").shape == (512, 512, 4)
    assert sheet.exists()
    capsys.readouterr()
    assert main([str(prepared)]) == 0


def test_a_given_head_is_laid_on_the_head_box(
    saved: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(saved()), "--fit", "--head", "160,60,192,192", "-o", str(tmp_path / "p.png"), "--json"]
    main(arguments)
    prepared = json.loads(capsys.readouterr().out)["prepared"]
    assert prepared["scale"] == pytest.approx(128 / 192)
    assert prepared["x"] + 160 * prepared["scale"] == pytest.approx(192)
    assert prepared["y"] + 60 * prepared["scale"] == pytest.approx(80)


def test_a_student_as_the_teacher_adds_key_poses(
    saved: Callable[..., Path], character: Character, tmp_path: Path
) -> None:
    save_character(character, tmp_path / "blob.tha4")
    heights = []
    for teacher in ([], ["--teacher", f"student:{tmp_path / 'blob.tha4'}"]):
        assert main([str(saved()), "-o", str(tmp_path / "sheet.png"), *teacher]) == 0
        with Image.open(tmp_path / "sheet.png") as sheet:
            heights.append(sheet.height)
    assert heights[1] > heights[0] + 4 * 184


def test_the_official_networks_add_key_poses(
    saved: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeTeacher, "loaded", [])
    monkeypatch.setattr(tha4_core.teacher, "Teacher", FakeTeacher, raising=False)
    for name in ("EXPRESSIONS", "ROTATIONS"):  # one pose of each, since eager torch is slow
        monkeypatch.setattr(f"tools.check.{name}", {"neutral": {}})
    assert main([str(saved()), "-o", str(tmp_path / "sheet.png"), "--teacher", "models"]) == 0
    assert [directory for directory, _ in FakeTeacher.loaded] == [Path("models")]


def test_a_teacher_finds_the_head_by_its_face(
    saved: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tha4_core.teacher, "Teacher", FakeTeacher, raising=False)
    path = saved(mannequin(700, hair="long", marks=True, offset=(40, 30)))
    assert main([str(path), "--fit", "-o", str(tmp_path / "p.png"), "--teacher", "models", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["looked_for_a_face"]
    assert report["head"]["confidence"] == "seen"
    np.testing.assert_allclose(report["head"]["box"], [192, 80, 128, 128], atol=3)
    assert report["face"]["left_eye"] == pytest.approx([278, 137], abs=3)
    assert report["prepared"]["scale"] == pytest.approx(512 / 700, rel=0.05)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--fit"], "--fit needs -o"),
        (["--fit", "-o", "a.webp"], "a character's picture is a PNG"),
        (["--head", "1,2,3,4"], "go with --fit"),
        (["--fit", "-o", "a.png", "--head", "1,2,3"], "--head is four numbers"),
        (["--fit", "-o", "a.png", "--head", "1,2,0,3"], "not empty"),
        (["--fit", "-o", "a.png", "--head", "90000,2,9,9"], "nothing of the drawing"),
        (["--fit", "-o", "a.png", "--sheet", "a.png"], "a name of its own"),
        (["--teacher", "student:blob.tha4"], "say where to write it"),
        (["-o", "sheet.gif"], "pictures are written as PNG or WebP"),
    ],
)
def test_a_mistake_is_one_sentence_and_writes_nothing(
    saved: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    sentence: str,
) -> None:
    path = saved()
    monkeypatch.chdir(tmp_path)
    assert main([str(path), *arguments]) == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert sentence in message
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("option", [["-o"], ["--fit", "-o"]])
def test_the_drawing_itself_is_never_overwritten(
    saved: Callable[..., Path], capsys: pytest.CaptureFixture[str], option: list[str]
) -> None:
    path = saved()
    before = path.read_bytes()
    assert main([str(path), *option, str(path)]) == 2
    assert "name" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_a_missing_drawing_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nothing.png")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
