"""A bridge as a whole: greetings, turns, figures, faults, who leaves, and how it starts and stops."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bridge import clients
from bridge.address import AddressInUseError
from bridge.protocol import DEFAULT_ADDRESS, SERVER
from bridge.reading import Reader
from bridge.server import Bridge
from bridge.statistics import Statistics
from tests.bridge.conftest import FAILING_POSE, PATIENCE, Host, RawClient, pose_of, running, wait_until
from tha4_core.errors import UserError
from tha4_core.pose import NAMES

Connect = Callable[..., RawClient]


def test_hello_is_answered_with_what_the_bridge_is(connect: Connect) -> None:
    assert connect().ask("hello", client="test", versions=[1, 2]) == {
        "v": 1,
        "type": "welcome",
        "id": 1,
        "server": SERVER,
        "versions": [1],
        "engine": "fake",
        "device": "cpu",
        "pid": os.getpid(),
        "width": 512,
        "height": 512,
        "parameters": list(NAMES),
        "pixel_formats": ["rgba8"],
        "scales": [2, 4],
    }


def test_a_client_without_a_common_version_is_told_so(connect: Connect) -> None:
    answer = connect().ask("hello", v=3, versions=[2, 3])
    assert (answer["type"], answer["code"], answer["id"], answer["v"]) == ("error", "version", 1, 1)


def test_any_request_may_be_the_first(connect: Connect) -> None:
    assert connect().ask("ping") == {"v": 1, "type": "pong", "id": 1}


def test_bye_lets_go_of_everything_and_has_no_answer(host: Host, connect: Connect) -> None:
    leaving, other = connect(), connect()
    leaving.load(host.make_character("hero"))
    leaving.send("bye")
    wait_until(lambda: other.ask("stats")["characters"] == 0)
    assert other.ask("stats")["clients"] == 1
    assert not leaving.socket.poll(0)


def test_no_frame_waits_for_a_load_and_no_load_for_a_frame(host: Host, connect: Connect) -> None:
    loading, rendering = connect(), connect()
    handle = rendering.load(host.make_character("hero"))
    host.reading_is_free.clear()
    number = loading.send("load", path=host.make_character("slow"))
    loading.ask("ping")
    assert rendering.ask("render", character=handle, pose=pose_of(1))["type"] == "frame"
    host.engines["hero"].free.clear()
    rendering.send("render", character=handle, pose=pose_of(2))
    host.reading_is_free.set()
    loaded, _ = loading.receive()
    assert (loaded["type"], loaded["id"]) == ("loaded", number)


# stats, faults


def test_stats_count_what_happened(host: Host, connect: Connect) -> None:
    client = connect()
    handle = client.load(host.make_character("hero"))
    client.ask("render", character=handle, pose=pose_of(1))
    client.ask("render", character="nobody", pose=pose_of(1))
    stats = client.ask("stats")
    counted = ("clients", "characters", "streams", "frames", "superseded", "dropped", "errors")
    assert [stats[key] for key in counted] == [1, 1, 0, 1, 0, 0, 1]
    assert stats["uptime_s"] > 0
    assert stats["render_ms_mean"] > 0
    assert stats["resident_bytes"] > 0 or sys.platform != "linux"


def test_an_engine_that_fails_is_an_internal_error_and_the_bridge_goes_on(host: Host, connect: Connect) -> None:
    client = connect()
    handle = client.load(host.make_character("hero"))
    refused = client.ask("render", character=handle, pose=FAILING_POSE, pose_number=3)
    assert (refused["code"], refused["request"], refused["pose_number"]) == ("internal", "render", 3)
    assert "RuntimeError" in refused["message"]
    assert client.ask("render", character=handle, pose=pose_of(1))["type"] == "frame"


def test_a_loader_that_fails_is_an_internal_error_and_the_bridge_goes_on(host: Host, connect: Connect) -> None:
    client = connect()
    assert client.ask("load", path=host.make_character("crash"))["code"] == "internal"
    assert client.load(host.make_character("hero"))


def test_a_fault_in_handling_a_message_is_an_internal_error_and_the_bridge_goes_on(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = connect()
    with monkeypatch.context() as patch:
        patch.setattr(Statistics, "fields", lambda _: 1 / 0)
        assert client.ask("stats")["code"] == "internal"
    assert client.ask("stats")["type"] == "stats"


def test_who_does_not_read_is_not_drawn_for_and_harms_nobody(host: Host, connect: Connect) -> None:
    slow, other = connect(RCVHWM=1, RCVBUF=4096), connect()
    handle = slow.load(host.make_character("hero"))
    for stream in range(40):
        slow.send("render", character=handle, pose=pose_of(stream), stream=stream)
    engine = host.engines["hero"]
    wait_until(lambda: len(engine.rendered) > 0 and not host.bridge._renderer.busy)
    assert other.ask("render", character=handle, pose=pose_of(77))["type"] == "frame"
    assert len(engine.rendered) < 15
    assert other.ask("stats")["dropped"] == 0
    frames = [slow.receive()[0] for _ in range(40)]  # once it reads, it gets what it asked for
    assert {frame["stream"] for frame in frames} == set(range(40))


def test_a_client_that_reads_loses_no_answer_however_many_it_asks_for_at_once(connect: Connect) -> None:
    client = connect()
    for _ in range(50):
        asked = [client.send("ping") for _ in range(100)]
        assert [client.receive()[0]["id"] for _ in asked] == asked


def test_messages_beyond_a_turn_do_not_wait_until_something_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.server._LONGEST_SLEEP_S", 2 * PATIENCE)
    with running(tmp_path, client_timeout=8 * PATIENCE) as host:
        client = RawClient(host.address)
        asked = [client.send("ping") for _ in range(200)]
        assert [client.receive()[0]["id"] for _ in asked] == asked
        client.socket.close()


def test_a_silent_client_is_forgotten_with_what_it_holds(tmp_path: Path) -> None:
    with running(tmp_path, client_timeout=0.3) as host:
        silent, other = RawClient(host.address), RawClient(host.address)
        silent.load(host.make_character("hero"))
        wait_until(lambda: other.ask("stats")["clients"] == 1)
        assert other.ask("stats")["characters"] == 0
        assert silent.ask("ping")["type"] == "pong"  # a new one now
        for client in (silent, other):
            client.socket.close()


def test_a_client_that_waits_for_its_frame_is_not_silent(tmp_path: Path) -> None:
    with running(tmp_path, client_timeout=0.1) as host:
        waiting, other = RawClient(host.address), RawClient(host.address)
        handle = waiting.load(host.make_character("hero"))
        host.engines["hero"].free.clear()
        waiting.send("render", character=handle, pose=pose_of(1))
        third = RawClient(host.address)
        third.ask("ping")
        wait_until(lambda: other.ask("stats")["clients"] == 2)  # the third is forgotten meanwhile
        host.engines["hero"].free.set()
        assert waiting.receive()[0]["type"] == "frame"
        for client in (waiting, other, third):
            client.socket.close()


def test_a_bridge_that_nobody_talks_to_ends_when_told_to(tmp_path: Path) -> None:
    with running(tmp_path, exit_when_idle=0.2) as host:
        client = RawClient(host.address)
        client.ask("ping")
        client.socket.close()
        host.thread.join(20)
        assert not host.thread.is_alive()


def test_in_a_full_bridge_the_longest_silent_client_that_holds_nothing_makes_room(
    host: Host, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "MAX_CLIENTS", 3)
    holder, silent, speaking = connect(), connect(), connect()
    handle = holder.load(host.make_character("hero"))
    silent.ask("ping")
    speaking.ask("ping")
    for _ in range(3):
        assert connect().ask("ping")["type"] == "pong"
    assert holder.ask("render", character=handle, pose=pose_of(1))["type"] == "frame"


def test_more_clients_than_allowed_are_refused_while_each_holds_something_and_one_that_leaves_makes_room(
    host: Host, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "MAX_CLIENTS", 1)
    first, second = connect(), connect()
    first.load(host.make_character("hero"))
    assert second.ask("ping")["code"] == "too_many"
    first.socket.close()  # without a word
    wait_until(lambda: second.ask("ping")["type"] == "pong")


def test_stopping_finishes_and_sends_the_frame_at_work(tmp_path: Path) -> None:
    with running(tmp_path) as host:
        client = RawClient(host.address)
        handle = client.load(host.make_character("hero"))
        host.engines["hero"].free.clear()
        client.send("render", character=handle, pose=pose_of(1))
        wait_until(lambda: client.ask("stats")["streams"] == 0)
        host.bridge.stop()
        host.engines["hero"].free.set()
        host.thread.join(20)
        assert client.receive()[0]["type"] == "frame"
        client.socket.close()


# starting


def test_a_second_bridge_on_a_port_is_told_so(host: Host) -> None:
    with pytest.raises(AddressInUseError, match=r"listens on .* already"):
        Bridge(host.address, lambda _: None, Reader())  # type: ignore[arg-type, return-value]


def test_preparing_fails_with_the_engines_sentence_when_there_is_none() -> None:
    def no_engine(_character: object) -> object:
        raise UserError("no engine works here.")

    bridge = Bridge("tcp://127.0.0.1:*", no_engine, Reader())  # type: ignore[arg-type]
    with pytest.raises(UserError, match="no engine works here"):
        bridge.prepare()
    assert bridge.close()


def test_importing_the_bridge_imports_no_torch() -> None:
    code = "import bridge.server, bridge.client, bridge.__main__, sys; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_the_default_address_is_this_machine_only() -> None:
    assert DEFAULT_ADDRESS == "tcp://127.0.0.1:5747"
