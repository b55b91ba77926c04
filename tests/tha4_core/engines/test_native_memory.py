"""The C++ renderer on its own, under the compiler's checkers of memory, undefined behaviour and threads."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conftest import unavailable
from tha4_core.errors import UserError
from tools.binaries.building import compile_all
from tools.binaries.compilers import Compiler, system_compiler, with_checks
from tools.binaries.sources import ENGINE, Product
from tools.binaries.targets import host_target

FOLDER = Path(__file__).parent
#: Only its parts are made, which the programs are linked with.
RENDERER = Product("renderer", (ENGINE,), (), "")


def checked_compiler(checks: str, folder: Path) -> Compiler:
    """This machine's, with a checker that it has the libraries of."""
    target = host_target()
    compiler = system_compiler(target) if target else None
    if compiler is None:
        unavailable("there is no C++ compiler (Debian: apt install g++)")
    checked = with_checks(compiler, checks)
    (folder / "empty.cpp").write_text("int main() {}\n")
    try:
        checked.run([*checked.flags, str(folder / "empty.cpp"), "-o", str(folder / "empty")], "an empty program")
    except UserError:
        unavailable("the compiler lacks its sanitizers' libraries")
    return checked


@pytest.mark.slow
@pytest.mark.parametrize("checks", ["address,undefined", "thread"])
def test_short_runs_are_clean(tmp_path: Path, checks: str) -> None:
    compiler = checked_compiler(checks, tmp_path)
    engine = [str(path) for path in compile_all(RENDERER, compiler, lambda *_: None)]
    options = [*compiler.more, f"-I{ENGINE}", "-c"]
    compiler.run(
        [*options, "-std=c++17", str(FOLDER / "native_selftest.cpp"), "-o", f"{tmp_path}/selftest.o"], "selftest"
    )
    compiler.run(
        [*options, "-std=c99", "-x", "c", str(FOLDER / "native_program.c"), "-o", f"{tmp_path}/program.o"], "program"
    )
    for name in ("selftest", "program"):
        program = tmp_path / name
        compiler.run([*compiler.more, *engine, f"{program}.o", "-pthread", "-o", str(program)], name)
        # What native_program.c allocates for its characters' weights, it keeps.
        done = subprocess.run(
            [program],
            env={"ASAN_OPTIONS": "detect_leaks=0" if name == "program" else ""},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert not done.stderr
