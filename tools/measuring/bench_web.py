"""The engine for browsers beside the native one and ONNX Runtime, each on one thread; for tools/bench.py.

WebAssembly runs in Node, whose engine is a browser's (Chromium's). All take turns on the same poses: what else the
machine does meets all.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime

from tha4_core.character import Character, save_character
from tha4_core.engines.native.engine import NativeEngine
from tha4_core.engines.native.renderer import new_renderer
from tha4_core.errors import UserError
from tha4_core.onnx_export import OnnxForm, export_onnx
from tha4_core.onnx_export.trial import OnnxPlayer
from tha4_core.picture.region import DEFAULT_HEAD_VIEW, FULL_PICTURE, Region
from tha4_core.pose import Pose
from tools.binaries.web import require_web_engine
from tools.environment.bootstrap import ROOT
from tools.environment.web import ensure_node
from tools.measuring.bench_rows import Row, table
from tools.poses.preview_motion import preview_poses

#: The peer for browsers: npm's package, and its version.
_PEER: Final = ("onnxruntime-web", "1.30.0")
_VIEWS: Final = {"head view 192x192": DEFAULT_HEAD_VIEW, "full picture": FULL_PICTURE}

#: Draws a pose; seconds by the clock, and of processor time.
Player = Callable[[Pose], tuple[float, float]]


def web_lines(character: Character, frames: int) -> Iterator[str]:
    """A table, line by line. Raises UserError without Node or zig."""
    yield "\n## Browsers, one thread\n"
    yield from table(web_rows(character, frames), compared=True)


def web_rows(character: Character, frames: int) -> Iterator[Row]:
    """The native engine's portable head view, which is the baseline, and the others. Raises UserError."""
    require_web_engine()
    peer = _fetched_peer()
    poses = preview_poses(frames)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        players = {
            f"{name}, {what}": player
            for what, region in _VIEWS.items()
            for name, player in _players(character, folder, region, stack).items()
        }
        form = OnnxForm(is_bytes=True)
        model = export_onnx(character, form).SerializeToString()
        (folder / "character.onnx").write_bytes(model)
        render = OnnxPlayer(model, character, form, 1).render
        players[f"ONNX Runtime {onnxruntime.__version__}, full picture"] = _timed(render)
        players[f"ONNX Runtime {_PEER[1]}, WebAssembly, full picture"] = _node(
            ["onnx_web_player.mjs", str(peer), str(folder / "character.onnx")], FULL_PICTURE, stack
        )
        seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in players}
        for player in players.values():
            player(poses[-1])
        for pose in poses:
            for name, player in players.items():
                seconds[name].append(player(pose))
    for name, pairs in seconds.items():
        spent = statistics.median(processor for _, processor in pairs)
        yield Row(name, [clock for clock, _ in pairs], f"{spent * 1000:.0f} ms of processor time")


def _players(character: Character, folder: Path, region: Region, stack: ExitStack) -> dict[str, Player]:
    """Those that draw regions, the native portable one first."""
    portable = new_renderer(character, 1, "portable", "float32")
    if character.visibility is not None:
        portable.set_visibility(character.visibility.tiles)
    pixels = np.empty((region[3], region[2], 4), np.uint8)
    native = NativeEngine(character, threads=1)
    file = folder / "character.tha4"
    save_character(character, file)
    return {
        "native engine, portable float32": _timed(lambda pose: portable.render(pose, region, pixels)),
        "WebAssembly, 32 bits": _node(["web_player.mjs", str(file), "float32"], region, stack),
        "WebAssembly, 16 bits": _node(["web_player.mjs", str(file), "fixed16"], region, stack),
        f"native engine, {native.precision}": _timed(lambda pose: native.render(pose, region)),
    }


def _timed(draw: Callable[[Pose], object]) -> Player:
    def player(pose: Pose) -> tuple[float, float]:
        start, spent = time.perf_counter(), time.process_time()
        draw(pose)
        return time.perf_counter() - start, time.process_time() - spent

    return player


def _fetched_peer() -> Path:
    """The folder of ONNX Runtime for browsers, fetched from npm once. Raises UserError."""
    if ensure_node() is None:
        raise UserError("Node was not found; install it, 20 or newer (Debian: apt install nodejs npm).")
    name, version = _PEER
    folder = ROOT / ".cache" / "web" / f"{name}-{version}"
    modules = folder / "node_modules"
    if not modules.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as fresh:
            install = ["npm", "install", "--prefix", fresh, "--no-audit", "--no-fund", "--silent", f"{name}@{version}"]
            if subprocess.run(install, capture_output=True, check=False).returncode:
                raise UserError(f"npm could not fetch {name} {version}, which is measured against; is there a network?")
            (Path(fresh) / "node_modules").rename(modules)
    return modules / name


def _node(arguments: list[str], region: Region, stack: ExitStack) -> Player:
    """A script beside this one, in a process of its own, which ends with ``stack``."""
    script, *others = arguments
    command = [str(ensure_node()), str(Path(__file__).with_name(script)), *others]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    stack.enter_context(process)
    stack.callback(process.kill)

    def player(pose: Pose) -> tuple[float, float]:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"pose": pose.tolist(), "region": list(region)}) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        if not answer:
            raise UserError("Node ended while it played the character; the lines above say why.")
        clock, processor = json.loads(answer)
        return clock, processor

    return player
