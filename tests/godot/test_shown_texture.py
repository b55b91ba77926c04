"""One texture for pictures in memory and on the graphics card, with software Vulkan."""

from __future__ import annotations

import numpy as np
import pytest

from tests.godot.engine import SCENARIOS, Godot
from tests.godot.vulkan import WAYS, unexpected_errors

COLORS = {
    "image": (200, 100, 50),
    "device": (50, 200, 100),
    "drawn_into": (10, 20, 250),
    "smaller": (200, 100, 50),
    "image_again": (50, 200, 100),
    "updated": (10, 20, 250),
}


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_one_texture_shows_both_kinds_alike_everywhere(godot: Godot, display: str, way: str) -> None:
    run = godot.on(display, *WAYS[way]).run_scenario(SCENARIOS / "shown_texture.gd", timeout_s=240)
    assert unexpected_errors(run) == [], run.output
    for moment, color in COLORS.items():
        flat, interface, space = (np.frombuffer(bytes.fromhex(seen), np.uint8) for seen in run.values(moment))
        assert tuple(flat) == color, moment
        assert tuple(interface) == color, moment
        # In 3D colours go through linear light, in the mobile renderer with 10 bits.
        assert np.abs(space.astype(int) - color).max() <= 16, moment
    assert run.value("read_back") == "32c864"
    assert run.value("size") == "(64.0, 64.0)"
    assert run.value("kept") == "true"
    # A texture of another size is heard of by whoever lays it out.
    assert int(run.value("changes")) >= 2
    assert "RID allocations" not in run.output
