"""From the sources to a library: every source file by itself, kept for the next time, then linked.

What was compiled lies in ``.cache/binaries`` under a name that says what it was made of, so a build that was
interrupted, or that follows a small change, goes on where it can; and of two processes that want the same, one compiles
it.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from filelock import FileLock

from tools.binaries.compilers import Compiler
from tools.binaries.sources import Product, digest_of, headers
from tools.environment.bootstrap import ROOT

CACHE: Final = ROOT / ".cache" / "binaries"
#: Told what is being done, as ``composite.cpp`` and how much of it: done, of how many.
Progress = Callable[[str, int, int], None]


def build(product: Product, compiler: Compiler, output: Path, progress: Progress) -> None:
    """Make a product's library with ``compiler`` and leave it at ``output``, whole or not at all.

    Raises UserError when the compiler refuses.
    """
    objects = compile_all(product, compiler, progress)
    script = CACHE / f"{product.name}.{os.getpid()}.map"
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(f"{{ global: {product.exports}; local: *; }};\n", encoding="utf-8")
    progress("linking (a system's first time takes minutes with zig)", len(objects), len(objects))
    output.parent.mkdir(parents=True, exist_ok=True)
    # Under its own name, which a DLL keeps within; in a folder of this process alone, since tests run side by side.
    with tempfile.TemporaryDirectory(prefix=".", dir=output.parent) as folder:
        fresh = Path(folder) / output.name
        compiler.link(objects, fresh, script, output.name)
        fresh.replace(output)
    script.unlink()


def compile_all(product: Product, compiler: Compiler, progress: Progress) -> list[Path]:
    """The object files of all sources. Raises UserError when the compiler refuses."""
    how = " ".join((compiler.name, *compiler.flags))
    folder = CACHE / "objects"
    folder.mkdir(parents=True, exist_ok=True)
    objects = {source: folder / _name_of(source, product, how) for source in product.sources}
    with FileLock(CACHE / f"{hashlib.sha256(how.encode()).hexdigest()[:32]}.lock"):
        _compile([source for source in objects if not objects[source].exists()], objects, product, compiler, progress)
    return list(objects.values())


def _name_of(source: Path, product: Product, how: str) -> str:
    """An object file's name, which changes with all that goes into it."""
    inside = digest_of([path for folder in product.includes(source) for path in headers(folder)])
    inside += " ".join((how, *product.defines)) + digest_of([source])
    return f"{source.stem}-{hashlib.sha256(inside.encode()).hexdigest()[:32]}.o"


def _compile(
    sources: list[Path], objects: dict[Path, Path], product: Product, compiler: Compiler, progress: Progress
) -> None:
    """Make the object files of some sources, as many at once as there are cores."""
    done = 0

    def compile_one(source: Path) -> None:
        nonlocal done
        made = objects[source]
        fresh = made.with_suffix(f".{os.getpid()}.o")
        try:
            compiler.compile(source, fresh, product.includes(source), product.defines)
            fresh.replace(made)
        finally:
            fresh.unlink(missing_ok=True)
        done += 1
        progress(source.name, done, len(sources))

    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        for outcome in [threads.submit(compile_one, source) for source in sources]:
            try:
                outcome.result()
            except BaseException:
                threads.shutdown(cancel_futures=True)
                raise


class Line:
    """Progress of one target: a line that is written over where somebody watches, else only what takes long."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._is_watched = sys.stderr.isatty()
        self._width = 0

    def __call__(self, doing: str, done: int, count: int) -> None:
        text = f"{self._what}: {doing}" + (f" ({done} of {count})" if done < count else "")
        if self._is_watched:
            print("\r" + text.ljust(self._width), end="", file=sys.stderr, flush=True)
            self._width = len(text)
        elif not doing.endswith(".cpp"):
            print(text, file=sys.stderr, flush=True)

    def end(self) -> None:
        if self._is_watched and self._width:
            print("\r" + " " * self._width + "\r", end="", file=sys.stderr, flush=True)
