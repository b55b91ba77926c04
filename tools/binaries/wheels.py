"""Wheels of the project for other systems: the Python files are the same everywhere, the engine's library goes in."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from tha4_core.errors import UserError
from tha4_core.files.atomic import write_atomically
from tools.binaries.targets import Target
from tools.environment.bootstrap import ROOT

_FOLDER: Final = "tha4_core/engines/native"


def plain_wheel(folder: Path) -> Path:
    """A wheel of the project without a library, in ``folder``. Raises UserError when it cannot be built."""
    # What an older build left in the project's folder build/ stays out of it.
    settings = folder / "setup.cfg"
    settings.write_text(f"[build]\nbuild_base = {folder / 'build'}\n", encoding="utf-8")
    # No compiler: the library comes from elsewhere, and the project installs without.
    environment = os.environ | {"DIST_EXTRA_CONFIG": str(settings), "CC": "no-compiler", "CXX": "no-compiler"}
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", errors="replace", check=False, env=environment
    )
    found = list(folder.glob("*.whl"))
    if done.returncode or len(found) != 1:
        print("\n".join((done.stdout + done.stderr).strip().splitlines()[-15:]), file=sys.stderr)
        raise UserError("the project's wheel could not be built; the lines above say why.")
    return found[0]


def build_wheel(target: Target, library: Path, licences: bytes, folder: Path) -> Path:
    """The project's wheel for a target, with its ``library``, in ``folder``. Raises UserError, OSError."""
    with tempfile.TemporaryDirectory(prefix="wheel") as made:
        plain = plain_wheel(Path(made))
        content = repacked(plain.read_bytes(), target, library.read_bytes(), licences)
        name = "-".join([*plain.name.split("-")[:2], "py3", "none", f"{target.wheel}.whl"])
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / name, content)
    return folder / name


def repacked(wheel: bytes, target: Target, library: bytes, licences: bytes) -> bytes:
    """A wheel's bytes with the library of a target instead of whatever was in it, and the tag that says so."""
    files: dict[str, bytes] = {}
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        for name in archive.namelist():
            if not (name.startswith(_FOLDER) and name.endswith((".so", ".dll", ".dylib", ".pyd"))):
                files[name] = archive.read(name)
    about = next(name.split("/")[0] for name in files if name.endswith(".dist-info/WHEEL"))
    lines = files[f"{about}/WHEEL"].decode().splitlines()
    kept = [line for line in lines if line and not line.startswith(("Tag:", "Root-Is-Purelib:"))]
    tags = ["Root-Is-Purelib: false", f"Tag: py3-none-{target.wheel}"]
    files[f"{about}/WHEEL"] = "\n".join([*kept, *tags, ""]).encode()
    files[f"{_FOLDER}/{target.library}"] = library
    files[f"{about}/licenses/LIBRARY-LICENSES.txt"] = licences
    record = f"{about}/RECORD"
    del files[record]
    # As the format of wheels has it: its own line is without a sum.
    sums = [f"{name},sha256={_sum(content)},{len(content)}" for name, content in files.items()]
    files[record] = "\n".join([*sums, f"{record},,", ""]).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100755 if content is library else 0o100644) << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


def _sum(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
