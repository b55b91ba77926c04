"""The nodes that bring a character to life, in a scene of a running game."""

from __future__ import annotations

from pathlib import Path

from tests.godot.engine import SCENARIOS, Godot
from tests.godot.fake_bridge import FakeBridge
from tha4_core.pose import NAMES


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
    run = godot.run_scenario(SCENARIOS / "voice.gd").check()
    assert run.values("vowel") == ["aaa", "iii", "uuu", "eee", "ooo"]
    assert float(run.value("parameter")) == 0.0
    assert run.value("whisper") == "true"
    assert not run.warnings
