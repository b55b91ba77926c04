"""A bridge with keys: who comes in, who does not, and what is said."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import zmq

from bridge.client import BridgeClient, BridgeUnavailable
from bridge.curve import ClientKeys, KeyFileError, read_client_keys, read_server_keys
from tests.bridge.conftest import PATIENCE, Host, RawClient, pose_of, running, wait_until
from tools.make_curve_keys import make_client_keys, make_server_keys

pytestmark = pytest.mark.skipif(not zmq.has("curve"), reason="this ZeroMQ has no CURVE")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of keys with one client, mimi."""
    folder = tmp_path_factory.mktemp("keys")
    make_server_keys(folder)
    make_client_keys(folder, "mimi")
    return folder


@pytest.fixture
def guarded(tmp_path: Path, keys: Path) -> Iterator[Host]:
    with running(tmp_path, keys=read_server_keys(keys)) as host:
        yield host


def raw_client(address: str, keys: ClientKeys) -> RawClient:
    options = {"CURVE_SERVERKEY": keys.server, "CURVE_PUBLICKEY": keys.public, "CURVE_SECRETKEY": keys.secret}
    return RawClient(address, **options)


def answers(client: RawClient, within_s: float) -> bool:
    """Whether the bridge answers a client; to one that it has refused already, nothing can be sent."""
    try:
        client.socket.setsockopt(zmq.SNDTIMEO, 0)
        with contextlib.suppress(zmq.Again):
            client.send("ping")
        return bool(client.socket.poll(within_s * 1000))
    finally:
        client.socket.close()


def test_a_client_with_an_allowed_key_comes_in(guarded: Host, keys: Path) -> None:
    assert answers(raw_client(guarded.address, read_client_keys(keys / "clients" / "mimi")), PATIENCE)


def test_whoever_speaks_without_keys_gets_no_word_through(guarded: Host) -> None:
    plain = RawClient(guarded.address)
    assert not answers(plain, 0.3)
    assert len(guarded.bridge._clients) == 0


def test_a_key_that_nobody_allowed_stays_outside_and_is_named_once(
    guarded: Host, keys: Path, caplog: pytest.LogCaptureFixture
) -> None:
    known = read_client_keys(keys / "clients" / "mimi")
    public, secret = zmq.curve_keypair()
    for _ in range(2):
        assert not answers(raw_client(guarded.address, ClientKeys(known.server, public, secret)), 0.3)
    refused = [record.message for record in caplog.records if "refused a client" in record.message]
    assert len(refused) == 1
    assert public.decode() in refused[0]
    assert str(keys / "allowed") in refused[0]


def test_clients_come_and_go_without_a_restart(guarded: Host, keys: Path) -> None:
    late = read_client_keys(make_client_keys(keys, "late"))
    assert answers(raw_client(guarded.address, late), PATIENCE)
    (keys / "allowed" / "late.key").unlink()
    assert not answers(raw_client(guarded.address, late), 0.3)


