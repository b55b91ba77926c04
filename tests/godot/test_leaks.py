"""Whether anything grows while a cast of living characters is played by the library or on one bridge;
``tools/bench.py --soak`` is the same for many minutes.
"""

from __future__ import annotations

import pytest

from tests.godot.engine import Godot
from tha4_core.built_in import default_character
from tools.measuring.bench_godot import SOURCES, BenchProject
from tools.measuring.soak import Sample, save_cast, soak, soak_table

pytestmark = pytest.mark.slow

CAST = 3
MEBIBYTE = 1 << 20


@pytest.fixture(scope="module", params=["cpu", "bridge"])
def samples(
    drawing_godot: Godot, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> list[Sample]:
    cast = tmp_path_factory.mktemp("cast")
    # What is seen of it is known, so that the bridge does not spend the time on finding that out.
    save_cast(default_character(), cast, CAST)
    environment = drawing_godot.environment(drawing_godot.new_folder())
    project = BenchProject(drawing_godot.program, drawing_godot.project, environment)
    # Until each has left and come back once, and then once more.
    source = next(source for source in SOURCES if source.engine == request.param)
    return list(soak(project, source, cast, seconds=3.0, warm_up=3.0, interval=1.5, change=0.5))


def test_the_engine_counts_no_more_after_than_before(samples: list[Sample]) -> None:
    first, last = samples[0], samples[-1]
    assert len(samples) >= 2
    assert last.pictures > first.pictures + 2 * CAST
    for what in ("objects", "nodes", "resources", "texture_memory"):
        assert getattr(last, what) <= getattr(first, what), f"{what}\n{soak_table(samples)}"
    assert first.orphans == last.orphans == 0
    assert last.static_memory - first.static_memory < MEBIBYTE, soak_table(samples)


def test_no_process_grows(samples: list[Sample]) -> None:
    first, last = samples[0], samples[-1]
    # An engine that is not let go of is 50 MiB, and six are made between the samples.
    assert last.godot.memory - first.godot.memory < 64 * MEBIBYTE, soak_table(samples)
    assert last.godot.threads <= first.godot.threads
    assert last.godot.files <= first.godot.files
    if first.bridge and last.bridge:
        assert last.godot.memory - first.godot.memory < 16 * MEBIBYTE, soak_table(samples)
        assert last.bridge.memory - first.bridge.memory < 64 * MEBIBYTE, soak_table(samples)
        assert last.bridge.threads <= first.bridge.threads
        assert last.bridge.files <= first.bridge.files
