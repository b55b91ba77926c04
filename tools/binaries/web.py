"""The C++ engine as WebAssembly, beside the web engine's modules: built by zig, ignored by git."""

from __future__ import annotations

import hashlib
import importlib.metadata
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from filelock import FileLock

from tha4_core.errors import UserError
from tools.binaries.building import CACHE, Line, build
from tools.binaries.compilers import Compiler, has_zig
from tools.binaries.sources import ENGINE, Product
from tools.environment.bootstrap import ROOT

FOLDER: Final = ROOT / "tha4_core" / "engines" / "web"
#: What the modules load.
OUTPUT: Final = FOLDER / "tha4_engine.wasm"
_PRODUCT: Final = Product("web", (ENGINE, FOLDER / "src"), (), "tha4_web_*")
# SIMD of 128 bits, and two features that are as old as it in every browser. Nothing relaxed: the same bytes everywhere.
_CPU: Final = "generic+simd128+bulk_memory+nontrapping_fptoint"
_NOTE: Final = CACHE / "web.txt"


@dataclass(frozen=True)
class _WebCompiler(Compiler):
    """Zig for WebAssembly: one thread, and exceptions that end an instance (src/thrown.cpp)."""

    @property
    def flags(self) -> tuple[str, ...]:
        return tuple(flag for flag in super().flags if flag not in ("-fPIC", "-pthread"))

    def link(self, objects: list[Path], output: Path, exports: Path, called: str) -> None:
        del exports  # the entry's functions say themselves that they are exported
        self.run(["-mexec-model=reactor", "-O3", "-g0", "-s", *map(str, objects), "-o", str(output)], called)


def ensure_web_engine() -> Path | None:
    """The engine for browsers, built unless it is there and of today's sources; None where zig is not installed.

    Raises UserError when the compiler refuses.
    """
    if not has_zig():
        return OUTPUT if OUTPUT.is_file() and _NOTE.is_file() and _is_of_today() else None
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(CACHE / "web.lock"):
        if not (OUTPUT.is_file() and _NOTE.is_file() and _is_of_today()):
            line = Line("web")
            build(_PRODUCT, _compiler(), OUTPUT, line)
            line.end()
            _NOTE.write_text(_state())
    return OUTPUT


def require_web_engine() -> Path:
    """As :func:`ensure_web_engine`, for those who cannot do without. Raises UserError."""
    built = ensure_web_engine()
    if built is None:
        raise UserError(
            "the engine for browsers was not built, and zig is not installed; run python3 tools/build_binaries.py"
            " --web, which fetches it."
        )
    return built


def _is_of_today() -> bool:
    return _NOTE.read_text() == _state()


def _state() -> str:
    """Of what sources, and which file was made of them."""
    return f"{_PRODUCT.digest()} {hashlib.sha256(OUTPUT.read_bytes()).hexdigest()}"


def _compiler() -> Compiler:
    command = (sys.executable, "-m", "ziglang", "c++", "-target", "wasm32-wasi", f"-mcpu={_CPU}")
    name = f"zig {importlib.metadata.version('ziglang')} wasm32 {_CPU}"
    return _WebCompiler(command, name, "web", (), ("-fno-rtti",))
