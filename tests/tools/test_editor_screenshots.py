"""Pictures of the addon in the editor."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import unavailable
from tests.synthetic import synthetic_character
from tha4_core.character import save_character
from tools import editor_screenshots
from tools.editor_screenshots import main
from tools.environment.godot import find_godot


def test_a_character_that_is_not_there_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nobody.tha4"), "--to", str(tmp_path / "pictures")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert "is no .tha4 file" in error
    assert not (tmp_path / "pictures").exists()


def test_a_character_that_cannot_be_read_and_a_folder_that_cannot_be_are_said_before_the_editor_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(editor_screenshots, "virtual_display")
    (tmp_path / "broken.tha4").write_bytes(b"nothing")
    assert main([str(tmp_path / "broken.tha4"), "--to", str(tmp_path / "pictures")]) == 2
    assert "broken.tha4" in capsys.readouterr().err
    assert main([str(tmp_path / "broken.tha4"), "--to", str(tmp_path / "broken.tha4")]) == 2
    assert "could not be written" in capsys.readouterr().err


@pytest.mark.slow
def test_it_takes_all_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if find_godot() is None:
        unavailable("Godot was not found; set GODOT, or run tools/install_godot.sh .cache/godot")
    if not shutil.which("Xvfb"):
        unavailable("Xvfb is not installed; install the package xvfb")
    # The smallest window in which the editor has room for all that is shown: a processor draws it.
    monkeypatch.setattr(editor_screenshots, "SIZE", (1100, 760))
    save_character(synthetic_character(), tmp_path / "blob.tha4")
    assert main([str(tmp_path / "blob.tha4"), "--to", str(tmp_path)]) == 0
    pictures = {path.stem: np.array(Image.open(path)) for path in tmp_path.glob("*.webp")}
    assert set(pictures) == {"window", "inspector", "character", "panel", "setup"}
    assert pictures["window"].shape == (760, 1100, 3)
    red, _, blue = (pictures["window"][..., channel].astype(int) for channel in range(3))
    assert (blue - red > 40).sum() > 10_000, "the blob's body is shown"
    green = np.abs(pictures["setup"].astype(int) - (115, 240, 128)).max(axis=2) < 40
    assert green.sum() > 50, "an interpreter that has the bridge is green"
    for name, picture in pictures.items():
        assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 50, f"{name} is no empty picture"
