from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from tha4_core.picture.region import FULL_PICTURE, Region
from tha4_core.pose import FACE_SIZE, PARAMETERS, Parameter, pose_from_names
from tha4_core.rig.characters import load_design
from tha4_core.rig.layers import FACE_BOX
from tha4_core.rig.motion import BodyPose, rest_position
from tha4_core.rig.teacher import RigTeacher
from tha4_core.student import paste_face, warp
from tha4_core.teacher.interface import TeacherOutput

ROWS = slice(FACE_BOX.y, FACE_BOX.y + FACE_BOX.height)
COLUMNS = slice(FACE_BOX.x, FACE_BOX.x + FACE_BOX.width)
Answer = Callable[[RigTeacher, dict[str, float]], TeacherOutput]
BODY_POSES: list[dict[str, float]] = [
    {"head_x": 1.0},
    {"head_x": -1.0},
    {"head_y": 1.0},
    {"neck_z": -1.0},
    {"body_y": 1.0},
    {"body_z": 1.0, "breathing": 1.0},
    {"head_x": 1.0, "head_y": 1.0, "neck_z": 1.0, "body_y": 1.0, "body_z": 1.0, "mouth_aaa": 1.0},
    {"head_x": -1.0, "head_y": -1.0, "neck_z": 1.0, "body_y": -1.0, "body_z": -1.0, "eye_wink_left": 1.0},
]


def posed(**values: float) -> Tensor:
    return torch.from_numpy(pose_from_names(values))[None]


@pytest.fixture(scope="module")
def answer() -> Answer:
    """What a teacher answers to a pose of the body, for tests that only look at it: of BODY_POSES each once."""
    kept = lru_cache(len(BODY_POSES))(lambda teacher, values: teacher.pose(posed(**dict(values))))
    return lambda teacher, values: kept(teacher, tuple(values.items()))


def alpha_of(picture: Tensor) -> Tensor:
    """The opacity of a picture (4, h, w), in [0, 1]."""
    return (picture[3] + 1) / 2


def test_the_drawing_is_a_premultiplied_picture(teacher: RigTeacher) -> None:
    image = teacher.image
    assert image.shape == (4, 512, 512)
    assert image.dtype == torch.float32
    assert float(image.min()) == -1.0
    assert float(image.max()) <= 1.0
    assert bool((image[:3] <= image[3] + 1e-5).all())


def test_the_head_is_where_the_face_morpher_paints_it(teacher: RigTeacher) -> None:
    """Chin and skull inside the box; ears of a cat and the like may look out above."""
    figure = alpha_of(teacher.image) > 0.5
    top = int(figure.any(dim=1).nonzero()[0])
    assert 40 <= top <= 90
    crown = figure[100]  # where a skull is wide, what is seen is hair and its ornaments
    assert int(crown.nonzero()[0]) >= 190
    assert int(crown.nonzero()[-1]) <= 322
    neck = figure[:, 256]
    assert bool(neck[90:].all()), "the figure is whole from the crown to the picture's bottom"


def test_around_the_figure_nothing_is_drawn_but_at_the_bottom(teacher: RigTeacher) -> None:
    alpha = alpha_of(teacher.image)
    assert float(alpha[0].max()) == 0.0
    assert float(alpha[:, 0].max()) == 0.0
    assert float(alpha[:, -1].max()) == 0.0
    assert float(alpha[-1, 256]) == 1.0


def test_at_rest_every_output_is_the_drawing(teacher: RigTeacher) -> None:
    out = teacher.pose(posed())
    for picture in (out.final, out.warped, out.face, out.direct):
        assert torch.equal(picture[0], teacher.image)
    assert not out.flow.any()
    assert not out.alpha.any()
    assert out.half is None


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda parameter: parameter.name)
@pytest.mark.parametrize("strength", [0.5, 1.0])
def test_every_parameter_is_seen_and_only_in_its_place(
    rig_teacher: Callable[[str], RigTeacher], parameter: Parameter, strength: float
) -> None:
    teacher = rig_teacher("yunagi")
    changed = (teacher.pose(posed(**{parameter.name: strength})).final[0] - teacher.image).abs().amax(dim=0) > 0.1
    assert int(changed.sum()) > 12
    if parameter.index < FACE_SIZE:
        changed[ROWS, COLUMNS] = False
        assert not changed.any()


