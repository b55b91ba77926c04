from __future__ import annotations

import pytest

from tools.output import distill_progress
from tools.output.distill_progress import Display


def test_a_slow_teachers_answers_are_counted_when_nothing_else_is_to_be_seen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [100.0]
    monkeypatch.setattr(distill_progress.time, "monotonic", lambda: now[0])
    display = Display()
    display.say("training the face")
    for count in range(1, 40):
        now[0] += 2.0
        display.asked(count)
    display.evaluated(1, 10)
    display.asked(40)
    assert capsys.readouterr().err.splitlines() == [
        "training the face",
        "the teacher has made 3 pictures so far",
        "the teacher has made 18 pictures so far",
        "the teacher has made 33 pictures so far",
        "comparing 10%  1 of 10",
    ]
