"""What Godot loads, in the addon's folder: the libraries in ``bin``, and the file that tells Godot of them.

Git ignores all of it. That file is only there with a library: Godot calls a library that is told of and missing an
error, while the addon works without.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from tha4_core.errors import UserError
from tha4_core.files.atomic import write_atomically
from tools.binaries.building import Line, build
from tools.binaries.compilers import system_compiler, zig_compiler
from tools.binaries.sources import GODOT_EXTENSION
from tools.binaries.targets import EXTENSION_ENTRY, TARGETS, Target, host_target, host_triple
from tools.environment.bootstrap import ROOT

ADDON: Final = ROOT / "godot_addon" / "addons" / "anime_character"
BIN: Final = ADDON / "bin"
DESCRIPTION: Final = ADDON / "anime_character.gdextension"
#: Who a library was built for: whoever has the system, or this machine alone.
EVERYBODY: Final = "everybody"
THIS_MACHINE: Final = "this machine"
# Hidden, so that it goes into no package: for each library's file name, who it is for and what it was made of.
_RECORD: Final = BIN / ".built.json"


def built() -> dict[str, tuple[str, bool]]:
    """The libraries that are there, by their targets' names: who each is for, and whether it is of today's sources."""
    today = GODOT_EXTENSION.digest()
    found: dict[str, tuple[str, bool]] = {}
    for target in TARGETS:
        if (BIN / target.extension).is_file():
            audience, digest = _records().get(target.extension, (THIS_MACHINE, ""))
            found[target.name] = audience, digest == today
    return found


def note(target: Target, audience: str) -> None:
    """After a library was built: note what it is, and tell Godot of all that are there. Raises OSError."""
    records = _records() | {target.extension: (audience, GODOT_EXTENSION.digest())}
    write_atomically(_RECORD, json.dumps(records, indent=1).encode())
    write_atomically(DESCRIPTION, describe(built()).encode())


def describe(names: Mapping[str, object]) -> str:
    """A ``.gdextension`` file that tells of the targets of these names."""
    lines = [f'{target.name} = "bin/{target.extension}"' for target in TARGETS if target.name in names]
    head = ["[configuration]", "", f'entry_symbol = "{EXTENSION_ENTRY}"', 'compatibility_minimum = "4.4"', ""]
    return "\n".join([*head, "[libraries]", "", *lines, ""])


def ensure_host_extension() -> bool:
    """Build the extension for this machine unless it is there already; whether it is there now.

    Takes the compiler that is installed, else zig where that is. Raises UserError when the compiler refuses.
    """
    target = host_target()
    if target is None:
        return False
    if built().get(target.name, ("", False))[1]:
        if not DESCRIPTION.is_file():
            write_atomically(DESCRIPTION, describe(built()).encode())
        return True
    compiler = system_compiler(target)
    if compiler is None:
        try:
            compiler = zig_compiler(host_triple(target))
        except UserError:
            return False
    line = Line(target.name)
    build(GODOT_EXTENSION, compiler, BIN / target.extension, line)
    line.end()
    note(target, THIS_MACHINE)
    return True


def require_host_extension() -> None:
    """As :func:`ensure_host_extension`, for those who cannot do without. Raises UserError."""
    if not ensure_host_extension():
        raise UserError("the addon's extension was not built; install a C++ compiler (Debian: apt install g++).")


def _records() -> dict[str, tuple[str, str]]:
    try:
        document = json.loads(_RECORD.read_text(encoding="utf-8"))
        return {str(name): (str(audience), str(digest)) for name, (audience, digest) in document.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}  # without, everything counts as old
