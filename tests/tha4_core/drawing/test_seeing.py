from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.drawings import mannequin, probe_of_marks
from tha4_core.drawing.face import Face, FaceProbe, FaceResponse, Map, Point
from tha4_core.drawing.seeing import Sighting, head_of, see_head
from tha4_core.drawing.silhouette import Confidence, find_silhouette


def seen(pixels: np.ndarray, probe: FaceProbe = probe_of_marks) -> Sighting | None:
    return see_head(pixels, find_silhouette(pixels[..., 3]), probe)


@given(
    scale=st.floats(0.5, 1.5),
    x=st.floats(-70, 70),
    y=st.floats(-20, 60),
    size=st.sampled_from([400, 512, 900]),
    hair=st.sampled_from(["short", "long"]),
)
@settings(max_examples=12)
def test_a_head_is_found_by_its_face_wherever_and_however_large_it_is(
    scale: float, x: float, y: float, size: int, hair: str
) -> None:
    sighting = seen(mannequin(size, hair=hair, marks=True, scale=scale, offset=(x, y)))  # type: ignore[arg-type]
    assert sighting is not None
    unit = size / 512
    assert sighting.head.confidence is Confidence.SEEN
    assert sighting.head.centre_x == pytest.approx((256 + x) * unit, abs=3 * unit)
    assert sighting.head.height == pytest.approx(128 * scale * unit, rel=0.06)
    assert sighting.face.middle.y == pytest.approx((136 - 128) * scale * unit + (128 + y) * unit, abs=2 * unit)
    assert sighting.face.distance == pytest.approx(44 * scale * unit, rel=0.04)


def test_a_face_in_the_middle_of_a_large_figure_is_found() -> None:
    drawing = np.zeros((1000, 1000, 4), np.uint8)
    drawing[:, 100:900] = (90, 80, 70, 255)
    drawing[520:820, 330:630] = mannequin(marks=True)[:300, 106:406]
    sighting = seen(drawing)
    assert sighting is not None
    assert sighting.face.middle == pytest.approx((480, 656), abs=2)


def test_without_a_face_every_square_is_looked_at_and_nothing_is_seen() -> None:
    looks: list[Map] = []

    def blind(face: Map) -> FaceResponse:
        looks.append(face)
        return probe_of_marks(face)

    assert seen(mannequin(), blind) is None
    assert 10 <= len(looks) <= 48
    assert all(face.shape == (4, 192, 192) and face.min() >= -1.0 and face.max() <= 1.0 for face in looks)


def test_eyes_that_a_nearer_look_does_not_show_were_none() -> None:
    looks = 0

    def once(face: Map) -> FaceResponse:
        nonlocal looks
        looks += 1
        return probe_of_marks(face) if looks == 1 else probe_of_marks(np.full_like(face, -1.0))

    assert seen(mannequin(marks=True), once) is None


def test_an_empty_picture_is_not_looked_at() -> None:
    assert seen(np.zeros((512, 512, 4), np.uint8)) is None


def well_placed(scale: float, x: float, y: float) -> tuple[Face, float]:
    """A well-placed face and the upper edge of its hair, as a drawing has them that is enlarged and moved."""
    face = Face(Point(276.4, 144.5), Point(236.4, 144.5), 192.0).mapped(scale, x, y)
    return face, y + scale * 66.5


@given(scale=st.floats(0.1, 10), x=st.floats(-500, 500), y=st.floats(-500, 500))
def test_hair_eyes_and_chin_tell_the_head(scale: float, x: float, y: float) -> None:
    head = head_of(*well_placed(scale, x, y))
    found = (head.top, head.neck, head.centre_x)
    np.testing.assert_allclose(found, (y + scale * 64, y + scale * 192, x + scale * 256), atol=1e-3 * scale + 1e-6)


@pytest.mark.parametrize(
    ("top", "chin"),
    [(None, 192.0), (66.5, None), (None, None), (-40.0, 192.0), (66.5, 158.0)],
    ids=["cut at the top", "a hidden mouth", "only eyes", "a tall hat", "a chin that is the mouth"],
)
def test_what_is_unknown_or_unusual_is_left_out(top: float | None, chin: float | None) -> None:
    face, _ = well_placed(1.0, 0.0, 0.0)
    head = head_of(Face(face.left_eye, face.right_eye, chin), top)
    assert (head.top, head.neck) == pytest.approx((64.0, 192.0), abs=1.0)


def test_a_dark_drawing_is_shown_as_bright_as_others() -> None:
    def brightness(pixels: np.ndarray) -> float:
        shown: list[Map] = []

        def watched(face: Map) -> FaceResponse:
            shown.append(face)
            return probe_of_marks(face)

        seen(pixels, watched)
        return float(np.quantile(shown[0][:3].mean(axis=0), 0.95))

    dark = mannequin(marks=True).copy()
    dark[..., :3] = dark[..., :3] // 4 * 3
    assert brightness(dark) == pytest.approx(brightness(mannequin(marks=True)), abs=0.1)
