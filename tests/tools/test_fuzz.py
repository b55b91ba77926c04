from __future__ import annotations

from collections.abc import Iterator

import pytest

from tha4_core.errors import UserError
from tools.fuzz import main, report
from tools.fuzzing.bridge_trial import BridgeTally
from tools.fuzzing.trial import Tally


def test_a_short_run_says_how_many_tries_there_were(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--minutes", "0.05", "--kinds", "words"]) == 0
    assert "| words | " in capsys.readouterr().out


def test_a_bridge_is_attacked_with_a_good_client_beside(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["--minutes", "0.1", "--kinds", "bridge"])
    output = capsys.readouterr().out
    assert status == 0, output
    assert "attacks (" in output
    assert "pictures; it usually waited" in output


def test_faults_are_told_with_the_try_that_shows_them_again() -> None:
    text = report(
        [Tally("poses", tries=9, faults={"KeyError in x.py:1 (f)": 4})], BridgeTally(faults={"it ended": 2}), 5
    )
    assert "fault poses:5:4: KeyError in x.py:1 (f)" in text
    assert "fault bridge:5:2: it ended" in text


def test_what_a_kind_needs_is_looked_for_before_the_first_one_begins(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tools.fuzzing.web_trial.ensure_node", lambda: None)
    assert main(["--minutes", "0.05", "--kinds", "words", "web"]) == 2
    said = capsys.readouterr()
    assert "Node was not found" in said.err
    assert "words" not in said.out


def test_what_was_tried_is_told_when_a_later_kind_cannot_be(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def none(_seed: int, _seconds: float) -> Iterator[Tally]:
        raise UserError("Node ended at once; is it whole?")
        yield

    monkeypatch.setattr("tools.fuzz.web_tried", none)
    assert main(["--minutes", "0.05", "--kinds", "words", "web"]) == 2
    said = capsys.readouterr()
    assert "| words | " in said.out
    assert "Node ended at once" in said.err


def test_one_try_can_be_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--again", "messages:1:3"]) == 0
    assert "ms" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--minutes", "0"], ["--kinds", "nothing"], ["--again", "messages:x:1"]])
def test_options_that_cannot_be_are_told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    assert "fuzz.py: error:" in capsys.readouterr().err