@pytest.mark.parametrize("parameter", PARAMETERS[:FACE_SIZE], ids=lambda parameter: parameter.name)
def test_face_parameters_change_nothing_at_the_edge_of_the_face_box(teacher: RigTeacher, parameter: Parameter) -> None:
    """A face that were cut off at the box would show a seam."""
    for value in {parameter.minimum, parameter.maximum} - {0.0}:
        change = (teacher.pose_face(posed(**{parameter.name: value}))[0] - teacher.image[:, ROWS, COLUMNS]).abs()
        change[:, 4:-4, 4:-4] = 0.0
        assert float(change.max()) == 0.0


@pytest.mark.parametrize("parameter", [p for p in PARAMETERS if p.name.endswith(("_left", "_right"))], ids=str)
def test_left_is_the_right_half_of_the_picture(rig_teacher: Callable[[str], RigTeacher], parameter: Parameter) -> None:
    teacher = rig_teacher("kohaku")
    change = (teacher.pose_face(posed(**{parameter.name: 1.0}))[0] - teacher.image[:, ROWS, COLUMNS]).abs().sum(dim=0)
    left_half, right_half = float(change[:, :60].sum()), float(change[:, 68:].sum())
    if parameter.name.endswith("_left"):
        assert right_half > 5 * left_half
    else:
        assert left_half > 5 * right_half


def darkness(face: Tensor, rows: slice, columns: slice) -> Tensor:
    """How dark a part of the face is, (h, w), 0 where it is as bright as skin."""
    return (0.35 - face[0, rows, columns]).clamp(min=0.0)


@pytest.mark.parametrize(
    ("name", "axis", "sign"),
    [("iris_rotation_x", 0, -1), ("iris_rotation_y", 1, -1)],
)
def test_irises_look_up_and_to_the_viewers_left_at_plus_one(
    teacher: RigTeacher, name: str, axis: int, sign: int
) -> None:
    eye = (slice(65, 95), slice(74, 102))  # the inside of the eye on the picture's right

    def centre(value: float) -> float:
        dark = darkness(teacher.pose_face(posed(**{name: value, "eye_surprised": 1.0}))[0], *eye)
        along = dark.sum(dim=1 - axis)
        return float((along * torch.arange(len(along))).sum() / along.sum())

    assert sign * (centre(1.0) - centre(-1.0)) > 1.5


def test_an_open_mouth_is_dark_inside_and_drops_the_chin(teacher: RigTeacher) -> None:
    face = teacher.pose_face(posed(mouth_aaa=1.0))[0]
    rest = teacher.image[:, ROWS, COLUMNS]
    mouth = (slice(106, 114), slice(58, 70))
    assert float(face[1][mouth].mean()) < float(rest[1][mouth].mean()) - 0.5
    chin = (face - rest).abs().amax(dim=0)[116:122, 50:78]
    assert float(chin.max()) > 0.1


def test_a_closed_eye_shows_no_iris(teacher: RigTeacher) -> None:
    iris = (slice(70, 84), slice(81, 89))
    rest = teacher.image[:, ROWS, COLUMNS]
    for name in ("eye_wink", "eye_happy_wink"):
        shut = teacher.pose_face(posed(**{name: 1.0}))[0]
        assert float(darkness(shut, *iris)[:6].mean()) < 0.1 * float(darkness(rest, *iris)[:6].mean())


