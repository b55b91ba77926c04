"""Pixels: a real Godot, a real bridge, a real character, and what the window shows against the reference engine."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.godot.engine import SCENARIOS, Godot, Run
from tests.pictures import over
from tha4_core.character import Character
from tha4_core.engines.reference import ReferenceEngine
from tha4_core.metrics import signal_to_noise
from tha4_core.picture.region import DEFAULT_HEAD_VIEW, Region
from tha4_core.pose import pose_from_names
from tools.environment.bridge_process import RunningBridge, running_bridge

pytestmark = pytest.mark.slow

BACKGROUND = (40, 90, 60)
#: The node of both scenarios stands at (300, 300), its picture centred.
CORNER = (300 - 256, 300 - 256)
POSED = {"eye_happy_wink": 1.0, "mouth_aaa": 0.6, "head_y": -0.5, "neck_z": 0.4}
#: In the middle of an animation, and at its end.
ON_THE_WAY = POSED | {"head_y": 0.1, "mouth_aaa": 0.3}
ANIMATED = POSED | {"head_y": 0.7, "mouth_aaa": 0.0}
CUSTOM = Region(131, 20, 251, 333)


@pytest.fixture(scope="module")
def engine(reference_character: Callable[[str], Character]) -> ReferenceEngine:
    return ReferenceEngine(reference_character("lambda_00"))


@pytest.fixture(scope="module")
def bridge(lambda_00: Path) -> Iterator[RunningBridge]:
    with running_bridge("--root", str(lambda_00.parent)) as running:
        yield running


@pytest.fixture(scope="module")
def shown(drawing_godot: Godot, bridge: RunningBridge, lambda_00: Path) -> Run:
    options = {"character": str(lambda_00), "address": bridge.address}
    return drawing_godot.run_scenario(SCENARIOS / "pixels.gd", options).check()


def cut(picture: Path, corner: tuple[int, int], size: tuple[int, int]) -> NDArray[np.uint8]:
    """A rectangle of a saved picture, RGB."""
    (x, y), (width, height) = corner, size
    return np.array(Image.open(picture).convert("RGB"))[y : y + height, x : x + width]


def likeness(seen: NDArray[np.uint8], expected: NDArray[np.uint8]) -> float:
    """PSNR in dB between what a window shows and a straight-alpha picture over the background, where it is visible."""
    visible = expected[..., 3] > 0
    return signal_to_noise(seen[visible], over(expected, BACKGROUND)[visible], peak=255)


@pytest.mark.parametrize(
    ("picture", "pose"),
    [("neutral", {}), ("posed", POSED), ("on_the_way", ON_THE_WAY), ("animated", ANIMATED)],
)
def test_the_window_shows_the_pose(shown: Run, engine: ReferenceEngine, picture: str, pose: dict[str, float]) -> None:
    seen = cut(shown.folder / f"{picture}.png", CORNER, (512, 512))
    assert likeness(seen, engine.render(pose_from_names(pose))) >= 40


def test_poses_differ_by_more_than_the_test_allows(engine: ReferenceEngine) -> None:
    neutral, posed = engine.render(pose_from_names({})), engine.render(pose_from_names(POSED))
    assert likeness(over(neutral, BACKGROUND), posed) < 30


def test_around_the_character_there_is_only_the_background(shown: Run, engine: ReferenceEngine) -> None:
    window = np.array(Image.open(shown.folder / "neutral.png").convert("RGB"))
    expected = np.broadcast_to(np.array(BACKGROUND), window.shape).copy()
    x, y = CORNER
    picture = engine.render(pose_from_names({}))
    visible = np.zeros(window.shape[:2], bool)
    visible[y : y + 512, x : x + 512] = picture[..., 3] > 0
    # An engine may round an alpha of 0 up to 1/255, which is a level of colour.
    assert np.abs(window[~visible].astype(int) - expected[~visible]).max() <= 1


def test_the_head_view_shows_just_that_rectangle(shown: Run, engine: ReferenceEngine) -> None:
    expected = engine.render(pose_from_names(ANIMATED), DEFAULT_HEAD_VIEW)
    seen = cut(shown.folder / "head.png", (300 - 96, 300 - 96), (192, 192))
    assert likeness(seen, expected) >= 40
    texture = np.array(Image.open(shown.folder / "head_texture.png").convert("RGBA"))
    assert texture.shape == (192, 192, 4)
    assert likeness(over(texture, BACKGROUND), expected) >= 45


def test_a_texture_rect_and_a_sprite_in_3d_show_the_same_texture(shown: Run, engine: ReferenceEngine) -> None:
    expected = engine.render(pose_from_names(ANIMATED), DEFAULT_HEAD_VIEW)
    assert likeness(cut(shown.folder / "elsewhere.png", (700, 40), (192, 192)), expected) >= 40
    # In 3D the background of the default environment is another; only opaque pixels compare.
    opaque = expected[..., 3] == 255
    seen = cut(shown.folder / "elsewhere.png", (800, 400), (192, 192))
    assert signal_to_noise(seen[opaque], expected[opaque][:, :3], peak=255) >= 35


def test_a_custom_view_is_drawn_with_offset_and_flips(shown: Run, engine: ReferenceEngine) -> None:
    expected = engine.render(pose_from_names(ANIMATED), CUSTOM)[::-1, ::-1]
    seen = cut(shown.folder / "custom.png", (300 + 7, 300 - 9), (CUSTOM.width, CUSTOM.height))
    assert likeness(seen, expected) >= 40


def test_drawn_larger_on_white_it_has_no_dark_rim(shown: Run, engine: ReferenceEngine) -> None:
    """Against a filter that weighs colours by alpha, as none on a graphics card does."""
    picture = engine.render(pose_from_names(ANIMATED), DEFAULT_HEAD_VIEW).astype(np.float32)

    def larger(values: NDArray[np.float32]) -> NDArray[np.float32]:
        bands = [Image.fromarray(values[..., c]).resize((576, 576), Image.Resampling.BILINEAR) for c in range(4)]
        return np.stack([np.asarray(band) for band in bands], axis=-1)

    weighed = picture.copy()
    weighed[..., :3] *= picture[..., 3:] / 255.0
    ideal = larger(weighed)
    on_white = ideal[..., :3] + (255.0 - ideal[..., 3:])
    rim = (ideal[..., 3] > 2) & (ideal[..., 3] < 253)
    plain = larger(picture)
    rimmed = (plain[..., :3] * plain[..., 3:] + 255.0 * (255.0 - plain[..., 3:])) / 255.0
    seen = cut(shown.folder / "larger.png", (360 - 288, 360 - 288), (576, 576))
    # What remains is dark outlines over light colours; what is gone is the black of transparent pixels.
    assert (on_white - rimmed)[rim].mean() > 3.5
    assert (on_white - seen)[rim].mean() < 2.2


def test_nothing_was_complained_about(shown: Run) -> None:
    # A display in memory has nothing to synchronise with, which the engine itself remarks.
    assert [warning for warning in shown.warnings if "V-Sync" not in warning] == []
    assert not shown.values("failed")


def free_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{probe.getsockname()[1]}"


def test_a_killed_bridge_is_reported_and_the_node_recovers(
    drawing_godot: Godot, engine: ReferenceEngine, lambda_00: Path
) -> None:
    address, root = free_address(), ("--root", str(lambda_00.parent))
    options = {"character": str(lambda_00), "address": address}
    with running_bridge(*root, address=address) as first:
        game = drawing_godot.start_scenario(SCENARIOS / "bridge_killed.gd", options)
        game.wait_for("phase=streaming")
        os.kill(first.pid, signal.SIGKILL)
    game.wait_for("phase=lost")
    with running_bridge(*root, address=address):
        run = game.wait(150).check()
    assert run.values("signal") == ["connected", "lost", "connected"]
    assert run.values("losses") == ["1", "1"]
    # The last picture stays while nobody is there ...
    last = np.array(Image.open(run.folder / "last.png").convert("RGBA"))
    assert last.shape == (512, 512, 4)
    assert likeness(cut(run.folder / "lost.png", CORNER, (512, 512)), last) >= 40
    # ... and the pose set meanwhile is shown when the bridge is back.
    expected = engine.render(pose_from_names({"head_y": 0.7, "mouth_ooo": 1.0}))
    assert likeness(cut(run.folder / "recovered.png", CORNER, (512, 512)), expected) >= 40
