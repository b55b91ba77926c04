from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tha4_core.rig.design import Bulge, Motion
from tha4_core.rig.motion import BodyPose, rest_position

FACE = Motion((230, 330), head=Bulge(0, 40, 256, 160, 60, 58), torso=Bulge(base=10))
CHEST = Motion(None, torso=Bulge(0, 26, 256, 290, 70, 110))
REST = BodyPose(0, 0, 0, 0, 0, 0)
SIGNED = st.floats(-1, 1)
POSES = st.builds(BodyPose, SIGNED, SIGNED, SIGNED, SIGNED, SIGNED, st.floats(0, 1))


def shift(motion: Motion, pose: BodyPose, x: float, y: float) -> tuple[float, float]:
    """How far what is seen at (x, y) has moved, in pixels."""
    rest_x, rest_y = rest_position(motion, pose, torch.tensor([x]), torch.tensor([y]))
    return x - float(rest_x), y - float(rest_y)


@pytest.mark.parametrize("motion", [FACE, CHEST])
def test_at_rest_everything_is_where_it_was(motion: Motion) -> None:
    x, y = torch.rand(100) * 512, torch.rand(100) * 512
    rest_x, rest_y = rest_position(motion, REST, x, y)
    assert torch.equal(rest_x, x)
    assert torch.equal(rest_y, y)


# Directions and sizes as STUDENT.md section 7 has them of the reference characters: (x, y) in pixels.
@pytest.mark.parametrize(
    ("motion", "pose", "place", "least", "most"),
    [
        (FACE, REST._replace(head_x=1), (256, 158), (-1, -14), (1, -6)),
        (FACE, REST._replace(head_x=-1), (256, 158), (-1, 6), (1, 14)),
        (FACE, REST._replace(head_y=1), (256, 158), (-10, -1), (-5, 1)),
        (FACE, REST._replace(head_y=-1), (256, 158), (5, -1), (10, 1)),
        (FACE, REST._replace(neck_z=1), (256, 75), (-26, -4), (-18, 4)),
        (FACE, REST._replace(body_z=1), (256, 75), (-26, -4), (-18, 4)),
        (CHEST, REST._replace(body_y=1), (256, 290), (-8, -1), (-2, 1)),
        (CHEST, REST._replace(body_z=1), (256, 290), (-9, -2), (-3, 2)),
        (CHEST, REST._replace(breathing=1), (256, 262), (-0.1, -2.5), (0.1, -0.3)),
    ],
)
def test_parameters_move_parts_as_the_reference_characters_do(
    motion: Motion,
    pose: BodyPose,
    place: tuple[float, float],
    least: tuple[float, float],
    most: tuple[float, float],
) -> None:
    dx, dy = shift(motion, pose, *place)
    assert least[0] <= dx <= most[0]
    assert least[1] <= dy <= most[1]


def test_a_nose_moves_further_than_a_cheek_when_the_head_turns() -> None:
    turned = REST._replace(head_y=1)
    assert abs(shift(FACE, turned, 256, 160)[0]) > 1.4 * abs(shift(FACE, turned, 215, 160)[0])


def test_the_torso_stays_when_the_head_moves() -> None:
    assert shift(CHEST, REST._replace(head_x=1, head_y=-1, neck_z=1), 256, 290) == (0.0, 0.0)


@settings(deadline=None)
@given(POSES)
def test_the_bottom_of_the_picture_stays_in_its_row(pose: BodyPose) -> None:
    assert abs(shift(CHEST, pose, 180, 511.5)[1]) < 0.1


@settings(deadline=None, max_examples=25)
@given(POSES)
def test_maps_neither_fold_nor_tear(pose: BodyPose) -> None:
    y, x = torch.meshgrid(torch.arange(40.0, 500.0, 8.0), torch.arange(100.0, 412.0, 8.0), indexing="ij")
    for motion in (FACE, CHEST):
        rest_x, rest_y = rest_position(motion, pose, x, y)
        (xx, xy), (yx, yy) = ((value.diff(dim=1)[:-1] / 8, value.diff(dim=0)[:, :-1] / 8) for value in (rest_x, rest_y))
        area = xx * yy - xy * yx
        assert float(area.min()) > 0.4
        assert float(area.max()) < 2.5