@pytest.mark.parametrize("values", BODY_POSES, ids=str)
def test_the_final_picture_is_the_blend_of_direct_and_warped(
    teacher: RigTeacher, answer: Answer, values: dict[str, float]
) -> None:
    out = answer(teacher, values)
    blend = out.alpha * out.direct + (1 - out.alpha) * out.warped
    assert float((blend - out.final).abs().max()) < 0.02
    assert float(out.alpha.min()) >= 0.0
    assert float(out.alpha.max()) <= 1.0


@pytest.mark.parametrize("values", BODY_POSES, ids=str)
def test_warping_the_face_picture_gives_what_can_be_seen_at_rest(
    teacher: RigTeacher, answer: Answer, values: dict[str, float]
) -> None:
    out = answer(teacher, values)
    warped = warp(out.face, out.flow)
    torch.testing.assert_close(out.warped, warped, atol=2e-3, rtol=0)
    visible = (out.alpha == 0).expand_as(out.final)
    assert float(visible.float().mean()) > 0.9
    figure = visible & (out.final[:, 3:] > -1.0)
    error = float(((warped - out.final)[figure] ** 2).mean())
    assert 4.0 / error > 10**4, "at least 40 dB; the range of values is 2"


@pytest.mark.parametrize("values", BODY_POSES, ids=str)
def test_only_what_is_hidden_at_rest_or_at_an_edge_is_painted_directly(
    teacher: RigTeacher, answer: Answer, values: dict[str, float]
) -> None:
    """Found from the layers alone: where one is seen by itself, both posed and at rest, the flow must do."""
    pose = posed(**values)
    out = answer(teacher, values)
    layers = teacher._painter.sheets(pose[0, :FACE_SIZE]).layers  # (K, 5, 512, 512)
    bare = torch.zeros(512, 512, dtype=torch.bool)
    y, x = torch.meshgrid(torch.arange(512) + 0.5, torch.arange(512) + 0.5, indexing="ij")
    for part, layer in zip(teacher._design.parts, layers, strict=True):
        at = torch.stack(rest_position(part.motion, BodyPose(*pose[0, FACE_SIZE:].tolist()), x, y), dim=-1)
        sample = functional.grid_sample(layer[None, 3:], at[None] / 256 - 1, align_corners=False)[0]  # (2, 512, 512)
        opaque, transparent = sample[0] > 0.999, sample[0] < 0.001
        bare = torch.where(transparent, bare, opaque & (sample[1] > 0.999))
    assert float(bare.float().sum() / (out.final[0, 3] > 0.99).sum()) > 0.7
    assert float((out.warped - out.final).abs().amax(dim=1)[0][bare].max()) < 0.02
    assert not out.alpha[0, 0][bare].any()


@pytest.mark.parametrize("values", BODY_POSES, ids=str)
def test_the_flow_has_no_jumps_beside_the_figure(teacher: RigTeacher, answer: Answer, values: dict[str, float]) -> None:
    out = answer(teacher, values)
    nothing = functional.max_pool2d(out.final[:, 3:] + 1, 9, stride=1, padding=4)[0, 0] == 0  # (512, 512)
    pixels = out.flow[0] * 256
    step = (pixels[:, 1:, 1:] - pixels[:, :-1, 1:]).abs().amax(dim=0)
    assert float(step[nothing[1:, 1:]].max()) < 1.5


def test_turning_the_head_hides_nothing_that_has_not_moved(rig_teacher: Callable[[str], RigTeacher]) -> None:
    out = rig_teacher("yunagi").pose(posed(head_y=1.0))
    assert torch.equal(out.final[..., 430:, :], out.face[..., 430:, :])
    assert not out.alpha[..., 430:, :].any()


