"""Opens the web pages: ``python3 tools/web.py``; or writes them for a host: ``python3 tools/web.py --build DIR``.

A character lives in the browser, on its graphics card or its processor: nothing is computed here, and nothing leaves
the machine. docs/WEB.md has the pages, hosting, and how to put a character on a page of one's own.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import webbrowser
from pathlib import Path
from urllib.parse import quote

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment

    enter_environment("binaries")

from tha4_core.built_in import ALL_NAMES, character_path
from tha4_core.character import load_character
from tha4_core.character.single_file import SUFFIX, save_single_file
from tha4_core.console import make_output_safe
from tha4_core.errors import UserError
from tools.binaries.web import require_web_engine
from tools.serving.face_models import FACE_MESH, TASKS_VISION, landmarker_file
from tools.serving.folder import write_site
from tools.serving.npm_packages import NpmPackage, fetch_package, package_files
from tools.serving.server import ServerError, SiteServer, open_server
from tools.serving.site import PAGES, Content, engine_files, site

DEFAULT_PORT = 8046
#: What a page's folder has.
_INDEX = "index.html"


def pages() -> list[str]:
    """The names of the pages, by which ``--page`` opens one."""
    return sorted(path.parent.name for path in PAGES.glob(f"*/{_INDEX}"))


def character_content(text: str) -> tuple[str, bytes]:
    """The address and the bytes of a character that a page shows: one of ours, a file, or an official directory.

    Raises a UserError.
    """
    path = character_path(text)
    character = load_character(path)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"character{SUFFIX}"
        save_single_file(character, file)
        return f"characters/{path.stem or 'character'}{SUFFIX}", file.read_bytes()


def main(arguments: list[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    parser = argparse.ArgumentParser(prog="web.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--character",
        metavar="CHARACTER",
        help="whom the page shows first: a .tha4 file, an official character directory, or a name of ours, as yunagi or"
        " kohaku_light",
    )
    parser.add_argument("--page", choices=pages(), default="poser", help="which page is opened; default poser")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help=f"default {DEFAULT_PORT}; 0: any free one")
    parser.add_argument("--no-browser", action="store_true", help="open no browser, only say where the page is")
    written = parser.add_mutually_exclusive_group()
    written.add_argument("--build", type=Path, metavar="DIR", help="serve nothing: write a folder for any static host")
    written.add_argument(
        "--build-engine",
        type=Path,
        metavar="DIR",
        help="serve nothing: write the engine alone, for pages of your own and Godot's Web exports",
    )
    parser.add_argument(
        FACE_MESH.option,
        nargs="?",
        const="",
        metavar="FILE",
        help="fetch the mimic page's face model if it is not here yet (Google's, Apache 2.0, by npm; or FILE, the"
        " package's file fetched by hand), and put it into a written folder, too",
    )
    parser.add_argument(
        TASKS_VISION.option,
        nargs="*",
        type=Path,
        metavar="FILE",
        help="let the mimic page read a face_landmarker.task: fetch what reads it if it is not here yet (Google's,"
        " Apache 2.0, by npm; or FILE.tgz, the package's file fetched by hand). FILE.task is put on the site, too;"
        " without it, drop yours on the page",
    )
    options = parser.parse_args(arguments)
    try:
        if not 0 <= options.port <= 65535:
            raise ServerError(f"--port {options.port}: ports go from 0 to 65535.")
        files, query = _characters(options.character)
        models = _models(options)
        require_web_engine()
        if options.build_engine is not None:
            return _build(engine_files(""), options.build_engine)
        files |= site(models)
        if options.build is not None:
            return _build(files, options.build)
        with open_server(files, options.port) as server:
            return _serve(server, options.port, f"{options.page}/{query}", browser=not options.no_browser)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _characters(wanted: str | None) -> tuple[dict[str, Content], str]:
    """What the site has besides for the character that is ``wanted``, and how its page is asked for it."""
    if wanted is None or wanted in ALL_NAMES:
        return {}, f"?character={wanted}" if wanted else ""
    address, data = character_content(wanted)
    return {address: data}, f"?character=../{quote(address)}"


def _models(options: argparse.Namespace) -> dict[str, Content]:
    """What finds faces and belongs to the site: what was fetched, and in a written folder what is asked for."""
    models: dict[str, Content] = {}
    wanted: list[NpmPackage] = []
    if options.face_mesh is not None:
        fetch_package(FACE_MESH, print, tarball=Path(options.face_mesh) if options.face_mesh else None)
        wanted.append(FACE_MESH)
    if options.face_landmarker is not None:
        given = {path.suffix: path for path in options.face_landmarker}
        if len(given) < len(options.face_landmarker) or not given.keys() <= {".task", ".tgz"}:
            raise ServerError(f"{TASKS_VISION.option} takes one .task file, and one .tgz; give no others.")
        if ".task" in given:
            models |= landmarker_file(given[".task"])
        fetch_package(TASKS_VISION, print, tarball=given.get(".tgz"))
        wanted.append(TASKS_VISION)
    for package in (FACE_MESH, TASKS_VISION) if options.build is None else wanted:
        models |= package_files(package)
    return models


def _build(files: dict[str, Content], target: Path) -> int:
    written = write_site(files, target)
    print(
        f"{target} written: {written.files} files, {written.size / 1e6:.2f} MB; {written.pages / 1e6:.2f} MB of them"
        " are pages and engine, the rest characters and models. Any host of static files serves it."
    )
    return 0


def _serve(server: SiteServer, wanted: int, page: str, *, browser: bool) -> int:
    """Serve until Ctrl-C; 0."""
    if wanted not in (0, server.server_port):
        print(f"port {wanted} is taken, so it is {server.server_port}")
    print(f"the page is {server.url}{page} (Ctrl-C ends)", flush=True)
    if browser and not webbrowser.open(f"{server.url}{page}"):
        print("no browser was found: open that address in one", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
