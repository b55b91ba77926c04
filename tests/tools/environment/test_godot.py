"""Finding the engine and its export templates; the engine here is a script that says which version it is."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from tools.environment import godot as module
from tools.environment.godot import (
    STARTS,
    TEMPLATE_NAME,
    ensure_godot,
    find_export_template,
    run_godot,
    template_version,
    with_drivers,
)

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


ABORT = """terminate called after throwing an instance of 'std::system_error'
  what():  Invalid argument"""


def failing(folder: Path, message: str, times: int) -> Path:
    """A program that says something and aborts, so many times."""
    program = folder / "godot"
    program.write_text(f"""#!/bin/sh
echo >> "{folder}/starts"
[ $(wc -l < "{folder}/starts") -gt {times} ] && echo "here I am" && exit 0
echo "{message}" >&2
kill -ABRT $$
""")
    program.chmod(0o755)
    return program


def starts(folder: Path) -> int:
    return (folder / "starts").read_text().count("\n")


def test_an_editor_that_aborts_at_its_start_is_started_again(tmp_path: Path) -> None:
    done = run_godot([failing(tmp_path, ABORT, 2)], os.environ, 30)
    assert (done.returncode, done.stdout) == (0, "here I am\n")
    assert starts(tmp_path) == 3


def test_but_not_for_ever(tmp_path: Path) -> None:
    assert run_godot([failing(tmp_path, ABORT, 99)], os.environ, 30).returncode != 0
    assert starts(tmp_path) == STARTS


def test_what_aborts_for_another_reason_is_left_as_it_is(tmp_path: Path) -> None:
    done = run_godot([failing(tmp_path, "handle_crash: Program crashed with signal 11", 1)], os.environ, 30)
    assert done.returncode != 0
    assert "signal 11" in done.stdout
    assert starts(tmp_path) == 1
