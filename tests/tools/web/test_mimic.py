"""The parts of the mimic page that need no browser: their own tests, official poses, and the addon's settings."""

from __future__ import annotations

import json
import math
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.node import node_program, run_node_tests
from tha4_core.pose import NAMES

HERE = Path(__file__).parent / "mimic"
PAGE = ROOT / "tools" / "web" / "mimic"
ADDON = ROOT / "godot_addon" / "addons" / "anime_character"
#: The official solver of the mouth stops early now and then (MOCAP.md section 7).
SOLVED = {"mouth_aaa", "mouth_iii", "mouth_uuu", "mouth_ooo"}


def test_landmarks_mapping_filter_and_lip_sync(site_folder: Path) -> None:
    run_node_tests(HERE.glob("*.test.js"), SITE=str(site_folder))


def test_blendshapes_give_the_poses_of_the_official_converter_for_webcams(shared_tha4: Path) -> None:
    golden = json.loads((shared_tha4 / "golden" / "mocap.json").read_text())["mediapipe"]
    cases = [
        {
            "blendshapes": case["blendshapes"],
            "matrix": case["matrix"],
            "offset": [math.degrees(angle) for angle in case["head_offsets"]],
            "settings": {
                "browDown": case["eyebrow_down_mode"].lower(),
                "wink": {"NORMAL": "wink", "RELAXED": "relaxed"}[case["wink_mode"]],
            },
        }
        for case in golden
    ]
    command = [node_program(), str(HERE / "map_faces.js")]
    done = subprocess.run(command, input=json.dumps(cases), capture_output=True, text=True, check=True)
    poses = json.loads(done.stdout)
    assert len(poses) == len(golden) > 0
    for pose, case in zip(poses, golden, strict=True):
        assert set(pose) <= set(NAMES)
        for name, expected in zip(NAMES, case["output"], strict=True):
            assert pose.get(name, 0.0) == pytest.approx(expected, abs=1e-3 if name in SOLVED else 1e-6), name


@pytest.mark.parametrize(
    ("script", "module"),
    [("mocap/anime_face_mapping.gd", "face_mapping.js"), ("life/anime_lip_sync.gd", "lip_sync.js")],
)
def test_defaults_are_those_of_the_addon(script: str, module: str) -> None:
    number = r"(-?\d+(?:\.\d+)?(?: / \d+(?:\.\d+)?)?)"
    text = (PAGE / module).read_text().split("DEFAULTS = ")[1].split("});")[0]
    ours = dict(re.findall(rf"^  (\w+): {number},$", text, re.MULTILINE))
    theirs = dict(re.findall(rf"^@export.* var (\w+): float = {number}$", (ADDON / script).read_text(), re.MULTILINE))
    assert len(ours) >= 5
    for name, value in ours.items():
        other = theirs[re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)]
        assert quotient(value) == quotient(other), name


def quotient(text: str) -> float:
    """What a number, or one divided by another, says."""
    above, _, below = text.partition(" / ")
    return float(above) / float(below or 1)
