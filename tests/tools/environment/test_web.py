from __future__ import annotations

import json

import pytest

from tests.node import node_packages
from tools.environment import web


def test_the_packages_that_are_named_are_there() -> None:
    named = json.loads((web.PACKAGES / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    installed = node_packages()
    assert {
        name: json.loads((installed / name / "package.json").read_text(encoding="utf-8"))["version"] for name in named
    } == named


def test_the_lock_names_no_host() -> None:
    assert "://" not in (web.PACKAGES / "package-lock.json").read_text(encoding="utf-8")


def test_chromium_is_the_one_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "mine")
    assert web.ensure_chromium() == "mine"
