"""Whatever is broken, whoever reads it takes it or refuses it in one sentence: a small round of tools/fuzz.py."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from tools.fuzzing.kinds import KINDS
from tools.fuzzing.trial import Tally, attempt, random_of

#: What takes longer is tried less often.
TRIES = {
    "messages": 1500,
    "words": 3000,
    "poses": 300,
    "configs": 200,
    "checkpoints": 150,
    "drawings": 150,
    "characters": 12,
    "directories": 30,
}


@pytest.mark.filterwarnings("ignore")  # of others' libraries, about what is broken
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_but_sentences(kind: str, tmp_path: Path) -> None:
    once = KINDS[kind](tmp_path)
    tally = Tally(kind)
    for number in range(TRIES[kind]):
        attempt(once, 2, number, tally, psutil.Process())
    assert tally.faults == {}
    assert tally.refused > TRIES[kind] // 10


@pytest.mark.parametrize("kind", ["characters", "drawings", "configs"])
def test_a_try_is_always_the_same_input(kind: str, tmp_path: Path) -> None:
    inputs = []
    for folder in (tmp_path / "one", tmp_path / "other"):
        folder.mkdir()
        once = KINDS[kind](folder)
        attempt(once, 3, 5, Tally(kind), psutil.Process())
        (path,) = folder.iterdir()
        inputs.append(path.read_bytes())
    assert inputs[0] == inputs[1]
    assert random_of(kind, 3, 5).random() != random_of(kind, 3, 6).random()
