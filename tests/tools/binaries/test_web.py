"""The engine for browsers: built once, small, and asking the page for nothing but three calls that it never makes."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.conftest import unavailable
from tests.node import node_program
from tools import build_binaries
from tools.binaries.web import OUTPUT, ensure_web_engine

_LIST = """
const module = new WebAssembly.Module(require('fs').readFileSync(process.argv[1]));
const names = (parts) => parts.map(({ name }) => name);
console.log(JSON.stringify([names(WebAssembly.Module.imports(module)), names(WebAssembly.Module.exports(module))]));
"""


def test_it_is_built_once_and_needs_nothing_of_a_page() -> None:
    if ensure_web_engine() is None:
        unavailable("the engine for browsers was not built; install ziglang (pip install -e .[binaries])")
    made = OUTPUT.stat().st_mtime_ns
    assert ensure_web_engine() == OUTPUT
    assert OUTPUT.stat().st_mtime_ns == made
    assert OUTPUT.stat().st_size < 256 << 10
    done = subprocess.run([node_program(), "-e", _LIST, str(OUTPUT)], capture_output=True, text=True, check=True)
    imports, exports = json.loads(done.stdout)
    assert set(imports) <= {"fd_close", "fd_seek", "fd_write"}
    assert {name for name in exports if not name.startswith("tha4_web_")} == {"memory", "_initialize"}


def test_the_option_stands_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert build_binaries.main(["--web", "--wheels"]) == 2
    assert "--web stands alone" in capsys.readouterr().err
