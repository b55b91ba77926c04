"""Measures this machine: ``python3 tools/bench.py --character PATH`` prints the tables of docs/PERFORMANCE.md.

With ``--teacher`` it measures the teacher's networks instead of engines and bridge; with ``--steady``, whether the
native engine keeps its pace over thousands of frames, and what skipping invisible tiles loses; with ``--networks``,
what each named shape of networks costs on one thread; with ``--onnx``, the native engine beside ONNX Runtime playing
the same character; with ``--web``, the engine for browsers beside both, and a whole page; with ``--soak MINUTES`` it
plays eight characters in Godot and tells whether anything grows. What is measured in Godot is so for the graphics card,
the processor and a bridge, or for the one that ``--engine`` names.

Everything is measured in one run, baseline included, so that ratios hold even where the machine is noisy.
Times are medians; "p99" is the 99th percentile. PSNR is against the reference engine, colours weighed by alpha.
"""

from __future__ import annotations

import argparse
import itertools
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment

    _ONNX = ("onnx",) if {"--onnx", "--web"} & {*sys.argv} else ()
    enter_environment("torch", "dev", *_ONNX, *(("binaries",) if "--web" in sys.argv else ()))

import psutil
import torch

from tha4_core.built_in import DEFAULT, character_path
from tha4_core.character import Character, load_character, save_character
from tha4_core.console import make_output_safe
from tha4_core.engines.native.masks import with_visibility
from tha4_core.engines.native.renderer import new_renderer
from tha4_core.errors import UserError
from tha4_core.memory import keep_freed_memory
from tha4_core.teacher.checkpoints import load_networks, recognise
from tha4_core.teacher.deterministic_weights import deterministic_networks
from tha4_core.teacher.inputs import check_device
from tha4_core.teacher.systems import THA3_SEPARABLE, THA4
from tools.environment.godot import has_display, require_godot, require_screen
from tools.measuring.bench_bridge import bridge_rows, characters_rows
from tools.measuring.bench_cuda import cuda_rows, gpu_name
from tools.measuring.bench_engines import engine_rows, layer_lines
from tools.measuring.bench_godot import (
    SOURCES,
    Bench,
    BenchProject,
    Source,
    Timing,
    bench_project,
    measure_source,
    sources_table,
)
from tools.measuring.bench_networks import network_rows
from tools.measuring.bench_rows import table
from tools.measuring.bench_steady import HELD_OUT_POSES, STEADY_FRAMES, largest_alpha_lost, steady_rows, steady_table
from tools.measuring.bench_teacher import PRECISIONS, teacher_rows, teacher_table
from tools.measuring.card_costs import cost_lines
from tools.measuring.soak import Sample, save_cast, soak, soak_table

#: Of a soak: characters; the most minutes; seconds before the first sample, between samples, and until another one
#: comes anew.
_SOAK_CAST = 8
_LONGEST_SOAK = 7 * 24 * 60
_WARM_UP_S = 20.0
_INTERVAL_S = 10.0
_CHANGE_S = 5.0
#: The teacher's, unless others are asked for.
_PRECISIONS = ("float32", "bfloat16")
#: Frames with a new picture in each row of what a character costs the main thread, and after each event.
_GAME_FRAMES = 300
_EVENT_FRAMES = 60


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


def _show(lines: Iterable[str]) -> None:
    """Print each line as it comes: what was measured is there, whatever happens to the rest."""
    for line in lines:
        print(line, flush=True)


def _measure_engines(character: Character, frames: int) -> None:
    print("\n## Engines\n", flush=True)
    _show(table(engine_rows(character, frames), compared=True))
    print("\n\n## Layers\n", flush=True)
    _show(layer_lines())


def _measure_gpu(character: Character, frames: int) -> None:
    print(f"\n## GPU\n\n{gpu_name()}\n", flush=True)
    _show(table(cuda_rows(character, frames), compared=True))


def _measure_bridge(character: Character, folder: Path, frames: int) -> None:
    print("\n## Bridge\n", flush=True)
    file = _saved(character, folder)
    _show(table(itertools.chain(bridge_rows(file, frames), characters_rows(character, folder, frames))))


