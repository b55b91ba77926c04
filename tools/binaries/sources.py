"""The C++ sources, and what is made of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.binaries.targets import EXTENSION_ENTRY, LIBRARY_PREFIX
from tools.environment.bootstrap import ROOT

ENGINE: Final = ROOT / "tha4_core" / "engines" / "native" / "src"
EXTENSION: Final = ROOT / "godot_addon" / "extension"
_HEADERS: Final = ("*.h", "*.inl")


@dataclass(frozen=True)
class Product:
    """A shared library. folders: of its sources; each includes of its own and of those before it. exports: the names
    that it shows, as patterns of a version script."""

    name: str
    folders: tuple[Path, ...]
    defines: tuple[str, ...]
    exports: str

    @property
    def sources(self) -> list[Path]:
        return [path for folder in self.folders for path in sorted(folder.glob("*.cpp"))]

    def includes(self, source: Path) -> tuple[Path, ...]:
        """The folders whose headers one of the sources may include."""
        return self.folders[: self.folders.index(source.parent) + 1]

    def digest(self) -> str:
        """SHA-256 (hex) of all that it is made of."""
        return digest_of([*self.sources, *(path for folder in self.folders for path in headers(folder))])


#: What Python loads, and any program that can call C.
LIBRARY: Final = Product("library", (ENGINE,), ("THA4_EXPORTS",), f"{LIBRARY_PREFIX}*")
#: What Godot loads: the engine within.
GODOT_EXTENSION: Final = Product("extension", (ENGINE, EXTENSION), (), EXTENSION_ENTRY)


def headers(folder: Path) -> list[Path]:
    return sorted(path for pattern in _HEADERS for path in folder.glob(pattern))


def digest_of(paths: list[Path]) -> str:
    """SHA-256 (hex) of files' names and contents."""
    digest = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()
