from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from tests.drawings import mannequin, over_color, probe_of_marks, slim, two_of, with_halo
from tha4_core.character import Character
from tha4_core.drawing.findings import Examination, Finding, Level, examine
from tha4_core.drawing.reading import Drawing


def examined(
    pixels: np.ndarray, *, has_alpha: bool = True, mode: str = "RGBA", file_format: str = "PNG"
) -> Examination:
    return examine(Drawing(pixels, has_alpha, mode, file_format))


def complaints(examination: Examination) -> dict[str, Level]:
    """What was found amiss, by subject."""
    return {finding.subject: finding.level for finding in examination.findings if finding.level is not Level.OK}


def spoilt(rows: slice, columns: slice, color: tuple[int, int, int, int]) -> np.ndarray:
    drawing = mannequin().copy()
    drawing[rows, columns] = color
    return drawing


def faint_everywhere() -> np.ndarray:
    drawing = mannequin().copy()
    drawing[..., 3] = np.maximum(drawing[..., 3], 3)
    return drawing


@pytest.mark.parametrize("name", ["lambda_00", "lambda_01"])
def test_published_characters_pass_without_a_word(reference_character: Callable[[str], Character], name: str) -> None:
    examination = examined(reference_character(name).image)
    assert complaints(examination) == {}
    assert examination.usable


def test_a_good_drawing_passes_without_a_word() -> None:
    assert complaints(examined(mannequin())) == {}


@pytest.mark.parametrize(
    ("drawing", "subject", "level"),
    [
        (over_color(mannequin(), (255, 255, 255)), "background", Level.PROBLEM),
        (over_color(mannequin(), (30, 200, 60)), "background", Level.PROBLEM),
        (with_halo(mannequin(), (255, 255, 255)), "halo", Level.WARNING),
        (with_halo(mannequin(), (90, 220, 120), pixels=1), "halo", Level.WARNING),
        (two_of(mannequin()), "figure", Level.PROBLEM),
        (np.zeros((512, 512, 4), np.uint8), "figure", Level.PROBLEM),
        (mannequin(offset=(25, 0)), "head", Level.WARNING),
        (mannequin(offset=(-70, 30)), "head", Level.PROBLEM),
        (mannequin(scale=0.4), "head", Level.PROBLEM),
        (mannequin(scale=1.7), "head", Level.PROBLEM),
        (mannequin(hair="long"), "head", Level.WARNING),
        (mannequin(raised_hand=True), "hands", Level.WARNING),
        (spoilt(slice(20, 60), slice(400, 480), (200, 200, 200, 60)), "haze", Level.WARNING),
        (faint_everywhere(), "haze", Level.PROBLEM),
        (spoilt(slice(50, 56), slice(60, 66), (255, 255, 255, 255)), "specks", Level.WARNING),
        (spoilt(slice(66, 180), slice(300, 360), (120, 70, 60, 255)), "posture", Level.WARNING),
        (spoilt(slice(300, 320), slice(0, 200), (70, 100, 160, 255)), "edge", Level.WARNING),
        (spoilt(slice(480, 512), slice(0, 512), (0, 0, 0, 0)), "bottom", Level.WARNING),
        (mannequin(700), "size", Level.PROBLEM),
    ],
    ids=[
        "white background",
        "green background",
        "white halo",
        "green halo",
        "two figures",
        "empty",
        "off centre",
        "far off centre",
        "tiny",
        "huge",
        "no neck",
        "raised hand",
        "haze",
        "faint everywhere",
        "specks",
        "lopsided",
        "touches the edge",
        "ends above the bottom",
        "another size",
    ],
)
def test_what_is_wrong_is_found_and_something_can_be_done_about_it(
    drawing: np.ndarray, subject: str, level: Level
) -> None:
    examination = examined(drawing)
    assert complaints(examination).get(subject) is level
    assert examination.usable == (Level.PROBLEM not in complaints(examination).values())
    assert all(finding.advice for finding in examination.findings if finding.level is not Level.OK)


