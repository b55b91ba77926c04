from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tools.output.picture_files import OutputError, check_output, write_animation, write_picture

NOISE = np.random.default_rng(1).integers(0, 256, (20, 30, 4), dtype=np.uint8)


@pytest.mark.parametrize("name", ["a.png", "a.webp", "new/folder/A.PNG"])
def test_a_picture_keeps_every_byte(tmp_path: Path, name: str) -> None:
    write_picture(tmp_path / name, Image.fromarray(NOISE))
    with Image.open(tmp_path / name) as picture:
        np.testing.assert_array_equal(np.asarray(picture), NOISE)


def test_an_animation_has_all_frames_and_goes_round(tmp_path: Path) -> None:
    frames = [Image.new("RGBA", (16, 16), (value, 0, 0, 255)) for value in (0, 100, 200)]
    write_animation(tmp_path / "a.webp", frames, frames_per_second=20)
    with Image.open(tmp_path / "a.webp") as animation:
        assert (animation.n_frames, animation.info["loop"]) == (3, 0)
        animation.seek(1)
        animation.load()
        assert animation.info["duration"] == 50


@pytest.mark.parametrize(("name", "animated"), [("a.jpg", False), ("a", False), ("a.png", True), ("a.gif", True)])
def test_another_kind_of_file_is_refused(name: str, animated: bool) -> None:
    with pytest.raises(OutputError, match="give a name that ends in"):
        check_output(Path(name), animated=animated)


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="could not be written"):
        write_picture(tmp_path / "file" / "a.png", Image.fromarray(NOISE))
