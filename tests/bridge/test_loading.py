"""``load`` and ``unload`` over a real socket, as PROTOCOL.md has them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bridge import loading
from tests.bridge.conftest import Host, RawClient, pose_of, running

Connect = Callable[..., RawClient]


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
    os.utime(host.root / path, (1, 1))
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


def test_a_path_that_has_not_changed_is_not_read_again(host: Host, connect: Connect) -> None:
    path = host.make_character("hero")
    host.expressions = {"joy": {"mouth_smirk": 0.5}}
    first = connect().ask("load", path=path)
    again = connect().ask("load", path=str(host.root / path))
    assert again == first
    assert len(host.read) == 1
    os.utime(host.root / path, (1, 1))
    assert connect().load(path) == first["character"]
    assert len(host.read) == 2


def test_a_client_holds_half_of_the_characters_at_most(tmp_path: Path) -> None:
    with running(tmp_path, max_characters=4) as host:
        greedy, other = RawClient(host.address), RawClient(host.address)
        names = ("one", "two", "red", "blue")
        paths = [host.make_character(name) for name in names]
        handles = [greedy.load(path) for path in paths[:2]]
        refused = greedy.ask("load", path=paths[2])
        assert (refused["code"], refused["message"][:36]) == ("too_many", "one client may hold 2 characters, ha")
        for path in paths[2:]:
            other.load(path)
        assert greedy.ask("load", path=paths[2])["code"] == "too_many", "though it is there already"
        greedy.ask("unload", character=handles[0])
        greedy.load(paths[2])
        for client in (greedy, other):
            client.socket.close()


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
    numbers = [client.send("load", path="hero.tha4") for _ in range(loading.MAX_WAITING_LOADS + 4)]
    answers = [client.receive()[0] for _ in range(3)]
    assert {answer["code"] for answer in answers} == {"too_many"}
    host.reading_is_free.set()
    answers += [client.receive()[0] for _ in range(len(numbers) - 3)]
    assert sorted(answer["id"] for answer in answers) == numbers
    # One more than may wait if the first was already being read when the last came.
    loaded = [answer for answer in answers if answer["type"] == "loaded"]
    assert len(loaded) in (loading.MAX_WAITING_LOADS, loading.MAX_WAITING_LOADS + 1)
