"""The node and its poses in the real editor."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.godot.editor import HERO, SCENE, Editor
from tests.pictures import over
from tha4_core.built_in import built_in_path
from tha4_core.character import load_character
from tha4_core.engines.reference import ReferenceEngine
from tha4_core.metrics import signal_to_noise
from tha4_core.pose import pose_from_names
from tools.environment.bridge_process import running_bridge

pytestmark = pytest.mark.slow

#: Nodes that bring a character to life, below it.
LIVING = {
    "Blink": "life/anime_blink.gd",
    "Breath": "life/anime_breath.gd",
    "Idle": "life/anime_idle.gd",
    "LookAt": "life/anime_look_at.gd",
    "LipSync": "life/anime_lip_sync.gd",
    "Spring": "life/anime_spring.gd",
    "Mocap": "mocap/anime_mocap.gd",
}


def living_scene() -> str:
    """A character with an expression and all of :data:`LIVING`, without a bridge."""
    scene = SCENE.format(address="tcp://127.0.0.1:1")
    scripts = "".join(
        f'[ext_resource type="Script" path="res://addons/anime_character/{script}" id="{name}"]\n'
        for name, script in LIVING.items()
    )
    nodes = "".join(
        f'\n[node name="{name}" type="Node" parent="."]\nscript = ExtResource("{name}")\n' for name in LIVING
    )
    return scene.replace("\n[node", scripts + "\n[node", 1) + 'expression = &"joy"\n' + nodes


def test_a_slider_of_the_inspector_moves_the_character(editor: Editor, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with running_bridge("--root", str(tmp_path / "empty")) as bridge:
        run = editor.play("slider", SCENE.format(address=bridge.address), tmp_path)
    assert run.value("warnings") == "[]"
    expected = ReferenceEngine(load_character(built_in_path(HERO))).render(pose_from_names({"mouth_aaa": 0.6}))
    texture = np.array(Image.open(tmp_path / "texture.png"))
    assert signal_to_noise(over(texture, (0, 0, 0)), over(expected, (0, 0, 0)), peak=255) >= 45
    # The viewport's own zoom and place are the editor's affair; opaque pixels are what it shows of the node.
    assert run.value("zoom") == "1.0"
    x, y = (int(number) for number in run.value("place").split(","))
    window = np.array(Image.open(tmp_path / "viewport.png").convert("RGB"))
    top, left = max(0, -y), max(0, -x)
    seen = window[y + top : y + 512, x + left : x + 512]
    part = expected[top : top + seen.shape[0], left : left + seen.shape[1]]
    opaque = part[..., 3] == 255
    assert opaque.sum() > 20_000
    assert signal_to_noise(seen[opaque], part[opaque][:, :3], peak=255) >= 40


def test_a_pose_is_made_by_ticking_parameters_in_the_inspector(editor: Editor, tmp_path: Path) -> None:
    run = editor.play("pose", living_scene(), tmp_path)
    assert run.value("set") == "head_y"
    assert run.value("head_y") == "-0.5 0.25"
    assert run.value("still") == "true", "what brings it to life in the game does not move it in the editor"
    assert float(run.value("smile")) == 1.0, "the expression is shown"
    saved = (editor.project / "ticked.tres").read_text(encoding="utf-8")
    assert saved.endswith("head_y = -0.5\nweights/head_y = 0.25\n")
