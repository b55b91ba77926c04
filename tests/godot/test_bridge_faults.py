"""AnimatedAnimeCharacter without a bridge, with one that comes and goes, and with one that misbehaves."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from tests.godot.engine import Godot
from tests.godot.fake_bridge import Answer, FakeBridge, Header, error
from tests.godot.test_codecs import HANDSHAKE, bridge_with_keys, server
from tests.godot.test_node import NOBODY, free_port, play, start


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
    running = start(godot, "watch", character, f"tcp://127.0.0.1:{port}", until="picture")
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
    run = play(godot, "watch", character, fake_bridge.address, until="failed")
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
    running = start(godot, "watch", character, fake_bridge.address, until="picture")
    fake_bridge.wait_for("load", 2)
    del fake_bridge.answer_with["load"]
    run = running.wait().check()
    assert len(run.values("failed")) == 1
    assert run.value("shows") == "ff0007ff"


def test_a_render_that_fails_is_reported_once_and_repeated_slowly(
    godot: Godot, fake_bridge: FakeBridge, character: Path
) -> None:
    fake_bridge.answer_with["render"] = error("internal", "the engine stumbled.")
    running = start(godot, "watch", character, fake_bridge.address, until="picture", seconds=0.5)
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
    run = play(godot, "watch", character, fake_bridge.address, until="picture")
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
    run = play(godot, "watch", character, fake_bridge.address, until="failed")
    assert "makes no sense" in run.value("failed")
    assert run.value("shows") == "0000ffff"


def test_what_is_not_the_protocol_ends_the_connection_with_a_sentence(godot: Godot, character: Path) -> None:
    with server(lambda connection: connection.sendall(HANDSHAKE + b"\x00\x03\xc1\xc1\xc1")) as port:
        run = play(godot, "watch", character, f"tcp://127.0.0.1:{port}", until="failed")
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
