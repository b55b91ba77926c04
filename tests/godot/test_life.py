"""The motion of a living character against a table, which the web pages' own is held to as well."""

from __future__ import annotations

import json

import numpy as np

from tests.conftest import ROOT
from tests.godot.engine import SCENARIOS, Godot

#: Written by the scenario: after a change of the addon's rules it is what the failing test names.
TABLE = ROOT / "tests" / "life_cases.json"


def test_looking_breathing_drifting_and_blinking_are_as_in_the_table(godot: Godot) -> None:
    run = godot.run_scenario(SCENARIOS / "life.gd").check()
    written = run.folder / "life.json"
    fresh, table = json.loads(written.read_text()), json.loads(TABLE.read_text())
    np.testing.assert_allclose(fresh.pop("poses"), table.pop("poses"), atol=2e-4, err_msg=f"see {written}")
    np.testing.assert_allclose(fresh.pop("draws"), table.pop("draws"), atol=1e-6)
    assert fresh == table
    assert int(run.value("blinks")) == 5, "one of them twice"