def test_a_background_hides_everything_else() -> None:
    examination = examined(over_color(mannequin(), (255, 255, 255)))
    assert examination.silhouette is None
    assert [finding.subject for finding in examination.findings] == ["size", "alpha", "background"]
    assert "rembg" in examination.findings[-1].advice


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"has_alpha": False, "mode": "RGB"}, "no alpha channel"),
        ({"mode": "P"}, "mode P"),
        ({"file_format": "WEBP"}, "WEBP"),
    ],
)
def test_a_file_that_is_no_rgba_png_is_refused(options: dict[str, object], part: str) -> None:
    (finding,) = (f for f in examined(mannequin(), **options).findings if f.subject == "alpha")  # type: ignore[arg-type]
    assert finding.level is Level.PROBLEM
    assert part in finding.text


def test_the_sentence_about_the_head_says_which_way_it_is_off() -> None:
    (finding,) = (f for f in examined(mannequin(offset=(60, 45), scale=0.75)).findings if f.subject == "head")
    for part in ("too far right", "too low", "too small"):
        assert part in finding.text


def test_a_dark_outline_is_a_drawn_line_not_a_halo() -> None:
    assert "halo" not in complaints(examined(with_halo(mannequin(), (40, 20, 30))))


def test_one_speck_is_one() -> None:
    (finding,) = (
        f for f in examined(spoilt(slice(50, 56), slice(60, 66), (9, 9, 9, 255))).findings if f.subject == "specks"
    )
    assert finding.text == "1 speck lies apart from the figure, the largest at x=63 y=53."


def about_head(examination: Examination) -> Finding:
    (finding,) = (finding for finding in examination.findings if finding.subject == "head")
    return finding


def looked_at(pixels: np.ndarray) -> Examination:
    return examine(Drawing(pixels, True, "RGBA", "PNG"), probe_of_marks)


def test_without_a_teacher_a_shadow_that_a_well_placed_head_could_cast_is_no_ground_for_complaints() -> None:
    examination = examined(slim(mannequin(hair="long")))
    head = examination.silhouette.head
    assert head.height > 200  # hair, shoulders and all
    assert about_head(examination).level is Level.WARNING
    assert "cannot be told" in about_head(examination).text
    assert "--fit -o" not in about_head(examination).advice
    assert examination.usable
    assert examination.in_place


def test_what_a_silhouette_tells_of_the_head_is_said_to_be_a_guess() -> None:
    for drawing in (mannequin(), mannequin(offset=(60, 0)), mannequin(700)):
        assert about_head(examined(drawing)).text.startswith("By its silhouette, which is a guess,")


def test_a_teacher_sees_where_the_head_is_that_a_silhouette_gets_wrong() -> None:
    examination = looked_at(slim(mannequin(hair="long", marks=True)))
    assert about_head(examination) == Finding("head", Level.OK, "The head is where it is expected.")
    assert examination.silhouette.head.height == pytest.approx(128, abs=8)


@pytest.mark.parametrize(
    ("options", "level", "part"),
    [
        ({"offset": (25, 0)}, Level.WARNING, "25 pixels too far right"),
        ({"offset": (0, 60)}, Level.PROBLEM, "too low"),
        ({"scale": 0.6}, Level.PROBLEM, "too small"),
    ],
)
def test_a_teacher_sees_how_far_a_head_is_off(options: dict[str, object], level: Level, part: str) -> None:
    finding = about_head(looked_at(mannequin(hair="long", marks=True, **options)))  # type: ignore[arg-type]
    assert finding.level is level
    assert part in finding.text


def test_where_no_face_is_seen_one_sentence_says_so_and_nothing_is_guessed() -> None:
    examination = looked_at(mannequin(offset=(-70, 30)))
    assert complaints(examination) == {"head": Level.WARNING}
    assert "No face was seen" in about_head(examination).text
    assert examination.in_place


def test_a_head_that_leans_is_seen_by_its_eyes() -> None:
    leaning = Image.fromarray(mannequin(marks=True)).rotate(-20, center=(256, 128), resample=Image.Resampling.BILINEAR)
    examination = looked_at(np.asarray(leaning))
    (finding,) = (finding for finding in examination.findings if finding.subject == "posture")
    assert finding.level is Level.WARNING
    assert "to the right of the picture by 20 degrees" in finding.text
