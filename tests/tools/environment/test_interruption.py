"""Ctrl-C, sent to commands that really run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools.environment.interruption import INTERRUPTED, run_through

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a single process cannot be sent Ctrl-C there")


def test_a_command_ends_in_a_line(tmp_path: Path) -> None:
    code = f"""
import runpy, signal, sys
import tha4_core.drawing.reading as reading
sys.argv = ["tools/check.py", {str(tmp_path / "drawing.png")!r}]
def wait(_):
    print("reading", flush=True)
    signal.pause()
reading.read_drawing = wait
runpy.run_path("tools/check.py", run_name="__main__")
"""
    _interrupted(code, "reading")


def test_it_does_so_while_its_packages_are_imported() -> None:
    _interrupted(
        """
import signal, sys
from tools.environment.bootstrap import enter_environment
enter_environment()
print("importing", flush=True)
signal.pause()
""",
        "importing",
    )


#: Whoever started the tests may have told all programs to ignore Ctrl-C, as ``nohup`` and a shell's ``&`` do.
HEARS = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"


def _interrupted(code: str, spoken: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", f"{HEARS}\n{code}"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"{spoken}\n"
        process.send_signal(signal.SIGINT)
        try:
            _, error = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, error) == (INTERRUPTED, "interrupted.\n")


def test_other_faults_are_told_as_ever() -> None:
    code = "from tools.environment.bootstrap import enter_environment; enter_environment(); 1 / 0"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback")


def test_a_program_in_the_foreground_may_end_in_its_own_way(tmp_path: Path) -> None:
    script = tmp_path / "slow.py"
    script.write_text("""
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
os.kill(os.getppid(), signal.SIGINT)
time.sleep(0.5)
sys.exit(7)
""")
    assert run_through([sys.executable, str(script)]) == 7