def _measure_godot(
    godot: Path, character: Character, folder: Path, frames: int, sources: Sequence[Source] = SOURCES
) -> None:
    first, second = save_cast(character, folder, 2)
    benches = {
        "Pictures in Godot": Bench("bench", frames, {"character": first}),
        "Main thread": Bench("bench_main_thread", _GAME_FRAMES, {"character": first}),
        "Whole frames": Bench("bench_hitches", _EVENT_FRAMES, {"character": first, "another": second}),
    }
    print("\n## What a picture asks of a graphics card (counted, not measured)\n", flush=True)
    _show(cost_lines(character))
    with bench_project(godot) as project:
        for title, bench in benches.items():
            _measure_sources(project, title, bench, sources)


def _measure_sources(project: BenchProject, title: str, bench: Bench, sources: Sequence[Source]) -> None:
    """A table with a column for each source. One that cannot be had here, or fails, is told of below it; what was
    measured before stays."""
    measured: dict[str, list[Timing]] = {}
    notes: list[str] = []
    try:
        for source in sources:
            measured[source.title] = []
            try:
                for timing in measure_source(project, source, bench, notes):
                    measured[source.title].append(timing)
            except UserError as error:
                notes.append(f"{source.title}: {error}")
    finally:
        print(f"\n## {title}\n", flush=True)
        _show(sources_table(measured))
        _show(f"\n{note}" for note in notes)


def _measure_soak(godot: Path, character: Character, folder: Path, minutes: float, source: Source) -> None:
    save_cast(character, folder, _SOAK_CAST)
    times = {"seconds": minutes * 60.0, "warm_up": _WARM_UP_S, "interval": _INTERVAL_S, "change": _CHANGE_S}
    samples: list[Sample] = []
    print(f"\n## Soak, {source.title}\n", flush=True)
    try:
        with bench_project(godot) as project:
            samples.extend(soak(project, source, folder, **times))
    finally:
        if samples:
            print(soak_table(samples), flush=True)


def _measure_steadiness(character: Character, frames: int) -> None:
    print("\n## Steadiness\n", flush=True)
    _show(steady_table(steady_rows(character, frames)))
    poses = min(frames, HELD_OUT_POSES)
    alpha = largest_alpha_lost(character, poses)
    print(f"\nThe largest alpha lost by skipping invisible tiles, in {poses} held-out poses: {alpha} of 255.")


def _measure_networks(character: Character, frames: int) -> None:
    print("\n## Named networks, one thread, processor time\n", flush=True)
    _show(table(network_rows(character, frames), compared=True))


def _measure_others(options: argparse.Namespace, character: Character, frames: int) -> None:
    # Their packages are needed for nothing else.
    if options.onnx:
        from tools.measuring.bench_onnx import onnx_lines

        _show(onnx_lines(character, frames))
        return
    from tools.measuring.bench_page import page_lines
    from tools.measuring.bench_web import web_lines

    _show(web_lines(character, frames))
    _show(page_lines())


def _measure_teacher(options: argparse.Namespace, frames: int) -> None:
    keep_freed_memory()  # as distill.py does
    device = check_device(options.device or "cpu")
    character = load_character(character_path(options.character))
    where = f" and {gpu_name()}" if device.type == "cuda" else ""
    print(f"Measured at {revision()} on {machine()}{where}.", flush=True)
    precisions = options.precisions or _PRECISIONS
    for system in [recognise(options.teacher)] if options.teacher else [THA4, THA3_SEPARABLE]:
        networks = load_networks(options.teacher) if options.teacher else deterministic_networks(system)
        print(f"\n## Teacher: {system.name}\n", flush=True)
        _show(teacher_table(teacher_rows(networks, character, precisions, frames, device), precisions))


def _saved(character: Character, folder: Path) -> Path:
    """The character as a game has it: one file, which needs no torch."""
    file = folder / "character.tha4"
    save_character(character, file)
    return file


