"""The README's moving picture."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tools import showcase


def test_characters_stand_side_by_side_and_move(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(showcase, "FRAMES", 3)
    assert showcase.main(["yunagi", "yunagi", "-o", str(tmp_path / "show.webp")]) == 0
    with Image.open(tmp_path / "show.webp") as animation:
        assert (animation.size, animation.n_frames) == ((2 * showcase.VIEW.width, showcase.VIEW.height), 3)
        picture = animation.convert("RGBA")
    halves = [picture.crop((x, 0, x + showcase.VIEW.width, showcase.VIEW.height)) for x in (0, showcase.VIEW.width)]
    assert halves[0].getbbox() is not None
    assert halves[0].tobytes() != halves[1].tobytes()


def test_a_character_that_is_not_there_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert showcase.main([str(tmp_path / "nobody.tha4")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
