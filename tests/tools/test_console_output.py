"""Every command line can print any text: into a Windows pipe, say, with a Japanese file name."""

from __future__ import annotations

import importlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import ROOT
from tests.drawings import mannequin
from tha4_core.character import Character, save_character
from tha4_core.console import make_output_safe

COMMANDS = sorted(path.stem for path in (ROOT / "tools").glob("*.py") if path.stem != "__init__")
JAPANESE = "夕凪の絵"


def pipe(encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict", write_through=True)


@pytest.mark.parametrize("encoding", ["cp1252", "cp932", "ascii", "utf-8"])
def test_what_a_pipe_cannot_take_is_escaped(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    out, err = pipe(encoding), pipe(encoding)
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    make_output_safe()
    for stream in (out, err):
        print(f"{JAPANESE} Zoë \udcff", file=stream)
        escaped = f"{JAPANESE} Zoë \udcff".encode(encoding, "backslashreplace").decode(encoding)
        assert stream.buffer.getvalue().decode(encoding).strip() == escaped  # type: ignore[attr-defined]


def test_there_may_be_no_console_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    make_output_safe()


@pytest.mark.parametrize("name", [*(f"tools.{command}" for command in COMMANDS), "bridge.__main__"])
def test_every_command_makes_its_output_safe_first(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    command = importlib.import_module(name)
    out = pipe("cp1252")
    monkeypatch.setattr(sys, "stdout", out)
    if name == "tools.run_tests":
        for part in ("ensure_godot", "ensure_xvfb"):
            monkeypatch.setattr(command, part, lambda **_: Path("x"))
        monkeypatch.setattr(command, "run_through", lambda *_: 0)
        command.main()
    else:
        with pytest.raises(SystemExit) as end:
            command.main(["--help"])
        assert end.value.code == 0
    assert out.errors == "backslashreplace"


def run(encoding: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONIOENCODING": encoding, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        capture_output=True,
        encoding=encoding,
        timeout=120,
        check=False,
    )


def test_a_command_in_a_western_pipe_ends_well_with_a_japanese_path(character: Character, tmp_path: Path) -> None:
    save_character(character, tmp_path / f"{JAPANESE}.tha4")
    target = tmp_path / f"{JAPANESE} 2.tha4"
    done = run("cp1252", ROOT / "tools" / "convert.py", tmp_path / f"{JAPANESE}.tha4", target, "--no-measure")
    assert done.returncode == 0, done.stderr
    assert target.is_file()
    assert done.stdout.startswith(f"{tmp_path}/" + JAPANESE.encode("ascii", "backslashreplace").decode())


def test_findings_in_a_western_pipe_are_json_with_the_very_name(tmp_path: Path) -> None:
    drawing = tmp_path / f"{JAPANESE} Zoë.png"
    Image.fromarray(mannequin()).save(drawing)
    done = run("cp932", ROOT / "tools" / "check.py", drawing, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["drawing"] == str(drawing)


def test_a_bridge_in_a_western_pipe_tells_of_a_japanese_path(tmp_path: Path) -> None:
    done = run("cp1252", "-m", "bridge", "--address", "tcp://127.0.0.1:*", "--character", tmp_path / JAPANESE)
    assert done.returncode == 2
    assert "does not exist" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="a pipe of a shell, as on Linux and macOS")
@pytest.mark.parametrize("lines", [3, 100_000], ids=["kept to the end", "more than a pipe holds"])
def test_a_reader_who_leaves_ends_a_command_without_a_word(lines: int) -> None:
    program = f"""
import sys, time
from tha4_core.console import make_output_safe
make_output_safe()
print("first", flush=True)
sys.stdin.read()  # until the reader has left
for number in range({lines}):
    print("line", number)
"""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(
        [sys.executable, "-c", program], env=environment, cwd=ROOT, stdin=-1, stdout=-1, stderr=-1, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == "first\n"
        process.stdout.close()
        process.stdin.close()
        assert process.stderr.read() == ""
    assert process.returncode == (0 if lines == 3 else 141)


@pytest.mark.skipif(os.name != "posix", reason="a pipe of a shell, as on Linux and macOS")
def test_another_broken_pipe_is_still_told() -> None:
    program = """
import os
from tha4_core.console import make_output_safe
make_output_safe()
reader, writer = os.pipe()
os.close(reader)
os.write(writer, b"x")
"""
    done = run("utf-8", "-c", program)
    assert done.returncode == 1
    assert "BrokenPipeError" in done.stderr
