"""The kernels for AVX-VNNI on any x86 processor with AVX2: all of them but the one instruction, and that it is there.

QEMU does not emulate the instruction, so it is replaced by its definition.
"""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
from pathlib import Path

import pytest

library = pytest.importorskip("tha4_core.engines.native.library", reason="no compiler built the native engine")
LIBRARY = Path(library.__file__).with_name(library.FILE_NAME)
SOURCES = Path(library.__file__).parent / "src"

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="only x86 has AVX-VNNI")


@pytest.mark.slow
@pytest.mark.skipif("avx2" not in library.supported(), reason="this processor has no AVX2")
def test_its_pictures_are_those_of_avx2_byte_for_byte(tmp_path: Path) -> None:
    if shutil.which("g++") is None:
        pytest.skip("there is no g++")
    program = tmp_path / "selftest"
    sources = [*SOURCES.glob("*.cpp"), Path(__file__).with_name("native_selftest.cpp")]
    command = ["g++", "-std=c++17", "-O1", "-DTHA4_VNNI_BY_DEFINITION", f"-I{SOURCES}", *sources, "-pthread"]
    built = subprocess.run([*command, "-o", program], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    output = subprocess.run([program], capture_output=True, text=True, timeout=300, check=True).stdout
    checksums = {(isa, precision): sum_ for isa, precision, sum_ in re.findall(r"(\w+) (\w+): checksum (\w+)", output)}
    for precision in ("float32", "fixed16"):
        assert checksums["avxvnni", precision] == checksums["avx2", precision]


def test_the_library_holds_the_instruction() -> None:
    if shutil.which("objdump") is None:
        pytest.skip("there is no objdump")
    done = subprocess.run(["objdump", "-d", "--no-show-raw-insn", LIBRARY], capture_output=True, text=True, check=True)
    # AVX-512's are of 512 bits.
    assert len(re.findall(r"vpdpwssd\s.*%ymm", done.stdout)) > 12
