"""The bridge itself: one thread that talks (ZeroMQ), one that works (loads characters and renders).

All state belongs to the talking thread, in which ``Bridge.run`` runs, so there are no locks. It hands the working
thread one task at a time and picks the next when that is done: the newest poses win because they are looked at as
late as possible, and pings are answered while the engine works.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import logging
import math
import os
import secrets
import socket
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import zmq
from numpy.typing import NDArray

from bridge.address import AddressError, parse_address
from bridge.characters import Characters, Expressions, Hosted
from bridge.curve import Doorkeeper, ServerKeys
from bridge.frames import Buffer, BufferPool, frame_size, shrink
from bridge.paths import allowed_path
from bridge.placeholder import placeholder_character
from bridge.protocol import (
    MAX_PART_BYTES,
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
    encode_header,
    error_answer,
    frame,
    parse_request,
    superseded,
    welcome,
)
from bridge.scheduler import FairQueue, QueueFullError
from tha4_core.character import Character, load_character, parse_single_file
from tha4_core.character.files import read_bounded
from tha4_core.character.single_file import MAX_FILE_BYTES, SUFFIX
from tha4_core.engines import Engine, EngineError
from tha4_core.errors import UserError
from tha4_core.picture.edges import fill_edges
from tha4_core.picture.region import Region
from tha4_core.pose import neutral_pose

#: What is kept for a client that does not read: frames, and small messages and frames together; PROTOCOL.md has both.
UNREAD_FRAMES: Final = 16
UNREAD_MESSAGES: Final = 256
#: Each may hold a character's file.
_RECEIVED_MESSAGES: Final = 16
MAX_CLIENTS: Final = 256
MAX_WAITING_STREAMS: Final = 64
MAX_WAITING_LOADS: Final = 16
#: Files that clients have sent and that are not read yet, together.
MAX_WAITING_FILE_BYTES: Final = 4 * MAX_FILE_BYTES
#: Messages handled before the working thread is looked after again.
_MESSAGES_PER_TURN: Final = 64
#: How long the last answers may take to leave when the bridge ends, and the task at work to finish.
_LINGER_MS: Final = 500
_LAST_TASK_S: Final = 5.0
#: How long the talking thread sleeps at most before it looks at the clock.
_LONGEST_SLEEP_S: Final = 1.0
_HEARTBEAT_MS: Final = 5_000
_HEARTBEAT_TIMEOUT_MS: Final = 20_000

log = logging.getLogger("bridge")

EngineFactory = Callable[[Character], Engine]
#: Reads an official directory.
DirectoryLoader = Callable[[Path], Character]
#: Reads the bytes of a ``.tha4`` file; the text is what its messages call the file.
FileParser = Callable[[bytes, str], Character]


class AddressInUseError(AddressError):
    """Another program listens there already."""


@dataclass
class Client:
    """What is known of a client besides what it holds and waits for.

    number: for the log, which never shows a ZeroMQ identity (see ``_make_identities_unpredictable``).
    last_heard: monotonic seconds.
    leaving: frames that ZeroMQ may not have sent yet.
    """

    number: int
    last_heard: float
    name: str = ""
    leaving: list[zmq.MessageTracker] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class WaitingRender:
    client: bytes
    request: Render
    since: float


class ReadCharacter(NamedTuple):
    """sha256: of the ``.tha4`` file that it was read from (hex); empty for an official directory."""

    character: Character
    sha256: str


@dataclass(frozen=True, eq=False)
class WaitingLoad:
    """file: the bytes that came with the request, until they are read. read: None until they have been."""

    client: bytes
    request: LoadPath | LoadFile
    file: bytes | None = None
    read: ReadCharacter | None = None


@dataclass
class Counters:
    frames: int = 0
    superseded: int = 0
    dropped: int = 0
    errors: int = 0


class Bridge:
    """Binds its socket when made; ``prepare`` it, then ``run`` it, then ``close`` it, all in one thread.

    address: ``tcp://HOST:PORT``, port ``*`` for a free one. engine_factory, load_directory, parse_file: called in the
    working thread only. roots: directories under which clients may have characters read. client_timeout: seconds of
    silence after which a client is forgotten. exit_when_idle: seconds without any client after which ``run`` returns.
    keys: encrypt, and let in only clients with an allowed key; None lets in all who can reach the address.
    Raises AddressError, AddressInUseError, KeyFileError.
    """

    def __init__(
        self,
        address: str,
        engine_factory: EngineFactory,
        *,
        load_directory: DirectoryLoader = load_character,
        parse_file: FileParser = parse_single_file,
        roots: Sequence[Path] = (),
        max_characters: int = 32,
        client_timeout: float = 30.0,
        exit_when_idle: float | None = None,
        keys: ServerKeys | None = None,
    ) -> None:
        self._create_engine = engine_factory
        self._load_directory = load_directory
        self._parse_file = parse_file
        self._roots = [root.resolve() for root in roots]
        self._client_timeout = client_timeout
        self._exit_when_idle = exit_when_idle
        self.engine = self.device = ""

        self._clients: dict[bytes, Client] = {}
        self._clients_seen = 0
        self._characters = Characters(max_characters)
        self._renders: FairQueue[WaitingRender] = FairQueue(MAX_WAITING_STREAMS)
        self._loads: FairQueue[WaitingLoad] = FairQueue(MAX_WAITING_LOADS)
        self._half_loaded: WaitingLoad | None = None
        # By client: the size of the one file that it sent and nobody has read yet.
        self._files_waiting: dict[bytes, int] = {}
        self._load_is_next = True
        self._loads_seen = 0

        self._buffers = BufferPool()
        self._counters = Counters()
        self._render_times_ms: deque[float] = deque(maxlen=100)

        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="bridge-worker")
        self._task: Future[Any] | None = None
        self._task_client = b""
        self._task_done: Callable[[Future[Any]], None] = lambda _: None

        self._stopping = False
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._wake_reader.setblocking(False)
        self._wake_writer.setblocking(False)
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        _make_identities_unpredictable()
        try:
            self._doorkeeper = Doorkeeper(self._context, keys) if keys is not None else None
            self._socket = _bind(self._context, address, self._doorkeeper)
        except BaseException:
            self.close()
            raise
        self.address = self._socket.getsockopt_string(zmq.LAST_ENDPOINT)
        self._ready_at = self._any_last_heard = time.monotonic()

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
            character, sha256 = self._worker.submit(self._read, path).result()
            hosted = self._characters.with_digest(character.digest)
            if hosted is None:
                if self._characters.full:
                    raise UserError(f"{path} is one character too many: at most {self._characters.limit} are hosted.")
                engine = self._worker.submit(self._tried_engine, character).result()
                hosted = self._characters.add(character, engine, preloaded=True)
                self.engine, self.device = engine.name, engine.device
            if sha256:
                hosted.remember_file(sha256, character.info.expressions)
        if not characters:
            engine = self._worker.submit(self._tried_engine, placeholder_character()).result()
            self.engine, self.device = engine.name, engine.device

    def run(self) -> None:
        """Serve clients until ``stop``, or until nobody has been heard for ``exit_when_idle`` seconds."""
        self._ready_at = self._any_last_heard = time.monotonic()
        poller = zmq.Poller()
        poller.register(self._socket, zmq.POLLIN)
        poller.register(self._wake_reader, zmq.POLLIN)
        if self._doorkeeper is not None:
            poller.register(self._doorkeeper.socket, zmq.POLLIN)
        timeouts = [self._client_timeout, self._exit_when_idle or self._client_timeout]
        sleep_ms = max(1, int(min(_LONGEST_SLEEP_S, *(timeout / 4 for timeout in timeouts)) * 1000))
        while not self._stopping:
            poller.poll(sleep_ms)
            with contextlib.suppress(BlockingIOError):
                self._wake_reader.recv(4096)
            if self._doorkeeper is not None:
                self._doorkeeper.answer()
            self._finish_task()
            self._receive()
            self._start_task()
            self._look_at_the_clock()
        if self._task is not None:
            wait([self._task], timeout=_LAST_TASK_S)
            self._finish_task()

    def close(self) -> bool:
        """Free everything. False when a task is still at work, which no thread can end; the process has to."""
        self._worker.shutdown(wait=False, cancel_futures=True)
        self._wake_reader.close()
        self._wake_writer.close()
        self._context.destroy(linger=_LINGER_MS)
        return self._task is None or self._task.done()

    # Messages in

    def _receive(self) -> None:
        for _ in range(_MESSAGES_PER_TURN):
            try:
                client, *parts = self._socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            self._any_last_heard = time.monotonic()
            if client in self._clients:
                self._clients[client].last_heard = self._any_last_heard
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
            self._refuse(client, error, header)
        except Exception as error:
            self._refuse(client, _internal(error, "a message"), header)

    def _admit(self, client: bytes) -> None:
        if len(self._clients) >= MAX_CLIENTS:
            raise ProtocolError("too_many", f"this bridge has {MAX_CLIENTS} clients already; try again later.")
        self._clients_seen += 1
        self._clients[client] = Client(self._clients_seen, self._any_last_heard)

    def _dispatch(self, client: bytes, request: Request, second_part: bytes | None) -> None:
        match request:
            case Hello():
                self._clients[client].name = request.client
                log.info("client %d is %.100r", self._clients[client].number, request.client)
                self._send(client, welcome(request.id, self.engine, self.device, os.getpid()))
            case List():
                descriptions = self._characters.descriptions()
                self._send(client, answer("characters", request.id, characters=descriptions))
            case LoadPath():
                self._take_load(WaitingLoad(client, request))
            case LoadFile():
                self._take_load(WaitingLoad(client, request, second_part))
            case Unload():
                self._forget_characters(self._characters.release(client, request.character))
                self._send(client, answer("unloaded", request.id, character=request.character))
            case Render():
                self._take_render(client, request)
            case Ping():
                self._send(client, answer("pong", request.id))
            case Stats():
                self._send(client, answer("stats", request.id, **self._statistics()))
            case Bye():
                self._forget_client(client)

    def _take_load(self, load: WaitingLoad) -> None:
        if load.file is not None:
            if load.client in self._files_waiting:
                raise ProtocolError("too_many", "a file of this client is being read; send one at a time.")
            if sum(self._files_waiting.values()) + len(load.file) > MAX_WAITING_FILE_BYTES:
                raise ProtocolError(
                    "too_many", "this bridge is reading the files of others; send yours a little later."
                )
        self._loads_seen += 1
        try:
            self._loads.put(load.client, self._loads_seen, load)
        except QueueFullError:
            raise ProtocolError(
                "too_many", f"{MAX_WAITING_LOADS} loads of this client wait already; wait for their answers."
            ) from None
        if load.file is not None:
            self._files_waiting[load.client] = len(load.file)

    def _take_render(self, client: bytes, request: Render) -> None:
        if self._characters.find(request.character) is None:
            raise _unknown_character(request)
        try:
            older = self._renders.put(client, request.stream, WaitingRender(client, request, time.monotonic()))
        except QueueFullError:
            raise ProtocolError(
                "too_many", f"{MAX_WAITING_STREAMS} streams of this client wait already; wait for their frames."
            ) from None
        if older is not None:
            self._counters.superseded += 1
            self._send(client, superseded(older.request))

    # Work

    def _start_task(self) -> None:
        """Give the working thread the next load step or frame, in turn when both wait."""
        while self._task is None and not self._stopping:  # some are answered without work
            load_waits = self._half_loaded is not None or len(self._loads) > 0
            if load_waits and (self._load_is_next or len(self._renders) == 0):
                self._load_is_next = False
                self._start_load()
            elif render := self._renders.take():
                self._load_is_next = True
                self._start_render(render)
            else:
                return

    def _start(self, client: bytes, work: Callable[[], Any], done: Callable[[Future[Any]], None]) -> None:
        """Have ``work`` called in the working thread, then ``done`` in this one with a future of its result."""
        self._task_client, self._task_done = client, done
        self._task = self._worker.submit(work)
        self._task.add_done_callback(lambda _: self._wake())

    def _finish_task(self) -> None:
        if self._task is None or not self._task.done():
            return
        task, self._task = self._task, None
        # Its client was not silent, it waited.
        self._any_last_heard = time.monotonic()
        if client := self._clients.get(self._task_client):
            client.last_heard = self._any_last_heard
        try:
            self._task_done(task)
        except Exception:
            log.exception("An answer could not be given.")

    def _start_load(self) -> None:
        """Loading has two steps, reading and making an engine, so that frames get a turn between them.

        One that names a file which is here already, or which has to be sent first, needs neither.
        """
        load, self._half_loaded = self._half_loaded or self._loads.take(), None
        assert load is not None
        read, request = load.read, load.request
        if read is not None:
            character = read.character
            self._start(
                load.client, lambda: self._create_engine(character), lambda task: self._have_engine(load, read, task)
            )
        elif isinstance(request, LoadPath):
            path = request.path
            self._start(load.client, lambda: self._read_allowed(path), lambda task: self._have_read(load, task))
        elif hosted := self._characters.with_file(request.sha256):
            self._drop_file(load)
            self._hold(load, hosted, hosted.files[request.sha256])
        elif load.file is None:
            # No fault, so not counted as one.
            self._send(load.client, error_answer(_file_is_needed(request), {"type": "load", "id": request.id}))
        else:
            file, sha256 = load.file, request.sha256
            self._start(load.client, lambda: self._read_sent(file, sha256), lambda task: self._have_read(load, task))

    def _read(self, path: Path) -> ReadCharacter:
        if path.suffix.lower() == SUFFIX and path.is_file():
            data = read_bounded(path, MAX_FILE_BYTES)
            return ReadCharacter(self._parse_file(data, str(path)), hashlib.sha256(data).hexdigest())
        return ReadCharacter(self._load_directory(path), "")

    def _read_allowed(self, path: str) -> ReadCharacter:
        try:
            return self._read(allowed_path(path, self._roots))
        except ProtocolError:
            raise
        except UserError as error:
            raise ProtocolError("bad_character", str(error)) from None

    def _read_sent(self, file: bytes, sha256: str) -> ReadCharacter:
        found = hashlib.sha256(file).hexdigest()
        if found != sha256:
            raise ProtocolError(
                "bad_field", f'the file sent has the SHA-256 {found}, but "sha256" is {sha256}; send the right one.'
            )
        try:
            return ReadCharacter(self._parse_file(file, "the file sent"), sha256)
        except UserError as error:
            raise ProtocolError("bad_character", str(error)) from None

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
            self._refuse_load(load, error)
            return
        if hosted is not None:
            self._hold_read(load, hosted, read)
        elif load.client in self._clients:
            self._half_loaded = WaitingLoad(load.client, load.request, read=read)

    def _have_engine(self, load: WaitingLoad, read: ReadCharacter, task: Future[Engine]) -> None:
        try:
            engine = task.result()
        except Exception as error:
            self._refuse_load(load, error)
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
            self._send(load.client, answer("loaded", load.request.id, **hosted.description(), expressions=plain))

    def _drop_file(self, load: WaitingLoad) -> None:
        """The bytes that came with a load are not needed any more."""
        if load.file is not None:
            self._files_waiting.pop(load.client, None)

    def _refuse_load(self, load: WaitingLoad, error: Exception) -> None:
        refusal = error if isinstance(error, ProtocolError) else _internal(error, "loading a character")
        log.warning("A character was not loaded: %s", refusal)
        self._refuse(load.client, refusal, {"type": "load", "id": load.request.id})

    def _tried_engine(self, character: Character) -> Engine:
        """An engine that has rendered once. Its first failure, if any, comes now, and so does its first slowness."""
        engine = self._create_engine(character)
        engine.render(neutral_pose(), Region(0, 0, 16, 16))
        return engine

    def _start_render(self, render: WaitingRender) -> None:
        request = render.request
        hosted = self._characters.find(request.character)
        if hosted is None:
            self._refuse_render(render, _unknown_character(request))
            return
        width, height = frame_size(request.region, request.scale)
        buffer = self._buffers.take()
        pixels = buffer.pixels(width, height)
        scratch: Buffer | None = None
        if (width, height) != (request.region.width, request.region.height):
            scratch = self._buffers.take()
        started = time.monotonic()
        engine = hosted.engine

        def done(task: Future[float]) -> None:
            if scratch is not None:
                self._buffers.give_back(scratch)
            tracker: zmq.MessageTracker | None = None
            try:
                render_ms = task.result()
                self._counters.frames += 1
                self._render_times_ms.append(render_ms)
                header = frame(request, width, height, (started - render.since) * 1000.0, render_ms)
                tracker = self._send_frame(render.client, header, pixels)
            except Exception as error:
                self._refuse_render(render, _internal(error, f"rendering {request.character}"))
            finally:
                self._buffers.give_back(buffer, tracker)

        self._start(render.client, lambda: _render(engine, request, pixels, scratch), done)

    # Leaving

    def _look_at_the_clock(self) -> None:
        now = time.monotonic()
        for identity, client in list(self._clients.items()):
            if now - client.last_heard > self._client_timeout and not self._waits(identity):
                log.info("client %d has been silent for %g s; forgotten", client.number, self._client_timeout)
                self._forget_client(identity)
        idle = self._task is None and now - self._any_last_heard > (self._exit_when_idle or math.inf)
        if idle:
            log.info("no client has been heard for %g s; ending", self._exit_when_idle)
            self._stopping = True

    def _waits(self, client: bytes) -> bool:
        """Whether a client waits for a load or a frame. It may well be silent meanwhile."""
        at_work = self._task is not None and self._task_client == client
        half_loaded = self._half_loaded is not None and self._half_loaded.client == client
        return at_work or half_loaded or self._loads.count(client) > 0 or self._renders.count(client) > 0

    def _forget_client(self, client: bytes) -> None:
        if self._clients.pop(client, None) is None:
            return
        self._renders.remove_client(client)
        for load in self._loads.remove_client(client):
            self._drop_file(load)
        if self._half_loaded is not None and self._half_loaded.client == client:
            self._half_loaded = None
        self._forget_characters(self._characters.release_all(client))

    def _forget_characters(self, handles: Sequence[str]) -> None:
        """Refuse the waiting requests of others for characters that have just left memory."""
        if not handles:
            return
        log.info("unloaded: %s", ", ".join(handles))
        for render in self._renders.remove_if(lambda waiting: waiting.request.character in handles):
            self._refuse_render(render, _unknown_character(render.request))

    # Messages out

    def _send(
        self, client: bytes, header: Header, pixels: NDArray[np.uint8] | None = None
    ) -> zmq.MessageTracker | None:
        """Send to a client without ever waiting for it. Returns a tracker if ZeroMQ now reads from ``pixels``."""
        parts: list[Any] = [client, encode_header(header)]
        if pixels is not None:
            parts.append(pixels)
        tracked = pixels is not None
        try:
            return self._socket.send_multipart(parts, zmq.NOBLOCK, copy=not tracked, track=tracked)
        except zmq.Again:
            self._counters.dropped += 1
        except zmq.ZMQError as error:
            if error.errno != zmq.EHOSTUNREACH:
                raise
            self._forget_client(client)
        return None

    def _send_frame(self, identity: bytes, header: Header, pixels: NDArray[np.uint8]) -> zmq.MessageTracker | None:
        """Send a frame, unless the client has left or too many wait for it. Returns a tracker as ``_send``."""
        client = self._clients.get(identity)
        if client is None:
            return None
        client.leaving = [tracker for tracker in client.leaving if not tracker.done]
        if len(client.leaving) >= UNREAD_FRAMES:
            self._counters.dropped += 1
            return None
        tracker = self._send(identity, header, pixels)
        if tracker is not None:
            client.leaving.append(tracker)
        return tracker

    def _refuse(self, client: bytes, error: ProtocolError, header: Header) -> None:
        self._counters.errors += 1
        log.debug("refused: %s: %s", error.code, error)
        self._send(client, error_answer(error, header))

    def _refuse_render(self, render: WaitingRender, error: ProtocolError) -> None:
        request = render.request
        header: Header = {"type": "render", "id": request.id}
        self._refuse(render.client, error, header | {"stream": request.stream, "pose_number": request.pose_number})

    def _statistics(self) -> Header:
        times = self._render_times_ms
        return {
            "uptime_s": time.monotonic() - self._ready_at,
            "clients": len(self._clients),
            "characters": len(self._characters),
            "streams": len(self._renders),
            "frames": self._counters.frames,
            "superseded": self._counters.superseded,
            "dropped": self._counters.dropped,
            "errors": self._counters.errors,
            "render_ms_mean": sum(times) / len(times) if times else 0.0,
            "resident_bytes": _resident_bytes(),
        }

    def _wake(self) -> None:
        # Full means that it wakes anyway; closed, that nobody sleeps any more.
        with contextlib.suppress(BlockingIOError, OSError):
            self._wake_writer.send(b"\0")


def _make_identities_unpredictable() -> None:
    """Seed C's ``rand``, from which libzmq takes the first identity that a ROUTER gives out; it counts on from there.

    libzmq never seeds it, so every bridge would give out the same identities; and it aborts the process when it is
    about to give out one that a hostile client has claimed.
    """
    library = "ucrtbase" if sys.platform == "win32" else None
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(library).srand(secrets.randbits(32))


def _bind(context: zmq.Context[zmq.Socket[bytes]], text: str, doorkeeper: Doorkeeper | None) -> zmq.Socket[bytes]:
    address = parse_address(text)
    router: zmq.Socket[bytes] = context.socket(zmq.ROUTER)
    router.setsockopt(zmq.ROUTER_MANDATORY, 1)  # say when a client is gone or does not read, rather than drop
    router.setsockopt(zmq.ROUTER_HANDOVER, 0)  # nobody takes another client's identity over
    router.setsockopt(zmq.SNDHWM, UNREAD_MESSAGES)
    router.setsockopt(zmq.RCVHWM, _RECEIVED_MESSAGES)  # then the sender waits
    router.setsockopt(zmq.MAXMSGSIZE, MAX_PART_BYTES)
    router.setsockopt(zmq.LINGER, _LINGER_MS)  # also bounds how long unsent frames outlive their client
    router.setsockopt(zmq.HEARTBEAT_IVL, _HEARTBEAT_MS)
    router.setsockopt(zmq.HEARTBEAT_TIMEOUT, _HEARTBEAT_TIMEOUT_MS)
    router.setsockopt(zmq.IPV6, int(address.ipv6))
    if doorkeeper is not None:
        doorkeeper.guard(router)
    try:
        router.bind(str(address))
    except zmq.ZMQError as error:
        router.close()
        if error.errno == zmq.EADDRINUSE:
            raise AddressInUseError(
                f"another program, perhaps another bridge, listens on {address} already; use that one, stop it, or"
                " choose another port with --address."
            ) from None
        raise AddressError(f"cannot listen on {address}: {error.strerror.lower()}.") from None
    return router


def _render(engine: Engine, request: Render, pixels: NDArray[np.uint8], scratch: Buffer | None) -> float:
    """Render into ``pixels``, by way of ``scratch`` if they are smaller than the region, ready to be drawn.

    Returns milliseconds.
    """
    started = time.perf_counter()
    if scratch is None:
        engine.render(request.pose, request.region, out=pixels)
    else:
        region: Region = request.region
        whole = scratch.pixels(region.width, region.height)
        engine.render(request.pose, region, out=whole)
        shrink(whole, out=pixels)
    fill_edges(pixels)
    return (time.perf_counter() - started) * 1000.0


def _unknown_character(request: Render) -> ProtocolError:
    return ProtocolError("unknown_character", f"no character {request.character!r:.80} is loaded; load it first.")


def _file_is_needed(request: LoadFile) -> ProtocolError:
    return ProtocolError(
        "send_file",
        f"this bridge does not have the file {request.sha256}; send it as the second part of the same load.",
    )


def _internal(error: Exception, doing: str) -> ProtocolError:
    """The answer to a fault that is not the client's; its trace goes to the log."""
    log.error("A fault in %s", doing, exc_info=error)
    if isinstance(error, EngineError):
        return ProtocolError("internal", str(error))
    return ProtocolError("internal", f"the bridge failed at {doing} ({type(error).__name__}); its log says more.")


def _resident_bytes() -> int:
    """The process's memory; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
