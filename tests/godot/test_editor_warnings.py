"""What the editor warns of beside a character in the scene tree, and that it stops when the matter is mended."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.godot.editor import SCENE, Editor
from tests.godot.fake_bridge import FakeBridge
from tests.godot.test_node import NOBODY, free_port

pytestmark = pytest.mark.slow


def test_warnings_say_what_to_do_and_go_away(editor: Editor, fake_bridge: FakeBridge, tmp_path: Path) -> None:
    options = {
        "bridge": fake_bridge.address,
        "own": f"tcp://127.0.0.1:{free_port()}",
        "command": "|".join(
            (sys.executable, str(ROOT / "tests/godot/fake_bridge.py"), "--note", str(tmp_path / "note"))
        ),
    }
    scene = SCENE.replace('character = ExtResource("hero")\n', "").format(address=NOBODY)
    run = editor.play("warnings", scene, tmp_path, options)
    assert run.value("nothing") == run.value("empty") == run.value("nothing again")
    assert run.value("nothing").startswith("No character is chosen: ")
    assert run.value("absent").startswith(f"no bridge at {NOBODY}: ")
    assert "turn on start_bridge" in run.value("absent")
    assert "The panel Anime Character at the bottom" in run.value("absent")
    assert run.value("well") == ""
    assert "Anime Character Setup" in run.value("unstartable")
    assert run.value("startable") == ""
