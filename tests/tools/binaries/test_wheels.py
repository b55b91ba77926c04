"""Wheels of the project with the library of another system."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile

import pytest

from tools.binaries.targets import target_named
from tools.binaries.wheels import repacked

WHEEL = "anime_character-1.0.dist-info/WHEEL"
RECORD = "anime_character-1.0.dist-info/RECORD"


def host_wheel() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("tha4_core/engines/native/engine.py", "code")
        archive.writestr("tha4_core/engines/native/libtha4_engine.so", "of this machine")
        archive.writestr(WHEEL, "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-linux_x86_64\n")
        archive.writestr(RECORD, "whatever")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "file", "tag"),
    [
        ("windows.x86_64", "tha4_engine.dll", "win_amd64"),
        ("macos", "libtha4_engine.dylib", "macosx_11_0_universal2"),
        ("linux.arm64", "libtha4_engine.so", "manylinux_2_28_aarch64"),
    ],
)
def test_it_holds_the_library_of_its_system_alone(name: str, file: str, tag: str) -> None:
    wheel = repacked(host_wheel(), target_named(name), b"of the other", b"licences")
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        libraries = [entry for entry in archive.namelist() if entry.endswith((".so", ".dll", ".dylib"))]
        assert libraries == [f"tha4_core/engines/native/{file}"]
        assert archive.read(libraries[0]) == b"of the other"
        about = archive.read(WHEEL).decode().splitlines()
    assert f"Tag: py3-none-{tag}" in about
    assert "Root-Is-Purelib: false" in about
    assert sum(line.startswith("Tag:") for line in about) == 1


def test_its_record_lists_every_file_with_its_sum() -> None:
    with zipfile.ZipFile(io.BytesIO(repacked(host_wheel(), target_named("macos"), b"library", b"licences"))) as archive:
        rows = [line.rsplit(",", 2) for line in archive.read(RECORD).decode().splitlines()]
        assert {row[0] for row in rows} == set(archive.namelist())
        for name, given, size in rows:
            if name != RECORD:
                content = archive.read(name)
                wanted = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
                assert (given, size) == (f"sha256={wanted}", str(len(content)))
