"""The nodes that bring a character to life, in a scene of a running game."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.godot.engine import SCENARIOS, Godot
from tests.godot.fake_bridge import FakeBridge
from tha4_core.pose import NAMES

#: Spectra, and the vowels that they are.
VOWEL_CASES = ROOT / "tests" / "vowel_cases.json"


def test_a_scene_with_all_of_them_is_alive(godot: Godot, fake_bridge: FakeBridge, character: Path) -> None:
    given = {"character": str(character), "address": fake_bridge.address}
    run = godot.run_scenario(SCENARIOS / "alive.gd", given).check()
    assert run.value("settings") == "[5, 2, 0.75]", "what the scene file keeps"
    moved = set(run.value("moved").split(","))
    vowels = {f"mouth_{vowel}" for vowel in ("aaa", "iii", "uuu", "eee", "ooo")}
    assert vowels | {"eye_wink_left", "eye_wink_right", "breathing", "iris_rotation_y", "head_y", "body_y"} <= moved
    assert moved <= vowels | {name for name in NAMES if "mouth" not in name}
    assert int(run.value("blinks")) >= 1
    assert int(run.value("pictures")) >= 20
    assert run.value("base") == "true", "the properties are left alone"
    assert run.value("at_rest") == "true", "without them all is as it was"
    assert not run.warnings


def test_a_voice_on_an_audio_bus_moves_the_mouth(godot: Godot) -> None:
    cases = json.loads(VOWEL_CASES.read_text())
    run = godot.run_scenario(SCENARIOS / "voice.gd", {"cases": str(VOWEL_CASES)}).check()
    # The same table holds for the web page's lip-sync (tests/tools/web/mimic).
    for shares, case in zip(run.values("shares"), cases, strict=True):
        assert json.loads(shares) == pytest.approx(case["shares"], abs=2e-5), case
    assert run.values("vowel") == ["aaa", "iii", "uuu", "eee", "ooo"]
    assert float(run.value("parameter")) == 0.0
    assert run.value("whisper") == "true"
    assert not run.warnings