@pytest.mark.parametrize("values", BODY_POSES[-2:], ids=str)
def test_no_pose_moves_anything_further_than_is_looked_at(
    teacher: RigTeacher,
    answer: Answer,
    values: dict[str, float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nearby = answer(teacher, values).final
    everywhere = [FULL_PICTURE] * len(teacher._reaches)
    monkeypatch.setattr(teacher, "_reaches", everywhere)
    assert torch.equal(teacher.pose(posed(**values)).final, nearby)


def test_looking_up_uncovers_the_neck(teacher: RigTeacher) -> None:
    """Below the chin there is skin that the chin hid at rest: it must be painted directly."""
    out = teacher.pose(posed(head_x=1.0))
    neck = out.alpha[0, 0, 180:205, 246:266]
    assert float(neck.max()) == 1.0
    assert bool((alpha_of(out.final[0])[180:215, 246:266] > 0.99).all())


def test_the_face_of_a_pose_is_that_of_the_face_picture(teacher: RigTeacher) -> None:
    poses = torch.cat([posed(mouth_ooo=1.0, head_y=1.0), posed(eye_wink_left=0.5)])
    out = teacher.pose(poses)
    expected = paste_face(teacher.image.expand(2, -1, -1, -1), teacher.pose_face(poses))
    torch.testing.assert_close(out.face, expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize("region", [FACE_BOX, Region(0, 0, 512, 7), Region(300, 200, 33, 65), Region(511, 511, 1, 1)])
@pytest.mark.parametrize("values", [BODY_POSES[-1], {"mouth_aaa": 1.0}], ids=str)
def test_a_region_is_that_part_of_the_whole(
    teacher: RigTeacher,
    answer: Answer,
    region: Region,
    values: dict[str, float],
) -> None:
    whole, part = answer(teacher, values), teacher.pose(posed(**values), region)
    for name in ("final", "alpha", "warped", "flow", "direct", "face"):
        cut = getattr(whole, name)[..., region.y : region.y + region.height, region.x : region.x + region.width]
        torch.testing.assert_close(getattr(part, name), cut, atol=1e-5, rtol=0)


def test_a_finer_one_draws_the_same_poses_with_more_detail(rig_teacher: Callable[[str], RigTeacher]) -> None:
    region = Region(176, 96, 112, 64)
    teacher, finer = rig_teacher("yunagi"), RigTeacher(load_design("yunagi"), finer=2)
    for values in ({}, {"head_y": 0.8, "body_z": 0.5, "mouth_aaa": 1.0}):
        fine, coarse = (one.pose(posed(**values), region) for one in (finer, teacher))
        assert fine.final.shape == (1, 4, 128, 224)
        means = functional.avg_pool2d(fine.final, 2)
        assert (means - coarse.final).abs().mean() < 0.04  # sampling softens the coarse one more
        assert (functional.avg_pool2d(fine.flow, 2) - coarse.flow).abs().mean() < 2e-3
        assert functional.interpolate(means, scale_factor=2.0).sub(fine.final).abs().max() > 0.3, "there is more in it"


def test_a_batch_is_its_poses_one_by_one_and_the_same_each_time(rig_teacher: Callable[[str], RigTeacher]) -> None:
    teacher = rig_teacher("kohaku")
    poses = torch.cat([posed(**values) for values in BODY_POSES[-2:]])
    region = Region(160, 48, 192, 192)
    batch = teacher.pose(poses, region)
    for index in (1, 0):
        single = teacher.pose(poses[index : index + 1], region)
        for one, all_of_them in zip(single[:6], batch[:6], strict=True):
            assert torch.equal(one[0], all_of_them[index])


def test_what_a_caller_does_to_its_pictures_stays_with_the_caller(rig_teacher: Callable[[str], RigTeacher]) -> None:
    teacher = rig_teacher("yunagi")
    before = teacher.image.clone()
    out = teacher.pose(posed())
    for picture in (out.final, out.face, out.warped, out.direct):
        picture.zero_()
    assert torch.equal(teacher.pose(posed()).final[0], before)


def test_a_teacher_says_who_it_teaches(teacher: RigTeacher) -> None:
    assert teacher.provenance["teacher"] == "layered rig"
    assert teacher.provenance["licence"] == "CC0-1.0"
