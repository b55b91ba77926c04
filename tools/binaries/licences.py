"""The licences of what zig links into the libraries besides our own code."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tha4_core.errors import UserError
from tha4_core.files.atomic import write_atomically
from tools.environment.bootstrap import ROOT

FILE: Final = "LICENSES.txt"
#: What each is of, where it is used, and where zig keeps its licence.
_PARTS: Final = (
    ("Anime Character, the code of this addon", "", ROOT / "LICENSE"),
    ("zig's compiler runtime (MIT)", "", Path("LICENSE")),
    ("LLVM's libc++ (Apache-2.0 with LLVM exception)", "", Path("lib/libcxx/LICENSE.TXT")),
    ("LLVM's libc++abi (Apache-2.0 with LLVM exception)", "", Path("lib/libcxxabi/LICENSE.TXT")),
    ("LLVM's libunwind (Apache-2.0 with LLVM exception)", "", Path("lib/libunwind/LICENSE.TXT")),
    ("mingw-w64's runtime (ZPL-2.1 and public domain)", " (Windows)", Path("lib/libc/mingw/COPYING")),
    ("start-up code of the GNU C library (LGPL-2.1 with exception)", " (Linux)", Path("lib/libc/glibc/LICENSES")),
)


def write_licences(folder: Path) -> None:
    """Write the licences beside the libraries of a folder. Raises UserError without zig, OSError."""
    write_atomically(folder / FILE, licences())


def licences() -> bytes:
    """All licences, as a text. Raises UserError when zig's package lacks one."""
    import ziglang

    zig = Path(ziglang.__file__).parent
    texts = ["What the libraries in this folder are made of, and its licences."]
    for what, where, place in _PARTS:
        path = zig / place  # an absolute place stays as it is
        if not path.is_file():
            raise UserError(f"zig's package lacks {place}, a licence that has to go along; install ziglang again.")
        title = what + where
        texts.append(f"{title}\n{'=' * len(title)}\n\n{path.read_text(encoding='utf-8', errors='replace').strip()}")
    return "\n\n\n".join([*texts, ""]).encode()
