"""The web engine's pictures of twice and four times the size, against the other engines'."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.node import run_node_tests
from tests.synthetic import larger_picture, random_networks, synthetic_character
from tests.tha4_core.engines.web.cases import Cases, native, pose_of
from tha4_core.built_in import default_character
from tha4_core.character.larger_drawing import packed
from tha4_core.engines.engine import EngineError
from tha4_core.engines.reference import ReferenceEngine

HERE = Path(__file__).parent
#: Face, hair and edges.
HEAD = (216, 100, 72, 61)


def test_a_larger_drawing_is_there_while_larger_pictures_are_wanted() -> None:
    run_node_tests([HERE / "larger_drawing.test.js"])


def test_the_processor_draws_the_native_engines_larger_pictures(tmp_path: Path, browser: dict[str, str]) -> None:
    cases = Cases(tmp_path)
    yunagi, pose = default_character(), pose_of(3)
    for scale in (2, 4):
        exact = native(yunagi, "float32", pose, HEAD, "portable", scale)
        try:
            fixed16 = native(yunagi, "fixed16", pose, HEAD, scale=scale)
        except EngineError:  # another processor's instructions
            fixed16 = exact
        cases.add(yunagi, "yunagi.tha4", pose, HEAD, float32=exact, fixed16=fixed16)
        cases.say(scale=scale)
    plain = synthetic_character(networks=random_networks(3))
    sharp = replace(plain, drawing_hd_png=packed(larger_picture(1024), "it"))
    for name, character in (("sharp.tha4", sharp), ("plain.tha4", plain)):
        for scale in (2, 4):
            pixels = native(character, "float32", pose, HEAD, "portable", scale)
            cases.add(character, name, pose, HEAD, float32=pixels)
            cases.say(scale=scale)
    run_node_tests([HERE / "larger.test.js"], CASES=str(tmp_path), **browser)


def test_the_graphics_card_draws_the_reference_engines_larger_pictures(tmp_path: Path, browser: dict[str, str]) -> None:
    cases = Cases(tmp_path)
    pose = pose_of(5)
    plain = synthetic_character(networks=random_networks(5, summed=True))
    sharp = replace(plain, drawing_hd_png=packed(larger_picture(1024), "it"))
    # A program that plays a graphics card is slow: of each network there is little.
    sharper = replace(
        synthetic_character(networks=random_networks(8)), drawing_hd_png=packed(larger_picture(2048), "it")
    )
    for name, character, region, least in (
        ("sharp.tha4", sharp, (201, 93, 40, 31), {"float32": 80, "snorm16": 65}),
        ("sharper.tha4", sharper, (201, 93, 25, 17), {"float32": 80, "snorm16": 65}),
        ("plain.tha4", plain, (201, 93, 21, 17), {"float32": 80}),
    ):
        engine = ReferenceEngine(character, threads=1)
        for scale in (2, 4):
            cases.add(character, name, pose, region, reference=engine.render(pose, region, scale=scale))
            cases.say(scale=scale, least=least)
    run_node_tests([HERE / "webgpu_larger.test.js"], CASES=str(tmp_path), **browser)
