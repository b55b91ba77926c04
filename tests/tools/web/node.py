"""Node, which runs what pages are made of without a browser."""

from __future__ import annotations

import shutil

from tests.conftest import unavailable


def node_program() -> str:
    """The path of Node; the test is skipped where there is none."""
    program = shutil.which("node")
    if program is None:
        unavailable("node is not installed: its tests of the web pages are left out")
    assert program is not None
    return program
