"""The networks as compute shaders, with software Vulkan, against the reference engine."""

from __future__ import annotations

import functools
import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from bridge.frames import frame_size, shrink
from tests.godot.engine import PATIENCE_S, SCENARIOS, Godot, Run
from tests.godot.vulkan import FORWARD_PLUS, MOBILE, SEPARATE, unexpected_errors
from tests.synthetic import larger_picture, random_networks, synthetic_character
from tha4_core.built_in import NAMES, built_in_path
from tha4_core.character import Character, load_character, save_character
from tha4_core.character.larger_drawing import packed
from tha4_core.engines.reference import ReferenceEngine
from tha4_core.metrics import signal_to_noise
from tha4_core.picture.edges import fill_edges
from tha4_core.picture.region import FULL_PICTURE, Region
from tha4_core.pose import Pose, neutral_pose, pose_from_names
from tha4_core.visibility import lean_of, pixels_of, sample_poses

pytestmark = pytest.mark.slow

POSED = pose_from_names(
    {"eye_wink_left": 0.8, "mouth_aaa": 0.7, "iris_rotation_x": 0.3, "head_x": 0.4, "head_y": -0.6, "neck_z": 0.5}
    | {"body_y": -0.5, "body_z": 0.4, "breathing": 0.5}
)
EXTREME = pose_from_names({"head_x": -1, "head_y": 1, "neck_z": -1, "body_y": 1, "body_z": -1, "mouth_iii": 1})
#: Cheek, hair and shoulder, none of its edges at a tile's.
PART = Region(131, 97, 150, 142)


@dataclass(frozen=True)
class Wish:
    pose: Pose
    region: Region = FULL_PICTURE
    scale: float = 1.0


@dataclass
class Drawing:
    """Pictures that one run of Godot draws. characters: file -> wishes."""

    characters: dict[Path, list[Wish]]
    settings: dict[str, Any] = field(default_factory=dict)
    patience_s: float = PATIENCE_S

    def run(self, godot: Godot, folder: Path) -> tuple[Run, list[NDArray[np.uint8]]]:
        numbers = iter(range(1, 1000))
        document = {
            "settings": {f"anime_character/gpu/{name}": value for name, value in self.settings.items()},
            "characters": {
                str(file): [
                    {"number": next(numbers), "pose": list(map(float, w.pose)), "region": w.region, "scale": w.scale}
                    for w in wishes
                ]
                for file, wishes in self.characters.items()
            },
        }
        path = folder / "wishes.json"
        path.write_text(json.dumps(document))
        run = godot.run_scenario(SCENARIOS / "gpu_pictures.gd", {"wishes": str(path)}, self.patience_s)
        drawn = sorted(run.folder.glob("*.png"), key=lambda file: int(file.stem))
        return run, [np.array(Image.open(file)) for file in drawn]


@functools.cache
def engine_of(path: Path) -> tuple[Character, ReferenceEngine]:
    character = load_character(path)
    return character, ReferenceEngine(character)


def expected(path: Path, wish: Wish) -> NDArray[np.uint8]:
    """What a bridge sends, of all that the graphics card's tiles, two of the mask's each, show."""
    character, engine = engine_of(path)
    times = max(1, int(wish.scale))
    x, y, width, height = wish.region
    part = engine.render(wish.pose, wish.region, scale=times)
    if character.visibility is not None:
        tiles = (character.visibility.tiles >> lean_of(wish.pose) & 1).reshape(-1, 2, 64).max(axis=1)
        seen = pixels_of(tiles.repeat(2, axis=0).astype(bool))[y : y + height, x : x + width]
        part[~seen.repeat(times, axis=0).repeat(times, axis=1)] = 0
    columns, rows = frame_size(wish.region, wish.scale)
    if wish.scale < 1 and (columns, rows) != (width, height):
        smaller = np.empty((rows, columns, 4), np.uint8)
        shrink(part, smaller)
        part = smaller
    fill_edges(part)
    return part


