"""Whether anything leaks while a cast of characters plays for a long time, for ``tools/bench.py --soak``."""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import psutil

from tha4_core.character import Character, save_character
from tha4_core.errors import UserError
from tools.environment.bridge_process import running_bridge
from tools.measuring.bench_godot import BenchProject, Source

#: How long a run may take beyond its time: the engine's start, and the pictures that a busy machine, or a graphics card
#: in software, takes minutes for before the first sample.
_PATIENCE_S = 900.0


@dataclass(frozen=True)
class Taken:
    """What a process has taken. memory: resident bytes. threads, files: that it has open."""

    memory: int
    threads: int
    files: int

    @classmethod
    def by(cls, process: psutil.Process) -> Taken:
        """What a process has taken now."""
        return cls(process.memory_info().rss, process.num_threads(), process.num_fds())


@dataclass(frozen=True)
class Sample:
    """What there was at one moment. seconds: since the engine's start. pictures: since then, of all characters.

    objects, nodes, orphans, resources, static_memory, texture_memory: as Godot's Performance counts them, in bytes.
    bridge: None where none plays.
    """

    seconds: float
    pictures: int
    objects: int
    nodes: int
    orphans: int
    resources: int
    static_memory: int
    texture_memory: int
    godot: Taken
    bridge: Taken | None = None


def save_cast(character: Character, folder: Path, count: int) -> list[Path]:
    """Files of characters that look alike but are others to a bridge."""
    paths: list[Path] = []
    for index in range(count):
        # A last bit of one weight makes it another character to the bridge.
        weights = dict(character.body_morpher)
        bias = np.array(weights["last_linear.bias"])
        bias[0] += index * 1e-6
        other = replace(character, body_morpher=weights | {"last_linear.bias": bias}, visibility=None)
        if character.visibility is not None:
            other = replace(other, visibility=replace(character.visibility, character=other.look))
        paths.append(folder / f"{index}.tha4")
        save_character(other, paths[-1])
    return paths


def soak(
    project: BenchProject,
    source: Source,
    characters: Path,
    *,
    seconds: float,
    warm_up: float,
    interval: float,
    change: float,
) -> Iterator[Sample]:
    """Plays all characters of a folder at once (``godot_addon/tests/soak.gd``), a bridge's on one bridge: a sample
    after the ``warm_up`` seconds, and one at each ``interval`` until ``seconds`` more are over; every ``change``
    seconds another character leaves and comes back. Raises UserError when Godot fails.
    """
    options: dict[str, object] = {"characters": characters, "seconds": seconds, "warm_up": warm_up}
    options |= {"interval": interval, "change": change}
    with contextlib.ExitStack() as stack:
        process = None
        if source.engine == "bridge":
            bridge = stack.enter_context(running_bridge())
            process = psutil.Process(bridge.pid)
            options["address"] = bridge.address
        command = project.script("soak", source, **options)
        yield from _samples(command, project.environment, process, seconds + warm_up + _PATIENCE_S)


def _samples(
    command: list[str], environment: dict[str, str], bridge: psutil.Process | None, limit_s: float
) -> Iterator[Sample]:
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", env=environment
    ) as godot:
        assert godot.stdout is not None
        clock = threading.Timer(limit_s, godot.kill)
        clock.start()
        try:
            complaints: list[str] = []
            for line in godot.stdout:
                if line.startswith("sample="):
                    yield _sample(json.loads(line.removeprefix("sample=")), bridge)
                elif "ERROR" in line:
                    complaints.append(line.strip())
        finally:
            clock.cancel()
            with contextlib.suppress(ProcessLookupError):
                godot.kill()
        if godot.wait() or complaints:
            raise UserError(f"Godot failed while the characters played: {complaints[:1] or 'it took too long'}")


def _sample(counted: dict[str, float], bridge: psutil.Process | None) -> Sample:
    godot = psutil.Process(int(counted.pop("pid")))
    seconds = counted.pop("seconds")
    numbers = {name: int(value) for name, value in counted.items()}
    return Sample(seconds=seconds, **numbers, godot=Taken.by(godot), bridge=Taken.by(bridge) if bridge else None)


def soak_table(samples: list[Sample]) -> str:
    """The first sample, the middle one and the last as a Markdown table."""
    shown = [samples[0], samples[len(samples) // 2], samples[-1]]
    lines = [
        ["", *(f"after {sample.seconds:.0f} s" for sample in shown)],
        ["---"] * (len(shown) + 1),
        ["pictures shown", *(f"{sample.pictures}" for sample in shown)],
        ["Godot: objects", *(f"{sample.objects}" for sample in shown)],
        ["Godot: nodes", *(f"{sample.nodes}" for sample in shown)],
        ["Godot: nodes outside the tree", *(f"{sample.orphans}" for sample in shown)],
        ["Godot: resources", *(f"{sample.resources}" for sample in shown)],
        ["Godot: static memory", *(_mebibytes(sample.static_memory) for sample in shown)],
        ["Godot: texture memory", *(_mebibytes(sample.texture_memory) for sample in shown)],
        *_taken_lines("Godot", [sample.godot for sample in shown]),
        *_taken_lines("bridge", [sample.bridge for sample in shown if sample.bridge]),
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _taken_lines(who: str, taken: list[Taken]) -> list[list[str]]:
    if not taken:
        return []
    return [
        [f"{who}: resident memory", *(_mebibytes(one.memory) for one in taken)],
        [f"{who}: threads, open files", *(f"{one.threads}, {one.files}" for one in taken)],
    ]


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:.1f} MiB"
