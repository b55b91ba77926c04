"""The bottom panel of the editor: what it shows of bridges, and the editor's own one."""

from __future__ import annotations

import sys

import pytest

from tests.godot.editor import SCENE, Editor
from tests.godot.engine import Run
from tests.godot.test_node import NOBODY, free_port
from tests.synthetic import synthetic_character
from tha4_core.character import save_character
from tools.environment.bridge_process import RunningBridge, hosting, running_bridge

pytestmark = pytest.mark.slow

BROKEN = "import sys; print('not today', file=sys.stderr); sys.exit(7)"


@pytest.fixture(scope="module")
def seen(editor: Editor, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, RunningBridge]:
    """The probe's run, and the bridge of another program that it saw."""
    folder = tmp_path_factory.mktemp("panel")
    blob = folder / "blob.tha4"
    save_character(synthetic_character(), blob)
    with running_bridge(*hosting(blob)) as bridge:
        options = {
            "nobody": "tcp://127.0.0.1:2",
            "other": bridge.address,
            "own": f"tcp://127.0.0.1:{free_port()}",
            "character": "1: Blob",
            "bridge": "|".join((sys.executable, "-m", "bridge")),
            "broken": "|".join((sys.executable, "-c", BROKEN)),
        }
        return editor.play("panel", SCENE.format(address=NOBODY), folder, options), bridge


def test_it_connects_to_nothing_while_it_is_not_looked_at(seen: tuple[Run, RunningBridge]) -> None:
    run, _ = seen
    assert run.value("connections unseen") == run.value("connections after") == "1", "the character's own"


def test_it_says_that_there_is_no_bridge(seen: tuple[Run, RunningBridge]) -> None:
    assert seen[0].value("reason") == "Nothing answers at 127.0.0.1:2."


def test_it_says_what_plays_the_characters(seen: tuple[Run, RunningBridge]) -> None:
    run, _ = seen
    assert run.value("character").startswith(f"Hero waits: no bridge at {NOBODY}: nothing answers")
    assert run.value("nobody") == "Hero has no character."


def test_it_is_about_a_bridge_only_where_one_is_used_or_asked_for(seen: tuple[Run, RunningBridge]) -> None:
    run, _ = seen
    assert run.value("connections without") == "0"
    assert run.value("asked for") == "true"


def test_it_shows_the_bridge_of_another_program(seen: tuple[Run, RunningBridge]) -> None:
    run, bridge = seen
    assert run.value("other Engine") == bridge.engine
    assert run.value("other Device") == "cpu"
    assert run.value("other Frames/s") == "0.0"
    assert run.value("other Frame time") == "-", "it has rendered nothing yet"
    assert float(run.value("other Latency").removesuffix(" ms")) > 0.0
    assert run.value("other Memory").endswith("iB") or sys.platform != "linux"
    assert run.value("other Since").count(":") == 2
    assert run.value("other can be stopped") == "false"


def test_it_starts_a_bridge_keeps_it_when_hidden_and_stops_it(seen: tuple[Run, RunningBridge]) -> None:
    run, bridge = seen
    assert run.value("own Engine") == bridge.engine
    assert run.value("log").startswith("bridge ready: address=tcp://127.0.0.1:")
    assert run.value("connections hidden") == "2", "that of its own bridge stays"
    assert run.value("log after") == "true", "what it wrote can still be read"


def test_it_says_why_a_bridge_does_not_start(seen: tuple[Run, RunningBridge]) -> None:
    failure = seen[0].value("failure")
    assert f"started with {sys.executable} has ended with code 7: not today. " in failure
    assert "Anime Character Setup" in failure


def test_it_starts_one_when_that_is_mended(seen: tuple[Run, RunningBridge]) -> None:
    assert seen[0].value("mended") == "true"
