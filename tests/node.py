"""Node, its packages, and Chromium, in which the tests of web pages run.

``tests/package.json`` names the packages: ``playwright-core`` drives Chromium, ``axe-core`` looks for what people with
disabilities could not use, ``typescript`` checks the types that JSDoc names. ``import`` finds them from any folder of
the tests.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from tests.conftest import unavailable
from tools.environment.web import ensure_chromium, ensure_node, ensure_node_packages


@cache
def node_program() -> str:
    """The path of Node; the test is skipped where there is none."""
    program = ensure_node()
    if program is None:
        unavailable("Node was not found; install the packages nodejs and npm")
    return program


@cache
def node_packages() -> Path:
    """The folder ``node_modules``; the test is skipped where it cannot be had."""
    node_program()
    packages = ensure_node_packages()
    if packages is None:
        unavailable("npm could not install what tests/package.json names")
    return packages


@cache
def chromium_program() -> str:
    """The path of Chromium; the test is skipped where there is none."""
    program = ensure_chromium()
    if program is None:
        unavailable("Chromium was not found; install the package chromium, or name it with CHROMIUM")
    return program


def run_node_tests(files: Iterable[Path], **environment: str) -> None:
    """Run the tests in JavaScript ``files``, which see ``environment``; what fails there fails the test that asks."""
    paths = sorted(map(str, files))
    assert paths, "no tests were found"
    done = subprocess.run(
        [node_program(), "--test", "--test-reporter=tap", *paths],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\n# pass 0\n" not in done.stdout, f"no test was run:\n{done.stdout}"


def check_types(project: Path) -> None:
    """Check the JavaScript of a folder, or what a ``tsconfig.json`` says, by its types; findings fail the test."""
    compiler = node_packages() / "typescript" / "bin" / "tsc"
    done = subprocess.run(
        [node_program(), compiler, "--project", project], capture_output=True, text=True, errors="replace", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
