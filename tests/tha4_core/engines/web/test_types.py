"""The web engine's types, which are written in comments, hold."""

from __future__ import annotations

from tests.conftest import ROOT
from tests.node import check_types


def test_types_hold() -> None:
    check_types(ROOT / "tha4_core" / "engines" / "web")
