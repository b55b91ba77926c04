"""Broken characters and wishes in the engine inside Godot: a sentence or the right picture each, and no crash."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import unavailable
from tests.godot.engine import Godot
from tha4_core.errors import UserError
from tools.fuzzing.game_trial import PLAIN, SANITIZED, GameTrial

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("kind", "count"), [(PLAIN, 80), (SANITIZED, 25)])
def test_every_try_ends_in_a_sentence_or_in_the_right_picture(
    godot: Godot,
    tmp_path: Path,
    kind: str,
    count: int,
) -> None:
    try:
        trial = GameTrial(kind, tmp_path, godot.project)
    except UserError as error:
        unavailable(str(error))
    tally = trial.tries(seed=1, first=0, count=count)
    assert not tally.faults
    assert tally.tries == count == tally.taken + tally.refused
    assert tally.taken > 0
    assert tally.refused > count / 2
