from __future__ import annotations

import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.synthetic import synthetic_character
from tha4_core.character import load_character, save_character
from tools.web import main


def test_a_folder_for_any_host_is_written_and_its_size_stated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hero = tmp_path / "my hero.tha4"
    save_character(synthetic_character(), hero)
    assert main(["--build", str(tmp_path / "site"), "--character", str(hero)]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{tmp_path / 'site'} written: ")
    size = float(said.split("MB; ")[1].split(" MB")[0])
    assert 0.0 < size < 1.5, "pages and engine without characters and models"
    assert (tmp_path / "site" / "engines" / "web" / "tha4_engine.wasm").is_file()
    assert load_character(tmp_path / "site" / "characters" / "my hero.tha4").info == load_character(hero).info


def test_the_engine_is_written_alone(tmp_path: Path) -> None:
    assert main(["--build-engine", str(tmp_path / "engine")]) == 0
    written = {path.name for path in (tmp_path / "engine").iterdir()}
    assert {"index.js", "godot.js", "tha4_engine.wasm", "reading"} <= written
    assert not any(path.suffix in (".html", ".tha4") for path in (tmp_path / "engine").rglob("*"))


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--character", "nobody.tha4"], "nobody.tha4"),
        (["--character", "yunagy"], "did you mean yunagi?"),
        (["--build", "{there}"], "holds other files"),
        (["--port", "65536"], "ports go from 0 to 65535"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], problem: str
) -> None:
    (tmp_path / "precious.txt").touch()
    assert main([argument.format(there=tmp_path) for argument in arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert problem in error
    assert error.count("\n") == 1


def test_the_command_serves_the_page_that_it_names() -> None:
    command = [sys.executable, str(ROOT / "tools" / "web.py"), "--port", "0", "--no-browser", "--character", "kohaku"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("the page is http://127.0.0.1:")
            url = line.split()[3]
            assert url.endswith("/poser/?character=kohaku")
            with urllib.request.urlopen(url, timeout=10) as answer:
                assert answer.status == 200
        finally:
            process.terminate()
