"""The C interface from programs without Python, and what it shares with Python's own code."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tha4_core.picture.color import to_network
from tha4_core.pose import pose_from_names

library = pytest.importorskip("tha4_core.engines.native.library", reason="no compiler built the native engine")
FOLDER = Path(library.__file__).parent


def output_of(program: str, compiler: list[str], folder: Path) -> str:
    """Compile a program of this folder against the built library, without a warning, and run it."""
    if shutil.which(compiler[0]) is None:
        pytest.skip(f"there is no {compiler[0]}")
    command = [*compiler, "-Wall", "-Wextra", "-pedantic", "-Werror", f"-I{FOLDER / 'src'}"]
    command += [str(Path(__file__).with_name(program)), str(FOLDER / library.FILE_NAME), f"-Wl,-rpath,{FOLDER}"]
    built = subprocess.run(
        [*command, "-pthread", "-o", folder / "program"], capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stderr
    done = subprocess.run([folder / "program"], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_program_in_c_draws_a_small_character_and_each_refusal_is_a_sentence(tmp_path: Path) -> None:
    lines = output_of("native_program.c", ["cc", "-std=c99"], tmp_path).splitlines()
    assert len(lines) > 50
    for line in lines:
        what, sentence = line.split(": ", 1)
        assert len(sentence) > 15, what
        assert sentence.endswith("."), what


def test_renderers_that_share_a_pool_draw_what_they_draw_alone(tmp_path: Path) -> None:
    assert "portable float32" in output_of("native_selftest.cpp", ["c++", "-std=c++17"], tmp_path)


def test_the_networks_picture_is_pythons_for_every_colour_and_alpha() -> None:
    pixels = np.zeros((256, 256, 4), np.uint8)
    pixels[..., 0] = np.arange(256)[:, None]
    pixels[..., 1] = 255 - pixels[..., 0]
    pixels[..., 2] = pixels[..., 0] // 3
    pixels[..., 3] = np.arange(256)
    np.testing.assert_array_equal(library.network_picture(pixels), to_network(pixels))


@pytest.mark.parametrize("edge", [1, 7, 64, 512])
def test_the_networks_picture_is_pythons_for_random_pixels(edge: int) -> None:
    pixels = np.random.default_rng(edge).integers(0, 256, (edge, edge, 4), dtype=np.uint8)
    np.testing.assert_array_equal(library.network_picture(pixels), to_network(pixels))


def test_the_trial_is_of_somebody_who_turns_and_speaks() -> None:
    names = {"head_x": 0.4, "head_y": -0.6, "neck_z": 0.5, "body_y": -0.5, "body_z": 0.4, "mouth_aaa": 0.7}
    trial = library.published_trial()
    np.testing.assert_array_equal(trial.pose[: trial.pose_count], pose_from_names({**names, "eye_wink": 0.4}))


def test_pixels_that_are_not_to_be_written_are_refused() -> None:
    for pixels in (np.zeros((4, 4, 3), np.uint8), np.zeros((4, 8, 4), np.uint8)[:, ::2], np.zeros((4, 4, 4), np.int8)):
        with pytest.raises(ValueError, match="contiguous and writable"):
            library.fill_edges(pixels)
