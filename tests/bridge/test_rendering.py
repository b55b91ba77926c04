"""``render`` over a real socket, as PROTOCOL.md has it, with engines that paint what the pose says."""

from __future__ import annotations

from collections.abc import Callable

import msgpack
import pytest

from bridge import rendering
from tests.bridge.conftest import GREETING, Host, RawClient, pose_of, ready, tcp, wait_until

Connect = Callable[..., RawClient]


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


@pytest.mark.parametrize("scale", [2, 4.0])
def test_a_larger_frame_shows_the_same_region_finer(host: Host, connect: Connect, scale: float) -> None:
    client = connect()
    handle = client.load(host.make_character("hero"))
    client.send("render", character=handle, pose=pose_of(50), region=[3, 4, 100, 10], scale=scale)
    header, (pixels,) = client.receive()
    assert (header["region"], header["width"], header["height"]) == ([3, 4, 100, 10], 100 * scale, 10 * scale)
    assert pixels == bytes([50]) * int(100 * 10 * scale * scale * 4)


def test_frames_of_16_mib_come_one_after_another_and_small_answers_beside_them(host: Host, connect: Connect) -> None:
    client = connect()
    handle = client.load(host.make_character("hero"))
    for stream in range(3):
        client.send("render", character=handle, pose=pose_of(stream), scale=4, stream=stream)
        client.send("ping")
    answers = [client.receive() for _ in range(6)]
    frames = {header["stream"]: parts[0] for header, parts in answers if header["type"] == "frame"}
    assert sum(header["type"] == "pong" for header, _ in answers) == 3
    assert {stream: (len(pixels), set(pixels)) for stream, pixels in frames.items()} == {
        stream: (16 << 20, {stream}) for stream in range(3)
    }


def test_of_large_frames_too_the_newest_pose_wins(host: Host, connect: Connect) -> None:
    client = connect()
    handle = client.load(host.make_character("hero"))
    engine = host.engines["hero"]
    engine.free.clear()
    client.send("render", character=handle, pose=pose_of(1), scale=2)
    wait_until(lambda: client.ask("stats")["streams"] == 0)
    older = client.send("render", character=handle, pose=pose_of(2), scale=2)
    client.send("render", character=handle, pose=pose_of(3), scale=4)
    assert client.receive()[0] | {"pose_number": 0} == {
        "v": 1,
        "type": "superseded",
        "id": older,
        "stream": 0,
        "pose_number": 0,
    }
    engine.free.set()
    assert [client.receive()[0]["width"] for _ in range(2)] == [1024, 2048]
    assert engine.rendered == [1, 3]


def test_who_does_not_read_large_frames_takes_no_more_memory_than_is_said(
    host: Host, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "UNREAD_BYTES_WITH_LARGE", 20 << 20)
    deaf, good = connect(RCVHWM=1), connect()
    handle = deaf.load(host.make_character("hero"))
    with tcp(host) as silent:
        silent.sendall(GREETING + ready() + zmtp_message(handle, scale=4))
        wait_until(lambda: good.ask("stats")["frames"] == 1)
        waits = good.send("render", character=handle, pose=pose_of(3), scale=4)
        good.send("render", character=handle, pose=pose_of(4), stream=1)
        # Its large frame has to wait for room, but nobody else does.
        assert deaf.ask("render", character=handle, pose=pose_of(5))["type"] == "frame"
        assert good.ask("stats")["streams"] == 2
    got = [good.receive()[0] for _ in range(2)]
    assert [(frame["id"], frame["width"]) for frame in got] == [(waits, 2048), (waits + 1, 512)]


def zmtp_message(handle: str, **fields: object) -> bytes:
    """A ``render`` as it stands on the wire."""
    header = {"v": 1, "type": "render", "id": 1, "character": handle, "pose": pose_of(1)} | fields
    data = msgpack.packb(header)
    return b"\x02" + len(data).to_bytes(8, "big") + data


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
    for stream in range(rendering.MAX_WAITING_STREAMS):
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
