"""The mimic page in a real Chromium: a film of a head that moves is its camera, and a voice its microphone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import face_mesh_or_skip, unavailable
from tests.node import chromium_program, node_packages, run_node_tests
from tests.synthetic import synthetic_character
from tests.tools.web.fake_camera import write_scenes, write_voice
from tests.tools.web.serving import TINY, serving
from tha4_core.character import save_character
from tools.binaries.web import ensure_web_engine
from tools.serving.face_mesh import ADDRESS
from tools.serving.site import site

HERE = Path(__file__).parent


@pytest.mark.slow
def test_a_character_mimics_whom_the_camera_shows(tmp_path: Path) -> None:
    node_packages()
    if ensure_web_engine() is None:
        unavailable("the engine for browsers was not built; install ziglang (pip install -e .[binaries])")
    small, voice = tmp_path / "small.tha4", tmp_path / "voice.wav"
    save_character(synthetic_character(3, "Small", TINY), small)
    write_scenes(tmp_path)
    write_voice(voice)
    model = {f"{ADDRESS}{path.name}": path for path in face_mesh_or_skip().iterdir()}
    with serving({**site(), **model, "characters/small.tha4": small}) as url:
        run_node_tests(
            [HERE / "mimic" / "page.page.js"],
            CHROMIUM=chromium_program(),
            SITE_URL=url,
            VOICE=str(voice),
            FOLDER=str(tmp_path),
        )
