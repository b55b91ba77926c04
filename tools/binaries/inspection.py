"""What a built library shows and needs, read from the file itself.

By lief, since one library for the three systems' formats is less than three, or than readers of our own: it knows
Mach-O's export tries, PE's forwarded exports and ELF's versions of symbols.
"""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass
from pathlib import Path

from tha4_core.errors import UserError
from tools.binaries.targets import GLIBC, Target

#: A universal file holds one part for each.
_PROCESSORS = {"x86_64": {"X86_64", "AMD64"}, "arm64": {"AARCH64", "ARM64"}}


@dataclass(frozen=True)
class Part:
    """A library for one processor. glibc: the newest version of it that is needed, (0, 0) for none.

    macos: the oldest that it runs on, (0, 0) elsewhere.
    """

    processor: str
    exports: frozenset[str]
    needs: frozenset[str]
    glibc: tuple[int, int] = (0, 0)
    macos: tuple[int, int] = (0, 0)


def parts(path: Path) -> list[Part]:
    """What is in a shared library: one part, or several in a universal one. Raises UserError for other files."""
    import lief

    lief.logging.disable()  # what it finds odd in zig's Mach-O files does no harm
    if lief.is_macho(str(path)):
        found = lief.MachO.parse(str(path))
        return [_macho(part) for part in found] if found else []
    binary = lief.parse(str(path))
    if isinstance(binary, lief.ELF.Binary):
        versions = [
            str(version.name)
            for needed in binary.symbols_version_requirement
            for version in needed.get_auxiliary_symbols()
        ]
        numbers = [
            tuple(map(int, match.groups())) for v in versions if (match := re.fullmatch(r"GLIBC_(\d+)\.(\d+).*", v))
        ]
        return [
            Part(
                binary.header.machine_type.name,
                frozenset(str(symbol.name) for symbol in binary.exported_symbols),
                frozenset(map(str, binary.libraries)),
                glibc=max(((a, b) for a, b in numbers), default=(0, 0)),
            )
        ]
    if isinstance(binary, lief.PE.Binary):
        export = binary.get_export()
        return [
            Part(
                binary.header.machine.name,
                frozenset(str(entry.name) for entry in export.entries) if export else frozenset(),
                frozenset(str(needed.name) for needed in binary.imports),
            )
        ]
    raise UserError(f"{path} is no shared library; build it again.")


def check(path: Path, target: Target, exports: str) -> None:
    """Refuse a library that shows more or less than it should, or needs more than its system has.

    exports: the pattern of wanted names. Raises UserError.
    """
    found = parts(path)
    wanted = {triple.split("-")[0].replace("aarch64", "arm64") for triple in target.triples} or {"arm64"}
    present = {name for name, spellings in _PROCESSORS.items() for part in found if part.processor in spellings}
    if present != wanted or len(found) != len(wanted):
        raise UserError(f"{path.name} is for {sorted(present)}, not for {sorted(wanted)}; build it again.")
    for part in found:
        shown = {name for name in part.exports if not target.may_show(name)}
        strange = sorted(name for name in shown if not fnmatch.fnmatchcase(name, exports))
        if strange or not shown:
            raise UserError(f"{path.name} shows {', '.join(strange[:5]) or 'nothing'}, but should only show {exports}.")
        lacking = sorted(name for name in part.needs if not target.may_need(name))
        if lacking:
            raise UserError(f"{path.name} needs {', '.join(lacking)}, which not every {target.system} has.")
        if part.glibc > GLIBC:
            raise UserError(f"{path.name} needs glibc {part.glibc[0]}.{part.glibc[1]}; {GLIBC[0]}.{GLIBC[1]} is meant.")


def _macho(binary: object) -> Part:
    import lief

    assert isinstance(binary, lief.MachO.Binary)
    if binary.build_version:
        oldest = binary.build_version.minos
    elif binary.version_min:
        oldest = binary.version_min.version
    else:
        raise UserError(f"{_own_name(binary)} does not say from which macOS on it runs; build it again.")
    return Part(
        binary.header.cpu_type.name,
        frozenset(str(symbol.name).removeprefix("_") for symbol in binary.exported_symbols),
        frozenset(str(library.name) for library in binary.libraries if library.name != _own_name(binary)),
        macos=(oldest[0], oldest[1]),
    )


def _own_name(binary: object) -> str:
    import lief

    assert isinstance(binary, lief.MachO.Binary)
    for command in binary.commands:
        if command.command == lief.MachO.LoadCommand.TYPE.ID_DYLIB and isinstance(command, lief.MachO.DylibCommand):
            return str(command.name)
    return ""
