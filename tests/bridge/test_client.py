"""BridgeClient against a real bridge."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import zmq

from bridge.address import AddressError
from bridge.client import BridgeClient, BridgeError, BridgeUnavailable
from tests.bridge.conftest import FAILING_POSE, PATIENCE, Host, pose_of, wait_until
from tha4_core.picture.region import DEFAULT_HEAD_VIEW, RegionError
from tha4_core.pose import PoseError


def test_it_knows_whom_it_talks_to(client: BridgeClient) -> None:
    assert (client.welcome.engine, client.welcome.device, client.welcome.width) == ("fake", "cpu", 512)
    assert client.ping() > 0
    assert client.stats()["clients"] == 1


def test_a_loaded_character_says_what_it_is(host: Host, client: BridgeClient) -> None:
    hero = client.load(Path(host.make_character("hero")))
    assert (hero.name, hero.licence, hero.head_view) == ("hero", "CC0-1.0", DEFAULT_HEAD_VIEW)
    assert client.characters() == [hero]
    client.unload(hero)
    assert client.characters() == []


def test_render_gives_the_pixels_in_place(host: Host, client: BridgeClient) -> None:
    hero = client.load(host.make_character("hero"))
    pixels = client.render(hero, pose_of(33), region=(0, 0, 20, 10))
    assert (pixels.shape, pixels.dtype) == ((10, 20, 4), np.uint8)
    assert (pixels == 33).all()
    assert not pixels.flags.owndata
    assert client.render(hero.character, pose_of(33)).shape == (512, 512, 4)
    assert client.render(hero, pose_of(33), scale=0.25).shape == (128, 128, 4)
    assert client.render(hero, pose_of(33), region=(1, 2, 30, 20), scale=4).shape == (80, 120, 4)


def test_a_bridge_of_before_larger_frames_is_told_of_in_a_sentence(host: Host, client: BridgeClient) -> None:
    hero = client.load(host.make_character("hero"))
    assert (client.welcome.scales, hero.drawing_size) == ((2, 4), 512)
    del client._session.welcome["scales"]
    for ask in (client.render, client.request_frame):
        with pytest.raises(BridgeError, match=r"draws no frames larger .* update it, or ask for a scale of at most 1"):
            ask(hero, pose_of(33), scale=2)
    assert client.render(hero, pose_of(33), region=(0, 0, 4, 4)).shape == (4, 4, 4)


def test_the_newest_frame_of_a_stream_arrives_and_counts_those_that_gave_way(host: Host, client: BridgeClient) -> None:
    hero = client.load(host.make_character("hero"))
    engine = host.engines["hero"]
    engine.free.clear()
    client.request_frame(hero, pose_of(1), pose_number=1)
    wait_until(lambda: client.stats()["streams"] == 0)
    for number in (2, 3, 4):
        newest = client.request_frame(hero, pose_of(number), region=(0, 0, 4, 2), pose_number=number)
    assert client.poll_frame() is None
    engine.free.set()
    first, second = client.poll_frame(PATIENCE), client.poll_frame(PATIENCE)
    assert first is not None
    assert second is not None
    assert (first.pose_number, second.pose_number, second.request) == (1, 4, newest)
    # Counted with the frame that arrives next, which may be the one that was at work.
    assert first.superseded + second.superseded == 2
    assert (second.region, second.pixels.shape, second.character) == ((0, 0, 4, 2), (2, 4, 4), hero.character)
    assert second.queued_ms >= 0.0 <= second.render_ms


def test_frames_that_arrive_during_another_call_are_kept(host: Host, client: BridgeClient) -> None:
    hero = client.load(host.make_character("hero"))
    client.request_frame(hero, pose_of(5), pose_number=5)
    client.render(hero, pose_of(6))
    frame = client.poll_frame(PATIENCE)
    assert frame is not None
    assert frame.pose_number == 5


def test_a_refusal_carries_code_and_sentence(host: Host, client: BridgeClient) -> None:
    with pytest.raises(BridgeError, match="is not there") as caught:
        client.load("absent.tha4")
    assert caught.value.code == "path_not_allowed"
    hero = client.load(host.make_character("hero"))
    client.request_frame(hero, FAILING_POSE)
    with pytest.raises(BridgeError) as caught:
        client.poll_frame(PATIENCE)
    assert caught.value.code == "internal"


def test_mistakes_are_found_before_anything_is_sent(client: BridgeClient) -> None:
    with pytest.raises(PoseError, match="45 numbers"):
        client.render("x", [0.0] * 44)
    with pytest.raises(RegionError):
        client.render("x", pose_of(0), region=(0, 0, 600, 1))
    with pytest.raises(ValueError, match="belongs to render"):
        client.request_frame("x", pose_of(0), stream=-1)


def test_closing_lets_go_and_may_be_done_twice(host: Host, client: BridgeClient) -> None:
    leaving = BridgeClient(host.address)
    leaving.load(host.make_character("hero"))
    leaving.close()
    leaving.close()
    wait_until(lambda: client.stats()["characters"] == 0)


def test_without_a_bridge_one_sentence_says_what_to_start() -> None:
    with zmq.Context() as context, context.socket(zmq.ROUTER) as probe:
        port = probe.bind_to_random_port("tcp://127.0.0.1")
    address = f"tcp://127.0.0.1:{port}"
    with pytest.raises(BridgeUnavailable, match=f"start one with: python -m bridge --address {address}"):
        BridgeClient(address, timeout=0.1)


def test_an_address_of_another_form_is_refused() -> None:
    with pytest.raises(AddressError):
        BridgeClient("localhost")
