"""The demos, gone through with mouse, keyboard and datagrams in a real window."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.godot.engine import ADDON_PROJECT, SCENARIOS, Godot, Run
from tests.godot.test_mocap import free_udp_port
from tha4_core.built_in import NAMES, built_in_path
from tha4_core.character import load_character

pytestmark = pytest.mark.slow

STORY: dict[str, Any] = json.loads((ADDON_PROJECT / "demo/visual_novel/midnight.json").read_text(encoding="utf-8"))
SPEAKING = b"jawOpen&60|mouthLowerDown_L&40|mouthLowerDown_R&40|eyeBlink_L&10|=head#0.0,6.0,0.0,0,0,0"


@pytest.fixture(scope="module")
def shown(drawing_godot: Godot) -> Run:
    """One run through all of them, without a bridge."""
    port = free_udp_port()
    running = drawing_godot.start_scenario(SCENARIOS / "demos.gd", {"port": str(port)})
    try:
        running.wait_for("phase=datagrams", 170)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while "puppet_receives=" not in running.output and running.process.poll() is None:
                sender.sendto(SPEAKING, ("127.0.0.1", port))
                time.sleep(0.03)
        return running.wait(170).check()
    finally:
        running.stop()


def test_the_menu_names_whom_the_characters_owe_something(shown: Run) -> None:
    known = [load_character(built_in_path(name)).info for name in sorted(NAMES, reverse=True)]
    lines = [f"{info.name} by {info.author}, {info.licence}" for info in known]
    assert json.loads(shown.value("menu_credits")).splitlines() == lines


def window(run: Run, name: str) -> NDArray[np.uint8]:
    """A saved picture, RGB."""
    return np.array(Image.open(run.folder / f"{name}.png").convert("RGB"))


@pytest.fixture(scope="module")
def palette() -> NDArray[np.int64]:
    """The eight colours that the figure has most of: int64 (8, 3)."""
    picture = load_character(ADDON_PROJECT / "demo/characters/yunagi.tha4").image
    opaque = Image.fromarray(picture[picture[..., 3] == 255][None, :, :3])
    colours = opaque.quantize(8, Image.Quantize.MEDIANCUT).getpalette()
    assert colours
    return np.array(colours[:24], np.int64).reshape(8, 3)


def shares_of_colours(pixels: NDArray[np.uint8], palette: NDArray[np.int64]) -> NDArray[np.float64]:
    """How many of some pixels have each of the figure's colours, or nearly so: (8,), each from 0 to 1."""
    distances = np.abs(pixels.reshape(-1, 1, 3).astype(np.int64) - palette).max(axis=2)
    shares: NDArray[np.float64] = (distances <= 24).mean(axis=0)
    return shares


@pytest.mark.parametrize("name", NAMES)
def test_the_characters_are_those_that_come_with_the_project(name: str) -> None:
    assert (ADDON_PROJECT / f"demo/characters/{name}.tha4").read_bytes() == built_in_path(name).read_bytes()


def test_nothing_is_complained_about(shown: Run) -> None:
    # A display in memory has nothing to synchronise with, which the engine itself remarks.
    assert [warning for warning in shown.warnings if "V-Sync" not in warning] == []
    assert not shown.values("failed")


@pytest.mark.parametrize(
    ("picture", "columns", "rows"),
    [
        ("menu", slice(880, 1020), slice(250, 700)),
        ("gallery", slice(320, 460), slice(250, 640)),
        ("gallery_head", slice(150, 620), slice(250, 640)),
        ("novel", slice(270, 420), slice(280, 520)),
        ("puppet", slice(330, 500), slice(380, 700)),
        ("billboard", slice(590, 690), slice(260, 520)),
    ],
)
def test_the_figure_stands_where_it_should(
    shown: Run, palette: NDArray[np.int64], picture: str, columns: slice, rows: slice
) -> None:
    shares = shares_of_colours(window(shown, picture)[rows, columns], palette)
    assert shares.sum() > 0.6
    assert (shares > 0.02).sum() >= 4, "and no background that happens to have one of them"


def test_the_gallery_moves_every_slider_and_shows_every_expression(shown: Run) -> None:
    assert shown.value("sliders_moved") == shown.value("mouth_moved") == shown.value("reset") == "true"
    moods = shown.values("mood")
    assert len(moods) == len(set(moods)) == 15
    assert int(shown.value("random")) < 44
    assert shown.value("random_expression") == ""
    assert shown.value("view") == "1"
    assert "native engine" in shown.value("status")


