"""tools/bench.py --web: every player in one run, the native engine's portable head view as the baseline."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import unavailable
from tests.node import node_program
from tests.synthetic import random_networks, synthetic_character
from tools.binaries.web import ensure_web_engine
from tools.measuring import bench_web

_STAND_IN = """
export const env = { wasm: {} };
export class Tensor {}
export const InferenceSession = { create: async () => ({ run: async () => ({}) }) };
"""


def test_all_players_are_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node_program()
    if ensure_web_engine() is None:
        unavailable("the engine for browsers was not built; install ziglang (pip install -e .[binaries])")
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "ort.wasm.min.mjs").write_text(_STAND_IN)
    monkeypatch.setattr(bench_web, "_fetched_peer", lambda: tmp_path)  # npm's own takes 100 MB
    lines = list(bench_web.web_lines(synthetic_character(networks=random_networks(2)), 1))
    rows = [line for line in lines if " ms" in line]
    assert len(rows) == 10
    assert rows[0].startswith("| native engine, portable float32, head view 192x192 |")
    assert "| 1.0x |" in rows[0]
    assert [row.count("of processor time") for row in rows] == [1] * 10
    assert sum("WebAssembly, 16 bits" in row for row in rows) == 2
