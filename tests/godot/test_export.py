"""A game that is exported and run: it holds its character, and a bridge that has no file of it shows the pose."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.conftest import unavailable
from tests.godot.engine import PATIENCE_S, Godot, Run, fresh_project
from tests.pictures import over
from tha4_core.character import Character, save_character
from tha4_core.engines.reference import ReferenceEngine
from tha4_core.metrics import signal_to_noise
from tha4_core.pose import pose_from_names
from tools.environment.bridge_process import RunningBridge, running_bridge
from tools.environment.godot import TEMPLATE_NAME, find_export_template, template_version, with_drivers

pytestmark = pytest.mark.slow

GAME = Path(__file__).resolve().parent / "exported_game"
BACKGROUND = (40, 90, 60)
CORNER = (300 - 256, 300 - 256)
POSE = {"mouth_aaa": 0.6, "head_y": -0.5}


@dataclass(frozen=True)
class Game:
    """A project that is ready to be exported, and what is needed to run what comes of it."""

    project: Godot
    display: str
    bridge: RunningBridge

    def export(self, how: str, preset: str, name: str) -> Path:
        """Exports, into an empty folder away from the project; the file that was asked for."""
        folder = self.project.new_folder()
        target = folder / "output" / name
        arguments = ["--headless", "--path", str(self.project.project), how, preset, str(target)]
        done = self._run([str(self.project.program), *arguments], folder)
        assert not done.errors, done.output
        assert target.is_file(), done.output
        return target

    def play(self, command: list[str], folder: Path) -> Run:
        """Runs an exported game to its end, with a window and with the bridge."""
        window = ["--audio-driver", "Dummy", "--rendering-driver", "opengl3", "--resolution", "1152x648"]
        return self._run([*with_drivers(self.project.program), *command, *window], folder).check()

    def _run(self, command: list[str], folder: Path) -> Run:
        # The editor's own folders for the export, which has the templates there; others for the game.
        environment = self.project.on(self.display).environment(self.project.folder)
        environment |= {"ANIME_CHARACTER_ADDRESS": self.bridge.address, "GAME_PICTURE": str(folder / "game.png")}
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
        return Run(done.returncode, done.stdout + done.stderr, folder)


@pytest.fixture(scope="module")
def game(
    godot: Godot,
    display: str,
    reference_character: Callable[[str], Character],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Game]:
    template = find_export_template(godot.program)
    if template is None:
        unavailable("no export templates; run GODOT_EXPORT=1 tools/install_godot.sh .cache/godot")
    assert template is not None
    project = fresh_project(godot.program, tmp_path_factory.mktemp("game"))
    shutil.copytree(GAME, project.project, dirs_exist_ok=True)
    settings = project.project / "project.godot"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("config/name", 'run/main_scene="res://game.tscn"\nconfig/name'), encoding="utf-8")
    save_character(reference_character("lambda_00"), project.project / "hero.tha4")
    templates = project.folder / "data" / "godot" / "export_templates" / template_version(godot.program)
    templates.mkdir(parents=True)
    (templates / TEMPLATE_NAME).symlink_to(template)
    empty = tmp_path_factory.mktemp("nothing")
    with running_bridge("--root", str(empty)) as bridge:
        yield Game(project, display, bridge)


@pytest.fixture(scope="module")
def expected(reference_character: Callable[[str], Character]) -> NDArray[np.uint8]:
    return ReferenceEngine(reference_character("lambda_00")).render(pose_from_names(POSE))


def check_picture(run: Run, expected: NDArray[np.uint8]) -> None:
    x, y = CORNER
    seen = np.array(Image.open(run.folder / "game.png").convert("RGB"))[y : y + 512, x : x + 512]
    visible = expected[..., 3] > 0
    assert signal_to_noise(seen[visible], over(expected, BACKGROUND)[visible], peak=255) >= 40
    assert not run.values("failed")
    assert run.value("editor") == "false"
    assert run.value("raw_file") == "false", "only what was imported is in the game"
    assert run.value("same") == "true", "from_file finds what was imported"


@pytest.fixture(scope="module")
def program(game: Game) -> Path:
    """The whole project as a program, its pack beside it."""
    return game.export("--export-release", "Everything", "game.x86_64")


def test_an_exported_program_shows_its_character(game: Game, program: Path, expected: NDArray[np.uint8]) -> None:
    run = game.play([str(program)], program.parent)
    check_picture(run, expected)
    assert int(run.value("expressions")) >= 15, "the addon's own"


def test_an_exported_pack_of_one_scene_holds_what_the_scene_needs(game: Game, expected: NDArray[np.uint8]) -> None:
    pack = game.export("--export-pack", "One scene", "game.pck")
    # A release looks for the pack of its own name beside it.
    program = pack.with_suffix("")
    template = find_export_template(game.project.program)
    assert template is not None
    shutil.copyfile(template, program)
    program.chmod(0o755)
    # A pack holds no libraries: who exports one alone puts them beside the program.
    for library in (game.project.project / "addons/anime_character/bin").glob("*.so"):
        shutil.copy(library, program.parent)
    check_picture(game.play([str(program)], pack.parent), expected)


def test_the_addon_takes_little_room_in_the_pack(game: Game, program: Path) -> None:
    pack = program.with_suffix(".pck")
    assert pack.stat().st_size < (game.project.project / "hero.tha4").stat().st_size + (1 << 20)
