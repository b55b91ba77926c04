"""What the library and the extension are built for, and what each may need and show there."""

from __future__ import annotations

import platform
import re
import sys
from dataclasses import dataclass
from typing import Final

from tha4_core.errors import UserError, did_you_mean

#: The functions that Godot, and that programs, find in what is built.
EXTENSION_ENTRY: Final = "anime_character_init"
LIBRARY_PREFIX: Final = "tha4_"
#: The oldest glibc that Linux's binaries run with: Debian 10, RHEL 8, Steam's runtime "sniper".
GLIBC: Final = (2, 28)
_MACOS: Final = "11.0"


@dataclass(frozen=True)
class Target:
    """A system and processor.

    name: as Godot's feature tags say it, and as ``--target`` takes it.
    triples: what zig calls it; several: processors that share one file. None: zig has no C library for it.
    suffix: of libraries. wheel: the platform tag of its wheel; None: there is none.
    needs: the system's libraries that may be needed, as patterns of whole names.
    runtime_exports: what zig's own start-up code shows, whoever asks it not to, as patterns of whole names.
    """

    name: str
    triples: tuple[str, ...]
    suffix: str
    wheel: str | None
    needs: tuple[str, ...]
    runtime_exports: tuple[str, ...] = ()

    @property
    def system(self) -> str:
        return self.name.split(".")[0]

    @property
    def extension(self) -> str:
        """The file name of Godot's extension."""
        return f"anime_character.{self.name}{self.suffix}"

    @property
    def library(self) -> str:
        """The file name of the engine's library, as tha4_core.engines.native.library looks for it on that system."""
        return f"{'' if self.system == 'windows' else 'lib'}tha4_engine{self.suffix}"

    def may_show(self, name: str) -> bool:
        return any(re.fullmatch(pattern, name) for pattern in self.runtime_exports)

    def may_need(self, library: str) -> bool:
        return any(re.fullmatch(pattern, library, re.IGNORECASE) for pattern in self.needs)


_GLIBC_PARTS: Final = (r"lib(c|m|pthread|dl|rt)\.so\.\d", r"ld-linux-[\w-]+\.so\.\d")

TARGETS: Final = (
    Target("linux.x86_64", ("x86_64-linux-gnu.2.28",), ".so", "manylinux_2_28_x86_64", _GLIBC_PARTS),
    Target("linux.arm64", ("aarch64-linux-gnu.2.28",), ".so", "manylinux_2_28_aarch64", _GLIBC_PARTS),
    Target(
        "windows.x86_64",
        ("x86_64-windows-gnu",),
        ".dll",
        "win_amd64",
        (r"kernel32\.dll", r"ntdll\.dll", r"api-ms-win-crt-[\w-]+\.dll", r"ucrtbase\.dll"),
        ("_CRT_INIT", "__mingw_module_is_dll", "__unw_getcontext", "unw_getcontext", "atexit"),
    ),
    Target(
        "macos",
        (f"x86_64-macos.{_MACOS}", f"aarch64-macos.{_MACOS}"),
        ".dylib",
        f"macosx_{_MACOS.replace('.', '_')}_universal2",
        (r"/usr/lib/libSystem\.B\.dylib", r"/usr/lib/libc\+\+(abi)?\.1\.dylib"),
        # C++'s allocation, which any part of a program may replace, and two names of the format's own.
        (r"_Zn[wa]m.*", r"_Zd[la]Pv.*", "_mh_dylib_header", "__dso_handle"),
    ),
    Target("android.arm64", (), ".so", None, (r"lib(c|m|dl|log)\.so",)),
)
#: Those that zig builds, on any machine.
ZIG_TARGETS: Final = tuple(target for target in TARGETS if target.triples)


def target_named(name: str) -> Target:
    """One of ``TARGETS``. Raises UserError."""
    for target in TARGETS:
        if target.name == name:
            return target
    known = [target.name for target in TARGETS]
    hint = did_you_mean(name, known)
    raise UserError(f"there is no target {name!r:.80}; {hint or 'choose one of ' + ', '.join(known) + '.'}")


def host_target() -> Target | None:
    """What this machine is; None when nothing is built for its like."""
    processor = _host_processor()
    name = {"win32": f"windows.{processor}", "darwin": "macos", "linux": f"linux.{processor}"}.get(sys.platform)
    return next((target for target in TARGETS if target.name == name), None)


def host_triple(target: Target) -> str:
    """Of a target's triples the one of this machine's processor."""
    wanted = "aarch64" if _host_processor() == "arm64" else "x86_64"
    return next(triple for triple in target.triples if triple.startswith(wanted))


def _host_processor() -> str:
    """As Godot's feature tags say it; empty for one that nothing is built for."""
    known = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
    return known.get(platform.machine().lower(), "")
