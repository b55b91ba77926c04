from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tools.output.picture_files import OutputError, check_output, check_place, write_animation, write_picture

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


def test_such_a_place_is_refused_before_any_work_is_done(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file" / "new" / "a.png", tmp_path / ("long" * 100) / "a.png"):
        with pytest.raises(OutputError, match="could not be written"):
            check_output(path)
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(OutputError, match="is a folder; give the name of a file"):
        check_output(tmp_path / "folder.png")


def test_a_folder_that_may_not_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)  # nothing is forbidden to root, who runs tests in containers
    with pytest.raises(OutputError, match="nothing may be written in"):
        check_place(tmp_path / "new" / "a.zip")


def test_a_place_is_looked_at_and_nothing_is_made(tmp_path: Path) -> None:
    check_output(tmp_path / "new" / "folder" / "a.png")
    check_output(Path("a.png"))
    assert list(tmp_path.iterdir()) == []
