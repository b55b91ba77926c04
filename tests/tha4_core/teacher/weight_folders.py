"""Folders of a teacher's files to spoil, and what is said of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tha4_core.character.weights import WeightsError
from tha4_core.teacher.checkpoints import load_networks


def linked(release: Path, folder: Path) -> Path:
    """``folder`` with a link to each file of ``release``, any of which may be replaced."""
    for file in release.iterdir():
        (folder / file.name).symlink_to(file)
    return folder


def refusal(directory: Path) -> str:
    """The one sentence with which a folder is refused."""
    with pytest.raises(WeightsError) as caught:
        load_networks(directory)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence
