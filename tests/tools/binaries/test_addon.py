"""What lies in the addon's folder for Godot to load."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest

from tests.conftest import unavailable
from tools import build_binaries, package_addon
from tools.binaries import addon
from tools.binaries.targets import TARGETS, target_named


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An addon's folder without libraries."""
    monkeypatch.setattr(addon, "BIN", tmp_path / "bin")
    monkeypatch.setattr(addon, "DESCRIPTION", tmp_path / "anime_character.gdextension")
    monkeypatch.setattr(addon, "_RECORD", tmp_path / "bin" / ".built.json")
    (tmp_path / "bin").mkdir()
    return tmp_path


def test_godot_is_told_of_the_libraries_that_are_there(folder: Path) -> None:
    for name in ("windows.x86_64", "macos"):
        target = target_named(name)
        (folder / "bin" / target.extension).write_bytes(b"library")
        addon.note(target, addon.EVERYBODY)
    told = configparser.ConfigParser(delimiters=("=",))
    told.optionxform = str  # type: ignore[method-assign, assignment]
    told.read(folder / "anime_character.gdextension")
    assert told["configuration"]["compatibility_minimum"] == '"4.4"'
    assert dict(told["libraries"]) == {
        "windows.x86_64": '"bin/anime_character.windows.x86_64.dll"',
        "macos": '"bin/anime_character.macos.dylib"',
    }


def test_every_system_has_a_place_in_what_godot_is_told() -> None:
    text = addon.describe({target.name: True for target in TARGETS})
    assert all(f'{target.name} = "bin/{target.extension}"' in text for target in TARGETS)
    assert 'android.arm64 = "bin/anime_character.android.arm64.so"' in text


def test_a_library_is_known_by_who_it_is_for_and_by_its_sources(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = target_named("linux.arm64")
    (folder / "bin" / target.extension).write_bytes(b"library")
    assert addon.built() == {"linux.arm64": (addon.THIS_MACHINE, False)}  # nobody noted where it came from
    addon.note(target, addon.EVERYBODY)
    assert addon.built() == {"linux.arm64": (addon.EVERYBODY, True)}
    monkeypatch.setattr(addon.GODOT_EXTENSION.__class__, "digest", lambda _: "another")
    assert addon.built() == {"linux.arm64": (addon.EVERYBODY, False)}


def test_the_package_says_plainly_what_it_lacks(folder: Path) -> None:
    for name, audience in (("linux.x86_64", addon.THIS_MACHINE), ("macos", addon.EVERYBODY)):
        (folder / "bin" / target_named(name).extension).write_bytes(b"library" * 1000)
        addon.note(target_named(name), audience)
    lines = {line.split(":")[0].strip(): line for line in package_addon.library_lines()}
    assert lines.keys() == {target.name for target in TARGETS}
    assert "MISSING" in lines["windows.x86_64"]
    assert "--target windows.x86_64" in lines["windows.x86_64"]
    assert "NOT TO BE HANDED AROUND" in lines["linux.x86_64"]
    assert lines["macos"].strip() == "macos: 7 KB"


@pytest.mark.slow
def test_this_machines_extension_is_built_once(capfd: pytest.CaptureFixture[str]) -> None:
    if not addon.ensure_host_extension():
        unavailable("the extension was not built; install a C++ compiler (Debian: apt install g++)")
    capfd.readouterr()
    assert build_binaries.main(["--host-only"]) == 0
    said = capfd.readouterr()
    assert "the extension for this machine" in said.out
    assert not said.err
    assert addon.DESCRIPTION.is_file()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [(["--target", "window"], "there is no target 'window'"), (["--host-only", "--wheels"], "stands alone")],
)
def test_what_cannot_be_built_is_one_sentence(
    arguments: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build_binaries.main(arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert problem in said
    assert said.count("\n") == 1


def test_without_its_ndk_android_is_one_sentence(
    folder: Path,  # noqa: ARG001 - so that nothing is there
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("ANDROID_NDK_HOME", raising=False)
    assert build_binaries.main(["--target", "android.arm64"]) == 2
    assert "ANDROID_NDK_HOME" in capsys.readouterr().err
