from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tha4_core import pose


def test_parameters_are_those_of_the_published_table(shared_tha4: Path) -> None:
    with (shared_tha4 / "golden" / "poses_student.tsv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert [(int(row["index"]), row["parameter"]) for row in rows] == list(enumerate(pose.NAMES))


def test_ranges_are_those_of_the_fact_sheet(shared_tha4: Path) -> None:
    sheet = (shared_tha4 / "STUDENT.md").read_text(encoding="utf-8")
    for parameter in pose.PARAMETERS:
        row = next(line for line in sheet.splitlines() if line.startswith(f"| {parameter.index} | {parameter.name} |"))
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert cells[2] == parameter.category
        assert cells[4] == f"[{parameter.minimum:g}, {parameter.maximum:g}]"


def test_face_parameters_come_first() -> None:
    assert pose.NAMES[pose.FACE_SIZE - 1] == "iris_rotation_y"
    assert pose.NAMES[pose.FACE_SIZE :] == ("head_x", "head_y", "neck_z", "body_y", "body_z", "breathing")


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=45, max_size=45))
def test_any_45_finite_numbers_are_clamped_into_their_ranges(values: list[float]) -> None:
    result = pose.as_pose(values)
    assert result.dtype == np.float32
    for value, given_value, parameter in zip(result, values, pose.PARAMETERS, strict=True):
        assert value == np.float32(min(max(given_value, parameter.minimum), parameter.maximum))


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_not_finite_is_refused_by_name(bad: float) -> None:
    values = [0.0] * 45
    values[26] = bad
    with pytest.raises(pose.PoseError, match=r"mouth_aaa \(index 26\) is .* not a finite number"):
        pose.as_pose(values)


@pytest.mark.parametrize("values", [[0.0] * 44, [0.0] * 46, [[0.0] * 45], 1.0, []])
def test_other_than_45_numbers_are_refused(values: list[float]) -> None:
    with pytest.raises(pose.PoseError, match="a pose is 45 numbers, but this one has"):
        pose.as_pose(values)


@pytest.mark.parametrize("values", [["a"] * 45, [{}] * 45, [[1], [1, 2]], [10**400] * 45])
def test_what_are_no_numbers_is_refused(values: list[float]) -> None:
    with pytest.raises(pose.PoseError, match="a pose is 45 numbers"):
        pose.as_pose(values)


def test_names_set_parameters_and_a_group_name_sets_both_sides() -> None:
    vector = pose.pose_from_names({"eye_wink": 0.5, "head_y": -1.0})
    assert pose.pose_to_names(vector) == {"eye_wink_left": 0.5, "eye_wink_right": 0.5, "head_y": -1.0}


@given(st.dictionaries(st.sampled_from(pose.NAMES), st.floats(0.0, 1.0, width=32).filter(bool)))
def test_names_survive_a_round_trip(values: dict[str, float]) -> None:
    assert pose.pose_to_names(pose.pose_from_names(values)) == values


def test_an_unknown_name_is_refused_with_the_likely_one() -> None:
    with pytest.raises(pose.PoseError, match="no pose parameter named 'mouth_aa'; did you mean mouth_aaa"):
        pose.pose_from_names({"mouth_aa": 1.0})


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Mouth_AAA", "mouth_aaa"),
        ("HEAD_Y", "head_y"),
        ("head y", "head_y"),
        ("eye-wink-left", "eye_wink_left"),
        ("Eye_Wink", "eye_wink"),
    ],
)
def test_a_name_in_other_letters_is_asked_about(name: str, meant: str) -> None:
    with pytest.raises(pose.PoseError, match=rf"named '{name}'; did you mean {meant}\?$"):
        pose.pose_from_names({name: 1.0})


def test_a_number_beyond_all_numbers_is_one_sentence() -> None:
    with pytest.raises(pose.PoseError, match="a number of hundreds of digits"):
        pose.pose_from_names({"mouth_aaa": 10**400})


def test_a_pose_is_a_copy() -> None:
    values = np.zeros(45, dtype=np.float32)
    pose.as_pose(values)[0] = 1.0
    assert values[0] == 0.0
