from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tools.output.contact_sheet import (
    PAPER,
    BackgroundError,
    Section,
    Tile,
    contact_sheet,
    on_background,
    parse_background,
    shrunk_to,
    text_width,
    wrapped,
)

RED = np.full((8, 8, 4), (255, 0, 0, 255), np.uint8)
CLEAR = np.zeros((8, 8, 4), np.uint8)


def red_pixels(sheet: Image.Image) -> int:
    return int((np.asarray(sheet) == (255, 0, 0, 255)).all(axis=-1).sum())


def test_every_tile_is_on_the_sheet_in_its_size() -> None:
    sections = [Section("some", [Tile(RED, "a")] * 3), Section("more", [Tile(RED, "b")] * 4)]
    sheet = contact_sheet(sections, title="All", tile=50, columns=3)
    assert red_pixels(sheet) == 7 * 50 * 50
    assert sheet.getpixel((0, 0)) == PAPER


def test_a_wide_tile_keeps_its_proportions() -> None:
    sections = [Section("", [Tile(RED, "square"), Tile(RED[:4], "wide")])]
    assert red_pixels(contact_sheet(sections, title="Two", tile=40)) == 40 * 40 + 40 * 20


def test_labels_are_drawn_under_the_tiles() -> None:
    plain = contact_sheet([Section("", [Tile(RED, "")])], title="T", tile=100)
    labelled = contact_sheet([Section("", [Tile(RED, "eye_wink_left")])], title="T", tile=100)
    changed = np.flatnonzero((np.asarray(plain) != np.asarray(labelled)).any(axis=(1, 2)))
    tile_rows = np.flatnonzero((np.asarray(labelled) == (255, 0, 0, 255)).all(axis=-1).any(axis=1))
    assert changed.min() > tile_rows.max()


@pytest.mark.parametrize(
    ("background", "colors"),
    [("transparent", {(0, 0, 0, 0)}), ("white", {(255, 255, 255, 255)}), ("#336699", {(51, 102, 153, 255)})],
)
def test_a_transparent_picture_shows_its_background(background: str, colors: set[tuple[int, ...]]) -> None:
    shown = np.asarray(on_background(Image.fromarray(CLEAR), background))
    assert {tuple(pixel) for pixel in shown.reshape(-1, 4).tolist()} == colors


def test_a_checkerboard_has_two_greys() -> None:
    shown = np.asarray(on_background(Image.new("RGBA", (64, 48)), "checker"))
    assert len(np.unique(shown.reshape(-1, 4), axis=0)) == 2


def test_a_background_that_is_none_is_refused() -> None:
    with pytest.raises(BackgroundError, match="'plaid' is no background"):
        parse_background("plaid")


@given(st.text(alphabet="abc efg", max_size=80), st.integers(30, 300))
def test_wrapped_text_fits_and_loses_no_word(text: str, width: int) -> None:
    lines = wrapped(text, 16, width)
    assert " ".join(lines).split() == text.split()
    assert all(text_width(line, 16) <= width or " " not in line for line in lines)


@given(st.text(alphabet="abcdefgh_", min_size=1, max_size=60), st.integers(40, 300))
def test_a_long_label_shrinks_and_then_is_cut_short(text: str, width: int) -> None:
    shown, size = shrunk_to(text, 15, width)
    assert 10 <= size <= 15
    assert text_width(shown, size) <= width
    assert shown == text or shown.endswith("...")
