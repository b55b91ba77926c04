"""The bridge over a real socket, row by row of PROTOCOL.md, with engines that paint what the pose says."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bridge import server
from bridge.protocol import DEFAULT_ADDRESS, SERVER
from bridge.server import AddressInUseError, Bridge
from tests.bridge.conftest import FAILING_POSE, Host, RawClient, pose_of, running, wait_until
from tha4_core.errors import UserError
from tha4_core.pose import NAMES

Connect = Callable[..., RawClient]


# hello, list, load, unload


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
    }


def test_a_client_without_a_common_version_is_told_so(connect: Connect) -> None:
    answer = connect().ask("hello", v=3, versions=[2, 3])
    assert (answer["type"], answer["code"], answer["id"], answer["v"]) == ("error", "version", 1, 1)


def test_any_request_may_be_the_first(connect: Connect) -> None:
    assert connect().ask("ping") == {"v": 1, "type": "pong", "id": 1}


def test_load_describes_the_character_and_list_shows_it(host: Host, connect: Connect) -> None:
    client = connect()
    loaded = client.ask("load", path=host.make_character("Hero of Time"))
    assert loaded["character"] == f"hero-of-time-{loaded['digest'][:8]}"
    assert (loaded["name"], loaded["author"], loaded["licence"]) == ("Hero of Time", "Nobody", "CC0-1.0")
    assert (loaded["width"], loaded["height"], loaded["head_view"]) == (512, 512, [160, 48, 192, 192])
    description = {key: value for key, value in loaded.items() if key not in ("v", "type", "id", "expressions")}
    assert client.ask("list")["characters"] == [description]


def test_load_reports_the_expressions_of_the_file(host: Host, connect: Connect) -> None:
    client = connect()
    assert client.ask("load", path=host.make_character("plain"))["expressions"] == {}
    host.expressions = {"joy": {"mouth_raised_corner": 1.0}}
    path = host.make_character("merry")
    assert client.ask("load", path=path)["expressions"] == {"joy": {"mouth_raised_corner": 1.0}}
    host.expressions = {"joy": {"mouth_smirk": 0.5}}
    again = client.ask("load", path=path)
    assert again["expressions"] == {"joy": {"mouth_smirk": 0.5}}, "as the file is now, though the content is the same"


def test_loading_the_same_content_again_gives_the_same_handle_and_no_second_engine(
    host: Host, connect: Connect
) -> None:
    path = host.make_character("hero")
    first = connect().load(path)
    engine = host.engines["hero"]
    (host.root / "copy.tha4").write_text("hero")
    assert connect().load("copy.tha4") == first
    assert host.engines["hero"] is engine


def test_a_character_leaves_memory_when_the_last_holder_lets_go(host: Host, connect: Connect) -> None:
    one, other = connect(), connect()
    handle = one.load(host.make_character("hero"))
    other.load("hero.tha4")
    assert one.ask("unload", character=handle) == {"v": 1, "type": "unloaded", "id": 2, "character": handle}
    assert other.ask("stats")["characters"] == 1
    other.ask("unload", character=handle)
    assert other.ask("stats")["characters"] == 0
    assert other.ask("render", character=handle, pose=pose_of(1))["code"] == "unknown_character"


def test_letting_go_of_what_one_does_not_hold_is_fine_and_does_nothing(host: Host, connect: Connect) -> None:
    holder, other = connect(), connect()
    handle = holder.load(host.make_character("hero"))
    assert other.ask("unload", character=handle)["type"] == "unloaded"
    assert other.ask("unload", character="nobody")["type"] == "unloaded"
    assert holder.ask("stats")["characters"] == 1


def test_a_preloaded_character_stays_and_may_lie_anywhere(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.tha4").write_text("elsewhere")
    with running(tmp_path, preloaded=[tmp_path / "elsewhere.tha4"]) as host:
        client = RawClient(host.address)
        (description,) = client.ask("list")["characters"]
        client.ask("unload", character=description["character"])
        assert client.ask("render", character=description["character"], pose=pose_of(9))["type"] == "frame"
        client.socket.close()


def test_bye_lets_go_of_everything_and_has_no_answer(host: Host, connect: Connect) -> None:
    leaving, other = connect(), connect()
    leaving.load(host.make_character("hero"))
    leaving.send("bye")
    wait_until(lambda: other.ask("stats")["characters"] == 0)
    assert other.ask("stats")["clients"] == 1
    assert not leaving.socket.poll(0)


@pytest.mark.parametrize("path", ["../outside.tha4", "/etc/hostname", "absent.tha4", "link.tha4"])
def test_a_path_outside_the_roots_or_not_there_is_not_allowed(
    host: Host, connect: Connect, tmp_path: Path, path: str
) -> None:
    (tmp_path / "outside.tha4").write_text("outside")
    (host.root / "link.tha4").symlink_to(tmp_path / "outside.tha4")
    assert connect().ask("load", path=path)["code"] == "path_not_allowed"


def test_a_file_that_is_no_character_is_refused_with_the_loaders_sentence(host: Host, connect: Connect) -> None:
    answer = connect().ask("load", path=host.make_character("bad"))
    assert answer["code"] == "bad_character"
    assert answer["message"].endswith("bad.tha4 is no character; give another.")
    assert answer["request"] == "load"


def test_more_characters_than_allowed_are_too_many(tmp_path: Path) -> None:
    with running(tmp_path, max_characters=1) as host:
        client = RawClient(host.address)
        handle = client.load(host.make_character("one"))
        assert client.ask("load", path=host.make_character("two"))["code"] == "too_many"
        assert client.load("one.tha4") == handle
        client.ask("unload", character=handle)
        client.load("two.tha4")
        client.socket.close()


def test_more_waiting_loads_than_allowed_are_too_many(host: Host, connect: Connect) -> None:
    client = connect()
    host.make_character("hero")
    host.reading_is_free.clear()
    numbers = [client.send("load", path="hero.tha4") for _ in range(server.MAX_WAITING_LOADS + 4)]
    answers = [client.receive()[0] for _ in range(3)]
    assert {answer["code"] for answer in answers} == {"too_many"}
    host.reading_is_free.set()
    answers += [client.receive()[0] for _ in range(len(numbers) - 3)]
    assert sorted(answer["id"] for answer in answers) == numbers
    # One more than may wait if the first was already being read when the last came.
    loaded = [answer for answer in answers if answer["type"] == "loaded"]
    assert len(loaded) in (server.MAX_WAITING_LOADS, server.MAX_WAITING_LOADS + 1)


# render


def test_a_frame_describes_itself_and_carries_its_pixels(host: Host, connect: Connect) -> None:
    client = connect()
    handle = client.load(host.make_character("hero"))
    number = client.send(
        "render", character=handle, pose=pose_of(42), region=[10, 20, 30, 40], stream=3, pose_number=-5
    )
    header, (pixels,) = client.receive()
    assert header.pop("queued_ms") >= 0.0
    assert header.pop("render_ms") >= 0.0
    assert header == {
        "v": 1,
        "type": "frame",
        "id": number,
        "character": handle,
        "stream": 3,
        "pose_number": -5,
        "region": [10, 20, 30, 40],
        "width": 30,
        "height": 40,
        "format": "rgba8",
    }
    assert pixels == bytes([42]) * (30 * 40 * 4)


def test_without_a_region_a_frame_is_the_full_picture(host: Host, connect: Connect) -> None:
    client = connect()
    client.send("render", character=client.load(host.make_character("hero")), pose=pose_of(7), region=None)
    header, (pixels,) = client.receive()
    assert header["region"] == [0, 0, 512, 512]
    assert pixels == bytes([7]) * (512 * 512 * 4)


def test_a_scaled_frame_is_smaller_and_shows_the_same_region(host: Host, connect: Connect) -> None:
    client = connect()
    handle = client.load(host.make_character("hero"))
    client.send("render", character=handle, pose=pose_of(50), region=[0, 0, 100, 10], scale=0.25)
    header, (pixels,) = client.receive()
    assert (header["region"], header["width"], header["height"]) == ([0, 0, 100, 10], 25, 2)
    assert len(pixels) == 25 * 2 * 4


def test_buffers_used_again_do_not_change_frames_sent_before(host: Host, connect: Connect) -> None:
    client = connect(RCVHWM=64)
    handle = client.load(host.make_character("hero"))
    for value in range(1, 13):
        client.send("render", character=handle, pose=pose_of(value), stream=value)
    frames = [client.receive() for _ in range(12)]
    for header, (pixels,) in frames:
        assert pixels == bytes([header["stream"]]) * (512 * 512 * 4)


def test_the_newest_pose_wins_and_the_older_are_answered_as_superseded(host: Host, connect: Connect) -> None:
    client = connect()
    handle = client.load(host.make_character("hero"))
    engine = host.engines["hero"]
    engine.free.clear()
    at_work = client.send("render", character=handle, pose=pose_of(1))
    wait_until(lambda: client.ask("stats")["streams"] == 0)
    older = [client.send("render", character=handle, pose=pose_of(n), pose_number=n) for n in (2, 3, 4)]
    newest = client.send("render", character=handle, pose=pose_of(5), pose_number=5)
    gone = [client.receive()[0] for _ in older]
    assert gone == [
        {"v": 1, "type": "superseded", "id": number, "stream": 0, "pose_number": n}
        for number, n in zip(older, (2, 3, 4), strict=True)
    ]
    engine.free.set()
    assert [client.receive()[0]["id"] for _ in range(2)] == [at_work, newest]
    assert engine.rendered == [1, 5]
    assert client.ask("stats")["superseded"] == 3


def test_streams_of_a_client_do_not_supersede_each_other(host: Host, connect: Connect) -> None:
    client = connect()
    handle = client.load(host.make_character("hero"))
    host.engines["hero"].free.clear()
    for stream in range(4):
        client.send("render", character=handle, pose=pose_of(stream), stream=stream)
    host.engines["hero"].free.set()
    assert {client.receive()[0]["stream"] for _ in range(4)} == {0, 1, 2, 3}


def test_more_waiting_streams_than_allowed_are_too_many(host: Host, connect: Connect) -> None:
    client = connect()
    handle = client.load(host.make_character("hero"))
    host.engines["hero"].free.clear()
    fields = {"character": handle, "pose": pose_of(1), "region": [0, 0, 1, 1]}
    client.send("render", **fields)
    wait_until(lambda: client.ask("stats")["streams"] == 0)
    for stream in range(server.MAX_WAITING_STREAMS):
        client.send("render", **fields, stream=stream)
    refused = client.ask("render", **fields, stream=1000, pose_number=17)
    assert (refused["code"], refused["stream"], refused["pose_number"]) == ("too_many", 1000, 17)


def test_a_flooding_client_does_not_starve_another(host: Host, connect: Connect) -> None:
    flooding, modest = connect(), connect()
    handle = flooding.load(host.make_character("hero"))
    engine = host.engines["hero"]
    engine.free.clear()
    fields = {"character": handle, "region": [0, 0, 1, 1]}
    flooding.send("render", **fields, pose=pose_of(99))
    wait_until(lambda: modest.ask("stats")["streams"] == 0)
    for stream in range(20):
        flooding.send("render", **fields, pose=pose_of(stream), stream=stream)
    wait_until(lambda: modest.ask("stats")["streams"] == 20)
    modest.send("render", **fields, pose=pose_of(77))
    wait_until(lambda: flooding.ask("stats")["streams"] == 21)
    engine.free.set()
    assert modest.receive()[0]["type"] == "frame"
    # After the frame at work, at most one of the other client's comes first.
    assert engine.rendered.index(77) <= 2


def test_two_characters_are_rendered_each_by_its_own_engine(host: Host, connect: Connect) -> None:
    client = connect()
    handles = [client.load(host.make_character(name)) for name in ("alice", "bob")]
    for value, handle in enumerate(handles):
        client.send("render", character=handle, pose=pose_of(value), stream=value)
    frames = [client.receive()[0] for _ in handles]
    assert sorted(frame["character"] for frame in frames) == sorted(handles)
    assert (host.engines["alice"].rendered, host.engines["bob"].rendered) == ([0], [1])


def test_pings_are_answered_while_the_engine_works(host: Host, connect: Connect) -> None:
    client = connect()
    handle = client.load(host.make_character("hero"))
    host.engines["hero"].free.clear()
    client.send("render", character=handle, pose=pose_of(1))
    assert client.ask("ping")["type"] == "pong"


def test_loads_and_frames_take_turns(host: Host, connect: Connect) -> None:
    loading, rendering = connect(), connect()
    handle = rendering.load(host.make_character("hero"))
    for name in ("a", "b", "c"):
        host.make_character(name)
    host.engines["hero"].free.clear()
    rendering.send("render", character=handle, pose=pose_of(0), region=[0, 0, 1, 1])
    wait_until(lambda: rendering.ask("stats")["streams"] == 0)
    for name in ("a", "b", "c"):
        loading.send("load", path=f"{name}.tha4")
    loading.ask("ping")
    for stream in range(12):
        rendering.send("render", character=handle, pose=pose_of(stream), region=[0, 0, 1, 1], stream=stream)
    wait_until(lambda: loading.ask("stats")["streams"] == 12)
    engine = host.engines["hero"]
    rendered_at: list[int] = []
    parse = host.bridge._parse_file
    host.bridge._parse_file = lambda *file: (rendered_at.append(len(engine.rendered)), parse(*file))[1]
    engine.free.set()
    assert [loading.receive()[0]["name"] for _ in range(3)] == ["a", "b", "c"]
    # Each load has two steps, and one frame comes between any two.
    assert rendered_at == [1, 3, 5]


def test_requests_for_a_character_that_leaves_are_refused(host: Host, connect: Connect) -> None:
    holder, other = connect(), connect()
    handle = holder.load(host.make_character("hero"))
    host.engines["hero"].free.clear()
    holder.send("render", character=handle, pose=pose_of(1))
    wait_until(lambda: other.ask("stats")["streams"] == 0)
    number = other.send("render", character=handle, pose=pose_of(2), stream=6, pose_number=8)
    wait_until(lambda: holder.ask("stats")["streams"] == 1)
    holder.send("bye")
    refused, _ = other.receive()
    assert (refused["id"], refused["code"], refused["stream"]) == (number, "unknown_character", 6)


# stats, faults, leaving


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
    host: Host, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = connect()
    with monkeypatch.context() as patch:
        patch.setattr(host.bridge, "_statistics", lambda: 1 / 0)
        assert client.ask("stats")["code"] == "internal"
    assert client.ask("stats")["type"] == "stats"


def test_a_client_that_does_not_read_loses_frames_and_harms_nobody(host: Host, connect: Connect) -> None:
    slow, other = connect(RCVHWM=1, RCVBUF=4096), connect()
    handle = slow.load(host.make_character("hero"))
    sent = 0

    def some_are_dropped() -> bool:
        nonlocal sent
        sent += 1
        slow.send("render", character=handle, pose=pose_of(1), stream=sent % 8)
        return other.ask("stats")["dropped"] > 0

    wait_until(some_are_dropped)
    assert other.ask("render", character=handle, pose=pose_of(2))["type"] == "frame"


def test_a_client_that_reads_loses_no_answer_however_many_it_asks_for_at_once(connect: Connect) -> None:
    client = connect()
    for _ in range(50):
        asked = [client.send("ping") for _ in range(100)]
        assert [client.receive()[0]["id"] for _ in asked] == asked


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


def test_more_clients_than_allowed_are_refused_and_forgotten_ones_make_room(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MAX_CLIENTS", 1)
    first, second = connect(), connect()
    first.ask("ping")
    assert second.ask("ping")["code"] == "too_many"
    first.send("bye")
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
        Bridge(host.address, lambda _: None)  # type: ignore[arg-type, return-value]


def test_preparing_fails_with_the_engines_sentence_when_there_is_none() -> None:
    def no_engine(_character: object) -> object:
        raise UserError("no engine works here.")

    bridge = Bridge("tcp://127.0.0.1:*", no_engine)  # type: ignore[arg-type]
    with pytest.raises(UserError, match="no engine works here"):
        bridge.prepare()
    assert bridge.close()


def test_importing_the_bridge_imports_no_torch() -> None:
    code = "import bridge.server, bridge.client, bridge.__main__, sys; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_the_default_address_is_this_machine_only() -> None:
    assert DEFAULT_ADDRESS == "tcp://127.0.0.1:5747"
