from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import ROOT
from tests.stand_ins import STAND_INS
from tha4_core.pose import NAMES, PoseError, pose_from_names
from tools.poses.pose_files import parse_assignments, read_poses

#: What the poser of the web pages is held to as well.
CASES = json.loads((ROOT / "tests" / "pose_cases.json").read_text(encoding="utf-8"))


def unwarned(sentence: str) -> None:
    raise AssertionError(sentence)


def written(tmp_path: Path, document: object) -> Path:
    (tmp_path / "poses.json").write_text(json.dumps(document), encoding="utf-8")
    return tmp_path / "poses.json"


def test_a_two_sided_parameter_sets_both_sides_and_the_last_word_counts() -> None:
    assert parse_assignments(["eye_wink=1", "eye_wink_left=0.25", "head_y = -0.5"], unwarned) == {
        "eye_wink_left": 0.25,
        "eye_wink_right": 1.0,
        "head_y": -0.5,
    }


@pytest.mark.parametrize("content", STAND_INS)
def test_what_a_failed_download_leaves_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "poses.json").write_bytes(content)
    with pytest.raises(PoseError, match="not the file itself: download it again"):
        read_poses(tmp_path / "poses.json", unwarned)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("mouth_aa=1", "did you mean mouth_aaa?"),
        ("mouth_aaa", "write name=number"),
        ("mouth_aaa=wide", "write name=number"),
        ("Mouth_AAA=1", "did you mean mouth_aaa?"),
        ("head_y=nan", "head_y must be a finite number, from -1 to 1"),
        ("head_y=1e999", "head_y must be a finite number, from -1 to 1"),
    ],
)
def test_a_wrong_assignment_is_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(PoseError, match=r"^[^\n]+$") as raised:
        parse_assignments([text], unwarned)
    assert sentence in str(raised.value)


def test_what_is_out_of_range_is_clamped_and_said_alike_on_the_command_line_and_in_a_file(tmp_path: Path) -> None:
    said: list[str] = []
    assert parse_assignments(["mouth_aaa=7.5"], said.append) == {"mouth_aaa": 1.0}
    path = written(tmp_path, {"mouth_aaa": 7.5})
    assert read_poses(path, said.append)["poses"][NAMES.index("mouth_aaa")] == 1.0
    sentence = "mouth_aaa goes from 0 to 1; 1 is taken for 7.5."
    assert said == [f"--set: {sentence}", f"{path}: {sentence}"]


def test_many_numbers_out_of_range_are_one_sentence(tmp_path: Path) -> None:
    said: list[str] = []
    path = written(tmp_path, {"rest": {}, "joy": {"eye_wink": -1, "head_y": -1.5}, "all": [2.0] * 45})
    read_poses(path, said.append)
    assert said == [f'{path}, "joy": eye_wink goes from 0 to 1; 0 is taken for -1, and 46 more like it.']


def test_a_file_as_windows_writes_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "poses.json").write_text('{"mouth_aaa": 1}', encoding="utf-8-sig")
    assert read_poses(tmp_path / "poses.json", unwarned)["poses"][NAMES.index("mouth_aaa")] == 1.0


@pytest.mark.parametrize("case", CASES["accepted"], ids=lambda case: case["text"][:40])
def test_a_text_is_read_as_the_web_page_reads_it(tmp_path: Path, case: dict[str, Any]) -> None:
    said: list[str] = []
    path = tmp_path / "poses.json"
    path.write_text(case["text"], encoding="utf-8")
    (pose,) = read_poses(path, said.append).values()
    np.testing.assert_array_equal(pose, pose_from_names(case["pose"]))
    assert said == ([f"{path}: {case['remark']}"] if "remark" in case else [])


@pytest.mark.parametrize("case", CASES["refused"], ids=lambda case: case["text"][:40])
def test_a_text_is_refused_as_the_web_page_refuses_it(tmp_path: Path, case: dict[str, Any]) -> None:
    (tmp_path / "poses.json").write_text(case["text"], encoding="utf-8")
    with pytest.raises(PoseError):
        read_poses(tmp_path / "poses.json", unwarned)


@pytest.mark.parametrize("as_list", [False, True])
def test_a_single_pose_has_the_files_name(tmp_path: Path, as_list: bool) -> None:
    pose = pose_from_names({"mouth_aaa": 0.5})
    document = [float(value) for value in pose] if as_list else {"mouth_aaa": 0.5}
    poses = read_poses(written(tmp_path, document), unwarned)
    assert list(poses) == ["poses"]
    np.testing.assert_array_equal(poses["poses"], pose)


def test_named_poses_are_read_in_their_order(tmp_path: Path) -> None:
    poses = read_poses(written(tmp_path, {"joy": {"mouth_aaa": 1}, "rest": [0] * 45, "nothing": {}}), unwarned)
    assert list(poses) == ["joy", "rest", "nothing"]
    assert poses["joy"][NAMES.index("mouth_aaa")] == 1.0


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ([1, 2, 3], "a pose is 45 numbers"),
        ("joy", "a pose is an object"),
        ({"mouth_aaa": "wide"}, "a pose is an object"),
        ({"mouth_aaa": True}, "a pose is an object"),
        ({"joy": {"mouth_aa": 1}}, '"joy": there is no pose parameter'),
        ({"joy": {"mouth_aaa": 1}, "sad": 3}, '"sad": a pose is an object'),
        ({"mouth_aaa": 10**400}, "a number of hundreds of digits"),
        ({"Mouth_AAA": 1}, "did you mean mouth_aaa?"),
        ({"x" * 5000: {"mouth_aa": 1}}, 'xxx": there is no pose parameter'),
    ],
)
def test_what_is_no_pose_is_refused_by_name(tmp_path: Path, document: object, sentence: str) -> None:
    path = written(tmp_path, document)
    with pytest.raises(PoseError) as raised:
        read_poses(path, unwarned)
    assert str(raised.value).startswith(str(path))
    assert sentence in str(raised.value)
    assert len(str(raised.value)) < 1000


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "poses.json").write_bytes(content)
    with pytest.raises(PoseError, match="is not valid JSON"):
        read_poses(tmp_path / "poses.json", unwarned)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(PoseError, match="could not be read"):
        read_poses(tmp_path / "poses.json", unwarned)
