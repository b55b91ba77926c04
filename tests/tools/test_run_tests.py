from __future__ import annotations

import pytest

from tools.run_tests import processes_for


@pytest.mark.parametrize(
    ("cores", "processes"),
    [(1, 1), (2, 2), (4, 4), (64, 4)],
)
def test_there_is_a_process_for_each_core_up_to_four(cores: int, processes: int) -> None:
    assert processes_for([], cores) == processes


@pytest.mark.parametrize("arguments", [["-k", "region"], ["-x", "tests/bridge"], ["tests/conftest.py", "tests/bridge"]])
def test_parts_of_the_tests_are_shared_as_all_of_them_are(arguments: list[str]) -> None:
    assert processes_for(arguments, 2) == 2


@pytest.mark.parametrize(
    "argument",
    ["-n0", "--numprocesses=8", "--dist=loadfile", "--pdb", "-s", "tests/conftest.py", "tests/conftest.py::x"],
)
def test_whoever_has_a_say_in_it_or_asks_for_little_gets_one_process(argument: str) -> None:
    assert processes_for(["-k", "region", argument], 2) == 1
