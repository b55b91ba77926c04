"""Characters that clients send: ``load`` by SHA-256, and the file as its second part (PROTOCOL.md)."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge import loading
from bridge.client import BridgeClient, BridgeError
from bridge.protocol import MAX_PART_BYTES
from bridge.reading import Reader
from bridge.server import Bridge
from tests.bridge.conftest import PATIENCE, FakeEngine, Host, RawClient, pose_of, running, wait_until
from tha4_core.character import Character, save_character

Connect = Callable[..., RawClient]


def sha256(file: bytes) -> str:
    return hashlib.sha256(file).hexdigest()


def send_file(client: RawClient, file: bytes) -> dict[str, object]:
    return client.ask("load", file, sha256=sha256(file))


def test_a_file_that_is_not_there_has_to_be_sent_and_is_then_there_for_everybody(host: Host, connect: Connect) -> None:
    client, other = connect(), connect()
    asked = client.ask("load", sha256=sha256(b"hero"))
    assert (asked["type"], asked["code"], asked["request"]) == ("error", "send_file", "load")
    assert client.ask("stats")["errors"] == 0, "it is no fault"
    loaded = send_file(client, b"hero")
    assert (loaded["type"], loaded["name"]) == ("loaded", "hero")
    assert other.ask("load", sha256=sha256(b"hero"))["character"] == loaded["character"]
    assert host.read == ["the file sent"], "once"
    client.ask("unload", character=loaded["character"])
    assert other.ask("render", character=loaded["character"], pose=pose_of(3))["type"] == "frame", "each holds it"


def test_a_file_that_the_bridge_read_from_its_own_disk_need_not_be_sent(host: Host, connect: Connect) -> None:
    client = connect()
    handle = client.load(host.make_character("hero"))
    assert client.ask("load", sha256=sha256(b"hero"))["character"] == handle


def test_a_preloaded_file_need_not_be_sent(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.tha4").write_text("elsewhere")
    with running(tmp_path, preloaded=[tmp_path / "elsewhere.tha4"]) as host:
        client = RawClient(host.address)
        assert client.ask("load", sha256=sha256(b"elsewhere"))["type"] == "loaded"
        client.socket.close()


def test_a_file_that_nobody_holds_any_more_has_to_be_sent_again(connect: Connect) -> None:
    client = connect()
    loaded = send_file(client, b"hero")
    client.ask("unload", character=loaded["character"])
    assert client.ask("load", sha256=sha256(b"hero"))["code"] == "send_file"


def test_expressions_are_those_of_the_file_that_was_named(host: Host, connect: Connect) -> None:
    client = connect()
    # Two files of the same content, which say other things about it: the bridge of the tests names by 4 letters.
    host.expressions = {"joy": {"mouth_smirk": 1.0}}
    first = send_file(client, b"hero 1")
    host.expressions = {"joy": {"mouth_smirk": 0.5}}
    second = send_file(client, b"hero 2")
    assert first["character"] == second["character"]
    for file, amount in ((b"hero 1", 1.0), (b"hero 2", 0.5)):
        assert client.ask("load", sha256=sha256(file))["expressions"] == {"joy": {"mouth_smirk": amount}}


def test_files_of_one_content_are_remembered_up_to_a_number(connect: Connect) -> None:
    client = connect()
    files = [b"hero %d" % number for number in range(9)]
    for file in files:
        send_file(client, file)
    assert client.ask("load", sha256=sha256(files[0]))["code"] == "send_file"
    assert client.ask("load", sha256=sha256(files[8]))["type"] == "loaded"


def test_a_load_after_the_file_waits_for_it(host: Host, connect: Connect) -> None:
    client = connect()
    host.reading_is_free.clear()
    sent = client.send("load", b"hero", sha256=sha256(b"hero"))
    later = client.send("load", sha256=sha256(b"hero"))
    client.ask("ping")
    host.reading_is_free.set()
    answers = [client.receive()[0] for _ in range(2)]
    assert [(answer["type"], answer["id"]) for answer in answers] == [("loaded", sent), ("loaded", later)]
    assert host.read == ["the file sent"]


def test_bytes_of_another_sum_are_refused(host: Host, connect: Connect) -> None:
    client = connect()
    refused = client.ask("load", b"villain", sha256=sha256(b"hero"))
    assert (refused["code"], refused["request"]) == ("bad_field", "load")
    assert sha256(b"villain") in refused["message"]
    assert host.read == [], "nobody looks into them"
    assert client.ask("load", sha256=sha256(b"villain"))["code"] == "send_file"


def test_a_file_that_is_no_character_is_refused_with_its_sentence(connect: Connect) -> None:
    refused = send_file(connect(), b"bad")
    assert (refused["code"], refused["message"]) == ("bad_character", "the file sent is no character; give another.")


def test_one_file_of_a_client_at_a_time(host: Host, connect: Connect) -> None:
    client, other = connect(), connect()
    host.reading_is_free.clear()
    client.send("load", b"hero", sha256=sha256(b"hero"))
    assert send_file(client, b"more")["code"] == "too_many"
    other.send("load", b"zero", sha256=sha256(b"zero"))
    host.reading_is_free.set()
    assert client.receive()[0]["type"] == other.receive()[0]["type"] == "loaded"
    assert send_file(client, b"more")["type"] == "loaded"


def test_the_files_that_wait_are_bounded_together(
    host: Host, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "MAX_WAITING_FILE_BYTES", 10)
    client, other = connect(), connect()
    host.reading_is_free.clear()
    client.send("load", b"hero67", sha256=sha256(b"hero67"))
    client.ask("ping")
    assert send_file(other, b"zero7")["code"] == "too_many"
    other.send("load", b"zero", sha256=sha256(b"zero"))
    host.reading_is_free.set()
    assert client.receive()[0]["type"] == other.receive()[0]["type"] == "loaded"


@pytest.mark.parametrize("moment", ["waiting", "being read"])
def test_a_client_that_leaves_takes_its_file_along(host: Host, connect: Connect, moment: str) -> None:
    leaving, other = connect(), connect()
    host.reading_is_free.clear()
    if moment == "waiting":
        other.send("load", b"zero", sha256=sha256(b"zero"))
        other.ask("ping")
    leaving.send("load", b"hero", sha256=sha256(b"hero"))
    leaving.ask("ping")
    leaving.send("bye")
    wait_until(lambda: other.ask("stats")["clients"] == 1)
    host.reading_is_free.set()
    if moment == "waiting":
        assert other.receive()[0]["type"] == "loaded"
    wait_until(lambda: not host.bridge._loading._files_waiting)
    other.ask("ping")
    assert "hero" not in {description["name"] for description in other.ask("list")["characters"]}


def test_a_full_bridge_says_so_after_reading(tmp_path: Path) -> None:
    with running(tmp_path, max_characters=1) as host:
        client = RawClient(host.address)
        first = send_file(client, b"one")
        assert send_file(client, b"two")["code"] == "too_many"
        assert client.ask("load", sha256=sha256(b"one"))["character"] == first["character"]
        client.socket.close()


def test_the_python_client_sends_a_file_only_when_it_has_to(host: Host, client: BridgeClient) -> None:
    hero = client.load_bytes(b"hero")
    assert client.load_bytes(b"hero") == hero
    assert host.read == ["the file sent"]
    assert (client.render(hero, pose_of(7)) == 7).all()
    with pytest.raises(BridgeError, match="the file sent is no character") as caught:
        client.load_bytes(b"bad")
    assert caught.value.code == "bad_character"


# What a hostile client may send as a file: read by the real reader.


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Bridge]:
    bridge = Bridge("tcp://127.0.0.1:*", lambda _: FakeEngine(), Reader([tmp_path]))
    bridge.prepare()
    thread = threading.Thread(target=bridge.run)
    thread.start()
    yield bridge
    bridge.stop()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert bridge.close()


@pytest.fixture
def file(character: Character, tmp_path: Path) -> bytes:
    save_character(character, tmp_path / "blob.tha4")
    return (tmp_path / "blob.tha4").read_bytes()


def test_a_real_file_arrives_whole(real: Bridge, file: bytes, character: Character) -> None:
    with BridgeClient(real.address, timeout=PATIENCE) as client:
        blob = client.load_bytes(file)
    assert (blob.name, blob.digest) == (character.info.name, character.digest)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1), noise=st.binary(max_size=64), kept=st.floats(0, 1))
def test_a_damaged_file_is_refused_or_harmless_and_the_bridge_goes_on(
    real: Bridge, file: bytes, character: Character, place: float, noise: bytes, kept: float
) -> None:
    start = int(place * (len(file) - len(noise)))
    damaged = file[:start] + noise + file[start + len(noise) :]
    # Most are damaged inside; some are cut short, too.
    damaged = damaged if kept > 0.3 else damaged[: int(len(damaged) * kept)]
    with BridgeClient(real.address, timeout=PATIENCE) as client:
        try:
            outcome = client.load_bytes(damaged).digest
        except BridgeError as error:
            outcome = f"{error.code}: {error}"
        assert outcome == character.digest or outcome.startswith("bad_character: the file sent")
        assert client.ping() > 0


@pytest.mark.parametrize("data", [b"", b"\x80\x04\x95pickle.", b"PK\x05\x06" + bytes(18), bytes(MAX_PART_BYTES)])
def test_what_is_no_character_file_is_refused(real: Bridge, data: bytes) -> None:
    with BridgeClient(real.address, timeout=PATIENCE) as client:
        with pytest.raises(BridgeError, match="the file sent") as caught:
            client.load_bytes(data)
        assert caught.value.code == "bad_character"
        assert client.ping() > 0
