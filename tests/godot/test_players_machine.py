"""The player's machine: a game made of the addon's package and two characters, exported, and run where there is nothing
else: no Python, no bridge, an empty home.

The graphics card is software Vulkan here, which the addon leaves to the processor unless it is told otherwise.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.conftest import unavailable
from tests.godot.engine import PATIENCE_S, Godot, Run
from tests.godot.vulkan import FORWARD_PLUS, MOBILE
from tests.pictures import over
from tha4_core.built_in import NAMES, built_in_path
from tha4_core.character import load_character
from tha4_core.engines.reference import ReferenceEngine
from tha4_core.metrics import signal_to_noise
from tha4_core.picture.region import Region
from tha4_core.pose import pose_from_names
from tools.environment.godot import TEMPLATE_NAME, find_export_template, template_version, with_drivers
from tools.package_addon import pack_addon

pytestmark = pytest.mark.slow

GAME = Path(__file__).resolve().parent / "players_game"
BACKGROUND = (40, 90, 60)
COMPATIBILITY = ("--rendering-driver", "opengl3", "--rendering-method", "gl_compatibility")
WHOLE = Region(0, 0, 512, 512)


@dataclass(frozen=True)
class Shown:
    """What the game's scene and its animation make a character show. middle: where, in the window."""

    name: str
    character: str
    region: Region
    pose: Mapping[str, float]
    middle: tuple[int, int]


SCENE = (
    Shown("Whole", "yunagi", WHOLE, {"mouth_aaa": 0.75, "head_y": -0.5}, (256, 256)),
    Shown(
        "Head",
        "kohaku",
        load_character(built_in_path("kohaku")).info.head_view,
        {"eye_happy_wink_left": 1.0, "neck_z": 0.5},
        (640, 128),
    ),
    Shown("Piece", "kohaku", Region(150, 230, 200, 160), {"body_z": 0.75}, (640, 384)),
)
Pictures = Mapping[str, NDArray[np.uint8]]


