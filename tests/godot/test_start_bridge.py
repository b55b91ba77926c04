"""A bridge that the node starts beside the game."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.godot.engine import SCENARIOS, Godot
from tests.godot.test_node import Given, free_port, options

#: A bridge that another game has started a moment earlier has the address; it answers when this one has given up.
TOO_LATE = """
import socket, subprocess, sys
address = sys.argv[sys.argv.index("--address") + 1]
with socket.create_server(("127.0.0.1", int(address.rpartition(":")[2]))):
    code = subprocess.run([sys.executable, "-m", "bridge", *sys.argv[2:]]).returncode
quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
fake = [sys.executable, "-m", "tests.godot.fake_bridge", "--note", sys.argv[1], "--address", address]
subprocess.Popen(fake, **quiet, start_new_session=True)
sys.exit(code)
"""


def bridge_command(*more: str) -> str:
    return "|".join([sys.executable, "-m", "tests.godot.fake_bridge", *more])


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def start_options(character: Path, command: str, linger: float = 0) -> Given:
    return options(character, f"tcp://127.0.0.1:{free_port()}", {"command": command, "linger": linger})


def test_a_bridge_is_started_and_stopped_with_the_node(godot: Godot, character: Path, tmp_path: Path) -> None:
    note = tmp_path / "note"
    run = godot.run_scenario(
        SCENARIOS / "start_bridge.gd",
        start_options(character, bridge_command("--note", str(note))),
        extra_environment={"PYTHONPATH": str(ROOT)},
    ).check()
    assert run.value("shows") == "ff0007ff"
    assert run.values("failed") == []
    pid, *arguments = note.read_text().splitlines()
    assert "--exit-when-idle" in arguments
    assert arguments[arguments.index("--root") + 1 :].count(str(character)) == 1
    deadline = time.monotonic() + 5
    while is_running(int(pid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(int(pid))


def test_a_started_bridge_that_dies_is_started_again(godot: Godot, character: Path, tmp_path: Path) -> None:
    note = tmp_path / "note"
    running = godot.start_scenario(
        SCENARIOS / "start_bridge.gd",
        start_options(character, bridge_command("--note", str(note)), linger=5),
        extra_environment={"PYTHONPATH": str(ROOT)},
    )
    running.wait_for("shows=")
    os.kill(int(note.read_text().splitlines()[0]), 9)
    run = running.wait().check()
    assert run.values("signal") == ["connected", "lost", "connected"]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (f"{sys.executable}|-c|import sys; sys.exit('the engine is missing')", "the engine is missing"),
        ("/no/such/program", "/no/such/program"),
    ],
    ids=["it ends at once", "there is no such program"],
)
def test_a_bridge_that_cannot_start_says_why(godot: Godot, character: Path, command: str, expected: str) -> None:
    run = godot.run_scenario(SCENARIOS / "start_bridge.gd", start_options(character, command, linger=1))
    assert len(run.values("failed")) == 1
    assert expected in run.value("failed")
    assert "anime_character/bridge/command" in run.value("failed")


def test_a_bridge_elsewhere_is_not_started_here(godot: Godot, character: Path) -> None:
    given = options(character, "tcp://no.such.host.invalid:5747", {"command": "x", "linger": 0})
    run = godot.run_scenario(SCENARIOS / "start_bridge.gd", given)
    assert run.values("failed")


def test_a_bridge_of_another_game_that_was_quicker_serves_both(godot: Godot, character: Path, tmp_path: Path) -> None:
    note = tmp_path / "note"
    (tmp_path / "too_late.py").write_text(TOO_LATE, encoding="utf-8")
    given = start_options(character, "|".join([sys.executable, str(tmp_path / "too_late.py"), str(note)]), linger=3)
    try:
        run = godot.run_scenario(
            SCENARIOS / "start_bridge.gd", given, extra_environment={"PYTHONPATH": str(ROOT)}
        ).check()
    finally:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            os.kill(int(note.read_text().splitlines()[0]), 9)
    assert run.value("shows") == "ff0007ff"
    assert run.values("signal") == ["connected"]
    assert run.values("failed") == []
    assert not run.warnings
