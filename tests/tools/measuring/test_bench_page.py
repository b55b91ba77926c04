"""tools/bench.py --web: the poser page's first sight and what its frames take."""

from __future__ import annotations

import pytest

from tests.conftest import unavailable
from tests.node import chromium_program, node_packages
from tools.binaries.web import ensure_web_engine
from tools.measuring.bench_page import figures_of, frame_parts, measured_page

ANSWER = {
    "visits": [{"rest": 400.0, "alive": 900.0}, {"rest": 500.0, "alive": 1000.0}],
    "life": {
        "pictures": 10,
        "milliseconds": 1000.0,
        "page": {"task": 50.0, "script": 30.0, "look": 5.0},
        "processes": {"renderer": 350.0, "GPU": 60.0, "browser": 40.0},
    },
}


def test_the_time_is_shared_out_among_page_engine_browser_and_idleness() -> None:
    parts = list(frame_parts(figures_of(ANSWER)).values())
    assert parts == pytest.approx([30.0, 5.0, 15.0, 300.0, 100.0, 950.0])


@pytest.mark.slow
def test_the_page_shows_its_character_at_rest_before_it_lives() -> None:
    node_packages()
    chromium_program()
    if ensure_web_engine() is None:
        unavailable("the engine for browsers was not built; install ziglang (pip install -e .[binaries])")
    figures = measured_page(visits=1, seconds=1.0)
    assert len(figures.rest) == len(figures.alive) == 1
    assert 0.0 < figures.rest[0] < figures.alive[0]
    assert figures.pictures > 0
    assert figures.script > 0.0
    assert figures.engine > 0.0
