"""A browser with the engine, for the tests of its pictures."""

from __future__ import annotations

import pytest

from tests.conftest import unavailable
from tests.node import chromium_program, node_packages
from tools.binaries.web import ensure_web_engine


@pytest.fixture(scope="module")
def browser() -> dict[str, str]:
    """What tests in JavaScript need besides their cases."""
    node_packages()
    if ensure_web_engine() is None:
        unavailable("the engine for browsers was not built; install ziglang (pip install -e .[binaries])")
    return {"CHROMIUM": chromium_program()}
