"""The poser in a real Chromium, on the real server."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.conftest import SHARED, unavailable
from tests.node import chromium_program, node_packages, run_node_tests
from tests.synthetic import larger_picture, synthetic_character
from tests.tools.web.serving import TINY, serving
from tha4_core.character import save_character
from tha4_core.character.larger_drawing import packed
from tools.binaries.web import ensure_web_engine
from tools.serving.site import site

HERE = Path(__file__).parent


def write_characters(folder: Path) -> None:
    """Characters with tiny networks: ``small.tha4``, the same with a larger drawing, ``sharp.tha4``, ``other.tha4``."""
    small = synthetic_character(3, "Small", TINY)
    save_character(small, folder / "small.tha4")
    save_character(replace(small, drawing_hd_png=packed(larger_picture(1024), "it")), folder / "sharp.tha4")
    other = synthetic_character(4, "Other", TINY)
    info = replace(other.info, author="Somebody", licence="CC BY 4.0")
    save_character(replace(other, info=info), folder / "other.tha4")


def test_the_page(tmp_path: Path) -> None:
    node_packages()
    if ensure_web_engine() is None:
        unavailable("the engine for browsers was not built; install ziglang (pip install -e .[binaries])")
    write_characters(tmp_path)
    official = SHARED / "reference" / "lambda_00"
    files = {**site(), **{f"characters/{name}": tmp_path / name for name in ("small.tha4", "sharp.tha4")}}
    # In a folder of its host, as GitHub Pages has it.
    with serving({f"show/{address}": content for address, content in files.items()}) as url:
        run_node_tests(
            [HERE / "poser" / "page.page.js"],
            CHROMIUM=chromium_program(),
            SITE_URL=f"{url}show/",
            CHARACTERS=str(tmp_path),
            OFFICIAL=str(official) if official.is_dir() else "",
        )
