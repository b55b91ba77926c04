from __future__ import annotations

import psutil
import pytest

from tha4_core.errors import UserError
from tools.fuzzing import trial
from tools.fuzzing.trial import Tally, attempt, flaw_of, watched


def tried(error: BaseException | None) -> Tally:
    def read() -> None:
        if error is not None:
            raise error

    tally = Tally("made up")
    attempt(lambda _: read, 1, 7, tally, psutil.Process())
    return tally


def test_what_is_taken_and_what_is_refused_in_a_sentence_is_counted() -> None:
    assert tried(None).taken == 1
    refused = tried(UserError("the file is empty; give another."))
    assert (refused.tries, refused.refused, refused.faults) == (1, 1, {})


def test_any_other_exception_is_a_fault_told_by_its_place() -> None:
    ((what, number),) = tried(KeyError("x")).faults.items()
    assert "KeyError" in what
    assert number == 7


@pytest.mark.parametrize("sentence", ["two\nlines.", "no stop", "", "x" * 2000 + "."])
def test_an_error_that_is_no_sentence_is_a_fault(sentence: str) -> None:
    assert len(tried(UserError(sentence)).faults) == 1
    assert flaw_of("did you mean mouth_aaa?") == ""


def test_tallies_of_several_processes_add_up() -> None:
    one = Tally("x", tries=3, taken=1, refused=2, slowest_s=0.5, slowest=4, peak=7, faults={"a": 1})
    one.add(Tally("x", tries=2, taken=2, slowest_s=0.7, slowest=9, peak=5, faults={"a": 8, "b": 9}))
    assert (one.tries, one.taken, one.refused, one.slowest, one.peak) == (5, 3, 2, 9, 7)
    assert one.faults == {"a": 1, "b": 9}


def test_a_process_of_tries_tells_how_they_go() -> None:
    *_, tally = watched("words", 1, 3.0)
    assert tally.tries == tally.taken + tally.refused > 0


def test_a_process_that_dies_or_hangs_is_a_fault_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "_START_S", 0.2)  # Python itself takes longer to start
    *_, tally = watched("words", 1, 0.5)
    assert any("no end after" in fault for fault in tally.faults)
