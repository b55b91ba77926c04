"""Packs the addon as Godot's Asset Library takes it: ``python3 tools/package_addon.py [-o FILE]``.

The zip has ``addons/anime_character`` at its root, so that Godot's asset installer, or unpacking it into a project's
folder, puts everything where it belongs; what its README links to goes along (package_documents.py), and so do the
libraries that ``tools/build_binaries.py`` has built. An archive of the repository cannot serve: there the addon lies in
``godot_addon``, and nothing that is built.
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
from tools.binaries import addon as addon_libraries
from tools.binaries.targets import TARGETS, Target
from tools.environment.bootstrap import ROOT
from tools.output.picture_files import check_place, write_bytes
from tools.packaging.package_documents import documents

PROJECT = ROOT / "godot_addon"
ADDON = PROJECT / "addons" / "anime_character"
# The same files make the same zip, bit for bit: a date of no meaning, and rights that anybody may read with.
_DATE = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o100644 << 16
_OWN_UID = [".gdextension", ".uid"]


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
        package = pack_addon()
        write_bytes(target, package)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{target} ({len(package) / 1e6:.1f} MB): unpack it into a project's folder, or give it to the Asset Library")
    for line in library_lines():
        print(line)
    return 0


def library_lines() -> list[str]:
    """What the package holds of libraries that play characters on the processor: a line for each system."""
    built = addon_libraries.built()
    lines = []
    for target in TARGETS:
        if target.name not in built:
            lines.append(
                f"  {target.name}: MISSING; there only graphics cards and bridges play. {_how_to_build(target)}"
            )
            continue
        size = (addon_libraries.BIN / target.extension).stat().st_size
        audience, is_new = built[target.name]
        flaws = (
            [] if audience == addon_libraries.EVERYBODY else ["built for this machine only, NOT TO BE HANDED AROUND"]
        )
        flaws += [] if is_new else ["OLDER than its sources"]
        how = f". {_how_to_build(target)}" if flaws else ""
        lines.append(f"  {target.name}: {size / 1e3:.0f} KB{''.join(f', {flaw}' for flaw in flaws)}{how}")
    return lines


def _how_to_build(target: Target) -> str:
    return f"Build it: python3 tools/build_binaries.py --target {target.name}"


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
        # Each project gives Godot's description of the libraries a UID of its own.
        is_own = any(part.startswith((".", "__pycache__")) for part in inner.parts) or inner.suffixes[-2:] == _OWN_UID
        if not path.is_dir() and not is_own:
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
