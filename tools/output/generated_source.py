"""A source that is generated from another, committed, and checked against it: the command line of its generator."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tha4_core.console import make_output_safe


def write_or_check(text: str, target: Path, source: str, command: Path, arguments: Sequence[str] | None) -> int:
    """Write ``text`` to ``target``, or with ``--check`` only compare; the exit status, 1 when they differ.

    source: what the text comes from; command: the file that generates it.
    """
    make_output_safe()
    parser = argparse.ArgumentParser(description=f"Writes {target.name} from {source}.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the file differs")
    check: bool = parser.parse_args(arguments).check
    if not check:
        target.write_text(text, encoding="utf-8")
        return 0
    if target.is_file() and target.read_text(encoding="utf-8") == text:
        return 0
    print(f"{target} differs from {source}; run: python tools/{command.name}", file=sys.stderr)
    return 1