def test_a_damaged_file_among_the_allowed_keys_locks_nobody_else_out(
    guarded: Host, keys: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (keys / "allowed" / "torn.key").write_bytes(b'curve\n    public-key = "short"\n')
    try:
        assert answers(raw_client(guarded.address, read_client_keys(keys / "clients" / "mimi")), PATIENCE)
    finally:
        (keys / "allowed" / "torn.key").unlink()
    assert "torn.key is no key file" in caplog.text


def test_a_bridge_for_whom_nobody_has_keys_says_so_at_the_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_server_keys(tmp_path)
    read_server_keys(tmp_path)
    assert "nobody can connect; make one with" in caplog.text


def test_a_python_client_with_keys_sees_what_it_sees_without(guarded: Host, keys: Path) -> None:
    with BridgeClient(guarded.address, PATIENCE, curve_keys=keys / "clients" / "mimi") as client:
        hero = client.load(guarded.make_character("hero"))
        assert (client.render(hero, pose_of(70)) == 70).all()


def test_a_python_client_without_keys_is_told_to_have_some(guarded: Host) -> None:
    with pytest.raises(BridgeUnavailable, match=r"lets in only clients with keys; give curve_keys the folder"):
        BridgeClient(guarded.address, PATIENCE)


def test_a_python_client_whose_key_nobody_knows_is_told_how_to_make_one(guarded: Host, keys: Path) -> None:
    folder = make_client_keys(keys, "stranger")
    (keys / "allowed" / "stranger.key").unlink()
    with pytest.raises(BridgeUnavailable, match=r"does not know this client's key; .*make_curve_keys\.py"):
        BridgeClient(guarded.address, PATIENCE, curve_keys=folder)


def test_a_python_client_with_another_bridges_key_is_told_so(guarded: Host, tmp_path: Path) -> None:
    make_server_keys(tmp_path / "others")
    folder = make_client_keys(tmp_path / "others", "mimi")
    with pytest.raises(BridgeUnavailable, match=r"another than the one whose server\.key"):
        BridgeClient(guarded.address, 0.5, curve_keys=folder)


def test_a_python_client_with_keys_does_not_talk_to_a_bridge_without(host: Host, keys: Path) -> None:
    with pytest.raises(BridgeUnavailable, match="asks for no keys and does not encrypt"):
        BridgeClient(host.address, PATIENCE, curve_keys=keys / "clients" / "mimi")


def test_a_python_client_without_the_files_is_one_sentence(host: Host, tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match=r"there is no key file .*client\.key_secret"):
        BridgeClient(host.address, curve_keys=tmp_path)


def test_who_is_locked_out_is_told_so_and_comes_in_when_let_in_again(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    make_server_keys(keys)
    folder, allowed = make_client_keys(keys, "mimi"), keys / "allowed" / "mimi.key"
    with running(tmp_path, keys=read_server_keys(keys)) as host:
        client = BridgeClient(host.address, PATIENCE, curve_keys=folder)
        hero = client.load(host.make_character("hero"))
    content = allowed.read_bytes()
    allowed.unlink()
    with running(tmp_path, address=host.address, keys=read_server_keys(keys)):
        with pytest.raises(BridgeUnavailable, match="does not know this client's key"):
            client.render(hero, pose_of(1))
        allowed.write_bytes(content)
        assert (client.render(hero, pose_of(2)) == 2).all()
        client.close()


@pytest.mark.parametrize("reader", [read_server_keys, read_client_keys])
def test_a_folder_without_keys_is_one_sentence(reader: object, tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match=r"there is no key file .*key_secret; .*make_curve_keys\.py"):
        reader(tmp_path)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is no key file of ZeroMQ's"),
        (b"\xff\x00" * 100, "is no key file of ZeroMQ's"),
        (b'public-key = "%s"' % (b"a" * 40), "holds no secret key"),
        (b'public-key = "%s"\nsecret-key = "%s"' % (b"a" * 40, b"b" * 40), "do not belong together"),
        (b'public-key = "%s"\nsecret-key = "%s"' % (b"a" * 40, b"#" * 40), "do not belong together"),
    ],
)
def test_a_secret_file_that_cannot_be_used_is_one_sentence(content: bytes, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "server.key_secret").write_bytes(content)
    with pytest.raises(KeyFileError, match=sentence):
        read_server_keys(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_a_secret_that_others_can_read_is_warned_about(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    secret = make_server_keys(tmp_path)
    read_server_keys(tmp_path)
    assert "chmod 600" not in caplog.text
    secret.chmod(0o644)
    read_server_keys(tmp_path)
    assert f"chmod 600 {secret}" in caplog.text


def test_without_curve_in_the_library_it_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_server_keys(tmp_path)
    monkeypatch.setattr(zmq, "has", lambda _: False)
    with pytest.raises(KeyFileError, match="built without CURVE; install the ready-made one"):
        read_server_keys(tmp_path)


def test_frames_come_through_as_without_keys(guarded: Host, keys: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    client = raw_client(guarded.address, read_client_keys(keys / "clients" / "mimi"))
    handle = client.load(guarded.make_character("hero"))
    client.send("render", character=handle, pose=[0.5] + [0.0] * 44, region=None)
    header, (pixels,) = client.receive()
    assert header["type"] == "frame"
    assert pixels == bytes([50]) * (512 * 512 * 4)
    client.send("bye")
    wait_until(lambda: len(guarded.bridge._clients) == 0)
    client.socket.close()
    assert "the key of mimi comes in from 127.0.0.1" in caplog.text
