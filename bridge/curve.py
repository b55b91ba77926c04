"""Keys for a bridge that other machines can reach: ZeroMQ's own CURVE, which encrypts, and knows both ends by keys.

A folder of keys is made by ``tools/make_curve_keys.py``; its files are certificates as ``zmq.auth`` writes them:

    server.key, server.key_secret           the bridge's own
    allowed/NAME.key                        public keys of the clients that may come in
    clients/NAME/                           what goes to a client's machine: server.key, client.key, client.key_secret
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import zmq
from zmq.utils import z85

from tha4_core.errors import UserError

SERVER_NAME: Final = "server"
CLIENT_NAME: Final = "client"
ALLOWED_FOLDER: Final = "allowed"
CLIENTS_FOLDER: Final = "clients"
PUBLIC_SUFFIX: Final = ".key"
SECRET_SUFFIX: Final = ".key_secret"

_KEY: Final = re.compile(rb"[0-9a-zA-Z.\-:+=^!/*?&<>()\[\]{}@%$#]{40}")
_LINE: Final = re.compile(rb"""^\s*(public|secret)-key\s*=\s*["']([^"'\s]*)["']\s*$""", re.MULTILINE)
_MAX_KEY_FILE_BYTES: Final = 1 << 16
#: Messages of ZeroMQ's that ask whether a client may come in, answered at once.
_ANSWERS_PER_TURN: Final = 16
#: Strangers that the log names, each once.
_STRANGERS_NAMED: Final = 64

log = logging.getLogger("bridge")


class KeyFileError(UserError):
    """Keys that are not there or cannot be used."""


@dataclass(frozen=True)
class ServerKeys:
    """secret: the bridge's, in Z85. allowed: the folder of its clients' public keys, read anew when it changes."""

    secret: bytes
    allowed: Path


@dataclass(frozen=True)
class ClientKeys:
    """Each in Z85. server: the bridge's public key."""

    server: bytes
    public: bytes
    secret: bytes


def read_server_keys(folder: Path) -> ServerKeys:
    """A bridge's keys. Raises KeyFileError."""
    _, secret = _read_pair(folder, SERVER_NAME, f"make one with: python3 tools/make_curve_keys.py {folder}")
    allowed = folder / ALLOWED_FOLDER
    if not _public_files(allowed):
        log.warning(
            "%s holds no client's key yet, so nobody can connect; make one with: python3 tools/make_curve_keys.py %s"
            " --client NAME",
            allowed,
            folder,
        )
    return ServerKeys(secret, allowed)


def read_client_keys(folder: Path) -> ClientKeys:
    """A client's keys. Raises KeyFileError."""
    hint = f"give the folder {CLIENTS_FOLDER}/NAME that tools/make_curve_keys.py made where the bridge runs"
    public, secret = _read_pair(folder, CLIENT_NAME, hint)
    return ClientKeys(_read_file(folder / (SERVER_NAME + PUBLIC_SUFFIX), hint)["public"], public, secret)


def require_curve() -> None:
    """Raises KeyFileError where this machine's ZeroMQ was built without CURVE."""
    if not zmq.has("curve"):
        raise KeyFileError(
            f"the ZeroMQ library {zmq.zmq_version()} here was built without CURVE; install the ready-made one:"
            " pip install --force-reinstall --only-binary :all: pyzmq."
        )


