"""The web engine's pictures in a real browser, against the native and the reference engine's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from tests.node import run_node_tests
from tests.synthetic import random_networks, synthetic_character
from tests.tha4_core.engines.web.cases import Cases, native, pose_of, with_networks
from tha4_core.built_in import default_character
from tha4_core.character.networks import NAMED, PUBLISHED, Level, Networks
from tha4_core.engines.engine import EngineError
from tha4_core.engines.reference import ReferenceEngine

HERE = Path(__file__).parent


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
