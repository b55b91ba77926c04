"""From a character and parameters to pictures."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tha4_core.teacher
from tests.color_profiles import display_p3, display_p3_as_srgb
from tests.synthetic import synthetic_character
from tests.tools.teacher import FakeTeacher
from tha4_core.character import Character, CharacterInfo, save_character
from tha4_core.character.networks import NAMED
from tha4_core.engines.reference import ReferenceEngine
from tha4_core.metrics import psnr
from tha4_core.picture.region import Region
from tha4_core.pose import pose_from_names
from tools import pose
from tools.pose import main


@pytest.fixture
def path(character: Character, tmp_path: Path) -> Path:
    save_character(character, tmp_path / "blob.tha4")
    return tmp_path / "blob.tha4"


@pytest.fixture(scope="module")
def light() -> Character:
    """Somebody whose networks are a ninth of the work, for sheets of many pictures."""
    return synthetic_character(networks=NAMED["light"])


@pytest.fixture(scope="module")
def engine(character: Character) -> ReferenceEngine:
    return ReferenceEngine(character, threads=1)


def frames(path: Path) -> list[np.ndarray]:
    pictures = []
    with Image.open(path) as animation:
        for index in range(getattr(animation, "n_frames", 1)):
            animation.seek(index)
            pictures.append(np.array(animation.convert("RGBA")))
    return pictures


def run(path: Path, *arguments: str, name: str = "out.png") -> np.ndarray:
    """Run the tool; the picture that it wrote, of an animation the first."""
    output = path.parent / name
    assert main([str(path), *arguments, "-o", str(output)]) == 0
    return frames(output)[0]


def test_without_parameters_it_is_the_neutral_picture(
    path: Path, engine: ReferenceEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pose, "DEFAULT_FOLDER", tmp_path / "output")
    assert main([str(path), "--engine", "reference"]) == 0
    picture = np.array(Image.open(tmp_path / "output" / "pose.png"))
    np.testing.assert_array_equal(picture, engine.render(pose_from_names({})))


def test_parameters_are_set_on_the_command_line(path: Path, engine: ReferenceEngine) -> None:
    picture = run(path, "--engine", "reference", "--set", "mouth_aaa=1", "head_y=0.5", "--set", "eye_wink=0.5")
    expected = pose_from_names({"mouth_aaa": 1.0, "head_y": 0.5, "eye_wink": 0.5})
    np.testing.assert_array_equal(picture, engine.render(expected))


def test_what_is_set_goes_over_a_poses_file(path: Path, engine: ReferenceEngine, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(json.dumps({"head_y": 1.0, "head_x": 0.5}))
    picture = run(path, "--engine", "reference", "--pose", str(tmp_path / "p.json"), "--set", "head_y=-1")
    np.testing.assert_array_equal(picture, engine.render(pose_from_names({"head_y": -1.0, "head_x": 0.5})))


def test_a_region_is_cut_out(path: Path, engine: ReferenceEngine) -> None:
    picture = run(path, "--engine", "reference", "--region", "200,90,60,40")
    np.testing.assert_array_equal(picture, engine.render(pose_from_names({}), Region(200, 90, 60, 40)))


def test_the_head_is_the_characters_own_head_view(character: Character, tmp_path: Path) -> None:
    info = CharacterInfo(name="Blob", head_view=Region(150, 60, 100, 120))
    save_character(
        Character(character.image_png, character.face_morpher, character.body_morpher, info), tmp_path / "a.tha4"
    )
    assert run(tmp_path / "a.tha4", "--head").shape == (120, 100, 4)


def test_webp_holds_the_same_picture(path: Path) -> None:
    np.testing.assert_array_equal(run(path, "--head", name="a.webp"), run(path, "--head", name="a.png"))


def test_a_background_leaves_nothing_transparent(path: Path) -> None:
    picture = run(path, "--background", "#102030")
    assert picture[..., 3].min() == 255
    # Her networks leave a shimmer of 1 in 255 here and there where nothing is.
    assert np.abs(picture[0, 0].astype(int) - (16, 32, 48, 255)).max() <= 1


def test_random_poses_are_the_same_for_the_same_seed(path: Path) -> None:
    first, again = (run(path, "--random", "1", "--seed", "3", "--head") for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert (first != run(path, "--random", "1", "--seed", "4", "--head")).any()


def test_several_poses_make_a_sheet(path: Path) -> None:
    one = run(path, "--random", "1", "--head")
    sheet = run(path, "--random", "7", "--head")
    assert sheet.shape[0] > 2 * one.shape[0]
    assert sheet.shape[1] > 5 * one.shape[1]


def test_a_sheet_shows_key_poses_and_the_characters_own(light: Character, tmp_path: Path) -> None:
    def sheet(info: CharacterInfo) -> np.ndarray:
        target = tmp_path / "a.tha4"
        save_character(replace(light, info=info), target)
        return run(target, "--sheet")

    plain = sheet(light.info)
    more = sheet(replace(light.info, expressions={"cross": {"eyebrow_angry": 1.0}}))
    assert more.shape[0] > plain.shape[0] + 200


def test_every_parameter_is_posed_at_its_extremes(
    light: Character, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels: list[str] = []
    original = pose.contact_sheet

    def spy(sections: list[pose.Section], **options: object) -> Image.Image:
        labels.extend(tile.label for section in sections for tile in section.tiles)
        return original(sections, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(pose, "contact_sheet", spy)
    save_character(light, tmp_path / "light.tha4")
    run(tmp_path / "light.tha4", "--every-parameter")
    assert len(labels) == 45 + 7
    assert {"eyebrow_troubled_left", "head_y -1", "head_y +1", "breathing", "iris_rotation_x -1"} <= set(labels)


def test_a_sweep_starts_at_rest_and_goes_to_both_sides(path: Path, engine: ReferenceEngine) -> None:
    part = Region(190, 70, 100, 100)
    where = ["--region", ",".join(map(str, part))]
    run(path, "--engine", "reference", "--sweep", "head_y", "--frames", "4", *where, name="a.webp")
    seen = frames(path.parent / "a.webp")
    assert len(seen) == 4
    for index, value in ((0, 0.0), (1, 1.0), (3, -1.0)):
        expected = engine.render(pose_from_names({"head_y": value}), part)
        others = [engine.render(pose_from_names({"head_y": other}), part) for other in {0.0, 1.0, -1.0} - {value}]
        # WebP loses a little; the frame is still nearest to its own pose.
        assert psnr(seen[index], expected) > 30
        assert psnr(seen[index], expected) > max(psnr(seen[index], other) for other in others)


def test_a_walk_passes_through_its_poses_in_turn(tmp_path: Path, path: Path) -> None:
    poses = {"a": {"head_y": 1.0}, "b": {"head_y": -1.0}}
    (tmp_path / "p.json").write_text(json.dumps(poses))
    run(path, "--pose", str(tmp_path / "p.json"), "--walk", "--frames", "8", "--head", name="a.webp")
    seen = frames(tmp_path / "a.webp")
    assert len(seen) == 8
    a, b = (run(path, "--set", f"head_y={value}", "--head") for value in (1, -1))
    assert psnr(seen[0], a) > psnr(seen[0], b)
    assert psnr(seen[4], b) > psnr(seen[4], a)


@pytest.fixture
def teacher(monkeypatch: pytest.MonkeyPatch) -> type[FakeTeacher]:
    monkeypatch.setattr(FakeTeacher, "loaded", [])
    monkeypatch.setattr(tha4_core.teacher, "Teacher", FakeTeacher, raising=False)
    return FakeTeacher


def test_a_teacher_poses_a_bare_picture(
    character: Character, engine: ReferenceEngine, tmp_path: Path, teacher: type[FakeTeacher]
) -> None:
    (tmp_path / "drawing.png").write_bytes(character.image_png)
    part = Region(200, 90, 160, 140)
    where = ["--region", ",".join(map(str, part))]
    picture = run(tmp_path / "drawing.png", "--teacher", "models", "--set", "head_y=0.7", *where)
    assert [directory for directory, _ in teacher.loaded] == [Path("models")]
    # The made-up teacher has the default character's networks.
    assert psnr(picture, engine.render(pose_from_names({"head_y": 0.7}), part)) > 60


@pytest.mark.usefixtures("teacher")
def test_a_bare_pictures_colours_are_converted_and_that_is_said(
    character: Character, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.fromarray(character.image).save(tmp_path / "drawing.png", icc_profile=display_p3())
    picture = run(tmp_path / "drawing.png", "--teacher", "models")
    assert "warning: The drawing's colours, of the profile 'Display P3', were converted" in capsys.readouterr().err
    opaque = (picture[..., 3] == 255) & (character.image[..., 3] == 255)
    body = opaque & (np.arange(512)[:, None] > 300)  # the face is the made-up teacher's
    off = picture[body][:, :3].astype(int) - display_p3_as_srgb(character.image[body][:, :3])
    assert np.abs(off).mean() < 1.0
    assert np.abs(picture[body][:, :3].astype(int) - character.image[body][:, :3]).mean() > 2.0


def test_a_student_may_be_the_teacher_of_a_picture(path: Path, character: Character, tmp_path: Path) -> None:
    (tmp_path / "drawing.png").write_bytes(character.image_png)
    taught = run(tmp_path / "drawing.png", "--teacher", f"student:{path}", "--set", "head_y=0.7", "--head")
    np.testing.assert_array_equal(taught, run(path, "--set", "head_y=0.7", "--head"))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--set", "mouth_aa=1"], "did you mean mouth_aaa?"),
        (["--set", "Mouth_AAA=1"], "did you mean mouth_aaa?"),
        (["--sweep", "head", "-o", "a.webp"], "there is no pose parameter named 'head'"),
        (["--sweep", "head_y", "-o", "a.png"], "an animation is written as WebP"),
        (["-o", "a.jpeg"], "pictures are written as PNG or WebP"),
        (["--walk"], "a walk goes through several poses"),
        (["--walk", "--random", "3", "--frames", "1"], "--frames"),
        (["--every-parameter", "--random", "2"], "start from one pose"),
        (["--random", "0"], "--random takes 1 to"),
        (["--random", "2", "--seed", "-1"], "--seed is a whole number"),
        (["--region", "1,2,3"], "a region is four whole numbers"),
        (["--region", "all"], "--region is four whole numbers"),
        (["--background", "plaid"], "'plaid' is no background"),
        (["--pose", "missing.json"], "missing.json could not be read"),
    ],
)
def test_a_mistake_is_one_sentence(
    path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert main([str(path), *arguments]) == 2
    message = capsys.readouterr().err
    assert message.startswith("error: ")
    assert message.count("\n") == 1
    assert sentence in message


def test_a_number_out_of_range_is_clamped_and_said(
    path: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "p.json").write_text(json.dumps({"mouth_aaa": 7.5}))
    by_option = run(path, "--set", "mouth_aaa=2", "--head")
    by_file = run(path, "--pose", str(tmp_path / "p.json"), "--head")
    np.testing.assert_array_equal(by_option, run(path, "--set", "mouth_aaa=1", "--head"))
    np.testing.assert_array_equal(by_option, by_file)
    warnings = capsys.readouterr().err.splitlines()
    assert warnings == [
        "warning: --set: mouth_aaa goes from 0 to 1; 1 is taken for 2.",
        f"warning: {tmp_path / 'p.json'}: mouth_aaa goes from 0 to 1; 1 is taken for 7.5.",
    ]


def test_a_name_that_is_nearly_a_characters_is_asked_about(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["Yunagi"]) == 2
    assert "did you mean yunagi?" in capsys.readouterr().err


@pytest.mark.parametrize("teacher", ["data/tha4", "nowhere"])
def test_a_teacher_that_is_not_there_is_told_where_it_comes_from(
    path: Path, capsys: pytest.CaptureFixture[str], teacher: str
) -> None:
    assert main([str(path), "--teacher", teacher]) == 2
    assert "github.com/pkhungurn/talking-head-anime-4-demo" in capsys.readouterr().err


def test_a_bare_picture_without_a_teacher_is_one_sentence(
    character: Character, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "drawing.png").write_bytes(character.image_png)
    assert main([str(tmp_path / "drawing.png")]) == 2
    assert "give --teacher" in capsys.readouterr().err
