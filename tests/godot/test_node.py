"""AnimatedAnimeCharacter in a real Godot, against a bridge whose pictures and faults the test chooses."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import ROOT
from tests.godot.engine import SCENARIOS, Godot, Run, RunningGodot
from tests.godot.fake_bridge import Answer, FakeBridge, Header, describe_character, error, write_character
from tests.godot.test_codecs import HANDSHAKE, bridge_with_keys, server

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
    run = play(godot, "watch", character, fake_bridge.address, seconds=1)
    assert run.value("shows") == "ff0007ff"
    assert len(fake_bridge.of_type("render")) == 2


def test_without_a_bridge_the_resting_picture_is_shown_and_it_says_so_once(godot: Godot, character: Path) -> None:
    run = play(godot, "watch", character, NOBODY, seconds=4)
    assert run.value("shows") == "0000ffff"
    assert len(run.values("failed")) == len(run.warnings) == 1
    assert "no bridge at tcp://127.0.0.1:1" in run.value("failed")
    assert "python -m bridge" in run.value("failed")
    assert run.value("failed") in run.value("warnings")
    assert run.values("signal") == []


def test_a_bridge_with_keys_is_told_from_one_that_is_not_there(godot: Godot, character: Path) -> None:
    with bridge_with_keys() as port:
        run = play(godot, "watch", character, f"tcp://127.0.0.1:{port}", seconds=4)
    assert run.value("shows") == "0000ffff"
    assert len(run.values("failed")) == len(run.warnings) == 1
    assert "lets in only clients with CURVE keys" in run.value("failed")


def test_a_bridge_that_starts_later_is_found(godot: Godot, character: Path) -> None:
    port = free_port()
    running = start(godot, "watch", character, f"tcp://127.0.0.1:{port}", seconds=4)
    time.sleep(1.5)
    with FakeBridge(port):
        run = running.wait().check()
    assert run.values("signal") == ["connected"]
    assert run.value("shows") == "ff0007ff"


def test_a_bridge_that_dies_and_comes_back(godot: Godot, character: Path) -> None:
    with FakeBridge() as first:
        running = start(godot, "recover", character, first.address)
        running.wait_for("ready=yes")
    time.sleep(1.0)
    with FakeBridge(first.port) as second:
        run = running.wait().check()
    assert run.values("signal") == ["connected", "lost", "connected"]
    assert run.value("shows") == run.value("shows_when_lost") == "990007ff"
    assert run.value("connected_when_lost") == "false"
    assert run.value("shows_again") == "ff0007ff"
    assert len(second.of_type("load")) == 1
    assert run.values("failed") == []


def test_a_bridge_that_hangs_is_left_and_found_again(godot: Godot, fake_bridge: FakeBridge, character: Path) -> None:
    running = start(godot, "recover", character, fake_bridge.address, silence=1000)
    running.wait_for("ready=yes")
    fake_bridge.silent = True
    running.wait_for("signal=lost")
    fake_bridge.silent = False
    run = running.wait().check()
    assert run.values("signal") == ["connected", "lost", "connected"]
    assert run.value("shows_again") == "ff0007ff"
    assert "has said nothing" in run.value("failed")


def test_another_protocol_version_is_named(godot: Godot, fake_bridge: FakeBridge, character: Path) -> None:
    fake_bridge.answer_with["hello"] = error("version", "this bridge speaks version 2, not 1.")
    run = play(godot, "watch", character, fake_bridge.address, seconds=3)
    assert len(run.values("failed")) == 1
    assert "does not speak protocol version 1" in run.value("failed")
    assert "this bridge speaks version 2, not 1." in run.value("failed")
    assert run.values("signal") == []


def test_a_welcome_without_our_version_is_no_welcome(godot: Godot, fake_bridge: FakeBridge, character: Path) -> None:
    fake_bridge.answer_with["hello"] = lambda _: ({"type": "welcome", "versions": [2, 3]}, [])
    run = play(godot, "watch", character, fake_bridge.address, seconds=1)
    assert "[2, 3]" in run.value("failed")


@pytest.mark.parametrize("code", ["bad_character", "path_not_allowed"])
def test_a_character_that_cannot_be_loaded_is_reported_once(
    godot: Godot, fake_bridge: FakeBridge, character: Path, code: str
) -> None:
    fake_bridge.answer_with["load"] = error(code, "the weights are missing.")
    run = play(godot, "watch", character, fake_bridge.address, seconds=3)
    assert len(run.values("failed")) == 1
    assert str(character) in run.value("failed")
    assert "the weights are missing." in run.value("failed")
    assert run.value("shows") == "0000ffff"
    assert len(fake_bridge.of_type("load")) == 1


def test_a_full_bridge_is_asked_again(godot: Godot, fake_bridge: FakeBridge, character: Path) -> None:
    fake_bridge.answer_with["load"] = error("too_many", "there is no room.")
    running = start(godot, "watch", character, fake_bridge.address, seconds=4)
    fake_bridge.wait_for("load", 2)
    del fake_bridge.answer_with["load"]
    run = running.wait().check()
    assert len(run.values("failed")) == 1
    assert run.value("shows") == "ff0007ff"


def test_a_render_that_fails_is_reported_once_and_repeated_slowly(
    godot: Godot, fake_bridge: FakeBridge, character: Path
) -> None:
    fake_bridge.answer_with["render"] = error("internal", "the engine stumbled.")
    running = start(godot, "watch", character, fake_bridge.address, seconds=5)
    fake_bridge.wait_for("render", 3)
    del fake_bridge.answer_with["render"]
    run = running.wait().check()
    assert len(run.values("failed")) == 1
    assert "the engine stumbled." in run.value("failed")
    assert run.value("shows") == "ff0007ff"
    assert len(fake_bridge.of_type("render")) == 4


def test_a_forgotten_character_is_loaded_again(godot: Godot, fake_bridge: FakeBridge, character: Path) -> None:
    def forget_first(header: Header) -> Answer:
        if len(fake_bridge.of_type("render")) == 1:
            return error("unknown_character", "no such handle.")(header)
        return fake_bridge.frame(header)

    fake_bridge.answer_with["render"] = forget_first
    run = play(godot, "watch", character, fake_bridge.address, seconds=2)
    assert run.value("shows") == "ff0007ff"
    assert len(fake_bridge.of_type("load")) == 2
    assert run.values("failed") == []


def frame_with(bridge: FakeBridge, **changes: object) -> object:
    def answer(header: Header) -> Answer:
        made = bridge.frame(header)
        assert made is not None
        return made[0] | changes, made[1]

    return answer


@pytest.mark.parametrize(
    "changes",
    [
        {"width": 511},
        {"width": 2**40, "height": 2**40},
        {"width": -512, "height": -512},
        {"width": "512"},
        {"region": [0, 0, 9999, 1]},
        {"region": None},
        {"format": "jpeg"},
    ],
    ids=str,
)
def test_a_frame_that_makes_no_sense_is_refused(
    godot: Godot, fake_bridge: FakeBridge, character: Path, changes: dict[str, object]
) -> None:
    fake_bridge.answer_with["render"] = frame_with(fake_bridge, **changes)  # type: ignore[assignment]
    run = play(godot, "watch", character, fake_bridge.address, seconds=1)
    assert "makes no sense" in run.value("failed")
    assert run.value("shows") == "0000ffff"


def test_what_is_not_the_protocol_ends_the_connection_with_a_sentence(godot: Godot, character: Path) -> None:
    with server(lambda connection: connection.sendall(HANDSHAKE + b"\x00\x03\xc1\xc1\xc1")) as port:
        run = play(godot, "watch", character, f"tcp://127.0.0.1:{port}", seconds=1)
    assert "not of its protocol" in run.value("failed")


@pytest.mark.parametrize(
    "said",
    [b"", HANDSHAKE, HANDSHAKE + b"\x02\x00\x00\x00\x00\x00\x10\x00\x00half a frame"],
    ids=["nothing", "the handshake", "half a frame"],
)
def test_leaving_takes_no_time_whatever_the_bridge_does(godot: Godot, character: Path, said: bytes) -> None:
    with server(lambda connection: connection.sendall(said)) as port:
        run = play(godot, "leave", character, f"tcp://127.0.0.1:{port}", seconds=1)
    assert float(run.value("left_ms")) < 1000


def test_the_main_thread_never_waits_for_the_bridge(godot: Godot, character: Path) -> None:
    def dribble(connection: socket.socket) -> None:
        for byte in HANDSHAKE + b"\x02\x00\x00\x00\x00\x00\x10\x00\x00" + bytes(100):
            connection.sendall(bytes([byte]))
            time.sleep(0.01)

    with server(dribble) as port:
        run = play(godot, "smooth", character, f"tcp://127.0.0.1:{port}")
    assert float(run.value("longest_ms")) < 500, "a wait for the other side would take seconds"


def test_the_environment_names_the_address(godot: Godot, fake_bridge: FakeBridge, character: Path) -> None:
    run = godot.run_scenario(
        SCENARIOS / "watch.gd",
        {"character": str(character), "seconds": "1"},
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


def bridge_command(*more: str) -> str:
    return "|".join([sys.executable, "-m", "tests.godot.fake_bridge", *more])


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def start_options(character: Path, command: str, linger: float = 0) -> Given:
    return options(character, f"tcp://127.0.0.1:{free_port()}", {"command": command, "linger": linger})


def test_a_bridge_is_started_and_stopped_with_the_node(godot: Godot, character: Path, tmp_path: Path) -> None:
    note = tmp_path / "note"
    run = godot.run_scenario(
        SCENARIOS / "start_bridge.gd",
        start_options(character, bridge_command("--note", str(note))),
        extra_environment={"PYTHONPATH": str(ROOT)},
    ).check()
    assert run.value("shows") == "ff0007ff"
    assert run.values("failed") == []
    pid, *arguments = note.read_text().splitlines()
    assert "--exit-when-idle" in arguments
    assert arguments[arguments.index("--root") + 1 :].count(str(character)) == 1
    deadline = time.monotonic() + 5
    while is_running(int(pid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(int(pid))


def test_a_started_bridge_that_dies_is_started_again(godot: Godot, character: Path, tmp_path: Path) -> None:
    note = tmp_path / "note"
    running = godot.start_scenario(
        SCENARIOS / "start_bridge.gd",
        start_options(character, bridge_command("--note", str(note)), linger=5),
        extra_environment={"PYTHONPATH": str(ROOT)},
    )
    running.wait_for("shows=")
    os.kill(int(note.read_text().splitlines()[0]), 9)
    run = running.wait().check()
    assert run.values("signal") == ["connected", "lost", "connected"]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (f"{sys.executable}|-c|import sys; sys.exit('the engine is missing')", "the engine is missing"),
        ("/no/such/program", "/no/such/program"),
    ],
    ids=["it ends at once", "there is no such program"],
)
def test_a_bridge_that_cannot_start_says_why(godot: Godot, character: Path, command: str, expected: str) -> None:
    run = godot.run_scenario(SCENARIOS / "start_bridge.gd", start_options(character, command, linger=1))
    assert len(run.values("failed")) == 1
    assert expected in run.value("failed")
    assert "anime_character/bridge/command" in run.value("failed")


def test_a_bridge_elsewhere_is_not_started_here(godot: Godot, character: Path) -> None:
    given = options(character, "tcp://no.such.host.invalid:5747", {"command": "x", "linger": 0})
    run = godot.run_scenario(SCENARIOS / "start_bridge.gd", given)
    assert run.values("failed")


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
