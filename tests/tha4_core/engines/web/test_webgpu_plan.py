"""How networks of any shape are laid out for a graphics card: tiles, weights, and which of them a region needs."""

from __future__ import annotations

from pathlib import Path

from tests.node import run_node_tests


def test_networks_are_laid_out_for_a_graphics_card() -> None:
    run_node_tests([Path(__file__).parent / "webgpu_plan.test.js"])
