"""What the command lines print, on terminals and into pipes of any encoding."""

from __future__ import annotations

import atexit
import io
import os
import select
import sys
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Final

#: What a shell says of a program that ended because nobody read its output any more (128 and the signal SIGPIPE).
NOBODY_READS: Final = 141


def make_output_safe() -> None:
    """Let standard output and error take any text, and end without a word where their reader has left.

    What an encoding lacks is written as ``\\u3042``: a pipe on Windows has the encoding of the country (cp1252,
    cp932), and one on Linux refuses names that are no UTF-8; Python would end a command there that has done its work,
    for the name of the file that it wrote. ``| head`` reads some lines and leaves; what is printed then ends the
    command as it ends others, with :data:`NOBODY_READS`. Every command calls this first.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # not without a console, nor where somebody collects what is printed
            stream.reconfigure(errors="backslashreplace")
    if getattr(sys.excepthook, "func", None) is not _end:
        sys.excepthook = partial(_end, sys.excepthook)
    atexit.unregister(_print_rest)
    atexit.register(_print_rest)


def _end(
    otherwise: Callable[[type[BaseException], BaseException, TracebackType | None], object],
    kind: type[BaseException],
    error: BaseException,
    traceback: TracebackType | None,
) -> None:
    """What happens with an error that nobody caught. otherwise: what happened before."""
    if issubclass(kind, BrokenPipeError) and _nobody_reads():
        _silence()
        sys.exit(NOBODY_READS)
    otherwise(kind, error, traceback)


def _print_rest() -> None:
    """Print at the end what is still kept to be printed: nothing, where nobody reads, and no complaint of that."""
    if _nobody_reads():
        _silence()


def _nobody_reads() -> bool:
    """Whether the reader of standard output has left; other pipes of the program may break, too."""
    if getattr(sys.stdout, "closed", True):
        return False
    try:
        sys.stdout.flush()
        if hasattr(select, "poll"):  # what did not fit into a buffer is lost already
            poll = select.poll()
            poll.register(sys.stdout, 0)
            return any(event & select.POLLERR for _, event in poll.poll(0))
    except BrokenPipeError:
        return True
    except (OSError, ValueError):  # a full disk, or no file at all: others' to say
        return False
    return False


def _silence() -> None:
    """Lead what is still to be printed to nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
