"""Characters to which everything happens in any order: views, sizes, engines, other characters, scenes that change."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.godot.engine import SCENARIOS, Godot
from tests.godot.vulkan import MOBILE
from tests.synthetic import larger_picture, random_networks, synthetic_character
from tha4_core.character import save_character
from tha4_core.character.larger_drawing import packed
from tools.environment.bridge_process import running_bridge

pytestmark = pytest.mark.slow

#: More seeds look further.
SEEDS = range(int(os.environ.get("RANDOM_USE_SEEDS", "1")))


@pytest.fixture(scope="module")
def characters(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One with a larger drawing and one without, of small networks."""
    folder = tmp_path_factory.mktemp("characters")
    plain = synthetic_character(networks=random_networks(8))
    sharp = replace(synthetic_character(networks=random_networks(5)), drawing_hd_png=packed(larger_picture(1024), "it"))
    for name, character in (("plain", plain), ("sharp", sharp)):
        save_character(character, folder / f"{name}.tha4")
    return f"{folder}/plain.tha4|{folder}/sharp.tha4"


@pytest.fixture(scope="module")
def address(characters: str) -> Iterator[str]:
    """Of a bridge."""
    with running_bridge("--root", str(Path(characters.split("|")[0]).parent)) as bridge:
        yield bridge.address


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("drawing", "engines"),
    [((), "CPU|AUTO"), ((), "BRIDGE|BRIDGE|CPU"), (MOBILE, "GPU|GPU|CPU")],
    ids=["library", "bridge", "card"],
)
def test_each_shows_what_it_is_asked_for_in_the_end(
    godot: Godot, display: str, characters: str, address: str, drawing: Sequence[str], engines: str, seed: int
) -> None:
    options = {"characters": characters, "address": address, "engines": engines, "seed": str(seed), "steps": "200"}
    run = godot.on(display, *drawing).run_scenario(SCENARIOS / "random_use.gd", options).check()
    assert int(run.value("made")) > 3
    assert set(run.values("right")) == {"true"}
    assert not run.values("failed")
    assert "leaked" not in run.output