def test_the_gallery_puts_the_figure_before_another_colour(shown: Run) -> None:
    green = (window(shown, "gallery_green") == (63, 163, 77)).all(axis=2)
    assert green[:, :760].mean() > 0.3
    assert not (window(shown, "gallery") == (63, 163, 77)).all(axis=2)[:, :760].any()


def expected_lines(choice: int) -> list[int]:
    """The numbers of the story's lines on the way that a choice leads."""
    lines: list[dict[str, Any]] = STORY["lines"]
    labels = {line["label"]: number for number, line in enumerate(lines) if "label" in line}
    way, number = [], 0
    while number < len(lines):
        line = lines[number]
        go = line["choices"][choice]["go"] if "choices" in line else line.get("go")
        if "choices" not in line:
            way.append(number)
        number = labels[go] if go else number + 1
    return way


def test_clicks_lead_through_every_line_of_both_ways(shown: Run) -> None:
    seen = [line.split("|") for line in shown.values("line")]
    assert [int(number) for number, _, _ in seen] == expected_lines(0) + expected_lines(1)
    spoken = {number for number, line in enumerate(STORY["lines"]) if "say" in line}
    assert {int(number) for number, _, _ in seen} == spoken
    for number, yunagi, kohaku in seen:
        line = STORY["lines"][int(number)]
        assert (yunagi if line["who"] == "yunagi" else kohaku) == line["mood"]


def test_a_line_types_out_and_a_click_shows_the_rest(shown: Run) -> None:
    assert len(shown.values("letters_at_first")) > 8
    assert all(float(ratio) < 0.9 for ratio in shown.values("letters_at_first"))
    assert len(shown.values("letters_after_click")) > 8
    assert {float(ratio) for ratio in shown.values("letters_after_click")} == {1.0}
    assert set(shown.values("speaks_after_click")) == {"false"}


def test_both_mouths_move(shown: Run) -> None:
    assert float(shown.value("mouth_of_Yunagi")) > 0.5
    assert float(shown.value("mouth_of_Kohaku")) > 0.5


def test_datagrams_move_the_puppet(shown: Run) -> None:
    assert shown.value("puppet_waits").startswith("Waiting for a face on UDP port ")
    assert shown.value("puppet_receives").startswith("Receiving: ")
    before, after = window(shown, "puppet"), window(shown, "puppet_moved")
    mouth = (slice(230, 330), slice(300, 520))
    assert np.abs(before[mouth].astype(int) - after[mouth]).max() > 80


@pytest.mark.parametrize("protocol", ["ifacialmocap", "vmc"])
def test_the_made_up_face_moves_the_puppet_in_either_protocol(shown: Run, protocol: str) -> None:
    moved = set(shown.value(f"made_up_{protocol}").split())
    assert {"head_y", "neck_z", "mouth_aaa"} <= moved
    assert int(shown.value(f"received_{protocol}")) >= 8
    assert shown.value(f"ignored_{protocol}") == "0"


def test_in_3d_she_looks_at_the_light_and_at_the_camera(shown: Run) -> None:
    assert shown.value("looks_at") == "Camera"
    assert float(shown.value("gaze_at_you")) < 0.4
    assert float(shown.value("gaze_at_light")) > 0.4
    # To the viewer's right.
    assert float(shown.value("eyes_at_light")) < -0.1


def test_in_3d_the_colours_are_those_of_the_texture(shown: Run) -> None:
    seen = window(shown, "billboard").astype(int)
    texture = np.array(Image.open(shown.folder / "billboard_texture.png").convert("RGBA")).astype(int)
    differences = []
    for point in shown.values("point"):
        x, y, window_x, window_y = (float(number) for number in point.split())
        around = texture[int(y) - 3 : int(y) + 4, int(x) - 3 : int(x) + 4]
        # Where the texture is of one colour, so that how it is scaled does not matter.
        if (around[..., 3] >= 252).all() and np.ptp(around[..., :3], axis=(0, 1)).max() <= 8:
            here = seen[int(window_y), int(window_x)]
            differences.append(np.abs(here - around[3, 3, :3]).max())
    assert len(differences) > 40
    assert np.quantile(differences, 0.9) <= 5
