"""Builds the native engine, a plain shared library without Python inside, as a part of the package.

Everything else is in pyproject.toml. ``python3 setup.py build_ext --inplace`` puts the library where
:mod:`tha4_core.engines.native.library` looks for it, and installs nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext

SOURCES = Path("tha4_core/engines/native/src")
FOLDER = "tha4_core.engines.native"
FILE_NAMES = {"win32": "tha4_engine.dll", "darwin": "libtha4_engine.dylib"}


class BuildLibrary(build_ext):
    """Names the library as every program does that loads it, and leaves Python's own libraries out."""

    def get_ext_filename(self, fullname: str) -> str:
        return str(Path(*fullname.split(".")[:-1], FILE_NAMES.get(sys.platform, "libtha4_engine.so")))

    def get_export_symbols(self, ext: Extension) -> list[str]:
        return list(ext.export_symbols)  # no PyInit_...: the header says what is exported

    def get_libraries(self, ext: Extension) -> list[str]:
        return list(ext.libraries)


class AnyPythonWheel(bdist_wheel):
    """The library is of one platform, but serves every Python."""

    def get_tag(self) -> tuple[str, str, str]:
        return "py3", "none", super().get_tag()[2]


setup(
    cmdclass={"build_ext": BuildLibrary, "bdist_wheel": AnyPythonWheel},
    ext_modules=[
        Extension(
            f"{FOLDER}.libtha4_engine",
            sources=sorted(map(str, SOURCES.glob("*.cpp"))),
            depends=sorted(str(path) for path in SOURCES.iterdir() if path.suffix in (".h", ".inl")),
            include_dirs=[str(SOURCES)],
            define_macros=[("THA4_EXPORTS", None)],
            # The same for all files: each isa_*.cpp says itself what its instruction set is.
            extra_compile_args=["-std=c++17", "-O3", "-g0", "-fvisibility=hidden", "-pthread"],
            extra_link_args=["-pthread"],
            language="c++",
            optional=True,  # without a C++ compiler the install succeeds, and the torch engine serves
        )
    ],
)
