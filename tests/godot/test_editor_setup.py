"""The setup page of the editor: finding a Python with the bridge, or making one, with real venv and pip."""

from __future__ import annotations

import base64
import hashlib
import os
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.godot.editor import SCENE, Editor
from tests.godot.engine import Run
from tests.godot.test_node import NOBODY

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="its programs are shell scripts"),
]

#: A bridge that knows no more than its name, for an environment that must be made without a network.
STAND_IN = "print('anime-character-bridge 9.9')\n"
#: A package whose build tells that it has begun, and never ends.
ENDLESS = """import pathlib, subprocess, sys
def build_wheel(*_, **__):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    pathlib.Path({note!r}).write_text(str(child.pid))
    child.wait()
"""


def script(path: Path, text: str) -> Path:
    """A program for the PATH."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def write_wheel(folder: Path) -> Path:
    """A wheel with :data:`STAND_IN` as its module ``bridge``."""
    files = {
        "bridge/__main__.py": STAND_IN,
        "stand_in-9.9.dist-info/METADATA": "Metadata-Version: 2.1\nName: stand-in\nVersion: 9.9\n",
        "stand_in-9.9.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    wheel = folder / "stand_in-9.9-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record += f"{name},sha256={digest},{len(text)}\n"
            archive.writestr(name, text)
        archive.writestr("stand_in-9.9.dist-info/RECORD", record + "stand_in-9.9.dist-info/RECORD,,\n")
    return wheel


def write_endless_package(folder: Path, note: Path) -> Path:
    folder.mkdir()
    (folder / "backend.py").write_text(ENDLESS.format(note=str(note)))
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    )
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("setup")


@pytest.fixture(scope="module")
def run(editor: Editor, folder: Path) -> Run:
    """The probe's run on a machine whose PATH has a Python with the bridge, and one that is too old."""
    programs = folder / "programs"
    script(programs / "python3", f'exec {sys.executable} "$@"')
    script(programs / "python", "echo 3.8.10")
    broken = script(folder / "broken", "echo no such luck >&2; exit 1")
    inside = folder / "checkout" / "godot_addon" / "addons"
    inside.mkdir(parents=True)
    (folder / "checkout" / "pyproject.toml").write_text('[project]\nname = "anime-character"\n')
    options = {
        "broken": f"{broken}|--quickly",
        "environment": str(editor.project / ".venv"),
        "inside": str(inside),
        "bad": str(folder / "no such folder"),
        "unreachable": "anime-character-of-nobody",
        "endless": str(write_endless_package(folder / "endless", folder / "building")),
        "building": str(folder / "building"),
        "good": str(write_wheel(folder)),
    }
    environment = {
        "PATH": f"{programs}:/usr/bin:/bin",
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_RETRIES": "1",
        # Where it names a checkout, there is a bridge in every environment.
        "PYTHONPATH": None,
    }
    return editor.play("setup", SCENE.format(address=NOBODY), folder, options, environment)


def rows(run: Run) -> dict[str, tuple[str, str]]:
    """What was found, by command: where, and what the page says of it."""
    return {command: (where, found) for where, command, found in (row.split("|") for row in run.values("row"))}


def test_it_finds_an_interpreter_that_has_the_bridge(run: Run, folder: Path) -> None:
    where, found = rows(run)[f"{folder}/programs/python3 -m bridge"]
    version = ".".join(map(str, sys.version_info[:3]))
    assert where == "PATH"
    assert found.startswith("Works: bridge ")
    assert found.endswith(f", Python {version}.")


def test_it_reports_one_that_is_too_old(run: Run, folder: Path) -> None:
    assert rows(run)[f"{folder}/programs/python -m bridge"] == (
        "PATH",
        "Python 3.8.10 is too old; the bridge needs 3.10 or newer.",
    )


def test_it_reports_a_command_of_the_settings_that_is_broken(run: Run, folder: Path) -> None:
    where, found = rows(run)[f"{folder}/broken --quickly"]
    assert where == "Project Settings"
    assert found == "broken, whose bridge does not start: no such luck"


def test_only_what_works_can_be_chosen_and_goes_to_the_project_settings(run: Run, folder: Path) -> None:
    assert run.value("usable before") == "false"
    assert run.value("chosen") == f"{folder}/programs/python3 -m bridge"


def test_it_guesses_the_checkout_that_the_addon_lies_in(run: Run, folder: Path) -> None:
    assert run.value("package") == str(folder / "checkout")


def test_it_says_what_pip_said(run: Run) -> None:
    assert run.value("bad").startswith("pip failed: ")
    assert "no such folder" in run.value("bad")


def test_it_says_that_there_is_no_network(run: Run) -> None:
    assert run.value("unreachable").startswith("pip could not reach its package index")


def test_it_can_be_cancelled_with_all_that_pip_has_started(run: Run, folder: Path) -> None:
    assert run.value("endless").startswith("Cancelled")
    if sys.platform == "linux":
        command = Path("/proc") / (folder / "building").read_text() / "cmdline"
        assert not command.exists() or b"sleep" not in command.read_bytes()


def test_it_makes_an_environment_and_uses_it(run: Run, editor: Editor) -> None:
    command = f"{editor.project}/.venv/bin/python -m bridge"
    assert run.value("good") == f"The bridge is started with {command} from now on."
    assert run.value("made") == command
    assert run.value("first row").startswith("Works: bridge 9.9, Python ")
    assert set(run.values("can be begun twice")) == {"false"}
    settings = (editor.project / "project.godot").read_text(encoding="utf-8")
    assert 'bridge/command=PackedStringArray("res://.venv/bin/python", "-m", "bridge")' in settings, "it can be moved"
    assert (editor.project / ".venv" / ".gitignore").read_text().strip().endswith("*")


def test_the_oldest_python_is_that_of_the_package() -> None:
    check = (ROOT / "godot_addon/addons/anime_character/editor/python_check.gd").read_text(encoding="utf-8")
    assert "const OLDEST: PackedInt32Array = [3, 10]" in check
    assert 'requires-python = ">=3.10"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
