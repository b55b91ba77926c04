"""Requests to load a character: they wait their turn, and end with a client that holds one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final

from bridge.answers import Answers, internal
from bridge.characters import Characters, Expressions, Hosted
from bridge.clients import Clients
from bridge.protocol import LoadFile, LoadPath, ProtocolError, answer, error_answer
from bridge.reading import ReadCharacter, Reader
from bridge.scheduler import FairQueue, QueueFullError
from bridge.worker import Worker
from tha4_core.character import Character
from tha4_core.character.single_file import MAX_FILE_BYTES
from tha4_core.engines import Engine

MAX_WAITING_LOADS: Final = 16
#: Files that clients have sent and that are not read yet, together.
MAX_WAITING_FILE_BYTES: Final = 4 * MAX_FILE_BYTES

log = logging.getLogger("bridge")

EngineFactory = Callable[[Character], Engine]


@dataclass(frozen=True, eq=False)
class WaitingLoad:
    """file: the bytes that came with the request, until they are read. read: None until they have been."""

    client: bytes
    request: LoadPath | LoadFile
    file: bytes | None = None
    read: ReadCharacter | None = None


class Loading:
    """Used by the talking thread; reading, and making an engine, is done in ``worker``."""

    def __init__(
        self,
        worker: Worker,
        reader: Reader,
        create_engine: EngineFactory,
        characters: Characters,
        clients: Clients,
        answers: Answers,
    ) -> None:
        self._worker = worker
        self._reader = reader
        self._create_engine = create_engine
        self._characters = characters
        self._clients = clients
        self._answers = answers
        self._waiting: FairQueue[WaitingLoad] = FairQueue(MAX_WAITING_LOADS)
        self._half_loaded: WaitingLoad | None = None
        # By client: the size of the one file that it sent and nobody has read yet.
        self._files_waiting: dict[bytes, int] = {}
        self._seen = 0

    def __len__(self) -> int:
        """How many loads wait for a step."""
        return len(self._waiting) + (self._half_loaded is not None)

    def waits(self, client: bytes) -> bool:
        """Whether a client has a load that is not at work."""
        half_loaded = self._half_loaded is not None and self._half_loaded.client == client
        return half_loaded or self._waiting.count(client) > 0

    def take(self, client: bytes, request: LoadPath | LoadFile, file: bytes | None = None) -> None:
        """A request has come. file: what was sent along. Raises ProtocolError."""
        if file is not None:
            if client in self._files_waiting:
                raise ProtocolError("too_many", "a file of this client is being read; send one at a time.")
            if sum(self._files_waiting.values()) + len(file) > MAX_WAITING_FILE_BYTES:
                raise ProtocolError(
                    "too_many", "this bridge is reading the files of others; send yours a little later."
                )
        self._seen += 1
        try:
            self._waiting.put(client, self._seen, WaitingLoad(client, request, file))
        except QueueFullError:
            raise ProtocolError(
                "too_many", f"{MAX_WAITING_LOADS} loads of this client wait already; wait for their answers."
            ) from None
        if file is not None:
            self._files_waiting[client] = len(file)

    def start_next(self) -> bool:
        """Give the worker, which is not busy, the next step. False when none waits or needs work.

        Loading has two steps, reading and making an engine, so that frames get a turn between them. One that names a
        file which is here already, or which has to be sent first, needs neither.
        """
        load, self._half_loaded = self._half_loaded or self._waiting.take(), None
        if load is None:
            return False
        read, request = load.read, load.request
        if read is not None:
            character = read.character
            self._worker.start(
                load.client, lambda: self._create_engine(character), lambda task: self._have_engine(load, read, task)
            )
            return True
        if isinstance(request, LoadPath):
            path = request.path
            self._worker.start(
                load.client, lambda: self._reader.read_allowed(path), lambda task: self._have_read(load, task)
            )
            return True
        if hosted := self._characters.with_file(request.sha256):
            self._drop_file(load)
            self._hold(load, hosted, hosted.files[request.sha256])
            return False
        if load.file is None:
            # No fault, so not counted as one.
            refusal = error_answer(_file_is_needed(request), {"type": "load", "id": request.id})
            self._answers.send(load.client, refusal)
            return False
        file, sha256 = load.file, request.sha256
        self._worker.start(
            load.client, lambda: self._reader.read_sent(file, sha256), lambda task: self._have_read(load, task)
        )
        return True

    def remove_client(self, client: bytes) -> None:
        for load in self._waiting.remove_client(client):
            self._drop_file(load)
        if self._half_loaded is not None and self._half_loaded.client == client:
            self._half_loaded = None

    def _have_read(self, load: WaitingLoad, task: Future[ReadCharacter]) -> None:
        self._drop_file(load)
        try:
            read = task.result()
            hosted = self._characters.with_digest(read.character.digest)
            if hosted is None and self._characters.full:
                raise ProtocolError(
                    "too_many",
                    f"this bridge hosts {self._characters.limit} characters already; unload one, or start it with"
                    " a larger --max-characters.",
                )
        except Exception as error:
            self._refuse(load, error)
            return
        if hosted is not None:
            self._hold_read(load, hosted, read)
        elif load.client in self._clients:
            self._half_loaded = WaitingLoad(load.client, load.request, read=read)

    def _have_engine(self, load: WaitingLoad, read: ReadCharacter, task: Future[Engine]) -> None:
        try:
            engine = task.result()
        except Exception as error:
            self._refuse(load, error)
            return
        if load.client in self._clients:
            hosted = self._characters.add(read.character, engine)
            log.info("character %s loaded", hosted.handle)
            self._hold_read(load, hosted, read)

    def _hold_read(self, load: WaitingLoad, hosted: Hosted, read: ReadCharacter) -> None:
        """The client holds what was just read. Expressions are the file's: they are no part of the digest."""
        if read.sha256:
            hosted.remember_file(read.sha256, read.character.info.expressions)
        self._hold(load, hosted, read.character.info.expressions)

    def _hold(self, load: WaitingLoad, hosted: Hosted, expressions: Expressions) -> None:
        if load.client in self._clients:
            hosted.holders.add(load.client)
            plain = {name: dict(values) for name, values in expressions.items()}
            loaded = answer("loaded", load.request.id, **hosted.description(), expressions=plain)
            self._answers.send(load.client, loaded)

    def _drop_file(self, load: WaitingLoad) -> None:
        """The bytes that came with a load are not needed any more."""
        if load.file is not None:
            self._files_waiting.pop(load.client, None)

    def _refuse(self, load: WaitingLoad, error: Exception) -> None:
        refusal = error if isinstance(error, ProtocolError) else internal(error, "loading a character")
        log.warning("A character was not loaded: %s", refusal)
        self._answers.refuse(load.client, refusal, {"type": "load", "id": load.request.id})


def _file_is_needed(request: LoadFile) -> ProtocolError:
    return ProtocolError(
        "send_file",
        f"this bridge does not have the file {request.sha256}; send it as the second part of the same load.",
    )
