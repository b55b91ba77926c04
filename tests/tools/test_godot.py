"""Finding the engine and its export templates; the engine here is a script that says which version it is."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from tools import godot as module
from tools.godot import TEMPLATE_NAME, ensure_godot, find_export_template, template_version, with_drivers

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="programs here are shell scripts")
INSTALLER = """
target=$1
mkdir -p "$target/root/usr/bin"
echo "$GODOT_EXPORT" >> "$target/asked"
printf '#!/bin/sh\\necho 4.6.3.stable.debian4.6.3+ds-2\\n' > "$target/godot"
chmod +x "$target/godot"
[ "$GODOT_EXPORT" != 1 ] || touch "$target/root/usr/bin/godot-template-release"
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of which only the installer is there."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "install_godot.sh").write_text(INSTALLER)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "CACHE", tmp_path / ".cache" / "godot")
    monkeypatch.delenv("GODOT", raising=False)
    monkeypatch.delenv("GODOT_EXPORT", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    # Debian's tools, whether they are here or not, and no Godot of this machine.
    there = ("apt-get", "dpkg-deb")
    monkeypatch.setattr(module.shutil, "which", lambda name: name if name in there or os.sep in name else None)
    return tmp_path / ".cache" / "godot"


def asked(cache: Path) -> list[str]:
    return (cache / "asked").read_text().split()


@pytest.mark.skipif(sys.platform != "linux", reason="fetched on Linux only")
def test_it_is_fetched_once_and_again_only_for_the_templates(cache: Path) -> None:
    assert ensure_godot() == ensure_godot() == cache / "godot"
    assert asked(cache) == ["0"]
    assert find_export_template(cache / "godot") is None
    assert ensure_godot(export_template=True) == ensure_godot(export_template=True) == cache / "godot"
    assert asked(cache) == ["0", "1"]
    assert find_export_template(cache / "godot") == cache / "root" / "usr" / "bin" / "godot-template-release"


@pytest.mark.skipif(sys.platform != "linux", reason="fetched on Linux only")
def test_an_engine_that_the_user_names_is_left_alone(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure_godot()
    own = tmp_path / "own" / "godot"
    own.parent.mkdir()
    shutil.copy(cache / "godot", own)
    monkeypatch.setenv("GODOT", str(own))
    assert ensure_godot(export_template=True) == own
    assert asked(cache) == ["0"]


@pytest.mark.skipif(sys.platform != "linux", reason="fetched on Linux only")
def test_templates_that_the_editor_downloaded_are_found(cache: Path, tmp_path: Path) -> None:
    ensure_godot()
    assert template_version(cache / "godot") == "4.6.3.stable"
    downloaded = tmp_path / "data" / "godot" / "export_templates" / "4.6.3.stable" / TEMPLATE_NAME
    downloaded.parent.mkdir(parents=True)
    downloaded.touch()
    assert find_export_template(cache / "godot") == downloaded


def test_a_game_runs_with_the_drivers_beside_the_engine_if_there_are_any(tmp_path: Path) -> None:
    assert with_drivers(tmp_path / "godot") == []
    (tmp_path / "with-drivers").touch()
    assert with_drivers(tmp_path / "godot") == [str(tmp_path / "with-drivers")]
