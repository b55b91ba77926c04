"""What is compiled, and what is taken as an earlier build or another process left it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tools.binaries import building
from tools.binaries.building import compile_all
from tools.binaries.compilers import Compiler, with_checks
from tools.binaries.sources import Product


@dataclass(frozen=True)
class Noting(Compiler):
    """Compiles nothing, and notes what it was asked for."""

    compiled: list[str] = field(default_factory=list)

    def compile(self, source: Path, object_file: Path, includes: tuple[Path, ...], defines: tuple[str, ...]) -> None:
        del includes, defines
        time.sleep(0.05)
        self.compiled.append(source.name)
        object_file.write_bytes(b"object")


@pytest.fixture
def compiler() -> Noting:
    return Noting(("c++",), "a compiler", "linux", ("-s",))


@pytest.fixture
def product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Product:
    """An engine, and a module that is built on it."""
    monkeypatch.setattr(building, "CACHE", tmp_path / "cache")
    for name in ("engine", "module"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / f"{name}.cpp").write_text("int one;")
        (folder / f"{name}.h").write_text("extern int one;")
    return Product("product", (tmp_path / "engine", tmp_path / "module"), (), "*")


def compiled(product: Product, compiler: Noting) -> list[str]:
    """The sources that a build compiles."""
    compiler.compiled.clear()
    objects = compile_all(product, compiler, lambda *_: None)
    assert all(path.is_file() for path in objects)
    return sorted(compiler.compiled)


def test_what_has_not_changed_is_compiled_once(product: Product, compiler: Noting) -> None:
    assert compiled(product, compiler) == ["engine.cpp", "module.cpp"]
    assert compiled(product, compiler) == []


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ("engine/engine.cpp", ["engine.cpp"]),
        ("engine/engine.h", ["engine.cpp", "module.cpp"]),
        ("module/module.h", ["module.cpp"]),
    ],
)
def test_what_includes_a_file_that_changed_is_compiled_again(
    product: Product, compiler: Noting, tmp_path: Path, changed: str, again: list[str]
) -> None:
    compiled(product, compiler)
    (tmp_path / changed).write_text("int two;")
    assert compiled(product, compiler) == again


def test_what_several_products_are_made_of_is_compiled_once(product: Product, compiler: Noting) -> None:
    compiled(Product("engine", product.folders[:1], (), ""), compiler)
    assert compiled(product, compiler) == ["module.cpp"]


def test_what_another_compiler_made_is_not_taken(product: Product, compiler: Noting) -> None:
    compiled(product, compiler)
    checked = with_checks(compiler, "thread")
    assert isinstance(checked, Noting)
    assert compiled(product, checked) == ["engine.cpp", "module.cpp"]


def test_two_that_want_the_same_at_once_compile_it_once(product: Product, compiler: Noting) -> None:
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda _: compile_all(product, compiler, lambda *_: None), range(2)))
    assert sorted(compiler.compiled) == ["engine.cpp", "module.cpp"]
