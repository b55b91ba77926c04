"""The C++ renderer on its own, under the compiler's checkers of memory, undefined behaviour and threads."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[3] / "tha4_core" / "engines" / "native" / "src"


@pytest.mark.slow
@pytest.mark.parametrize("checker", ["address,undefined", "thread"])
def test_short_runs_are_clean(tmp_path: Path, checker: str) -> None:
    if shutil.which("g++") is None:
        pytest.skip("there is no g++")
    options = ["-O1", "-g", f"-fsanitize={checker}", "-fno-sanitize-recover=all", f"-I{SOURCES}"]

    def compile_(*arguments: str | Path) -> None:
        done = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True, check=False)
        if done.returncode and "cannot find" in done.stderr:
            pytest.skip("the compiler lacks its sanitizers' libraries")
        assert done.returncode == 0, done.stderr

    compile_("g++", "-std=c++17", *options, "-c", *SOURCES.glob("*.cpp"))
    engine = sorted(tmp_path.glob("*.o"))
    compile_("g++", "-std=c++17", *options, "-c", Path(__file__).with_name("native_selftest.cpp"))
    compile_("gcc", "-std=c99", *options, "-c", Path(__file__).with_name("native_program.c"))
    for name in ("native_selftest", "native_program"):
        compile_("g++", *options, *engine, f"{name}.o", "-pthread", "-o", name)
        # What native_program.c allocates for its characters' weights, it keeps.
        done = subprocess.run(
            [tmp_path / name],
            env={"ASAN_OPTIONS": "detect_leaks=0" if name == "native_program" else ""},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert not done.stderr
