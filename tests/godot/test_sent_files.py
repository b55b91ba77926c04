"""A character that the game has as a resource, and a bridge that gets its bytes over the connection."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import msgpack
import numpy as np
import pytest

from tests.godot.engine import SCENARIOS, Godot, Run, RunningGodot
from tests.godot.fake_bridge import Answer, FakeBridge, Header, error
from tests.godot.test_codecs import HANDSHAKE
from tests.synthetic import synthetic_character
from tha4_core.character import save_character
from tha4_core.picture.color import encode_png
from tools.environment.bridge_process import running_bridge

MEBIBYTE = 1 << 20


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A real character file of 2 MB, blue."""
    pixels = np.empty((512, 512, 4), np.uint8)
    pixels[:] = (0, 0, 255, 255)
    save_character(replace(synthetic_character(), image_png=encode_png(pixels)), tmp_path / "hero.tha4")
    return tmp_path / "hero.tha4"


def start(godot: Godot, file: Path, address: str, nodes: int = 1, **extra: str) -> RunningGodot:
    options = {"character": str(file), "address": address, "nodes": str(nodes)} | extra
    return godot.start_scenario(SCENARIOS / "wire.gd", options)


def play(godot: Godot, file: Path, address: str, nodes: int = 1, **extra: str) -> Run:
    return start(godot, file, address, nodes, **extra).wait().check()


def asked_for(bridge: FakeBridge) -> list[str]:
    assert all("path" not in header for header in bridge.of_type("load")), "the bridge need not see our disk"
    return [header["sha256"] for header in bridge.of_type("load")]


def test_a_file_that_the_bridge_has_is_not_sent(godot: Godot, fake_bridge: FakeBridge, file: Path) -> None:
    fake_bridge.files.append(file.read_bytes())
    run = play(godot, file, fake_bridge.address)
    assert run.value("shows") == '["ff0007ff"]'
    assert asked_for(fake_bridge) == [hashlib.sha256(file.read_bytes()).hexdigest()]
    assert len(fake_bridge.files) == 1


def test_a_file_that_it_has_not_is_sent_whole(godot: Godot, fake_bridge: FakeBridge, file: Path) -> None:
    run = play(godot, file, fake_bridge.address)
    assert run.value("shows") == '["ff0007ff"]'
    assert fake_bridge.files == [file.read_bytes()]
    assert asked_for(fake_bridge) == 2 * [hashlib.sha256(file.read_bytes()).hexdigest()]
    assert not run.warnings


def test_several_nodes_send_it_once(godot: Godot, fake_bridge: FakeBridge, file: Path) -> None:
    run = play(godot, file, fake_bridge.address, nodes=4, rest="1")
    assert run.values("shows") == [
        '["ff0007ff", "ff0007ff", "ff0007ff", "ff0007ff"]',
        '["330007ff", "ff0007ff", "ff0007ff"]',
    ]
    assert len(fake_bridge.files) == 1
    # As the game ends the last of them may still say that it goes.
    kinds = [header["type"] for header in fake_bridge.requests]
    last_picture = max(index for index, kind in enumerate(kinds) if kind == "render")
    assert "unload" not in kinds[:last_picture], "the others still need it"


def test_different_files_are_sent_one_after_the_other(godot: Godot, file: Path, tmp_path: Path) -> None:
    """A real bridge refuses a file while it reads another one of the same client."""
    save_character(synthetic_character(seed=8), tmp_path / "other.tha4")
    with running_bridge() as bridge:
        run = play(godot, file, bridge.address, nodes=4, other=str(tmp_path / "other.tha4"))
    assert run.values("failed") == []
    assert len(run.values("shows")) == 1
    assert not run.warnings


def test_a_bridge_that_starts_anew_gets_it_again(godot: Godot, file: Path) -> None:
    with FakeBridge() as first:
        running = start(godot, file, first.address, nodes=2, again="1")
        running.wait_for("ready=yes")
    with FakeBridge(first.port) as second:
        run = running.wait().check()
    assert run.values("shows") == ['["ff0007ff", "ff0007ff"]', '["660007ff", "660007ff"]']
    assert first.files == second.files == [file.read_bytes()]


def test_a_connection_that_is_lost_on_the_way_is_no_harm(godot: Godot, file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        running = start(godot, file, f"tcp://127.0.0.1:{port}", nodes=2)
        connection, _ = server.accept()
        with closing(connection):
            received = _until_the_file_comes(connection)
    assert 0 < received < file.stat().st_size
    with FakeBridge(port) as bridge:
        run = running.wait().check()
    assert run.value("shows") == '["ff0007ff", "ff0007ff"]'
    assert bridge.files == [file.read_bytes()]


def _until_the_file_comes(connection: socket.socket) -> int:
    """Plays the bridge far enough that the file is sent, and reads a part of it; how many bytes of it."""
    connection.sendall(HANDSHAKE)
    seen = b""
    for number, answer in enumerate(
        (
            {"type": "welcome", "versions": [1]},
            {"type": "error", "code": "send_file", "message": "the file is needed."},
        ),
        1,
    ):
        wanted = b"hello" if number == 1 else b"sha256"
        while wanted not in seen:
            seen += connection.recv(4096)
        body = msgpack.packb({"v": 1, "id": number} | answer)
        connection.sendall(b"\x00" + bytes([len(body)]) + body)
    received = 0
    while received < 300_000:
        received += len(connection.recv(65536))
    return received


@contextmanager
def _slow_way(port: int, bytes_per_second: int) -> Iterator[int]:
    """A port from which one connection leads to another one, what the client says slowly."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def carry(source: socket.socket, target: socket.socket, pause_s: float) -> None:
            with suppress(OSError):
                while data := source.recv(16384):
                    target.sendall(data)
                    time.sleep(pause_s)
                target.shutdown(socket.SHUT_WR)

        def serve() -> None:
            client, _ = server.accept()
            with client, socket.create_connection(("127.0.0.1", port)) as bridge:
                back = threading.Thread(target=carry, args=(bridge, client, 0.0))
                back.start()
                carry(client, bridge, 16384 / bytes_per_second)
                back.join()

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def test_a_bridge_far_away_is_given_the_time_that_the_file_needs(
    godot: Godot, fake_bridge: FakeBridge, file: Path
) -> None:
    with _slow_way(fake_bridge.port, 1 * MEBIBYTE) as port:
        run = play(godot, file, f"tcp://127.0.0.1:{port}", silence="500")
    assert run.value("shows") == '["ff0007ff"]'
    assert run.values("signal") == ["connected"]


def test_the_main_thread_never_waits_for_the_file(godot: Godot, fake_bridge: FakeBridge, tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (512, 512, 4), dtype=np.uint8)
    save_character(replace(synthetic_character(), image_png=encode_png(pixels)), tmp_path / "large.tha4")
    assert (tmp_path / "large.tha4").stat().st_size > 3 * MEBIBYTE - 200_000
    run = play(godot, tmp_path / "large.tha4", fake_bridge.address)
    assert len(fake_bridge.files) == 1
    assert float(run.value("longest_ms")) < 500


@pytest.mark.parametrize("code", ["bad_character", "bad_field"])
def test_a_file_that_the_bridge_refuses_is_reported_once(
    godot: Godot, fake_bridge: FakeBridge, file: Path, code: str
) -> None:
    def refuse(header: Header) -> Answer:
        return error(code if fake_bridge.files else "send_file", "the weights are missing.")(header)

    fake_bridge.answer_with["load"] = refuse
    running = godot.start_scenario(
        SCENARIOS / "watch.gd", {"character": str(file), "address": fake_bridge.address, "seconds": "3"}
    )
    run = running.wait().check()
    assert run.values("failed") == [f"the bridge could not load {file}: the weights are missing."]
    assert len(fake_bridge.files) == 1
    assert run.value("shows") == "0000ffff"


def test_a_bridge_that_is_busy_with_files_of_others_is_asked_again(
    godot: Godot, fake_bridge: FakeBridge, file: Path
) -> None:
    def refuse_first(header: Header) -> Answer:
        if not fake_bridge.files:
            return error("send_file", "the file is needed.")(header)
        if len(fake_bridge.of_type("load")) < 4:
            return error("too_many" if len(fake_bridge.of_type("load")) == 2 else "send_file", "later.")(header)
        return {"type": "loaded", "character": "c1"}, []

    fake_bridge.answer_with["load"] = refuse_first
    run = godot.run_scenario(
        SCENARIOS / "watch.gd", {"character": str(file), "address": fake_bridge.address, "until": "picture"}
    ).check()
    assert run.value("shows") == "ff0007ff"
    assert fake_bridge.files == 2 * [file.read_bytes()]


def test_a_bridge_that_asks_for_it_again_and_again_is_not_flooded(
    godot: Godot, fake_bridge: FakeBridge, file: Path
) -> None:
    fake_bridge.answer_with["load"] = error("send_file", "the file is needed.")
    run = godot.run_scenario(
        SCENARIOS / "watch.gd", {"character": str(file), "address": fake_bridge.address, "seconds": "3"}
    ).check()
    assert len(run.values("failed")) == 1
    assert 1 <= len(fake_bridge.files) <= 4


def test_a_real_bridge_without_any_root_plays_it(godot: Godot, file: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with running_bridge("--root", str(tmp_path / "empty")) as bridge:
        run = play(godot, file, bridge.address, nodes=2)
    assert run.values("failed") == []
    assert run.values("signal") == ["connected", "connected"]
