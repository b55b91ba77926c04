"""Packs the addon as Godot's Asset Library takes it: ``python3 tools/package_addon.py [-o FILE]``.

The zip has ``addons/anime_character`` at its root, so that Godot's asset installer, or unpacking it into a project's
folder, puts everything where it belongs; what its README links to goes along (package_documents.py). An archive of
the repository cannot serve: there the addon lies in ``godot_addon``.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
import zipfile
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment

    enter_environment()

from tha4_core.console import make_output_safe
from tha4_core.errors import UserError
from tools.environment.bootstrap import ROOT
from tools.output.picture_files import check_place, write_bytes
from tools.packaging.package_documents import documents

PROJECT = ROOT / "godot_addon"
ADDON = PROJECT / "addons" / "anime_character"
# The same files make the same zip, bit for bit: a date of no meaning, and rights that anybody may read with.
_DATE = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o100644 << 16


class PackageError(UserError):
    """The addon is not whole, or has no version."""


def main(arguments: list[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    parser = argparse.ArgumentParser(prog="package_addon.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="the zip; default: in output/, by version")
    options = parser.parse_args(arguments)
    try:
        target: Path = options.output or ROOT / "output" / f"anime_character-{addon_version()}.zip"
        check_place(target)
        write_bytes(target, pack_addon())
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{target}: unpack it into a project's folder, or give it to the Asset Library")
    return 0


def addon_version(addon: Path = ADDON) -> str:
    """The version that plugin.cfg tells. Raises PackageError when it tells none."""
    found = re.search(r'^version="([^"]+)"$', (addon / "plugin.cfg").read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise PackageError(f'{addon / "plugin.cfg"} has no line version="..."; add it.')
    return found[1]


def pack_addon(addon: Path = ADDON) -> bytes:
    """A zip of the addon's files under ``addons/<name>/``; hidden files and caches are left out.

    Raises PackageError when the licence or the README is missing, without which it must not be handed around.
    """
    for needed in ("LICENSE", "README.md", "icon.svg", "plugin.cfg"):
        if not (addon / needed).is_file():
            raise PackageError(f"{addon} has no {needed}; an addon is not handed around without it.")
    files: dict[str, bytes] = {}
    for path in addon.rglob("*"):
        inner = path.relative_to(addon)
        if not path.is_dir() and not any(part.startswith((".", "__pycache__")) for part in inner.parts):
            files[inner.as_posix()] = path.read_bytes()
    files |= documents(ADDON, files["README.md"].decode())
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, content in sorted(files.items()):
            entry = zipfile.ZipInfo(f"addons/{addon.name}/{place}", _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = _READABLE
            archive.writestr(entry, content)
    return buffer.getvalue()


if __name__ == "__main__":
    sys.exit(main())
