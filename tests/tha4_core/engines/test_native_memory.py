"""The C++ renderer on its own, under the compiler's checkers of memory, undefined behaviour and threads."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[3] / "tha4_core" / "engines" / "native" / "src"


@pytest.mark.slow
@pytest.mark.parametrize("checker", ["address,undefined", "thread"])
def test_a_short_run_is_clean(tmp_path: Path, checker: str) -> None:
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        pytest.skip("no C++ compiler")
    files = [str(path) for path in SOURCES.glob("*.cpp")]
    command = [compiler, "-std=c++17", "-O1", "-g", f"-fsanitize={checker}", "-fno-sanitize-recover=all"]
    command += [f"-I{SOURCES}", *files, str(Path(__file__).with_name("native_selftest.cpp")), "-pthread"]
    built = subprocess.run([*command, "-o", str(tmp_path / "selftest")], capture_output=True, text=True, check=False)
    if built.returncode and "cannot find" in built.stderr:
        pytest.skip("the compiler lacks its sanitizers' libraries")
    assert built.returncode == 0, built.stderr
    done = subprocess.run([tmp_path / "selftest"], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr
