"""``python -m bridge``: host characters until told to stop."""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import math
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

from bridge.address import AddressError, AddressInUseError, parse_address
from bridge.curve import ServerKeys, read_server_keys
from bridge.protocol import DEFAULT_ADDRESS, SERVER, VERSION
from bridge.reading import Reader
from bridge.server import Bridge
from tha4_core import built_in
from tha4_core.character import Character
from tha4_core.console import make_output_safe
from tha4_core.engines import Engine, create_engine, engine_names
from tha4_core.errors import UserError
from tha4_core.files.atomic import write_atomically
from tha4_core.memory import return_large_pieces

log = logging.getLogger("bridge")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a bridge. Returns the exit status: 0 ended as told, 1 the address is taken, 2 a mistake in the options."""
    make_output_safe()
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        stream=sys.stderr, level=options.log_level.upper(), format="%(asctime)s %(name)s %(levelname)s: %(message)s"
    )
    return_large_pieces()
    try:
        return _serve(options)
    except AddressInUseError as error:
        print(f"bridge: {error}", file=sys.stderr)
        return 1
    except UserError as error:
        print(f"bridge: {error}", file=sys.stderr)
        return 2


def _serve(options: argparse.Namespace) -> int:
    def engine_factory(character: Character) -> Engine:
        return create_engine(character, options.engine, threads=options.threads, device=options.device)

    bridge = Bridge(
        options.address,
        engine_factory,
        Reader(_roots(options.root)),
        keys=_keys(options),
        max_characters=options.max_characters,
        client_timeout=options.client_timeout,
        exit_when_idle=options.exit_when_idle,
    )
    finished = True
    try:
        with _signals_stop(bridge):
            bridge.prepare(options.character)
            if not bridge.stopping:
                with _connection_file(options.connection_file, bridge):
                    _announce(bridge)
                    bridge.run()
    finally:
        finished = bridge.close()
    if not finished:
        log.warning("a task was still at work and is abandoned")
        logging.shutdown()
        os._exit(0)  # a usual exit would wait for its thread
    return 0


def _keys(options: argparse.Namespace) -> ServerKeys | None:
    """The keys that clients need; None lets in whoever can reach the address, which is to be this machine alone."""
    if options.curve_keys is not None:
        return read_server_keys(options.curve_keys)
    if parse_address(options.address).loopback:
        return None
    if not options.insecure:
        raise AddressError(
            f"other machines could reach {options.address}, and the bridge would serve all who ask; make keys with"
            " tools/make_curve_keys.py and give --curve-keys DIR, or listen at tcp://127.0.0.1:5747 and have a tunnel"
            " (ssh -L) lead there, or give --insecure on a network where you trust everybody."
        )
    log.warning("%s can be reached from other machines, and the bridge serves all who ask", options.address)
    return None


def _announce(bridge: Bridge) -> None:
    line = f"bridge ready: address={bridge.address} engine={bridge.engine} device={bridge.device} pid={os.getpid()}"
    print(line, flush=True)


def _roots(given: Sequence[Path]) -> list[Path]:
    roots = list(given) or [Path.cwd()]
    for root in roots:
        if not root.is_dir():
            raise UserError(f"--root {root} is not a directory; give the folder that holds the characters.")
    return [*roots, built_in.FOLDER]


@contextlib.contextmanager
def _signals_stop(bridge: Bridge) -> Iterator[None]:
    """SIGINT and SIGTERM stop the bridge instead of interrupting whatever runs."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        bridge.stop()

    names = ("SIGINT", "SIGTERM", "SIGBREAK")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, stop) for number in numbers}
    # The handler runs only when the main thread wakes up; a byte in this socket wakes it.
    fileno = signal.set_wakeup_fd(bridge.wakeup_fileno, warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(fileno)
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _connection_file(path: Path | None, bridge: Bridge) -> Iterator[None]:
    """Write where the bridge is, for programs that look for it; removed when it ends."""
    if path is None:
        yield
        return
    content = {
        "address": bridge.address,
        "engine": bridge.engine,
        "device": bridge.device,
        "pid": os.getpid(),
        "protocol": VERSION,
        "server": SERVER,
    }
    data = (json.dumps(content) + "\n").encode()
    try:
        write_atomically(path, data)
    except OSError as error:
        raise UserError(
            f"the connection file {path} could not be written: {error.strerror}; give --connection-file another place."
        ) from None
    try:
        yield
    finally:
        # Another bridge may have written its own there since.
        with contextlib.suppress(OSError):
            if path.read_bytes() == data:
                path.unlink()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bridge",
        description="Hosts characters and answers poses with pictures, over ZeroMQ (bridge/PROTOCOL.md).",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--address", default=DEFAULT_ADDRESS, metavar="tcp://HOST:PORT", help="default %(default)s; port * for any")
    who = parser.add_mutually_exclusive_group()
    who.add_argument(
        "--curve-keys",
        type=Path,
        metavar="DIR",
        help="encrypt, and let in only clients whose keys are in DIR, which tools/make_curve_keys.py makes; needed for"
        " an address that other machines can reach",
    )
    who.add_argument("--insecure", action="store_true", help="serve all who can reach such an address, without keys")
    add("--engine", default="auto", choices=("auto", *engine_names()), help="what renders; default %(default)s")
    add("--device", metavar="NAME", help="what the engine runs on, as cpu or cuda:0; default: the engine's choice")
    add("--threads", type=_count, metavar="N", help="CPU threads of the engine; default: its choice")
    add(
        "--root",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="a folder that clients may load characters from, with all below it (repeatable); default: this folder."
        " Those that come with the project can always be loaded",
    )
    add(
        "--character",
        type=Path,
        action="append",
        default=[],
        metavar="PATH",
        help="a character to load at the start and keep, wherever it is (repeatable)",
    )
    add("--max-characters", type=_count, default=32, metavar="N", help="hosted at most at once; default %(default)s")
    add(
        "--client-timeout",
        type=_seconds,
        default=30.0,
        metavar="SECONDS",
        help="silence after which a client is forgotten; default %(default)g",
    )
    add("--exit-when-idle", type=_seconds, metavar="SECONDS", help="end when no client has been heard for so long")
    add("--connection-file", type=Path, metavar="FILE", help="write address, engine and pid there as JSON")
    add("--log-level", default="info", choices=("debug", "info", "warning", "error"), help="default %(default)s")
    add("--version", action="version", version=SERVER)
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0.0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
