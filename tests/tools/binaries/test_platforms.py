"""What is built for other systems, checked and run as far as that goes here: ``tools/run_tests.py --all-platforms``."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT, unavailable
from tools.binaries.compilers import has_zig, zig_compiler
from tools.binaries.inspection import Part, parts
from tools.binaries.licences import licences
from tools.binaries.sources import ENGINE, GODOT_EXTENSION
from tools.binaries.targets import EXTENSION_ENTRY, ZIG_TARGETS, Target, target_named
from tools.binaries.wheels import build_wheel
from tools.build_binaries import build_checked, build_library
from tools.environment.emulators import ensure_arm64, ensure_wine
from tools.run_tests import ALL_PLATFORMS_VARIABLE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not os.environ.get(ALL_PLATFORMS_VARIABLE), reason="takes minutes: tools/run_tests.py --all-platforms"
    ),
]

SELFTEST = ROOT / "tests" / "tha4_core" / "engines" / "native_selftest.cpp"
NAMES = [target.name for target in ZIG_TARGETS]


@pytest.fixture(autouse=True)
def _zig() -> None:
    if not has_zig():
        unavailable('zig is not installed; pip install -e ".[binaries]"')


@pytest.fixture(scope="module")
def linux_lines(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    target = target_named("linux.x86_64")
    return checksums(run(selftest(target, tmp_path_factory.mktemp("linux")), []))


def selftest(target: Target, folder: Path) -> Path:
    """The self-test as a program of the target, beside the library that it is linked with."""
    (triple,) = target.triples
    compiler = zig_compiler(triple)
    library = folder / target.library
    library.write_bytes(build_library(target).read_bytes())
    program = folder / "selftest.exe"
    compiler.compile(SELFTEST, folder / "selftest.o", (ENGINE,), ())
    rpath = [] if target.system == "windows" else ["-Wl,-rpath,$ORIGIN"]
    link = ["-O3", "-g0", "-pthread", "-s", *([] if target.system == "windows" else ["-fPIC"]), *rpath]
    compiler.run([*link, str(folder / "selftest.o"), str(library), "-o", str(program)], "selftest")
    program.chmod(0o755)
    return program


def run(program: Path, emulator: list[str]) -> str:
    environment = os.environ | {"WINEPREFIX": str(program.parent / "wine"), "WINEDEBUG": "-all"}
    done = subprocess.run(
        [*emulator, str(program)], capture_output=True, text=True, timeout=600, check=False, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def checksums(output: str) -> dict[str, str]:
    """Of pictures, by instruction set and precision."""
    found = dict(re.findall(r"^(\w+ \w+): checksum (\w+)", output, re.MULTILINE))
    assert found, output
    return found


def test_windows_draws_the_same_bytes(tmp_path: Path, linux_lines: dict[str, str]) -> None:
    wine = ensure_wine()
    if wine is None:
        unavailable("Wine is not installed; apt install wine wine64")
    assert wine is not None
    assert checksums(run(selftest(target_named("windows.x86_64"), tmp_path), wine)) == linux_lines


def test_arm64_draws_the_same_bytes(tmp_path: Path, linux_lines: dict[str, str]) -> None:
    qemu = ensure_arm64()
    if qemu is None:
        unavailable("QEMU is not installed; apt install qemu-user-static")
    assert qemu is not None
    drawn = checksums(run(selftest(target_named("linux.arm64"), tmp_path), qemu))
    assert set(drawn) == {"neon float32", "portable float32"}
    assert set(drawn.values()) == {linux_lines["portable float32"]}


@pytest.mark.parametrize("name", NAMES)
def test_the_extension_shows_its_entry_and_needs_only_the_system(tmp_path: Path, name: str) -> None:
    target = target_named(name)
    build_checked(GODOT_EXTENSION, target, tmp_path / target.extension)
    found = parts(tmp_path / target.extension)
    for part in found:
        assert [shown for shown in part.exports if not target.may_show(shown)] == [EXTENSION_ENTRY]
        assert all(target.may_need(needed) for needed in part.needs)
        assert part.glibc <= (2, 28)
    assert (tmp_path / target.extension).stat().st_size < 2_000_000


def test_macos_has_both_processors_from_its_version_11_on() -> None:
    found: list[Part] = parts(build_library(target_named("macos")))
    assert {part.processor for part in found} == {"X86_64", "ARM64"}
    for part in found:
        assert part.macos == (11, 0)
        assert part.needs <= {"/usr/lib/libSystem.B.dylib", "/usr/lib/libc++.1.dylib"}
        assert {"tha4_render", "tha4_renderer_create", "tha4_last_error"} <= part.exports


@pytest.mark.parametrize("name", NAMES)
def test_every_system_has_a_wheel(tmp_path: Path, name: str) -> None:
    target = target_named(name)
    wheel = build_wheel(target, build_library(target), licences(), tmp_path)
    assert wheel.name.endswith(f"-py3-none-{target.wheel}.whl")
    assert wheel.stat().st_size > 1_000_000