def _check_options(options: argparse.Namespace) -> None:
    """What can be wrong before anything is read. Raises UserError."""
    if options.frames is not None and options.frames < 1:
        raise UserError(f"--frames is a whole number from 1, not {options.frames}.")
    if options.soak is not None and not 0.0 < options.soak <= _LONGEST_SOAK:
        raise UserError(f"--soak takes minutes above 0 and up to {_LONGEST_SOAK}, not {options.soak:g}.")
    if options.teacher is None and (options.precisions or options.device):
        raise UserError("--precisions and --device are about the teacher; give --teacher, too.")
    if options.only_gpu and not torch.cuda.is_available():
        raise UserError("there is no NVIDIA GPU, or PyTorch was built without CUDA.")


def _needed_godot(options: argparse.Namespace) -> Path | None:
    """Godot, and a screen for it, if one of the measurements needs them. Raises UserError."""
    if (
        options.no_godot
        or options.only_gpu
        or options.onnx
        or options.web
        or options.steady
        or options.networks
        or options.teacher is not None
    ):
        return None
    otherwise = "" if options.only_godot or options.soak is not None else ", or give --no-godot"
    if not has_display():
        require_screen(otherwise)
    return require_godot(otherwise)


def main(arguments: list[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    parser = argparse.ArgumentParser(prog="bench.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--character",
        default=DEFAULT,
        metavar="CHARACTER",
        help="a .tha4 file, a character directory, or a name of ours, as yunagi or kohaku_light; default: yunagi",
    )
    parser.add_argument("--frames", type=int, help="poses for each row; default 40, or 2000 with --steady")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--no-godot", action="store_true", help="leave out what needs Godot and a screen")
    what.add_argument("--only-godot", action="store_true", help="measure nothing but the Godot tables")
    what.add_argument("--only-gpu", action="store_true", help="measure nothing but the engine on an NVIDIA GPU")
    what.add_argument(
        "--soak", type=float, metavar="MINUTES", help="play eight characters for so long, and tell what has grown"
    )
    what.add_argument(
        "--steady",
        action="store_true",
        help="measure how even the native engine's frames are, and the largest alpha that skipping ever loses",
    )
    what.add_argument(
        "--onnx", action="store_true", help="measure the native engine and ONNX Runtime on the same character"
    )
    what.add_argument("--networks", action="store_true", help="measure each named shape of networks on one thread")
    what.add_argument(
        "--web", action="store_true", help="measure the engine for browsers beside these two, and the poser page"
    )
    what.add_argument(
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
        help="the teacher's; default float32 bfloat16 (float16 takes minutes a pose where the processor lacks it)",
    )
    parser.add_argument("--device", help="the teacher's, as cuda; default cpu")
    parser.add_argument(
        "--engine",
        choices=[source.engine for source in SOURCES],
        help="what plays in Godot; default: all of them in turns, and cpu with --soak",
    )
    options = parser.parse_args(arguments)
    frames: int = options.frames or (STEADY_FRAMES if options.steady else 40)
    try:
        # All that is needed is looked for before minutes are spent on the first measurement.
        _check_options(options)
        if options.teacher is not None:
            _measure_teacher(options, frames)
            return 0
        character = load_character(character_path(options.character))
        if options.only_gpu:
            _measure_gpu(character, frames)
            return 0
        godot = _needed_godot(options)
        new_renderer(character, 1)  # says in a sentence when the native engine was not built
        character = with_visibility(character, torch.get_num_threads())
        print(f"Measured at {revision()} on {machine()}.", flush=True)
        if options.steady:
            _measure_steadiness(character, frames)
            return 0
        if options.networks:
            _measure_networks(character, frames)
            return 0
        if options.onnx or options.web:
            _measure_others(options, character, frames)
            return 0
        with tempfile.TemporaryDirectory() as folder:
            if options.soak is not None:
                assert godot is not None
                source = next(source for source in SOURCES if source.engine == (options.engine or "cpu"))
                _measure_soak(godot, character, Path(folder), options.soak, source)
                return 0
            if not options.only_godot:
                _measure_engines(character, frames)
                if torch.cuda.is_available():
                    _measure_gpu(character, frames)
                _measure_bridge(character, Path(folder), frames)
            if godot is not None:
                sources = [source for source in SOURCES if options.engine in (None, source.engine)]
                _measure_godot(godot, character, Path(folder), frames, sources)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
