"""What the command lines print, on terminals and into pipes of any encoding."""

from __future__ import annotations

import io
import sys


def make_output_safe() -> None:
    """Let standard output and error take any text: what their encoding lacks is written as ``\\u3042``.

    A pipe on Windows has the encoding of the country (cp1252, cp932), and one on Linux refuses names that are no UTF-8;
    Python would end a command there that has done its work, for the name of the file that it wrote. Every command
    calls this first.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # not without a console, nor where somebody collects what is printed
            stream.reconfigure(errors="backslashreplace")
