"""What a distillation starts from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.color_profiles import display_p3, display_p3_as_srgb
from tests.drawings import mannequin
from tests.moving_teacher import MovingTeacher
from tests.tha4_core.picture.png_files import packed_text, with_chunks
from tha4_core.distill import inputs
from tha4_core.distill.config import Config
from tha4_core.distill.distributed import alone
from tha4_core.distill.inputs import Inputs, open_inputs
from tha4_core.distill.teachers import OpenedTeacher
from tha4_core.picture.color import decode_png
from tha4_core.picture.png import split_png


def opened(path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Inputs, NDArray[np.uint8]]:
    """The inputs, and the drawing that the teacher was asked to pose."""
    asked: list[Any] = []

    def open_teacher(_: str, pixels: NDArray[np.uint8], __: object) -> OpenedTeacher:
        asked.append(pixels)
        return OpenedTeacher(MovingTeacher(), None, 1e9, 5e9)

    monkeypatch.setattr(inputs, "open_teacher", open_teacher)
    config = Config(output=path.with_suffix(".tha4"), teacher="models", character_image_file_name=path)
    found = open_inputs(config, alone("cpu"))
    return found, asked[0]


def test_a_plain_drawing_is_kept_byte_for_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.fromarray(mannequin()).save(tmp_path / "a.png")
    found, posed = opened(tmp_path / "a.png", monkeypatch)
    assert found.image_png == (tmp_path / "a.png").read_bytes()
    assert not found.warnings
    np.testing.assert_array_equal(posed, mannequin())


def test_a_drawing_of_other_colours_is_learned_and_kept_in_srgb_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.fromarray(mannequin()).save(tmp_path / "a.png", icc_profile=display_p3(2 << 20))
    found, posed = opened(tmp_path / "a.png", monkeypatch)
    assert [text for text in found.warnings if "Display P3" in text]
    kept = decode_png(found.image_png, "a.png")
    np.testing.assert_array_equal(kept, posed)
    np.testing.assert_array_equal(kept[..., 3], mannequin()[..., 3])
    assert np.abs(kept[..., :3].astype(int) - display_p3_as_srgb(mannequin()[..., :3])).max() <= 1
    assert split_png(found.image_png).plain


def test_megabytes_beside_the_pixels_do_not_become_a_part_of_the_character(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.fromarray(mannequin()).save(tmp_path / "a.png")
    plain = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(with_chunks(plain, packed_text(np.random.default_rng(1).bytes(9 << 20))))
    found, _ = opened(tmp_path / "a.png", monkeypatch)
    np.testing.assert_array_equal(decode_png(found.image_png, "a.png"), mannequin())
    assert len(found.image_png) <= len(plain)
