"""Clients reach what lies under the roots, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bridge.paths import allowed_path
from bridge.protocol import ProtocolError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = (tmp_path / "root").resolve()
    (root / "sub").mkdir(parents=True)
    (root / "sub" / "hero.tha4").touch()
    (tmp_path / "secret.tha4").touch()
    return root


def code(text: str, *roots: Path) -> str:
    with pytest.raises(ProtocolError) as caught:
        allowed_path(text, roots)
    return caught.value.code


def test_an_absolute_path_under_a_root(root: Path) -> None:
    hero = root / "sub" / "hero.tha4"
    assert allowed_path(str(hero), [root]) == hero


def test_a_path_relative_to_any_root(root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    assert allowed_path("sub/hero.tha4", [other.resolve(), root]) == root / "sub" / "hero.tha4"


def test_a_directory(root: Path) -> None:
    assert allowed_path("sub", [root]) == root / "sub"


@pytest.mark.parametrize("text", ["../secret.tha4", "sub/../../secret.tha4", "/etc/passwd", "../nothing", "nothing"])
def test_outside_or_not_there(root: Path, text: str) -> None:
    assert code(text, root) == "path_not_allowed"


def test_outside_the_answer_does_not_tell_what_is_there(root: Path) -> None:
    messages = []
    for text in ("../secret.tha4", "../absent.tha4"):
        with pytest.raises(ProtocolError) as caught:
            allowed_path(text, [root])
        messages.append(str(caught.value).replace(text, ""))
    assert messages[0] == messages[1]


def test_a_link_out_of_a_root(root: Path, tmp_path: Path) -> None:
    (root / "link.tha4").symlink_to(tmp_path / "secret.tha4")
    (root / "folder").symlink_to(tmp_path)
    assert code("link.tha4", root) == "path_not_allowed"
    assert code("folder/secret.tha4", root) == "path_not_allowed"


def test_a_link_inside_a_root(root: Path) -> None:
    (root / "link.tha4").symlink_to(root / "sub" / "hero.tha4")
    assert allowed_path("link.tha4", [root]) == root / "sub" / "hero.tha4"


def test_a_loop_of_links(root: Path) -> None:
    (root / "loop").symlink_to(root / "loop")
    assert code("loop", root) == "path_not_allowed"


@pytest.mark.parametrize("text", ["x" * 300, "a/" * 2000 + "b", "sub/hero.tha4/inside"])
def test_names_that_no_file_has(root: Path, text: str) -> None:
    assert code(text, root) == "path_not_allowed"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_no_character(root: Path) -> None:
    os.mkfifo(root / "pipe.tha4")
    assert code("pipe.tha4", root) == "bad_character"


def test_without_roots_nothing_is_allowed(root: Path) -> None:
    assert code(str(root / "sub" / "hero.tha4")) == "path_not_allowed"
