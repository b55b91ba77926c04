"""The web engine's pictures in a real browser, against the native and the reference engine's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.conftest import unavailable
from tests.node import chromium_program, node_packages, run_node_tests
from tests.synthetic import random_networks, synthetic_character
from tha4_core.built_in import default_character
from tha4_core.character import Character, save_character
from tha4_core.character.networks import NAMED, PUBLISHED, Level, Networks
from tha4_core.engines.engine import EngineError
from tha4_core.engines.native.renderer import new_renderer
from tha4_core.engines.reference import ReferenceEngine
from tha4_core.pose import SIZE, Pose, as_pose
from tools.binaries.web import ensure_web_engine

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def browser() -> dict[str, str]:
    """What tests in JavaScript need besides their cases."""
    node_packages()
    if ensure_web_engine() is None:
        unavailable("the engine for browsers was not built; install ziglang (pip install -e .[binaries])")
    return {"CHROMIUM": chromium_program()}


def pose_of(seed: int) -> Pose:
    return as_pose(np.random.default_rng(seed).uniform(-1.0, 1.0, SIZE))


def native(character: Character, precision: str, pose: Pose, region: Sequence[int], isa: str = "") -> NDArray[np.uint8]:
    """What the native engine draws of what can be seen. Raises EngineError where it cannot have the precision."""
    renderer = new_renderer(character, 1, isa, precision)
    if character.visibility is not None:
        renderer.set_visibility(character.visibility.tiles)
    pixels = np.empty((region[3], region[2], 4), np.uint8)
    renderer.render(pose, tuple(region), pixels)
    return pixels


def with_networks(character: Character, networks: Networks, replaced: str) -> Character:
    """A character of which one network is another one, made up."""
    made_up = synthetic_character(networks=networks)
    info = replace(character.info, networks=networks)
    return replace(character, info=info, **{replaced: getattr(made_up, replaced)})


class Cases:
    """A folder of characters and pictures, and what is said of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._cases: list[dict[str, Any]] = []

    def add(self, character: Character, name: str, pose: Pose, region: Sequence[int], **pictures: NDArray[Any]) -> None:
        """pictures: by what they are."""
        if not (self.folder / name).exists():
            save_character(character, self.folder / name)
        case: dict[str, Any] = {"file": name, "pose": pose.tolist(), "region": list(region)}
        for what, pixels in pictures.items():
            case[what] = f"{len(self._cases)}_{what}.rgba"
            (self.folder / case[what]).write_bytes(pixels.tobytes())
        self._cases.append(case)
        self.say()

    def say(self, **more: object) -> None:
        """More of the last one."""
        self._cases[-1] |= more
        (self.folder / "cases.json").write_text(json.dumps(self._cases))


def test_the_processor_draws_the_native_engines_pictures(tmp_path: Path, browser: dict[str, str]) -> None:
    cases = Cases(tmp_path)
    yunagi, pose, head = default_character(), pose_of(3), (200, 80, 96, 112)
    exact = native(yunagi, "float32", pose, head, "portable")
    try:
        fixed16 = native(yunagi, "fixed16", pose, head)
    except EngineError:  # another processor's instructions
        fixed16 = exact
    cases.add(yunagi, "yunagi.tha4", pose, head, float32=exact, fixed16=fixed16)
    small = synthetic_character(networks=NAMED["light"])
    region = (160, 60, 160, 120)
    pixels = native(small, "float32", pose, region, "portable")
    half = np.array(Image.fromarray(pixels).resize((80, 60), Image.Resampling.HAMMING))
    cases.add(small, "small.tha4", pose, region, float32=pixels, half=half)
    for seed in range(3):
        character = synthetic_character(networks=random_networks(seed))
        pixels = native(character, "float32", pose, region, "portable")
        cases.add(character, f"networks_{seed}.tha4", pose, region, float32=pixels)
    run_node_tests([HERE / "wasm.test.js"], CASES=str(tmp_path), **browser)


def test_the_graphics_card_draws_the_reference_engines_pictures(tmp_path: Path, browser: dict[str, str]) -> None:
    cases = Cases(tmp_path)
    pose = pose_of(5)
    yunagi = replace(default_character(), visibility=None)
    # Each network by itself, with a small one in the other's place: a program that plays a graphics card is slow.
    small = random_networks(5, summed=True)
    body = with_networks(yunagi, Networks(Level(128, (6,)), PUBLISHED.body), "face_morpher")
    face = with_networks(yunagi, Networks(PUBLISHED.face, (Level(512, (3,)),)), "body_morpher")
    for name, character, region, least in (
        ("body.tha4", body, (240, 152, 24, 16), {"float32": 80, "snorm16": 65}),
        ("face.tha4", face, (236, 154, 32, 16), {"snorm16": 65}),
        ("small.tha4", synthetic_character(networks=small), (201, 93, 61, 47), {"float32": 80}),
    ):
        pixels = ReferenceEngine(character, threads=1).render(pose, region)
        cases.add(character, name, pose, region, reference=pixels)
        cases.say(least=least)
    run_node_tests([HERE / "webgpu.test.js"], CASES=str(tmp_path), **browser)


def test_pixels_computed_one_by_one_are_the_reference_engines(tmp_path: Path) -> None:
    cases = Cases(tmp_path)
    pose = pose_of(7)
    for name, character, region in (
        ("yunagi.tha4", default_character(), (250, 150, 3, 2)),
        ("networks.tha4", synthetic_character(networks=random_networks(2)), (250, 190, 9, 7)),
        ("summed.tha4", synthetic_character(networks=random_networks(5, summed=True)), (315, 200, 9, 7)),
    ):
        cases.add(character, name, pose, region, reference=ReferenceEngine(character, threads=1).render(pose, region))
    run_node_tests([HERE / "evaluate.test.js"], CASES=str(tmp_path))
