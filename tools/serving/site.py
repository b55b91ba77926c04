"""What belongs to the pages: addresses, and the files or bytes that stand there.

The site is ``tools/web`` with two folders of ``tha4_core`` beside it, under their own names: the engine
(``engines/web/``) and the built-in characters (``built_in/``). So an import from one page's script finds the engine in
the repository as it does on a server. What is generated stands in ``data/``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final, TypeAlias

from tha4_core.built_in import ALL_NAMES, built_in_path
from tools.environment.bootstrap import ROOT
from tools.serving.expressions import read_expressions
from tools.serving.pages import PARTS, page_html

#: By the suffix of a file. What has another suffix is not served.
TYPES: Final[Mapping[str, str]] = {
    ".binarypb": "application/octet-stream",
    ".css": "text/css; charset=utf-8",
    ".data": "application/octet-stream",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".task": "application/octet-stream",
    ".tha4": "application/octet-stream",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
}
PAGES: Final = ROOT / "tools" / "web"
ENGINE: Final = ROOT / "tha4_core" / "engines" / "web"
_TYPE_CHECKER: Final = "tsconfig.json"
#: What a page may do: nothing of another host is asked for, nothing is sent anywhere. The pages say the same
#: themselves, for hosts that send no headers.
POLICY: Final = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; style-src 'self';"
    " img-src 'self' blob: data:; media-src 'self' blob:; base-uri 'none'; form-action 'none'"
)
#: The page of the face models, whose code of others compiles more of itself as it runs. It runs in a worker from a
#: "blob:", which keeps to its page's policy; one of a file would have only what the host sends with it.
POLICY_OF_MIMIC: Final = POLICY.replace("script-src 'self'", "script-src 'self' 'unsafe-eval'").replace(
    "worker-src 'self'", "worker-src 'self' blob:"
)

#: A file, the bytes themselves, or what makes them.
Content: TypeAlias = "Path | bytes | Callable[[], bytes]"


def site(models: Mapping[str, Content] | None = None) -> dict[str, Content]:
    """Everything there is, by its address without the first slash (``poser/index.html``), sorted.

    models: face models of others (``face_models.py``), of which the pages are told in ``data/models.json``.
    """
    models = models or {}
    files: dict[str, Content] = {
        **_pages(),
        **engine_files("engines/web/"),
        **{f"built_in/{name}.tha4": built_in_path(name) for name in ALL_NAMES},
        "data/expressions.json": json.dumps(read_expressions(), separators=(",", ":")).encode(),
        "data/models.json": json.dumps(sorted(models), separators=(",", ":")).encode(),
        **models,
        "icon.svg": ROOT / "godot_addon" / "addons" / "anime_character" / "icon.svg",
        "licence.txt": ROOT / "LICENSE",
    }
    return dict(sorted(files.items()))


def policy_of(address: str) -> str:
    """What the page at an address may do."""
    return POLICY_OF_MIMIC if address == "mimic/index.html" else POLICY


def engine_files(at: str) -> dict[str, Content]:
    """The engine alone, at addresses that begin with ``at``."""
    return dict(_folder(ENGINE, at))


def content_bytes(content: Content) -> bytes:
    """The bytes that stand at an address."""
    if isinstance(content, Path):
        return content.read_bytes()
    return content if isinstance(content, bytes) else content()


def _pages() -> dict[str, Content]:
    """The files of the pages, of which HTML is put together from its parts."""
    return {
        address: partial(page_html, path, address, policy_of(address)) if path.suffix == ".html" else path
        for address, path in _folder(PAGES, "").items()
        if not address.startswith(f"{PARTS}/")
    }


def _folder(folder: Path, at: str) -> dict[str, Path]:
    """The files of a folder that pages ask for."""
    files: dict[str, Path] = {}
    for path in folder.rglob("*"):
        place = PurePosixPath(path.relative_to(folder).as_posix())
        if not path.is_file() or path.suffix not in TYPES or path.name == _TYPE_CHECKER:
            continue
        if not any(part.startswith(".") for part in place.parts):
            files[f"{at}{place}"] = path
    return files
