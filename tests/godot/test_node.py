"""AnimatedAnimeCharacter in a real Godot, against a bridge whose pictures and faults the test chooses."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest
from PIL import Image

from tests.godot.engine import SCENARIOS, Godot, Run, RunningGodot
from tests.godot.fake_bridge import Answer, FakeBridge, Header, describe_character, error, write_character

NOBODY = "tcp://127.0.0.1:1"
Given = dict[str, str]


def options(character: Path, address: str, extra: dict[str, object]) -> Given:
    return {"character": str(character), "address": address} | {name: str(value) for name, value in extra.items()}


def play(godot: Godot, name: str, character: Path, address: str, **extra: object) -> Run:
    return godot.run_scenario(SCENARIOS / f"{name}.gd", options(character, address, extra)).check()


def start(godot: Godot, name: str, character: Path, address: str, **extra: object) -> RunningGodot:
    return godot.start_scenario(SCENARIOS / f"{name}.gd", options(character, address, extra))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def test_the_picture_follows_the_pose(godot: Godot, fake_bridge: FakeBridge, character: Path) -> None:
    run = play(godot, "follow_pose", character, fake_bridge.address)
    assert run.value("resting") == "0000ffff"
    assert run.value("engine") == "fake"
    assert run.value("first") == "000007ff"
    assert run.values("colour") == ["330007ff", "990007ff", "ff0007ff"]
    assert run.values("signal") == ["connected"]
    assert run.value("connections") == "0"
    assert not run.warnings
    assert len(fake_bridge.of_type("render")) == 4, "nothing is asked for while nothing changes"
    assert [header["path"] for header in fake_bridge.of_type("load")] == [str(character)]
    fake_bridge.wait_for("bye")


def test_two_nodes_share_a_connection_and_have_their_own_pictures(
    godot: Godot, fake_bridge: FakeBridge, character: Path
) -> None:
    run = play(godot, "sharing", character, fake_bridge.address)
    assert run.value("body") == '["000007ff", (512, 512), [P: (-256.0, -256.0), S: (512.0, 512.0)]]'
    assert run.value("head") == '["ff0007ff", (96, 96), [P: (-96.0, -96.0), S: (192.0, 192.0)]]'
    assert run.value("alone") == "660007ff"
    assert len(fake_bridge.clients) == 1
    assert len({header["stream"] for header in fake_bridge.of_type("render")}) == 2
    assert fake_bridge.of_type("unload") == [], "the other node still needs the character"


def test_views_and_scale_reach_the_bridge(godot: Godot, fake_bridge: FakeBridge, character: Path) -> None:
    run = play(godot, "views", character, fake_bridge.address)
    assert run.value("head") == "(192, 192)"
    assert run.value("custom") == "(100, 50)"
    assert run.value("scaled") == "[(50, 25), (100.0, 50.0)]"
    assert run.value("same_texture") == "true"
    asked = [(tuple(header["region"]), header["scale"]) for header in fake_bridge.of_type("render")]
    assert asked == [
        ((0, 0, 512, 512), 1.0),
        ((160, 48, 192, 192), 1.0),
        ((10, 20, 100, 50), 1.0),
        ((10, 20, 100, 50), 0.5),
    ]


def test_the_head_view_is_the_characters_own(godot: Godot, fake_bridge: FakeBridge, character: Path) -> None:
    describe_character(character, head_view=(1, 2, 30, 40))
    run = play(godot, "views", character, fake_bridge.address)
    assert run.value("head") == "(30, 40)"


def test_a_view_that_moves_every_frame_shows_pictures_on_the_way(
    godot: Godot, fake_bridge: FakeBridge, character: Path
) -> None:
    fake_bridge.delay_s = 0.1
    run = play(godot, "moving_view", character, fake_bridge.address)
    assert int(run.value("pictures")) >= 3
    assert run.value("size") == "(20, 30)"


def test_an_animation_player_keys_parameters(godot: Godot, fake_bridge: FakeBridge, character: Path) -> None:
    run = play(godot, "animation", character, fake_bridge.address)
    assert float(run.value("value")) == pytest.approx(0.8)
    assert run.value("shows") == "cc0007ff"
    assert int(run.value("pictures")) >= 5
    assert run.value("rising") == "true"


def test_a_hidden_character_asks_for_nothing_unless_told_so(
    godot: Godot, fake_bridge: FakeBridge, character: Path
) -> None:
    run = play(godot, "hidden", character, fake_bridge.address)
    assert run.value("hidden") == "false"
    assert run.value("shows") == "e50007ff"
    assert run.value("shows_elsewhere") == "660007ff"
    assert len(fake_bridge.of_type("render")) == 2


def test_a_character_that_no_screen_shows_asks_for_nothing_unless_told_so(
    drawing_godot: Godot, fake_bridge: FakeBridge, character: Path
) -> None:
    given = {"character": str(character), "address": fake_bridge.address}
    run = drawing_godot.run_scenario(SCENARIOS / "on_screen.gd", given).check()
    seen = ("on screen", "before a camera", "in another viewport", "for others", "faded in")
    unseen = (
        "away from the start",
        "moved away",
        "without the camera",
        "without the viewport",
        "faded out",
        "away when it comes back",
    )
    assert {where: int(run.value(where)) for where in unseen} == dict.fromkeys(unseen, 0)
    assert all(int(run.value(where)) > 3 for where in seen), run.output


def test_no_more_pictures_come_than_max_fps_allows(godot: Godot, fake_bridge: FakeBridge, character: Path) -> None:
    run = play(godot, "limited", character, fake_bridge.address)
    limited = int(run.value("limited"))
    assert 3 <= limited <= 10 * float(run.value("limited seconds")) + 1
    assert int(run.value("unlimited")) > limited


def test_the_newest_pose_wins_over_a_slow_bridge(godot: Godot, fake_bridge: FakeBridge, character: Path) -> None:
    fake_bridge.delay_s = 0.15
    run = play(godot, "hurry", character, fake_bridge.address)
    assert run.value("shows") == "ff0007ff"
    assert 5 <= len(fake_bridge.of_type("render")) <= 15, "one request at a time"


def test_a_superseded_request_is_repeated(godot: Godot, fake_bridge: FakeBridge, character: Path) -> None:
    def supersede_first(header: Header) -> Answer:
        if len(fake_bridge.of_type("render")) == 1:
            return {"type": "superseded", "stream": header["stream"], "pose_number": header["pose_number"]}, []
        return fake_bridge.frame(header)

    fake_bridge.answer_with["render"] = supersede_first
    run = play(godot, "watch", character, fake_bridge.address, until="picture", seconds=0.5)
    assert run.value("shows") == "ff0007ff"
    assert len(fake_bridge.of_type("render")) == 2


def test_the_environment_names_the_address(godot: Godot, fake_bridge: FakeBridge, character: Path) -> None:
    run = godot.run_scenario(
        SCENARIOS / "watch.gd",
        {"character": str(character), "until": "picture"},
        extra_environment={"ANIME_CHARACTER_ADDRESS": fake_bridge.address},
    ).check()
    assert run.value("shows") == "ff0007ff"


def test_handlers_may_take_the_node_away(
    godot: Godot, fake_bridge: FakeBridge, character: Path, tmp_path: Path
) -> None:
    refused = write_character(tmp_path / "refused")

    def answer(header: Header) -> Answer:
        if header["path"] == str(refused):
            return error("bad_character", "the weights are missing.")(header)
        return {"type": "loaded", "character": "c1"}, []

    fake_bridge.answer_with["load"] = answer
    run = play(godot, "reactions", character, fake_bridge.address, refused=refused)
    assert run.values("gone") == ["connected", "frame_shown", "failed"]


def test_it_is_drawn_like_a_sprite(drawing_godot: Godot, fake_bridge: FakeBridge, character: Path) -> None:
    run = play(drawing_godot, "drawing", character, NOBODY)
    window = Image.open(run.folder / "window.png").convert("RGB")
    blue, green, black = (0, 0, 255), (0, 255, 0), (0, 0, 0)

    def corners(x: int, y: int) -> list[tuple[int, ...]]:
        """Upper left, upper right, lower left, lower right of the 80 x 80 picture at a place."""
        return [window.getpixel((x + dx, y + dy)) for dy in (10, 70) for dx in (10, 70)]  # type: ignore[misc]

    assert corners(10, 10) == [blue, blue, blue, green]
    assert corners(110, 10) == [blue, blue, green, blue]
    assert corners(210, 10) == [blue, green, blue, blue]
    assert corners(315, 17) == [blue, blue, blue, green]
    assert corners(420, 20) == [blue, blue, blue, green]
    assert corners(510, 10) == [blue, blue, blue, green], "the texture in a TextureRect"
    assert window.getpixel((9, 9)) == window.getpixel((90, 90)) == window.getpixel((312, 14)) == black

    run = play(drawing_godot, "drawing", character, fake_bridge.address)
    texture = Image.open(run.folder / "texture.png")
    assert texture.getcolors() == [(80 * 80, (255, 0, 7, 255))]
    moved = Image.open(run.folder / "moved.png").convert("RGB")
    assert moved.getpixel((50, 50)) == moved.getpixel((550, 50)) == (255, 0, 7)


def test_many_connections_at_once_do_not_disturb_each_other(
    godot: Godot, fake_bridge: FakeBridge, character: Path
) -> None:
    runs: list[Run] = []
    threads = [
        threading.Thread(target=lambda: runs.append(play(godot, "hurry", character, fake_bridge.address)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [run.value("shows") for run in runs] == ["ff0007ff"] * 2
