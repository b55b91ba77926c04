"""What a client does when a bridge goes away, comes back, or has forgotten it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bridge.client import BridgeClient, BridgeError, BridgeUnavailable
from tests.bridge.conftest import PATIENCE, pose_of, running, wait_until


def shown(client: BridgeClient, character: object, value: int) -> bool:
    return bool((client.render(character, pose_of(value), region=(0, 0, 4, 4)) == value).all())  # type: ignore[arg-type]


def test_what_was_loaded_is_loaded_again_and_its_handles_stay_good(tmp_path: Path) -> None:
    calls: list[int] = []
    with running(tmp_path) as first:
        client = BridgeClient(first.address, PATIENCE, on_reconnect=lambda: calls.append(client.reconnections))
        hero, sent = client.load(first.make_character("hero")), client.load_bytes(b"sent")
        assert shown(client, hero, 1)
        assert client.reconnections == 0
    with running(tmp_path, address=first.address) as second:
        assert shown(client, hero, 2)
        assert shown(client, sent.character, 3)
        assert client.reconnections == 1
        assert calls == [1]
        assert second.engines["hero"].rendered == [2]
        assert sorted(each.name for each in client.characters()) == ["hero", "sent"]
        client.close()


def test_handles_stay_good_where_a_bridge_calls_a_character_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(tmp_path) as first:
        client = BridgeClient(first.address, PATIENCE)
        hero = client.load(first.make_character("hero"))
    monkeypatch.setattr("bridge.characters._DIGEST_DIGITS", 12)
    with running(tmp_path, address=first.address):
        assert shown(client, hero, 1)
        client.request_frame(hero, pose_of(2))
        frame = client.poll_frame(PATIENCE)
        assert frame is not None
        assert frame.character == hero.character
        assert client.characters()[0].character != hero.character
        client.unload(hero)
        assert client.characters() == []
        client.close()


def test_the_newest_request_of_each_stream_waits_for_the_bridge(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        client = BridgeClient(first.address, PATIENCE)
        hero = client.load(first.make_character("hero"))
    assert client.poll_frame() is None
    for value in (1, 2, 3):
        newest = client.request_frame(hero, pose_of(value), stream=5, pose_number=value)
    client.request_frame(hero, pose_of(4), stream=6, pose_number=4)
    assert client.poll_frame() is None
    with running(tmp_path, address=first.address) as second:
        frames = [client.poll_frame(PATIENCE) for _ in range(2)]
        assert [frame and (frame.stream, frame.pose_number, frame.superseded) for frame in frames] == [
            (5, 3, 2),
            (6, 4, 0),
        ]
        assert frames[0] is not None
        assert frames[0].request == newest
        assert second.engines["hero"].rendered == [3, 4]
        client.close()


def test_a_client_that_was_silent_for_too_long_is_told_everything_by_itself(tmp_path: Path) -> None:
    with running(tmp_path, client_timeout=0.2) as host:
        client = BridgeClient(host.address, PATIENCE)
        hero = client.load(host.make_character("hero"))
        wait_until(lambda: not host.bridge._clients)
        assert shown(client, hero, 1)
        assert client.reconnections == 1
        wait_until(lambda: not host.bridge._clients)
        for value in (2, 3):
            client.request_frame(hero, pose_of(value), stream=value)
        frames = [client.poll_frame(PATIENCE) for _ in range(2)]
        assert [frame and frame.stream for frame in frames] == [2, 3]
        assert client.reconnections == 2
        client.close()


def test_what_cannot_be_loaded_again_holds_up_nothing_else(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with running(tmp_path) as first:
        client = BridgeClient(first.address, PATIENCE)
        hero, lost = client.load(first.make_character("hero")), client.load(first.make_character("lost"))
    (first.root / "lost.tha4").unlink()
    with running(tmp_path, address=first.address) as second:
        assert shown(client, hero, 1)
        assert "could not load a character again" in caplog.text
        with pytest.raises(BridgeError, match="is not there"):
            client.render(lost, pose_of(2))
        client.request_frame(lost, pose_of(2))
        with pytest.raises(BridgeError, match="is not there"):
            client.poll_frame(PATIENCE)
        second.make_character("lost")
        assert shown(client, lost, 3)
        assert client.reconnections == 1
        client.close()


def test_a_file_that_has_changed_is_shown_as_it_is_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with running(tmp_path) as first:
        client = BridgeClient(first.address, PATIENCE)
        hero = client.load(first.make_character("hero"))
    (first.root / "hero.tha4").write_text("other")
    with running(tmp_path, address=first.address) as second:
        assert shown(client, hero, 1)
        assert second.engines["other"].rendered == [1]
        assert "hero.tha4 has changed since it was loaded" in caplog.text
        client.close()


def test_what_was_unloaded_is_not_loaded_again(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        client = BridgeClient(first.address, PATIENCE)
        hero = client.load(first.make_character("hero"))
        client.unload(hero)
    with running(tmp_path, address=first.address) as second:
        assert client.characters() == []
        assert second.read == []
        with pytest.raises(BridgeError, match="no character"):
            client.render(hero, pose_of(1))
        client.close()


def test_a_handle_that_was_never_loaded_here_is_refused_as_ever(client: BridgeClient) -> None:
    with pytest.raises(BridgeError, match="no character 'nobody' is loaded"):
        client.render("nobody", pose_of(1))
    assert client.reconnections == 0


def test_while_the_bridge_is_away_every_method_says_so_in_time(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        client = BridgeClient(first.address, 0.2)
        hero = client.load(first.make_character("hero"))
    hint = f"start one with: python -m bridge --address {first.address}"
    with pytest.raises(BridgeUnavailable, match=hint):
        client.render(hero, pose_of(1))
    with pytest.raises(BridgeUnavailable, match=hint):
        client.stats()
    time.sleep(0.2)
    with pytest.raises(BridgeUnavailable, match=hint):
        client.request_frame(hero, pose_of(1))
    client._session.timeout = PATIENCE
    with running(tmp_path, address=first.address):
        assert shown(client, hero, 2)
        client.close()


def test_many_characters_come_back_one_after_another(tmp_path: Path) -> None:
    # More than a bridge lets one client have loaded, or sent, at once.
    names = [f"{number:04}" for number in range(24)]
    with running(tmp_path, max_characters=48) as first:
        client = BridgeClient(first.address, PATIENCE)
        held = [client.load_bytes(name.encode()) for name in names]
    with running(tmp_path, address=first.address, max_characters=48) as second:
        assert all(shown(client, each, 1) for each in held)
        assert second.read == ["the file sent"] * len(names)
        client.close()
