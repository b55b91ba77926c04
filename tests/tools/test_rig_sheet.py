from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tha4_core.pose import NAMES, SIZE, pose_from_names
from tha4_core.rig.characters import load_design
from tha4_core.rig.teacher import RigTeacher
from tools import rig_sheet

pytestmark = pytest.mark.usefixtures("one_torch_thread")


def test_there_are_twelve_moods_of_parameters_that_exist() -> None:
    assert len(rig_sheet.MOODS) == 12
    for mood in rig_sheet.MOODS.values():
        assert np.count_nonzero(pose_from_names(mood)) >= 1


def test_all_parameters_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[dict[str, float]] = []

    def keep(_teacher: object, _captions: object, poses: list[dict[str, float]], *_: object, **__: object) -> None:
        shown.extend(poses)

    monkeypatch.setattr(rig_sheet, "_sheet", keep)
    rig_sheet.parameter_sheet(None)  # type: ignore[arg-type]
    assert {name for pose in shown for name in pose} == set(NAMES)
    assert len(shown) == 2 * SIZE + 8 - 1


def test_a_turnaround_shows_the_character_in_every_tile() -> None:
    sheet = np.asarray(rig_sheet.turn_sheet(RigTeacher(load_design("kohaku"))))
    rows, columns = 4, 5
    height, width = sheet.shape[0] // rows, sheet.shape[1] // columns
    tiles = [
        sheet[r * height : (r + 1) * height, c * width : (c + 1) * width] for r in range(rows) for c in range(columns)
    ]
    paper = sheet[0, 0]
    for tile in tiles:
        assert (np.abs(tile.astype(int) - paper).max(axis=-1) > 40).mean() > 0.25
    assert (tiles[0] != tiles[4]).mean() > 0.1


def test_an_unknown_character_ends_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert rig_sheet.main(["nobody", "--to", str(tmp_path / "sheets")]) == 2
    assert capsys.readouterr().err.startswith("error: there is no drawn character named 'nobody'")
    assert rig_sheet.main(["yunagi", "nobody", "--to", str(tmp_path / "sheets")]) == 2
    assert not (tmp_path / "sheets").exists()


def test_a_folder_that_cannot_be_is_said_before_anything_is_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(rig_sheet, "_sheet")
    (tmp_path / "file").touch()
    assert rig_sheet.main(["yunagi", "--to", str(tmp_path / "file" / "sheets")]) == 2
    assert "could not be written" in capsys.readouterr().err


@pytest.mark.slow
def test_the_sheets_are_pictures_of_the_named_character(tmp_path: Path) -> None:
    assert rig_sheet.main(["yunagi", "--to", str(tmp_path)]) == 0
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["yunagi_moods.webp", "yunagi_parameters.webp", "yunagi_turnaround.webp"]
    for path in tmp_path.iterdir():
        with Image.open(path) as picture:
            picture.load()
            assert picture.width > 600
