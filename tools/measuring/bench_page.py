"""The poser page in Chromium with the built-in character: its first sight, and what a frame takes; for tools/bench.py.

Times of the first sight are by the clock, with a warm cache. A frame's are of processor time, which does not count
waiting: of the page's own thread, the rest of its process (the engine's workers above all), and the browser's others,
which show it.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tha4_core.errors import UserError
from tools.binaries.web import require_web_engine
from tools.environment.web import ensure_chromium, ensure_node, ensure_node_packages
from tools.serving.server import open_server
from tools.serving.site import site

#: Visits of a page with a warm cache, and seconds of a character's life.
_VISITS: Final = 5
_SECONDS: Final = 20
_RENDERER: Final = "renderer"


@dataclass(frozen=True)
class PageFigures:
    """What was measured, in milliseconds.

    rest, alive: of each visit, until the character's picture is there, and until it lives. pictures: how many were
    drawn in ``milliseconds``. script, look, thread: of the page's own thread for all of them: its scripts, its layout
    and styles, and everything. engine: of the page's other threads. others: of the browser's other processes.
    """

    rest: list[float]
    alive: list[float]
    pictures: int
    milliseconds: float
    script: float
    look: float
    thread: float
    engine: float
    others: float


def page_lines() -> Iterator[str]:
    """A table, line by line. Raises UserError without Node, Chromium or the engine."""
    figures = measured_page()
    yield "\n## The poser page in Chromium, WebAssembly in workers, head view\n"
    yield "| first sight, warm cache | median | longest |"
    yield "| --- | --- | --- |"
    for name, times in (("the picture at rest", figures.rest), ("alive", figures.alive)):
        yield f"| {name} | {statistics.median(times):.0f} ms | {max(times):.0f} ms |"
    yield ""
    yield "| the whole page | processor time a picture | of one processor |"
    yield "| --- | --- | --- |"
    for name, spent in frame_parts(figures).items():
        yield f"| {name} | {spent / max(figures.pictures, 1):.2f} ms | {spent / figures.milliseconds:.0%} |"
    rate = 1000.0 * figures.pictures / figures.milliseconds
    yield f"\n{figures.pictures} pictures, {rate:.1f} a second by the clock."


def frame_parts(figures: PageFigures) -> dict[str, float]:
    """What all pictures took, part by part, in milliseconds of processor time; last what the page's thread was idle."""
    return {
        "the page's scripts": figures.script,
        "the page's layout and styles": figures.look,
        "the rest of the page's thread": max(0.0, figures.thread - figures.script - figures.look),
        "the engine's workers, and the page's other threads": figures.engine,
        "the browser's other processes, which show it": figures.others,
        "idle: the rest of the page's thread's time": max(0.0, figures.milliseconds - figures.thread),
    }


def measured_page(visits: int = _VISITS, seconds: float = _SECONDS) -> PageFigures:
    """Serve the site, and let Chromium open its poser page. Raises UserError."""
    require_web_engine()
    node, chromium, packages = ensure_node(), ensure_chromium(), ensure_node_packages()
    if node is None or chromium is None or packages is None:
        raise UserError(
            "the page is measured in Chromium by Node; install both (Debian: apt install nodejs npm chromium), with a"
            " network for npm."
        )
    with open_server(site(), 0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            return _played([node, server.url, chromium, str(packages), str(visits), str(seconds)])
        finally:
            server.shutdown()
            thread.join()


def _played(command: list[str]) -> PageFigures:
    node, *arguments = command
    script = str(Path(__file__).with_name("page_player.mjs"))
    done = subprocess.run([node, script, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if "rror" in line]
        raise UserError(f"the page could not be measured: {said[0].strip() if said else 'Chromium failed'}")
    return figures_of(json.loads(done.stdout))


def figures_of(answer: Mapping[str, Any]) -> PageFigures:
    """What page_player.mjs says, as figures."""
    life, visits = answer["life"], answer["visits"]
    page, processes = life["page"], life["processes"]
    return PageFigures(
        rest=[visit["rest"] for visit in visits],
        alive=[visit["alive"] for visit in visits],
        pictures=life["pictures"],
        milliseconds=life["milliseconds"],
        script=page["script"],
        look=page["look"],
        thread=page["task"],
        engine=max(0.0, processes.get(_RENDERER, 0.0) - page["task"]),
        others=sum(spent for kind, spent in processes.items() if kind != _RENDERER),
    )
