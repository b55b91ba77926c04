"""A character's own monitors in the engine's Performance."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.godot.engine import SCENARIOS, Godot
from tests.godot.fake_bridge import FakeBridge

PICTURE_BYTES = 512 * 512 * 4


def test_they_show_pictures_bytes_and_latency_while_the_character_is_there(
    godot: Godot, fake_bridge: FakeBridge, character: Path
) -> None:
    given = {"character": str(character), "address": fake_bridge.address}
    run = godot.run_scenario(SCENARIOS / "monitors.gd", given).check()
    assert run.value("before") == run.value("after") == "0"
    pictures = float(run.value("Anime Character/Hero pictures per second"))
    assert pictures == pytest.approx(float(run.value("pictures")), rel=0.5)
    assert pictures > 2
    assert float(run.value("Anime Character/Hero bytes per second")) == pytest.approx(pictures * PICTURE_BYTES)
    assert run.value("Anime Character/Hero latency (ms)") == run.value("latency")
