from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tha4_core.drawing.face import Face, FaceResponse, Point, read_response

_SIZE = 192


def spot(x: float, y: float, radius: float = 7.0, peak: float = 1.0) -> np.ndarray:
    """A round spot with soft edges, (192, 192)."""
    rows, columns = np.mgrid[:_SIZE, :_SIZE] + 0.5
    return (peak * np.clip(radius + 0.5 - np.hypot(columns - x, rows - y), 0.0, 1.0)).astype(np.float32)


def response(
    left: np.ndarray | None = None, right: np.ndarray | None = None, mouth: np.ndarray | None = None
) -> FaceResponse:
    """Of a well-placed face, but for what is given."""
    return FaceResponse(
        spot(116, 112) if left is None else left,
        spot(76, 112) if right is None else right,
        spot(96, 148, 12.0) if mouth is None else mouth,
    )


@given(
    x=st.floats(60, 130),
    y=st.floats(40, 110),
    distance=st.floats(24, 70),
    slant=st.floats(-0.3, 0.3),
    size=st.floats(0.12, 0.2),
)
def test_eyes_and_chin_are_where_the_response_is(
    x: float, y: float, distance: float, slant: float, size: float
) -> None:
    half, drop = distance / 2.0, slant * distance / 2.0
    eyes = (x + half, y + drop), (x - half, y - drop)
    mouth = spot(x, y + 0.8 * distance, 0.25 * distance)
    face = read_response(FaceResponse(*(spot(*eye, size * distance) for eye in eyes), mouth))
    assert face is not None
    assert face.left_eye == pytest.approx(eyes[0], abs=0.3)
    assert face.right_eye == pytest.approx(eyes[1], abs=0.3)
    assert face.chin == pytest.approx(y + 1.05 * distance, abs=2.0)
    assert face.tilt == pytest.approx(np.degrees(np.arctan(slant)), abs=1.5)


@pytest.mark.parametrize(
    "shown",
    [
        response(left=np.zeros((_SIZE, _SIZE), np.float32)),
        response(left=spot(116, 112, peak=0.4)),
        response(left=spot(116, 112, 1.5)),
        response(left=spot(76, 112), right=spot(116, 112)),
        response(left=spot(78, 112)),
        response(left=spot(116, 170)),
        response(left=spot(116, 112, 16.0), right=spot(76, 112, 4.0)),
        response(left=spot(116, 112) + spot(20, 40)),
    ],
    ids=["one eye", "faint", "a speck", "crossed", "one spot", "steep", "unequal", "scattered"],
)
def test_what_is_no_pair_of_eyes_is_no_face(shown: FaceResponse) -> None:
    assert read_response(response()) is not None
    assert read_response(shown) is None


@pytest.mark.parametrize(
    "mouth",
    [np.zeros((_SIZE, _SIZE), np.float32), spot(96, 148, 1.5), spot(96, 40, 12.0), spot(20, 148, 12.0)],
    ids=["none", "a speck", "above the eyes", "beside the face"],
)
def test_eyes_without_a_mouth_below_them_have_no_chin(mouth: np.ndarray) -> None:
    face = read_response(response(mouth=mouth))
    assert face is not None
    assert face.chin is None


@given(scale=st.floats(0.1, 10), x=st.floats(-500, 500), y=st.floats(-500, 500))
def test_a_face_mapped_there_and_back_is_the_same(scale: float, x: float, y: float) -> None:
    face = Face(Point(116.0, 110.0), Point(76.0, 114.0), 160.0)
    there = face.mapped(scale, x, y)
    assert there.distance == pytest.approx(scale * face.distance)
    assert there.tilt == pytest.approx(face.tilt)
    back = there.mapped(1.0 / scale, -x / scale, -y / scale)
    assert back.left_eye == pytest.approx(face.left_eye, abs=1e-6)
    assert back.right_eye == pytest.approx(face.right_eye, abs=1e-6)
    assert back.chin == pytest.approx(160.0, abs=1e-6)
