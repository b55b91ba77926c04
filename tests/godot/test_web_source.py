"""The picture source of Web exports: in a native Godot against a stand-in for the page, and what it asks of the page in
a real browser, against the engine there. What is not tried is the call between them: there is no export template for
the web here.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import unavailable
from tests.godot.engine import SCENARIOS, Godot, Run
from tests.node import chromium_program, node_packages, run_node_tests
from tests.synthetic import larger_picture, synthetic_character
from tests.tools.web.serving import TINY, serving
from tha4_core.character import save_character
from tha4_core.character.larger_drawing import packed
from tools.binaries.web import ensure_web_engine
from tools.serving.site import engine_files


@pytest.fixture(scope="module")
def hero(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("web_source") / "hero.tha4"
    hero = synthetic_character(5, "Hero", TINY)
    save_character(replace(hero, drawing_hd_png=packed(larger_picture(1024), "it")), path)
    return path


@pytest.fixture(scope="module")
def run(godot: Godot, hero: Path) -> Run:
    return godot.run_scenario(SCENARIOS / "web_source.gd", {"character": str(hero)}).check()


def test_the_source_keeps_the_contract(run: Run) -> None:
    assert run.value("elsewhere") == "the engine of web pages plays in Web exports alone."
    assert run.value("in_page") == ""
    assert run.values("may_ask") == ["false", "false", "false", "false", "[false, true]"]
    assert run.values("signal")[0] == "connected"
    assert run.value("engine") == "wasm"
    assert run.values("picture")[0] == "[1, true, (32, 24), 12.5]"
    assert set(run.values("pixel")) == {"c8c8c8c8"}
    assert set(run.values("kept")) == {"true"}
    assert run.value("playing") == "true"


def test_larger_pictures_come_when_the_page_has_read_the_larger_drawing(run: Run) -> None:
    assert run.values("picture")[1:] == ["[2, true, (64, 48), 12.5]", "[2, true, (128, 96), 12.5]"]
    assert run.values("may_ask_larger") == ["false", "true", "false"]


def test_what_is_wrong_in_the_page_is_one_sentence(run: Run, hero: Path) -> None:
    missing, broken = run.values("gave_up")
    assert missing == (
        f"the web page cannot play {hero}: the page has no anime_character/godot.js (TypeError: not found); put the"
        " engine of web pages beside the exported game (docs/WEB.md)."
    )
    assert broken == f"the web page cannot play {hero}: hero.tha4 is no character file."
    assert run.values("polls_after") == ["false", "false"]


def test_the_page_answers_what_godot_asks(run: Run) -> None:
    node_packages()
    if ensure_web_engine() is None:
        unavailable("the engine for browsers was not built; install ziglang (pip install -e .[binaries])")
    asked = json.loads((run.folder / "asked.json").read_text(encoding="utf-8"))
    assert [text.split("(")[0] for text in asked if text.startswith("anime")] == [
        f"animeCharacters.{name}"
        for name in (
            *("open", "poll", "ask", "poll", "take"),
            *("readLarger", "ask", "poll", "take", "poll", "ask", "poll", "take", "close"),
        )
    ]
    page = b"<!doctype html><meta charset=utf-8><title>A game</title><link rel=icon href=data:,>"
    with serving({"game/index.html": page, **engine_files("game/anime_character/")}) as url:
        run_node_tests(
            [Path(__file__).parent / "web_page.page.js"],
            CHROMIUM=chromium_program(),
            SITE_URL=url,
            ASKED=str(run.folder / "asked.json"),
        )
