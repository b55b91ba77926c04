"""Measures this machine: ``python3 tools/bench.py --character PATH`` prints the tables of docs/PERFORMANCE.md.

With ``--teacher`` it measures the teacher's networks instead of engines and bridge; with ``--steady``, whether the
native engine keeps its pace over thousands of frames, and what skipping invisible tiles loses; with ``--soak MINUTES``
it plays eight characters in Godot and tells whether anything grows.

Everything is measured in one run, baseline included, so that ratios hold even where the machine is noisy.
Times are medians; "p99" is the 99th percentile. PSNR is against the reference engine, colours weighed by alpha.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment

    enter_environment("torch", "dev")

import numpy as np
import psutil
import torch
from numpy.typing import NDArray

from bridge.client import BridgeClient
from tha4_core.built_in import DEFAULT, character_path
from tha4_core.character import Character, load_character, save_character
from tha4_core.console import make_output_safe
from tha4_core.engines.native.masks import with_visibility
from tha4_core.errors import UserError
from tha4_core.picture.region import DEFAULT_HEAD_VIEW
from tha4_core.teacher.checkpoints import load_networks
from tha4_core.teacher.deterministic_weights import deterministic_networks
from tha4_core.teacher.inputs import check_device
from tools.environment.bridge_process import hosting, running_bridge
from tools.environment.godot import ensure_godot
from tools.measuring.bench_cuda import cuda_rows, gpu_name
from tools.measuring.bench_engines import engine_rows, layer_lines
from tools.measuring.bench_godot import bench_project, measure_in_godot, measure_main_thread
from tools.measuring.bench_rows import Row, measure, table, tail_table
from tools.measuring.bench_steady import HELD_OUT_POSES, STEADY_FRAMES, largest_alpha_lost, steady_rows, steady_table
from tools.measuring.bench_teacher import PRECISIONS, teacher_rows, teacher_table
from tools.measuring.soak import save_cast, soak, soak_table

#: How many characters at once.
_CAST = (2, 4)
#: Of a soak: characters; seconds before the first sample, between samples, and until another one comes anew.
_SOAK_CAST = 8
_WARM_UP_S = 20.0
_INTERVAL_S = 10.0
_CHANGE_S = 5.0
#: Frames with a new picture in each row of what a character costs the main thread.
_GAME_FRAMES = 300


def bridge_rows(path: Path, frames: int) -> Iterator[Row]:
    """Request to frame in a client, less the engine's own time; and how a bridge starts."""
    start = time.perf_counter()
    with running_bridge(*hosting(path)) as bridge:
        yield Row("bridge, start to ready line with one character", [time.perf_counter() - start])
        with BridgeClient(bridge.address, timeout=60.0) as client:
            hosted = client.load(path)
            for name, region in (("full picture", None), ("head view 192x192", DEFAULT_HEAD_VIEW)):
                overheads: list[float] = []

                def ask(
                    pose: NDArray[np.float32],
                    region: tuple[int, int, int, int] | None = region,
                    overheads: list[float] = overheads,
                ) -> None:
                    begun = time.perf_counter()
                    client.request_frame(hosted, pose, region)
                    frame = client.poll_frame(60.0)
                    assert frame is not None
                    overheads.append(time.perf_counter() - begun - frame.render_ms / 1000.0)

                total = measure(f"Python client, {name}, request to frame", ask, frames)
                yield total
                yield Row(f"Python client, {name}, without the engine's time", overheads[1:])
            yield measure("Python client, ping", lambda _: client.ping(), 200)
        memory = psutil.Process(bridge.pid).memory_info().rss
        yield Row("bridge, resident memory", [], f"{memory / 2**20:.0f} MiB")


def characters_rows(character: Character, folder: Path, frames: int) -> Iterator[Row]:
    """Head views of several characters on one bridge, asked for at once: from the first request to the last frame."""
    paths = save_cast(character, folder, max(_CAST))
    with running_bridge("--root", str(folder)) as bridge, BridgeClient(bridge.address, timeout=60.0) as client:
        cast = [client.load(path) for path in paths]
        for count in _CAST:

            def ask(pose: NDArray[np.float32], count: int = count) -> None:
                for stream, one in enumerate(cast[:count]):
                    client.request_frame(one, pose, DEFAULT_HEAD_VIEW, stream=stream)
                for _ in range(count):
                    assert client.poll_frame(60.0) is not None

            row = measure(f"Python client, head views of {count} characters at once", ask, frames)
            yield replace(row, note=f"{count / row.median:.0f} frames a second")


def machine() -> str:
    """What was measured on, in a line."""
    name = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), name)
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{name}, {psutil.cpu_count()} cores, {memory:.0f} GiB; {platform.system()}, Python"
        f" {platform.python_version()}, torch {torch.__version__} with {torch.get_num_threads()} threads"
    )


