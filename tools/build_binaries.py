"""Builds what runs the networks inside Godot and Python without a compiler: ``python3 tools/build_binaries.py``.

The addon's extension for Windows, Linux (x86-64, arm64) and macOS (both processors in one file) goes into the addon's
folder ``bin``, with zig on any machine; ``--wheels`` packs the engine's library for Python, too. Android's needs its
NDK. ``--host-only`` builds for this machine alone, with the compiler that is installed; ``--web`` the engine for
browsers (WebAssembly), beside its modules. A build that was interrupted goes on where it was; zig's first one for a
system takes minutes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment

    # For this machine alone the compiler that is installed does.
    enter_environment(*([] if "--host-only" in sys.argv else ["binaries"]))

from tha4_core.console import make_output_safe
from tha4_core.errors import UserError
from tools.binaries import addon
from tools.binaries.building import CACHE, Line, build
from tools.binaries.compilers import android_compiler, zig_compiler
from tools.binaries.inspection import check
from tools.binaries.licences import licences, write_licences
from tools.binaries.sources import GODOT_EXTENSION, LIBRARY, Product
from tools.binaries.targets import TARGETS, ZIG_TARGETS, Target, target_named
from tools.binaries.universal import universal
from tools.binaries.web import require_web_engine
from tools.binaries.wheels import build_wheel
from tools.environment.bootstrap import ROOT


def main(arguments: list[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    parser = argparse.ArgumentParser(prog="build_binaries.py", description=(__doc__ or "").splitlines()[0])
    names = ", ".join(target.name for target in TARGETS)
    parser.add_argument("--target", action="append", metavar="NAME", help=f"one of {names}; default: all but Android")
    parser.add_argument("--host-only", action="store_true", help="only for this machine, with its own compiler")
    parser.add_argument("--web", action="store_true", help="only the engine for browsers")
    parser.add_argument("--wheels", action="store_true", help="also wheels of the project, into dist/")
    options = parser.parse_args(arguments)
    try:
        if options.web:
            if options.target or options.wheels or options.host_only:
                raise UserError("--web stands alone; leave out the other options, or --web.")
            built = require_web_engine()
            print(f"{built.relative_to(ROOT)}: {built.stat().st_size / 1e3:.0f} KB")
            return 0
        if options.host_only:
            if options.target or options.wheels:
                raise UserError("--host-only stands alone; leave out --target and --wheels, or --host-only.")
            return _build_for_host()
        targets = [target_named(name) for name in options.target or []] or list(ZIG_TARGETS)
        for target in targets:
            built = build_extension(target)
            print(f"{built.relative_to(ROOT)}: {built.stat().st_size / 1e3:.0f} KB")
            if options.wheels and target.wheel:
                wheel = build_wheel(target, build_library(target), licences(), ROOT / "dist")
                print(f"{wheel.relative_to(ROOT)}: {wheel.stat().st_size / 1e3:.0f} KB")
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"error: {error.filename or 'a file'} could not be written: {error.strerror}.", file=sys.stderr)
        return 2
    return 0


def build_extension(target: Target) -> Path:
    """The extension in the addon's folder, for everybody with that system; built unless it is there.

    Raises UserError, OSError.
    """
    output = addon.BIN / target.extension
    if addon.built().get(target.name) != (addon.EVERYBODY, True):
        build_checked(GODOT_EXTENSION, target, output)
        write_licences(addon.BIN)
        addon.note(target, addon.EVERYBODY)
    return output


def build_library(target: Target) -> Path:
    """The engine's library for programs that can call C, in the cache. Raises UserError, OSError."""
    output = CACHE / "libraries" / f"{target.name}-{LIBRARY.digest()[:16]}" / target.library
    if not output.exists():
        build_checked(LIBRARY, target, output)
    return output


def build_checked(product: Product, target: Target, output: Path) -> None:
    """Build a product for a target, and put it in its place once it was checked. Raises UserError, OSError."""
    compilers = [zig_compiler(triple) for triple in target.triples] or [android_compiler()]
    line = Line(f"{target.name} {product.name}")
    with tempfile.TemporaryDirectory(prefix="parts", dir=_made(CACHE)) as folder:
        made = [Path(folder) / f"{number}" / output.name for number in range(len(compilers))]
        for compiler, path in zip(compilers, made, strict=True):
            build(product, compiler, path, line)
        whole = Path(folder) / output.name
        whole.write_bytes(universal([path.read_bytes() for path in made]) if len(made) > 1 else made[0].read_bytes())
        check(whole, target, product.exports)
        whole.chmod(0o755)
        _made(output.parent)
        whole.replace(output)
    line.end()


def _build_for_host() -> int:
    if not addon.ensure_host_extension():
        raise UserError(
            "there is no C++ compiler here; install one (Debian: apt install g++), or leave out --host-only: then zig"
            " is fetched and builds for every system."
        )
    print(f"{addon.BIN.relative_to(ROOT)}: the extension for this machine")
    return 0


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    sys.exit(main())
