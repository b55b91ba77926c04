"""The poser in a real Chromium, on the real server."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

from tests.conftest import SHARED, unavailable
from tests.node import chromium_program, node_packages, run_node_tests
from tests.synthetic import synthetic_character
from tha4_core.character import save_character
from tha4_core.character.networks import Networks
from tools.binaries.web import ensure_web_engine
from tools.serving.server import open_server
from tools.serving.site import site

HERE = Path(__file__).parent
#: So small that each picture is there at once.
TINY = Networks.from_json(
    {"face": [{"grid": 128, "widths": [8]}], "body": [{"grid": 512, "widths": [8]}], "heads": "sines"}
)


def write_characters(folder: Path) -> None:
    """Two characters with tiny networks, ``small.tha4`` and ``other.tha4``."""
    small = synthetic_character(3, "Small", TINY)
    save_character(small, folder / "small.tha4")
    other = synthetic_character(4, "Other", TINY)
    info = replace(other.info, author="Somebody", licence="CC BY 4.0")
    save_character(replace(other, info=info), folder / "other.tha4")


def test_the_page(tmp_path: Path) -> None:
    node_packages()
    if ensure_web_engine() is None:
        unavailable("the engine for browsers was not built; install ziglang (pip install -e .[binaries])")
    write_characters(tmp_path)
    files = {**site(), "characters/small.tha4": tmp_path / "small.tha4"}
    official = SHARED / "reference" / "lambda_00"
    with open_server(files, 0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            run_node_tests(
                [HERE / "poser" / "page.page.js"],
                CHROMIUM=chromium_program(),
                SITE_URL=server.url,
                CHARACTERS=str(tmp_path),
                OFFICIAL=str(official) if official.is_dir() else "",
            )
        finally:
            server.shutdown()
            thread.join()
