"""What is kept of an artist's drawing beside the picture of 512 pixels: its detail, where it has any."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.synthetic import larger_picture
from tha4_core.character.larger_drawing import check_alike, decode_larger, edge_of
from tha4_core.distill.kept_drawing import LARGER, keep_drawing, kept_larger, larger_fit
from tha4_core.drawing.fitting import Fitted, Placement, fit
from tha4_core.drawing.reading import Drawing


def drawn(edge: int) -> Drawing:
    return Drawing(larger_picture(edge), True, "RGBA", "PNG")


def fitted(drawing: Drawing, scale: float = 1.0, x: float = 0.0) -> Fitted:
    return fit(drawing.pixels, Placement(scale * 512 / drawing.width, x, 0.0))


@pytest.mark.parametrize(("edge", "kept"), [(2048, 2048), (1500, 2048), (1024, 1024), (700, 1024), (600, 0), (512, 0)])
def test_a_drawing_is_kept_at_the_size_that_it_has_detail_for(edge: int, kept: int) -> None:
    drawing = Drawing(np.array(Image.fromarray(larger_picture(1024)).resize((edge, edge))), True, "RGBA", "PNG")
    larger = larger_fit(drawing, fitted(drawing))
    assert (0 if larger is None else edge_of(larger)) == kept


def test_it_is_fitted_as_the_picture_is() -> None:
    drawing = drawn(2048)
    picture = fitted(drawing, scale=0.8, x=61.5)
    larger = larger_fit(drawing, picture)
    assert larger is not None
    pixels = decode_larger(larger, "it")
    assert pixels.shape == (2048, 2048, 4)
    check_alike(pixels, picture.pixels, "it")


def test_noise_that_no_file_holds_is_kept_smaller_or_not_at_all() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (2048, 2048, 4), np.uint8)
    drawing = Drawing(noise, True, "RGBA", "PNG")
    larger = larger_fit(drawing, fitted(drawing))
    assert larger is None or edge_of(larger) == 1024


def test_the_character_gets_what_lies_beside_its_picture(tmp_path: Path) -> None:
    drawing = drawn(1024)
    source = tmp_path / "hero.png"
    Image.fromarray(drawing.pixels).save(source)
    picture = fitted(drawing)
    larger = larger_fit(drawing, picture)
    place = keep_drawing(tmp_path / "run", source, picture, larger)
    assert kept_larger(place) == larger
    keep_drawing(tmp_path / "run", source, picture)
    assert not (tmp_path / "run" / LARGER).exists(), "of another drawing nothing stays"
    assert kept_larger(place) is None
    (tmp_path / LARGER).write_bytes(larger or b"")
    assert kept_larger(tmp_path / "drawing.png") is None, "a drawing of that name is no run's"
    assert kept_larger(None) is None
