"""Requests to load a character: they wait their turn, and end with a client that holds one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from bridge.answers import Answers, internal
from bridge.characters import Characters, Expressions, Hosted
from bridge.clients import Clients
from bridge.protocol import LoadFile, LoadPath, ProtocolError, answer, error_answer
from bridge.reading import Place, ReadCharacter, Reader
from bridge.scheduler import FairQueue, QueueFullError
from bridge.worker import Worker
from tha4_core.character import Character
from tha4_core.character.single_file import MAX_FILE_BYTES
from tha4_core.engines import Engine
from tha4_core.memory import give_back_freed_memory

MAX_WAITING_LOADS: Final = 16
#: Files that clients have sent and that are not read yet, together.
MAX_WAITING_FILE_BYTES: Final = 4 * MAX_FILE_BYTES

log = logging.getLogger("bridge")

EngineFactory = Callable[[Character], Engine]


@dataclass(frozen=True, eq=False)
class WaitingLoad:
    """file: the bytes that came with the request. place, read: None until it is found, and read."""

    client: bytes
    request: LoadPath | LoadFile
    file: bytes | None = None
    place: Place | None = None
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

    def start_next(self) -> None:
        """Give the worker, which is not busy, the next step, if one waits.

        A path is found, then read, then an engine is made; each may turn out not to be needed, since the character is
        here already. The client whose loads have taken the least time is next.
        """
        while (load := self._half_loaded or self._waiting.take()) is not None:
            self._half_loaded = None
            if self._start(load):
                return

    def charge(self, client: bytes, seconds: float) -> None:
        """A step for a client has taken so long."""
        self._waiting.charge(client, seconds)

    def _start(self, load: WaitingLoad) -> bool:
        """Start what a load needs next; False when it is answered instead."""
        start, request, read, place = partial(self._worker.start, load.client), load.request, load.read, load.place
        if read is not None:
            start(partial(self._create_engine, read.character), partial(self._have_engine, load, read))
        elif place is not None:
            start(partial(_then_trim, partial(self._reader.read_found, place)), partial(self._have_read, load))
        elif isinstance(request, LoadPath):
            start(partial(self._reader.find, request.path), partial(self._have_found, load))
        elif hosted := self._characters.with_file(request.sha256):
            self._drop_file(load)
            self._hold(load, hosted, hosted.files[request.sha256])
            return False
        elif load.file is None:
            # No fault, so not counted as one.
            refusal = error_answer(_file_is_needed(request), {"type": "load", "id": request.id})
            self._answers.send(load.client, refusal)
            return False
        else:
            read_sent = partial(_then_trim, partial(self._reader.read_sent, load.file, request.sha256))
            start(read_sent, partial(self._have_read, load))
        return True

    def remove_client(self, client: bytes) -> None:
        for load in self._waiting.remove_client(client):
            self._drop_file(load)
        if self._half_loaded is not None and self._half_loaded.client == client:
            self._half_loaded = None

    def _have_found(self, load: WaitingLoad, task: Future[Place]) -> None:
        try:
            place = task.result()
        except Exception as error:
            self._refuse(load, error)
            return
        hosted = self._characters.with_place(place.state) if place.state is not None else None
        if place.state is not None and hosted is not None:
            self._hold(load, hosted, hosted.places[place.state])
        elif load.client in self._clients:
            self._half_loaded = replace(load, place=place)

    def _have_read(self, load: WaitingLoad, task: Future[ReadCharacter]) -> None:
        self._drop_file(load)
        try:
            read = task.result()
            hosted = self._characters.with_digest(read.character.digest)
            if hosted is None:
                self._check_room(load.client)
        except Exception as error:
            self._refuse(load, error)
            return
        if hosted is not None:
            self._hold_read(load, hosted, read)
        elif load.client in self._clients:
            self._half_loaded = replace(load, file=None, read=read)

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
        expressions = read.character.info.expressions
        if read.sha256:
            hosted.remember_file(read.sha256, expressions)
        if load.place is not None and load.place.state is not None:
            hosted.remember_place(load.place.state, expressions)
        self._hold(load, hosted, expressions)

    def _hold(self, load: WaitingLoad, hosted: Hosted, expressions: Expressions) -> None:
        if load.client not in self._clients:
            return
        if load.client not in hosted.holders and not hosted.preloaded:
            try:
                self._check_share(load.client)
            except ProtocolError as error:
                self._refuse(load, error)
                return
        hosted.holders.add(load.client)
        plain = {name: dict(values) for name, values in expressions.items()}
        loaded = answer("loaded", load.request.id, **hosted.description(), expressions=plain)
        self._answers.send(load.client, loaded)

    def _check_room(self, client: bytes) -> None:
        """Whether there is room for one more, and for this client. Raises ProtocolError."""
        self._check_share(client)
        if self._characters.full:
            raise ProtocolError(
                "too_many",
                f"this bridge hosts {self._characters.limit} characters already; unload one, or start it with"
                " a larger --max-characters.",
            )

    def _check_share(self, client: bytes) -> None:
        if self._characters.count_held(client) >= self._characters.share:
            raise ProtocolError(
                "too_many",
                f"one client may hold {self._characters.share} characters, half of what this bridge hosts; unload one,"
                " or start the bridge with a larger --max-characters.",
            )

    def _drop_file(self, load: WaitingLoad) -> None:
        """The bytes that came with a load are not needed any more."""
        if load.file is not None:
            self._files_waiting.pop(load.client, None)

    def _refuse(self, load: WaitingLoad, error: Exception) -> None:
        refusal = error if isinstance(error, ProtocolError) else internal(error, "loading a character")
        log.warning("A character was not loaded: %s", refusal)
        self._answers.refuse(load.client, refusal, {"type": "load", "id": load.request.id})


def _then_trim(read: Callable[[], ReadCharacter]) -> ReadCharacter:
    """What ``read`` returns; the memory that it took on the way goes back to the system."""
    try:
        return read()
    finally:
        give_back_freed_memory()


def _file_is_needed(request: LoadFile) -> ProtocolError:
    return ProtocolError(
        "send_file",
        f"this bridge does not have the file {request.sha256}; send it as the second part of the same load.",
    )