class Doorkeeper:
    """Answers libzmq when it asks (ZAP, RFC 27) whether a client with some key may come in.

    It has no thread of its own, which pyzmq's authenticators have, with an event loop that does without help on some
    systems only: who polls ``socket`` calls ``answer``. Used by one thread.
    """

    def __init__(self, context: zmq.Context[Any], keys: ServerKeys) -> None:
        """Raises KeyFileError."""
        require_curve()
        self._keys = keys
        self._clients: dict[bytes, str] = {}
        self._read_at: tuple[int, ...] = ()
        self._strangers: set[bytes] = set()
        self.socket: zmq.Socket[bytes] = context.socket(zmq.REP)
        self.socket.bind("inproc://zeromq.zap.01")

    def guard(self, server: zmq.Socket[bytes]) -> None:
        """Let only clients with an allowed key in there; before it is bound."""
        server.setsockopt(zmq.CURVE_SERVER, 1)
        server.setsockopt(zmq.CURVE_SECRETKEY, self._keys.secret)
        server.setsockopt(zmq.ZAP_DOMAIN, b"bridge")
        server.setsockopt(zmq.ZAP_ENFORCE_DOMAIN, 1)  # nobody comes in without having been asked about

    def answer(self) -> None:
        """Answer what libzmq asks now, without waiting."""
        for _ in range(_ANSWERS_PER_TURN):
            try:
                version, number, _domain, address, _identity, mechanism, *credentials = self.socket.recv_multipart(
                    zmq.NOBLOCK
                )
            except zmq.Again:
                return
            allowed = mechanism == b"CURVE" and len(credentials) == 1 and self._allows(credentials[0], address)
            status, text = (b"200", b"OK") if allowed else (b"400", b"unknown key")
            self.socket.send_multipart([version, number, status, text, b"", b""])

    def _allows(self, key: bytes, address: bytes) -> bool:
        public = z85.encode(key)
        self._read_allowed()
        if public in self._clients:
            log.info("the key of %s comes in from %s", self._clients[public], address.decode("ascii", "replace"))
            return True
        if public not in self._strangers and len(self._strangers) < _STRANGERS_NAMED:
            self._strangers.add(public)
            log.warning(
                "refused a client at %s: no file in %s holds its public key %s",
                address.decode("ascii", "replace"),
                self._keys.allowed,
                public.decode("ascii"),
            )
        return False

    def _read_allowed(self) -> None:
        """Read the folder again if it has changed, so that clients come and go without a restart."""
        files = _public_files(self._keys.allowed)
        changed = tuple(value for state in files.values() for value in (state.st_ino, state.st_mtime_ns, state.st_size))
        if changed == self._read_at:
            return
        self._read_at = changed
        self._clients = {}
        for path in files:
            try:
                self._clients[_read_file(path, "make it anew, or remove it")["public"]] = path.stem
            except KeyFileError as error:
                log.warning("a client's key is left out: %s", error)


def _public_files(folder: Path) -> dict[Path, os.stat_result]:
    files: dict[Path, os.stat_result] = {}
    with contextlib.suppress(OSError):
        for path in sorted(folder.glob(f"*{PUBLIC_SUFFIX}")):
            with contextlib.suppress(OSError):
                files[path] = path.stat()
    return files


def _read_pair(folder: Path, name: str, hint: str) -> tuple[bytes, bytes]:
    """Public and secret key of ``name`` in ``folder``."""
    path = folder / (name + SECRET_SUFFIX)
    keys = _read_file(path, hint)
    if "secret" not in keys:
        raise KeyFileError(f"{path} holds no secret key; {hint}.")
    public, secret = keys["public"], keys["secret"]
    require_curve()
    try:
        belongs = zmq.curve_public(secret) == public
    except zmq.ZMQError:
        belongs = False
    if not belongs:
        raise KeyFileError(f"the two keys in {path} do not belong together; {hint}.")
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        log.warning("other users of this machine can read %s; make it private with: chmod 600 %s", path, path)
    return public, secret


def _read_file(path: Path, hint: str) -> dict[str, bytes]:
    """The keys in a certificate, "public" and, if it has one, "secret"; ``hint``: what to do about a bad one."""
    if not path.is_file():
        raise KeyFileError(f"there is no key file {path}; {hint}.")
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_KEY_FILE_BYTES)
    except OSError as error:
        raise KeyFileError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}; {hint}.") from None
    keys = {kind.decode(): key for kind, key in _LINE.findall(text)}
    if "public" not in keys or not all(_KEY.fullmatch(key) for key in keys.values()):
        raise KeyFileError(f"{path} is no key file of ZeroMQ's (zmq.auth); {hint}.")
    return keys
