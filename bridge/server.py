"""The bridge itself: one thread that talks (ZeroMQ), one that renders, one that loads characters.

All state belongs to the talking thread, in which ``Bridge.run`` runs, so there are no locks. It hands the two others
one task at a time and picks the next when that is done: the newest poses win because they are looked at as late as
possible, pings are answered while the engine works, and no frame waits for a file.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import socket
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import zmq

from bridge.answers import Answers, internal
from bridge.characters import Characters
from bridge.clients import MAX_CLIENTS, Clients
from bridge.curve import ServerKeys
from bridge.endpoint import Endpoint
from bridge.loading import EngineFactory, Loading
from bridge.placeholder import placeholder_character
from bridge.protocol import (
    Bye,
    Header,
    Hello,
    List,
    LoadFile,
    LoadPath,
    Ping,
    ProtocolError,
    Render,
    Request,
    Stats,
    Unload,
    answer,
    decode_header,
    parse_request,
    welcome,
)
from bridge.reading import Reader
from bridge.rendering import Rendering
from bridge.statistics import Statistics
from bridge.worker import Worker
from tha4_core.character import Character
from tha4_core.engines import Engine
from tha4_core.errors import UserError
from tha4_core.picture.region import Region
from tha4_core.pose import neutral_pose

#: Messages handled before the working threads are looked after again.
_MESSAGES_PER_TURN: Final = 64
#: Beyond a bridge's clients: those that come, or that are told that there are too many.
_SPARE_CONNECTIONS: Final = 64
#: How long the task at work may take to finish when the bridge ends.
_LAST_TASK_S: Final = 5.0
#: How long the talking thread sleeps at most before it looks at the clock.
_LONGEST_SLEEP_S: Final = 1.0
_SLEEP_OF_THE_HELD_BACK_S: Final = 0.02
#: PROTOCOL.md asks clients to speak more often.
_LONGEST_SILENCE_S: Final = 12.0

log = logging.getLogger("bridge")


class Bridge:
    """Binds its socket when made; ``prepare`` it, then ``run`` it, then ``close`` it, all in one thread.

    address: ``tcp://HOST:PORT``, port ``*`` for a free one. engine_factory, reader: called in other threads.
    client_timeout: seconds of silence after which a client is forgotten. exit_when_idle: seconds without any client
    after which ``run`` returns. keys: encrypt, and let in only clients with an allowed key; None lets in all who can
    reach the address. Raises AddressError, AddressInUseError, KeyFileError.
    """

    def __init__(
        self,
        address: str,
        engine_factory: EngineFactory,
        reader: Reader,
        *,
        max_characters: int = 32,
        client_timeout: float = 30.0,
        exit_when_idle: float | None = None,
        keys: ServerKeys | None = None,
    ) -> None:
        self._create_engine = engine_factory
        self._reader = reader
        self._client_timeout = client_timeout
        self._exit_when_idle = exit_when_idle
        self.engine = self.device = ""

        self._stopping = False
        self._clients = Clients()
        self._endpoint = Endpoint(
            address,
            keys,
            may_go=lambda identity: identity not in self._clients,
            limit=MAX_CLIENTS + _SPARE_CONNECTIONS,
            patience=client_timeout,
        )
        self.address = self._endpoint.address
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._wake_reader.setblocking(False)
        self._wake_writer.setblocking(False)
        self._endpoint.poller.register(self._wake_reader, zmq.POLLIN)
        self._renderer = Worker("bridge-renderer", self._wake)
        self._loader = Worker("bridge-loader", self._wake)

        self._characters = Characters(max_characters)
        self._statistics = Statistics()
        self._answers = Answers(self._endpoint, self._statistics)
        self._rendering = Rendering(
            self._renderer, self._characters, self._endpoint.door, self._answers, self._statistics
        )
        self._loading = Loading(self._loader, reader, engine_factory, self._characters, self._clients, self._answers)
        timeouts = [client_timeout, exit_when_idle or client_timeout]
        self._longest_sleep = min(_LONGEST_SLEEP_S, *(timeout / 4 for timeout in timeouts))
        self._looked_at_the_clock = 0.0

    @property
    def wakeup_fileno(self) -> int:
        """For ``signal.set_wakeup_fd``: whatever is written there makes ``run`` look whether it is to stop."""
        return self._wake_writer.fileno()

    @property
    def stopping(self) -> bool:
        return self._stopping

    def stop(self) -> None:
        """Make ``run`` return soon. May be called from any thread or from a signal handler."""
        self._stopping = True
        self._wake()

    def prepare(self, characters: Sequence[Path] = ()) -> None:
        """Load the characters that stay, and make sure that an engine works: it has rendered when this returns.

        Raises a UserError when a character cannot be loaded or no engine can be had.
        """
        for path in characters:
            character, sha256 = self._loader.call(partial(self._reader.read, path))
            hosted = self._characters.with_digest(character.digest)
            if hosted is None:
                if self._characters.full:
                    raise UserError(f"{path} is one character too many: at most {self._characters.limit} are hosted.")
                hosted = self._characters.add(character, self._tried_engine(character), preloaded=True)
            if sha256:
                hosted.remember_file(sha256, character.info.expressions)
        if not characters:
            self._tried_engine(placeholder_character())

    def run(self) -> None:
        """Serve clients until ``stop``, or until nobody has been heard for ``exit_when_idle`` seconds."""
        self._statistics.ready_at = self._clients.any_last_heard = time.monotonic()
        while not self._stopping:
            sleep = _SLEEP_OF_THE_HELD_BACK_S if self._rendering.holds_back else self._longest_sleep
            self._endpoint.wait(max(1, int(sleep * 1000)))
            with contextlib.suppress(BlockingIOError):
                self._wake_reader.recv(4096)
            self._finish_tasks()
            self._receive()
            self._forget_gone()
            self._start_tasks()
            self._look_at_the_clock()
        self._renderer.wait(_LAST_TASK_S)
        self._loader.wait(_LAST_TASK_S)
        self._finish_tasks()
        self._endpoint.flush()

    def close(self) -> bool:
        """Free everything. False when a task is still at work, which no thread can end; the process has to."""
        finished = [self._renderer.close(), self._loader.close()]
        self._endpoint.close()
        self._wake_reader.close()
        self._wake_writer.close()
        return all(finished)

    # Messages

    def _receive(self) -> None:
        for _ in range(_MESSAGES_PER_TURN):
            message = self._endpoint.receive()
            if message is None:
                break
            client, parts = message
            self._clients.heard(client)
            self._handle(client, parts)

    def _handle(self, client: bytes, parts: Sequence[bytes]) -> None:
        header: Header = {}
        try:
            header = decode_header(parts[0] if parts else b"")
            request = parse_request(header)
            if client not in self._clients and not isinstance(request, Bye):
                self._admit(client)
            self._dispatch(client, request, parts[1] if len(parts) > 1 else None)
        except ProtocolError as error:
            self._answers.refuse(client, error, header)
        except Exception as error:
            self._answers.refuse(client, internal(error, "a message"), header)

    def _admit(self, client: bytes) -> None:
        """A new client; when there are too many, the one that has been silent the longest leaves. Raises ProtocolError.

        One that holds nothing leaves at once, any other only if it has been silent for longer than PROTOCOL.md allows.
        """
        if self._clients.full:
            silent = [other for other in self._clients.silent(0.0) if not self._waits(other)]
            idle = (other for other in silent if self._characters.count_held(other) == 0)
            late = (other for other in self._clients.silent(_LONGEST_SILENCE_S) if other in silent)
            leaving = next(idle, None) or next(late, None)
            if leaving is not None:
                log.info("client %d is silent, and another comes; forgotten", self._clients[leaving].number)
                self._endpoint.door.close_client(leaving, "another client comes")
                self._forget_client(leaving)
        self._clients.admit(client)

    def _dispatch(self, client: bytes, request: Request, second_part: bytes | None) -> None:
        send = self._answers.send
        match request:
            case Hello():
                self._clients[client].name = request.client
                log.info("client %d is %.100r", self._clients[client].number, request.client)
                send(client, welcome(request.id, self.engine, self.device, os.getpid()))
            case List():
                send(client, answer("characters", request.id, characters=self._characters.descriptions()))
            case LoadPath():
                self._loading.take(client, request)
            case LoadFile():
                self._loading.take(client, request, second_part)
            case Unload():
                self._forget_characters(self._characters.release(client, request.character))
                send(client, answer("unloaded", request.id, character=request.character))
            case Render():
                self._rendering.take(client, request)
            case Ping():
                send(client, answer("pong", request.id))
            case Stats():
                counts = {
                    "clients": len(self._clients),
                    "characters": len(self._characters),
                    "streams": len(self._rendering),
                }
                send(client, answer("stats", request.id, **counts, **self._statistics.fields()))
            case Bye():
                self._forget_client(client)

    # Work

    def _start_tasks(self) -> None:
        if not self._stopping:
            if not self._renderer.busy:
                self._rendering.start_next()
            if not self._loader.busy:
                self._loading.start_next()

    def _finish_tasks(self) -> None:
        for worker, queue in ((self._renderer, self._rendering), (self._loader, self._loading)):
            if (finished := worker.finish()) is not None:
                client, seconds = finished
                queue.charge(client, seconds)
                self._clients.heard(client)  # it was not silent, it waited

    def _tried_engine(self, character: Character) -> Engine:
        """An engine that has rendered once. Its first failure, if any, comes now, and so does its first slowness."""

        def make() -> Engine:
            engine = self._create_engine(character)
            engine.render(neutral_pose(), Region(0, 0, 16, 16))
            return engine

        engine = self._renderer.call(make)
        self.engine, self.device = engine.name, engine.device
        return engine

    # Leaving

    def _look_at_the_clock(self) -> None:
        now = time.monotonic()
        if now - self._looked_at_the_clock < self._longest_sleep / 2:
            return
        self._looked_at_the_clock = now
        self._endpoint.door.look_at_the_clock()
        self._forget_gone()
        for identity in self._clients.silent(self._client_timeout):
            if not self._waits(identity):
                number = self._clients[identity].number
                log.info("client %d has been silent for %g s; forgotten", number, self._client_timeout)
                self._forget_client(identity)
        works = self._renderer.busy or self._loader.busy
        if not works and now - self._clients.any_last_heard > (self._exit_when_idle or math.inf):
            log.info("no client has been heard for %g s; ending", self._exit_when_idle)
            self._stopping = True

    def _waits(self, client: bytes) -> bool:
        """Whether a client waits for a load or a frame. It may well be silent meanwhile."""
        at_work = self._renderer.works_for(client) or self._loader.works_for(client)
        return at_work or self._loading.waits(client) or self._rendering.waits(client)

    def _forget_client(self, client: bytes) -> None:
        if self._clients.remove(client):
            self._rendering.remove_client(client)
            self._loading.remove_client(client)
            self._forget_characters(self._characters.release_all(client))

    def _forget_gone(self) -> None:
        gone = self._endpoint.door.gone
        while gone:
            self._forget_client(gone.pop())

    def _forget_characters(self, handles: Sequence[str]) -> None:
        """Refuse the waiting requests of others for characters that have just left memory."""
        if handles:
            log.info("unloaded: %s", ", ".join(handles))
            self._rendering.refuse_characters(handles)

    def _wake(self) -> None:
        # Full means that it wakes anyway; closed, that nobody sleeps any more.
        with contextlib.suppress(BlockingIOError, OSError):
            self._wake_writer.send(b"\0")