def weighed(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Colours by alpha: how they are seen."""
    values = picture.astype(np.float64)
    values[..., :3] *= values[..., 3:] / 255.0
    return values


def likeness(seen: NDArray[np.uint8], wanted: NDArray[np.uint8]) -> float:
    assert seen.shape == wanted.shape
    return signal_to_noise(weighed(seen), weighed(wanted), peak=255)


def check_all(drawing: Drawing, pictures: list[NDArray[np.uint8]], least: float) -> None:
    wishes = [(path, wish) for path, wishes in drawing.characters.items() for wish in wishes]
    assert len(pictures) == len(wishes)
    for (path, wish), picture in zip(wishes, pictures, strict=True):
        # A part has less of what is transparent; Pillow rounds to bytes between its two passes.
        lowered = 25.0 if wish.scale < 1 else (5.0 if wish.region != FULL_PICTURE else 0.0)
        seen = likeness(picture, expected(path, wish))
        assert seen >= least - lowered, (path.name, wish.region, wish.scale, seen)


@pytest.fixture(scope="module")
def exact(godot: Godot, display: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Drawing, Run, list[Any]]:
    kohaku, yunagi = built_in_path("kohaku"), built_in_path("yunagi")
    small = Wish(POSED, Region(160, 48, 192, 192), 0.3)
    drawing = Drawing(
        {kohaku: [Wish(POSED), Wish(POSED, PART), small, Wish(neutral_pose(), PART)], yunagi: [Wish(EXTREME)]},
        {"precision": "float32", "budget_ms": 0.0},
    )
    return drawing, *drawing.run(godot.on(display, *FORWARD_PLUS), tmp_path_factory.mktemp("exact"))


def test_with_32_bits_it_is_the_reference(exact: tuple[Drawing, Run, list[NDArray[np.uint8]]]) -> None:
    drawing, run, pictures = exact
    check_all(drawing, pictures, 80.0)
    assert run.check().values("gave_up") == ["", ""]


def test_a_region_equals_the_full_picture(exact: tuple[Drawing, Run, list[NDArray[np.uint8]]]) -> None:
    whole, part = exact[2][0], exact[2][1]
    x, y, width, height = PART
    cut = whole[y : y + height, x : x + width]
    # At the region's border what lies beyond it has no part in the colours of what can hardly be seen.
    assert np.array_equal(cut[1:-1, 1:-1], part[1:-1, 1:-1])
    assert np.array_equal(cut[..., 3], part[..., 3])


def test_what_is_made_on_the_card_is_freed(exact: tuple[Drawing, Run, list[NDArray[np.uint8]]]) -> None:
    assert "RID" not in exact[1].output
    assert "leaked" not in exact[1].output


def test_16_bits_a_tight_budget_and_a_thread_of_its_own(godot: Godot, display: str, tmp_path: Path) -> None:
    """A picture that is spread over many frames is shown when it is whole."""
    drawing = Drawing(
        {built_in_path("kohaku"): [Wish(EXTREME, PART), Wish(POSED, PART)]},
        {"precision": "snorm16", "budget_ms": 20.0},
    )
    run, pictures = drawing.run(godot.on(display, *SEPARATE), tmp_path)
    assert unexpected_errors(run) == [], run.output
    check_all(drawing, pictures, 65.0)
    assert all(int(line.split()[-1]) > 8 for line in run.values("picture")), run.values("picture")


def test_networks_of_other_shapes(godot: Godot, display: str, tmp_path: Path) -> None:
    characters = {tmp_path / f"{seed}.tha4": [Wish(POSED), Wish(EXTREME, PART)] for seed in range(5)}
    for seed, file in enumerate(characters):
        save_character(synthetic_character(networks=random_networks(seed, summed=seed % 2 == 0)), file)
    drawing = Drawing(characters, {"precision": "float32", "budget_ms": 0.0})
    run, pictures = drawing.run(godot.on(display, *MOBILE), tmp_path)
    assert run.check().values("gave_up") == [""] * len(characters)
    check_all(drawing, pictures, 70.0)


def test_larger_pictures_are_the_references(godot: Godot, display: str, tmp_path: Path) -> None:
    """From drawings of both sizes, with a face that moves, and enlarged where there is none; then small ones again."""
    part = Region(211, 133, 70, 52)
    plain, sharp, sharper = (tmp_path / f"{edge}.tha4" for edge in (512, 1024, 2048))
    for file, edge in ((sharp, 1024), (sharper, 2048)):
        drawing = packed(larger_picture(edge), "it")
        save_character(replace(synthetic_character(), drawing_hd_png=drawing), file)
    save_character(synthetic_character(), plain)
    drawing_all = Drawing(
        {
            sharp: [Wish(neutral_pose(), part, 4.0)],
            sharper: [Wish(POSED, part, 2.0), Wish(POSED, part), Wish(EXTREME, part, 4.0)],
            plain: [Wish(POSED, part, 2.0)],
        },
        {"precision": "float32", "budget_ms": 0.0},
    )
    run, pictures = drawing_all.run(godot.on(display, *MOBILE), tmp_path)
    assert run.check().values("gave_up") == [""] * 3
    assert "leaked" not in run.output
    check_all(drawing_all, pictures, 70.0)


def damaged(folder: Path) -> Path:
    path = folder / "damaged.tha4"
    data = bytearray(built_in_path("kohaku").read_bytes())
    at = data.find(b"body_morpher.safetensors") + 60000
    data[at : at + 8] = b"\xff" * 8
    path.write_bytes(data)
    return path


def test_a_character_that_is_damaged_is_refused_in_a_sentence(godot: Godot, display: str, tmp_path: Path) -> None:
    drawing = Drawing({damaged(tmp_path): [Wish(neutral_pose(), PART)]})
    run, pictures = drawing.run(godot.on(display, *MOBILE), tmp_path)
    sentence = run.check().value("gave_up")
    assert "NaN or infinity" in sentence
    assert sentence.endswith(".")
    assert not pictures


def test_a_card_that_draws_nonsense_is_noticed(godot: Godot) -> None:
    run = godot.run_scenario(SCENARIOS / "gpu_trial.gd").check()
    assert run.value("nothing")
    assert run.value("noise")
    assert run.value("right") == ""


def test_a_shader_that_does_not_compile_is_said_in_a_sentence(godot: Godot, display: str) -> None:
    run = godot.on(display, *MOBILE).run_scenario(SCENARIOS / "gpu_programs.gd").check()
    assert run.value("broken").startswith("its driver does not take the shader")
    assert run.value("whole") == ""
    assert run.value("same") == "true"


def test_several_characters_share_the_card_and_leave_nothing(godot: Godot, display: str, light_file: Path) -> None:
    options = {"character": str(light_file), "budget_ms": "0", "pictures": "4"}
    run = godot.on(display, *MOBILE).run_scenario(SCENARIOS / "gpu_animation.gd", options).check()
    assert float(run.value("render_ms")) > 0.0
    assert "leaked" not in run.output


def test_characters_come_and_go_while_others_are_loaded(godot: Godot, display: str, light_file: Path) -> None:
    options = {"character": str(light_file), "count": "300"}
    run = godot.on(display, *MOBILE).run_scenario(SCENARIOS / "gpu_comings_and_goings.gd", options).check()
    assert run.value("gone") == "true"
    assert "leaked" not in run.output


def test_without_compute_shaders_it_says_so(godot: Godot, drawing_godot: Godot) -> None:
    for engine in (godot, drawing_godot):
        run = engine.run_scenario(SCENARIOS / "gpu_availability.gd").check()
        assert run.value("available") == "false"
        assert run.value("why_not").endswith(".")


@pytest.mark.skipif("LONG_TESTS" not in os.environ, reason="takes minutes; set LONG_TESTS=1")
@pytest.mark.parametrize(("precision", "least"), [("float32", 80.0), ("snorm16", 65.0)])
@pytest.mark.parametrize("name", ["kohaku", "yunagi", "lambda_00", "lambda_01"])
def test_twenty_poses(
    godot: Godot, display: str, tmp_path: Path, shared_tha4: Path, name: str, precision: str, least: float
) -> None:
    file = built_in_path(name) if name in NAMES else tmp_path / f"{name}.tha4"
    if name not in NAMES:
        save_character(load_character(shared_tha4 / "reference" / name), file)
    # At rest, at corners of what moves the outline, and at random.
    poses = list(sample_poses(120, seed=3))
    drawing = Drawing(
        {file: [Wish(pose) for pose in [*poses[:66:8], *poses[-11:]]]}, {"precision": precision}, patience_s=3000.0
    )
    drawing.settings["budget_ms"] = 0.0
    run, pictures = drawing.run(godot.on(display, *MOBILE), tmp_path)
    assert not run.errors
    seen = [likeness(p, expected(file, wish)) for p, wish in zip(pictures, drawing.characters[file], strict=True)]
    print(f"{name} {precision}: {min(seen):.1f} to {max(seen):.1f} dB over {len(seen)} poses")
    assert min(seen) >= least, seen
