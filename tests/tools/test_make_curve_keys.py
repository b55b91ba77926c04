"""tools/make_curve_keys.py as a command."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
import zmq
import zmq.auth

from bridge.curve import read_client_keys, read_server_keys
from tools.make_curve_keys import main

pytestmark = pytest.mark.skipif(not zmq.has("curve"), reason="this ZeroMQ has no CURVE")


def test_the_folder_serves_a_bridge_and_what_goes_to_the_client_serves_the_client(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "keys"
    assert main([str(folder)]) == 0
    assert f"--curve-keys {folder}" in capsys.readouterr().out
    assert main([str(folder), "--client", "mimi"]) == 0
    assert str(folder / "clients" / "mimi") in capsys.readouterr().out
    server, client = read_server_keys(folder), read_client_keys(folder / "clients" / "mimi")
    assert zmq.curve_public(server.secret) == client.server
    # ZeroMQ's own reader agrees.
    assert zmq.auth.load_certificates(folder / "allowed") == {client.public: True}
    assert sorted(path.name for path in folder.iterdir()) == ["allowed", "clients", "server.key", "server.key_secret"]


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_secrets_are_for_their_owner_alone(tmp_path: Path) -> None:
    main([str(tmp_path)])
    main([str(tmp_path), "--client", "mimi"])
    secrets = [path for path in tmp_path.rglob("*") if path.name.endswith("_secret")]
    assert len(secrets) == 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets} == {0o600}
    assert stat.S_IMODE((tmp_path / "clients" / "mimi").stat().st_mode) == 0o700


def test_keys_are_never_replaced_without_being_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = [[str(tmp_path)], [str(tmp_path), "--client", "mimi"]]
    for option in options:
        assert main(option) == 0
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for option in options:
        assert main(option) == 2
        assert "exists already" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    for option in options:
        assert main([*option, "--overwrite"]) == 0
    assert all(path.read_bytes() != content for path, content in before.items())
    assert read_client_keys(tmp_path / "clients" / "mimi").server == zmq.curve_public(read_server_keys(tmp_path).secret)


@pytest.mark.parametrize("name", ["", "../mimi", "a/b", ".hidden", "a b", "\u732b", "x" * 65])
def test_a_client_is_named_as_a_file_can_be(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(tmp_path)])
    capsys.readouterr()
    assert main([str(tmp_path), "--client", name]) == 2
    assert "is no name for a file" in capsys.readouterr().err
    assert list((tmp_path / "allowed").iterdir()) == []


def test_a_client_before_the_bridge_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "keys"), "--client", "mimi"]) == 2
    assert "make the bridge's keys first" in capsys.readouterr().err
    assert not (tmp_path / "keys").exists()


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main([str(tmp_path / "file" / "keys")]) == 2
    assert "give another folder" in capsys.readouterr().err


def test_without_curve_in_the_library_it_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zmq, "has", lambda _: False)
    assert main([str(tmp_path)]) == 2
    assert "built without CURVE" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