@dataclass(frozen=True)
class Game:
    """An exported game, as it is given to a player. program: in a folder with all that belongs to it."""

    program: Path
    display: str
    drivers: Sequence[str]

    def play(self, folder: Path, drawing: Sequence[str], *options: str, engine: str | None = None) -> Run:
        """Plays it to its end on a computer that has nothing. engine: what its player's environment asks for."""
        home = folder / "home"
        output = folder / "output"
        output.mkdir(parents=True)
        home.mkdir()
        environment = {"HOME": str(home), "PATH": str(home), "DISPLAY": self.display, "GAME_OUTPUT": str(output)}
        if engine:
            environment["ANIME_CHARACTER_ENGINE"] = engine
        command = [*self.drivers, str(self.program), "--audio-driver", "Dummy", *drawing, "--", *options]
        done = subprocess.run(
            command, cwd=home, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
        return Run(done.returncode, done.stdout + done.stderr, output)


@pytest.fixture(scope="module")
def game(godot: Godot, display: str, tmp_path_factory: pytest.TempPathFactory) -> Game:
    """The package unpacked into an empty project, two characters and a scene added, all exported as a release."""
    template = find_export_template(godot.program)
    if template is None:
        unavailable("no export templates; run GODOT_EXPORT=1 tools/install_godot.sh .cache/godot")
    assert template is not None
    folder = tmp_path_factory.mktemp("game")
    project = folder / "project"
    with zipfile.ZipFile(io.BytesIO(pack_addon())) as archive:
        archive.extractall(project)
    shutil.copytree(GAME, project, dirs_exist_ok=True)
    for name in NAMES:
        shutil.copyfile(built_in_path(name), project / f"{name}.tha4")
    templates = folder / "data" / "godot" / "export_templates" / template_version(godot.program)
    templates.mkdir(parents=True)
    (templates / TEMPLATE_NAME).symlink_to(template)
    editor = Godot(godot.program, project, folder)
    program = folder / "given" / "game.x86_64"
    program.parent.mkdir()
    for arguments in (["--import"], ["--export-release", "Everything", str(program)]):
        run = editor.start(*arguments, folder=folder).wait().check()
        assert not run.warnings, run.output
    assert program.is_file(), run.output
    return Game(program, display, with_drivers(godot.program))


@pytest.fixture(scope="module")
def engines() -> Mapping[str, ReferenceEngine]:
    return {name: ReferenceEngine(load_character(built_in_path(name))) for name in NAMES}


def drawn(engines: Mapping[str, ReferenceEngine], scale: int) -> Pictures:
    """What the reference engine draws for each character of the scene."""
    return {
        shown.name: engines[shown.character].render(pose_from_names(shown.pose), shown.region, scale=scale)
        for shown in SCENE
    }


@pytest.fixture(scope="module")
def expected(engines: Mapping[str, ReferenceEngine]) -> Pictures:
    return drawn(engines, 1)


def in_window(run: Run, shown: Shown) -> NDArray[np.uint8]:
    """The part of the window where a character is, (h, w, 3)."""
    left, top = shown.middle[0] - shown.region.width // 2, shown.middle[1] - shown.region.height // 2
    window = np.array(Image.open(run.folder / "window.png").convert("RGB"))
    return window[top : top + shown.region.height, left : left + shown.region.width]


def likeness(run: Run, shown: Shown, picture: NDArray[np.uint8]) -> tuple[float, float]:
    """The signal to noise ratio over the character, in dB: of its texture, and of what the window shows.

    The window has a pixel for each of a picture of 512; of a larger one it shows the averages.
    """
    texture = np.array(Image.open(run.folder / f"{shown.name}.png").convert("RGBA"))
    wanted = over(picture, BACKGROUND)
    visible = picture[..., 3] > 0
    height, width = shown.region.height, shown.region.width
    blocks = (height, picture.shape[0] // height, width, picture.shape[1] // width)
    in_pixels = wanted.reshape(*blocks, 3).mean(axis=(1, 3))
    visible_there = visible.reshape(blocks).any(axis=(1, 3))
    first = signal_to_noise(over(texture, BACKGROUND)[visible], wanted[visible], peak=255)
    second = signal_to_noise(in_window(run, shown)[visible_there], in_pixels[visible_there], peak=255)
    return float(first), float(second)


@pytest.mark.parametrize(
    ("drawing", "options", "engine", "plays"),
    [
        pytest.param(COMPATIBILITY, [], None, "native", id="compatibility"),
        pytest.param(COMPATIBILITY, ["--engine=cpu"], None, "native", id="compatibility, the node asks for the CPU"),
        pytest.param(FORWARD_PLUS, [], "gpu", "gpu", id="forward+"),
        pytest.param(MOBILE, ["--engine=gpu"], None, "gpu", id="mobile, the node asks for the GPU"),
        pytest.param(MOBILE, ["--engine=cpu"], None, "native", id="mobile, the node asks for the CPU"),
    ],
)
def test_the_right_pixels_are_shown(
    game: Game,
    expected: Pictures,
    tmp_path: Path,
    drawing: Sequence[str],
    options: Sequence[str],
    engine: str | None,
    plays: str,
) -> None:
    run = game.play(tmp_path, drawing, *options, engine=engine).check()
    assert run.value("editor") == "false"
    assert run.value("renderer") in drawing
    assert run.values("engine") == [plays] * len(SCENE)
    assert not run.values("failed")
    for shown in SCENE:
        texture, window = likeness(run, shown, expected[shown.name])
        assert min(texture, window) >= 40, (shown.name, texture, window)


@pytest.mark.parametrize(
    ("drawing", "engine", "plays"), [(COMPATIBILITY, "cpu", "native"), (MOBILE, "gpu", "gpu")], ids=["library", "card"]
)
def test_it_shows_pictures_of_twice_the_size(
    game: Game, engines: Mapping[str, ReferenceEngine], tmp_path: Path, drawing: Sequence[str], engine: str, plays: str
) -> None:
    run = game.play(tmp_path, drawing, f"--engine={engine}", "--scale=2").check()
    assert run.values("engine") == [plays] * len(SCENE)
    assert not run.values("failed")
    larger = drawn(engines, 2)
    for shown in SCENE:
        texture, window = likeness(run, shown, larger[shown.name])
        assert min(texture, window) >= 40, (shown.name, texture, window)


def test_a_software_rasteriser_is_left_to_the_library(game: Game, tmp_path: Path) -> None:
    run = game.play(tmp_path, FORWARD_PLUS).check()
    assert run.values("engine") == ["native"] * len(SCENE)
    assert not run.values("failed")


def test_without_a_graphics_card_for_it_the_library_plays_and_says_so(game: Game, tmp_path: Path) -> None:
    run = game.play(tmp_path, COMPATIBILITY, "--engine=gpu").check()
    assert run.values("engine") == ["native"] * len(SCENE)
    assert len(run.values("failed")) == len(SCENE)
    assert all("The processor plays instead." in message for message in run.values("failed"))


def test_without_anything_the_characters_rest_and_say_why(game: Game, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(game.program.parent, bare)
    (library,) = bare.glob("*.so")
    library.unlink()
    run = Game(bare / game.program.name, game.display, game.drivers).play(tmp_path, COMPATIBILITY, "--still")
    assert run.code == 0, run.output
    # Godot's own words.
    assert [error for error in run.errors if not re.search("GDExtension|FileAccess::exists|extension", error)] == []
    assert run.values("engine") == [""] * len(SCENE)
    assert len(run.values("failed")) == len(SCENE)
    for shown, message in zip(SCENE, run.values("failed"), strict=True):
        assert "library" in message, message
        x, y, width, height = shown.region
        with Image.open(run.folder / f"{shown.name}.png") as texture:
            assert texture.size == (width, height)
        resting = load_character(built_in_path(shown.character)).image[y : y + height, x : x + width]
        assert min(likeness(run, shown, resting)) >= 40
