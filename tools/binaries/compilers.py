"""The compilers: zig for every system, the one that is installed for this machine, Android's for Android."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from tha4_core.errors import UserError
from tools.binaries.targets import Target
from tools.environment.bootstrap import ROOT

#: Names the folder of Android's NDK.
NDK_VARIABLE: Final = "ANDROID_NDK_HOME"
#: Android 7, the oldest that Godot 4 runs on.
_ANDROID_API: Final = 24
# Threads and exceptions as in C++17; only what is marked is seen from outside; no assertions of the library.
_FLAGS: Final = ("-std=c++17", "-O3", "-g0", "-fPIC", "-fvisibility=hidden", "-DNDEBUG", "-pthread")
_WARNINGS: Final = ("-Wall", "-Wextra")
#: Zig's caches: a first build of a system's C++ library takes minutes, later ones none.
_ZIG_CACHE: Final = ROOT / ".cache" / "zig"


@dataclass(frozen=True)
class Compiler:
    """command: starts it for its system. name: of its version, for what is kept from earlier builds.

    more: flags of compiling and linking, as of sanitizers.
    """

    command: tuple[str, ...]
    name: str
    system: str
    strips_with: tuple[str, ...]
    more: tuple[str, ...] = ()

    def compile(self, source: Path, object_file: Path, includes: tuple[Path, ...], defines: tuple[str, ...]) -> None:
        """Raises UserError with the compiler's own words."""
        arguments = [*self.flags, *(f"-I{folder}" for folder in includes), *(f"-D{define}" for define in defines)]
        self.run([*arguments, "-c", str(source), "-o", str(object_file)], source.name)

    @property
    def flags(self) -> tuple[str, ...]:
        # Windows' code is always position independent, and its compilers say so.
        return tuple(flag for flag in (*_FLAGS, *_WARNINGS, *self.more) if self.system != "windows" or flag != "-fPIC")

    def link(self, objects: list[Path], output: Path, exports: Path, called: str) -> None:
        """A shared library without symbols of its own use. exports: a version script, where the system knows those.
        called: the name that it tells those who link with it.

        Raises UserError with the compiler's own words.
        """
        arguments = ["-shared", "-O3", "-g0", "-pthread", *self.strips_with, *self.more]
        if self.system in ("linux", "android"):
            arguments += [f"-Wl,--version-script={exports}", "-Wl,-z,now"]
        if self.system == "macos":
            arguments += [f"-Wl,-install_name,@rpath/{called}"]
        if self.system == "android":
            arguments += ["-static-libstdc++", "-Wl,-z,max-page-size=16384"]
        self.run([*arguments, *map(str, objects), "-o", str(output)], called)

    def run(self, arguments: list[str], what: str) -> None:
        """Start it with arguments of its own. what: is being built. Raises UserError with the compiler's own words."""
        command = [*self.command, *arguments]
        environment = os.environ | {"ZIG_GLOBAL_CACHE_DIR": str(_ZIG_CACHE), "ZIG_LOCAL_CACHE_DIR": str(_ZIG_CACHE)}
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", check=False, env=environment
        )
        if done.returncode:
            print("\n".join((done.stdout + done.stderr).strip().splitlines()[-20:]), file=sys.stderr)
            raise UserError(f"{what} could not be built for {self.system} with {self.name}; the lines above say why.")


def system_compiler(target: Target) -> Compiler | None:
    """What is installed for this machine, which is a ``target``; None without one that takes GCC's options."""
    for name in (os.environ.get("CXX", ""), "c++", "g++", "clang++"):
        path = shutil.which(name) if name else None
        if path is None:
            continue
        version = subprocess.run(
            [path, "--version"], capture_output=True, encoding="utf-8", errors="replace", check=False
        )
        if version.returncode == 0:
            strip = ("-Wl,-x",) if target.system == "macos" else ("-s",)
            return Compiler((path,), f"{path} {version.stdout.splitlines()[0]}", target.system, strip)
    return None


def with_checks(compiler: Compiler, checks: str) -> Compiler:
    """The same with GCC's and Clang's checkers in what it makes: ``address,undefined`` or ``thread``."""
    checkers = (f"-fsanitize={checks}", "-fno-sanitize-recover=all")
    # No warnings, for which the plain build is there: checks around every access mislead GCC, and a fifth of its time
    # went into a thousand of them.
    return replace(compiler, strips_with=(), more=("-O1", "-g1", "-w", *checkers))


def has_zig() -> bool:
    return importlib.util.find_spec("ziglang") is not None


def zig_compiler(triple: str) -> Compiler:
    """Zig for one of a target's triples. Raises UserError when it is not installed."""
    if not has_zig():
        raise UserError(
            'zig is not installed; pip install "anime-character[binaries]", or use tools/build_binaries.py.'
        )
    system = triple.split("-")[1].split(".")[0]
    command = (sys.executable, "-m", "ziglang", "c++", "-target", triple)
    return Compiler(command, f"zig {importlib.metadata.version('ziglang')} {triple}", system, ("-s",))


def android_compiler() -> Compiler:
    """The compiler of the NDK that ``ANDROID_NDK_HOME`` names. Raises UserError without one."""
    folder = os.environ.get(NDK_VARIABLE, "")
    found = sorted(Path(folder).glob(f"toolchains/llvm/prebuilt/*/bin/aarch64-linux-android{_ANDROID_API}-clang++*"))
    if not folder or not found:
        raise UserError(
            f"Android's compiler was not found; install the NDK (r26 or newer) and let {NDK_VARIABLE} name its folder."
        )
    return Compiler((str(found[0]),), f"the NDK of {folder}", "android", ("-s",))
