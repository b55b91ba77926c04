"""The mimic page in a real Chromium: a film of a head that moves is its camera, and a voice its microphone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import face_mesh_or_skip, tasks_vision_or_skip, unavailable
from tests.node import chromium_program, node_packages, run_node_tests
from tests.synthetic import synthetic_character
from tests.tools.web.fake_camera import write_scenes, write_voice
from tests.tools.web.serving import TINY, serving
from tha4_core.character import save_character
from tools.binaries.web import ensure_web_engine
from tools.serving.face_models import FACE_MESH, TASKS_VISION
from tools.serving.npm_packages import NpmPackage
from tools.serving.site import site

HERE = Path(__file__).parent


@pytest.mark.slow
def test_a_character_mimics_whom_the_camera_shows(tmp_path: Path) -> None:
    voice = tmp_path / "voice.wav"
    write_voice(voice)
    visit("page.page.js", tmp_path, models_of(FACE_MESH, face_mesh_or_skip()), VOICE=str(voice))


@pytest.mark.slow
def test_a_character_mimics_by_the_blendshapes_of_a_visitors_face_landmarker(
    tmp_path: Path, face_landmarker: Path
) -> None:
    models = models_of(TASKS_VISION, tasks_vision_or_skip())
    visit("landmarker.page.js", tmp_path, models, LANDMARKER=str(face_landmarker))


def models_of(package: NpmPackage, folder: Path) -> dict[str, Path]:
    """What of a fetched package belongs to a site."""
    return {f"{package.address}{path.name}": path for path in folder.iterdir()}


def visit(script: str, folder: Path, models: dict[str, Path], **environment: str) -> None:
    """Run the tests of ``script`` on a served mimic page with these face models."""
    node_packages()
    if ensure_web_engine() is None:
        unavailable("the engine for browsers was not built; install ziglang (pip install -e .[binaries])")
    small = folder / "small.tha4"
    save_character(synthetic_character(3, "Small", TINY), small)
    write_scenes(folder)
    with serving({**site(models), "characters/small.tha4": small}) as url:
        run_node_tests(
            [HERE / "mimic" / script], CHROMIUM=chromium_program(), SITE_URL=url, FOLDER=str(folder), **environment
        )