def revision() -> str:
    """The commit that was measured, or "unknown" outside a checkout."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or "unknown"


def _measure_engines(character: Character, frames: int) -> None:
    print("\n## Engines\n", flush=True)
    engines = list(engine_rows(character, frames))
    print(table(engines, engines[0]), "\n\n## Layers\n", sep="", flush=True)
    print("\n".join(layer_lines()), flush=True)


def _measure_gpu(character: Character, frames: int) -> None:
    print(f"\n## GPU\n\n{gpu_name()}\n", flush=True)
    rows = list(cuda_rows(character, frames))
    print(table(rows, rows[0]), flush=True)


def _measure_bridge(character: Character, folder: Path, frames: int) -> None:
    print("\n## Bridge\n", flush=True)
    rows = [*bridge_rows(_saved(character, folder), frames), *characters_rows(character, folder, frames)]
    print(table(rows), flush=True)


def _measure_godot(character: Character, folder: Path, frames: int) -> None:
    file = _saved(character, folder)
    with bench_project(_godot()) as project:
        print("\n## Godot\n", flush=True)
        print(table([Row(*row) for row in measure_in_godot(project, file, frames)]), flush=True)
        print("\n## Main thread\n", flush=True)
        print(tail_table([Row(*row) for row in measure_main_thread(project, file, _GAME_FRAMES)]), flush=True)


def _saved(character: Character, folder: Path) -> Path:
    """The character as a game has it: one file, which needs no torch."""
    file = folder / "character.tha4"
    save_character(character, file)
    return file


def _godot() -> Path:
    godot = ensure_godot()
    if godot is None:
        raise UserError("there is no Godot; set GODOT to one, or give --no-godot.")
    return godot


def main(arguments: list[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    parser = argparse.ArgumentParser(prog="bench.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--character",
        default=DEFAULT,
        metavar="CHARACTER",
        help="a .tha4 file, a character directory, or a name of ours, yunagi or kohaku; default: yunagi",
    )
    parser.add_argument("--frames", type=int, help="poses for each row; default 40, or 2000 with --steady")
    parser.add_argument("--no-godot", action="store_true", help="leave out what needs Godot and a screen")
    parser.add_argument("--only-godot", action="store_true", help="measure nothing but the Godot tables")
    parser.add_argument("--only-gpu", action="store_true", help="measure nothing but the engine on an NVIDIA GPU")
    parser.add_argument(
        "--soak", type=float, metavar="MINUTES", help="play eight characters for so long, and tell what has grown"
    )
    parser.add_argument(
        "--steady",
        action="store_true",
        help="measure how even the native engine's frames are, and the largest alpha that skipping ever loses",
    )
    parser.add_argument(
        "--teacher",
        nargs="?",
        const="",
        metavar="DIRECTORY",
        help="measure the teacher on the character's picture, --frames poses; without its weights, with made-up ones",
    )
    parser.add_argument(
        "--precisions",
        nargs="+",
        choices=PRECISIONS,
        default=["float32", "bfloat16"],
        help="the teacher's; default float32 bfloat16 (float16 takes minutes a pose where the processor lacks it)",
    )
    parser.add_argument("--device", default="cpu", help="the teacher's, as cuda; default cpu")
    options = parser.parse_args(arguments)
    frames: int = options.frames or (STEADY_FRAMES if options.steady else 40)
    try:
        path = character_path(options.character).absolute()
        if options.teacher is not None:
            character = load_character(path)
            networks = load_networks(options.teacher) if options.teacher else deterministic_networks()
            device = check_device(options.device)
            where = f" and {gpu_name()}" if device.type == "cuda" else ""
            print(f"Measured at {revision()} on {machine()}{where}.\n\n## Teacher\n", flush=True)
            print(teacher_table(list(teacher_rows(networks, character, options.precisions, frames, device))))
            return 0
        if options.only_gpu:
            if not torch.cuda.is_available():
                raise UserError("there is no NVIDIA GPU, or PyTorch was built without CUDA.")
            _measure_gpu(load_character(path), frames)
            return 0
        character = with_visibility(load_character(path), torch.get_num_threads())
        if options.steady:
            print(f"Measured at {revision()} on {machine()}.\n\n## Steadiness\n", flush=True)
            print(steady_table(list(steady_rows(character, frames))), flush=True)
            poses = min(frames, HELD_OUT_POSES)
            alpha = largest_alpha_lost(character, poses)
            print(f"\nThe largest alpha lost by skipping invisible tiles, in {poses} held-out poses: {alpha} of 255.")
            return 0
        print(f"Measured at {revision()} on {machine()}.", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            if options.soak is not None:
                save_cast(character, Path(folder), _SOAK_CAST)
                with bench_project(_godot()) as project:
                    seconds = options.soak * 60.0
                    samples = soak(
                        project,
                        Path(folder),
                        seconds=seconds,
                        warm_up=_WARM_UP_S,
                        interval=_INTERVAL_S,
                        change=_CHANGE_S,
                    )
                print("\n## Soak\n\n", soak_table(samples), sep="")
                return 0
            if not options.only_godot:
                _measure_engines(character, frames)
                if torch.cuda.is_available():
                    _measure_gpu(character, frames)
                _measure_bridge(character, Path(folder), frames)
            if not options.no_godot:
                _measure_godot(character, Path(folder), frames)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
