"""The loop around any recipe's training of one network: snapshots, measurements, progress, and when to end."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from torch import nn

from tha4_core.distill.catching_up import CatchingUp, PacedTraining
from tha4_core.distill.distributed import World
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.snapshots import load_snapshot, save_snapshot
from tha4_core.distill.stopping import TrainingInterruptedError
from tha4_core.distill.training import Training
from tha4_core.distill.training_log import Point, TrainingLog

#: Measuring may take this part of the time at most.
_MEASURING_SHARE: Final = 0.15
#: The speed is that of the last so many steps.
_SPEED_STEPS: Final = 30


class Progress(NamedTuple):
    """How far the training of a network is.

    network: "face" or "body". fraction: 0 to 1. psnr: the last measured, dB, None before the first. seconds: of this
    training so far. seconds_left: None while unknown.
    """

    network: str
    phase: str
    fraction: float
    examples: int
    examples_per_second: float
    loss: float
    psnr: float | None
    seconds: float
    seconds_left: float | None
    teacher_frames: int


@dataclass(frozen=True)
class Limits:
    """When a training ends and how often it is saved.

    seconds: of training, over all its parts; None: as long as the recipe goes. psnr: good enough, dB on held-out
    poses; None: never. snapshot_seconds: at most so much is lost by a crash.
    """

    seconds: float | None = None
    psnr: float | None = None
    snapshot_seconds: float = 60.0


def train_network(
    name: str,
    training: Training,
    folder: Path,
    limits: Limits,
    measure: Callable[[nn.Module], float],
    world: World,
    stop: Callable[[], bool],
    notify: Callable[[Progress], None],
    say: Callable[[str], None] = lambda _: None,
) -> TrainingLog:
    """Train to the end, going on from the snapshot in ``folder`` if there is one; ``training`` then is the result.

    measure: PSNR, dB, of a network on held-out poses. say: told when the recipe is shortened to end in its time. Raises
    TrainingInterruptedError when ``stop`` says so, or a teacher that is stopped, after a snapshot; DistillationError
    when a snapshot is damaged, of another training, or cannot be written.
    """
    log = restore(name, training, folder)
    if _is_over(training, log, limits):
        return log
    if not log.points:
        _note(log, training, measure, float("nan"), world)
    catching_up = None
    if limits.seconds is not None and isinstance(training, PacedTraining):
        catching_up = CatchingUp(training, limits.seconds, say)
    recent: deque[tuple[float, int]] = deque([(log.seconds, training.examples)], _SPEED_STEPS)
    last_save = last_measure = time.monotonic()
    measuring = 0.0
    unsaved = False
    try:
        while True:
            began = time.monotonic()
            values = training.step()
            unsaved = True
            taken = time.monotonic() - began
            log.seconds += taken
            if catching_up is not None:
                catching_up.after_step(taken, log.seconds)
            recent.append((log.seconds, training.examples))
            now = time.monotonic()
            # Clocks and signals differ between processes, so the leading one decides for all.
            over, stopped = bool(world.agree(_is_over(training, log, limits))), bool(world.agree(stop()))
            due = bool(world.agree(now - last_save >= limits.snapshot_seconds))
            if over or (due and bool(world.agree(now - last_measure >= measuring / _MEASURING_SHARE))):
                measuring = _note(log, training, measure, values["loss"], world)
                last_measure = time.monotonic()
                over = over or bool(world.agree(_is_over(training, log, limits)))
            if over or stopped or due:
                _save(log, training, folder, world)
                last_save, unsaved = time.monotonic(), False
            notify(_progress(name, training, log, recent, limits, values["loss"]))
            if over:
                world.wait()
                return log
            if stopped:
                raise TrainingInterruptedError
    except TrainingInterruptedError:
        # A teacher that is asked no more ends a step before anything of it is learned, or a measurement.
        if unsaved:
            _save(log, training, folder, world)
        raise


def restore(name: str, training: Training, folder: Path) -> TrainingLog:
    """Put the state of the snapshot in ``folder``, if there is one, into ``training``; what was remembered with it.

    Raises DistillationError when the snapshot is damaged or of another training.
    """
    snapshot = load_snapshot(folder)
    if snapshot is None:
        return TrainingLog()
    try:
        training.load_state(snapshot["training"])
        return TrainingLog.from_state(snapshot["log"])
    except (ValueError, KeyError, TypeError, RuntimeError):
        raise DistillationError(
            f"the snapshot in {folder} is of a {name} training with other settings; use those, or delete the folder"
            " to begin again."
        ) from None


def _save(log: TrainingLog, training: Training, folder: Path, world: World) -> None:
    if world.leads:
        save_snapshot(folder, {"training": training.state(), "log": log.to_state()}, training.examples)


def _is_over(training: Training, log: TrainingLog, limits: Limits) -> bool:
    """Not remembered but found anew, so that a training whose limits are raised goes on."""
    late = limits.seconds is not None and log.seconds >= limits.seconds
    good = limits.psnr is not None and bool(log.points) and log.points[-1].psnr >= limits.psnr
    return training.progress >= 1.0 or late or good


def _note(
    log: TrainingLog, training: Training, measure: Callable[[nn.Module], float], loss: float, world: World
) -> float:
    """Measure the network as it is now; the seconds that took."""
    began = time.monotonic()
    psnr = world.agree(measure(training.network()) if world.leads else 0.0)
    log.points.append(
        Point(log.seconds, training.examples, training.teacher_frames, training.multiply_adds, psnr, loss)
    )
    return time.monotonic() - began


def _progress(
    name: str, training: Training, log: TrainingLog, recent: deque[tuple[float, int]], limits: Limits, loss: float
) -> Progress:
    (start, first), (end, last) = recent[0], recent[-1]
    speed = (last - first) / max(end - start, 1e-9)
    fraction, left = training.progress, None
    if fraction > 0.0 and speed > 0.0:
        left = training.examples / fraction * (1.0 - fraction) / speed
    if limits.seconds is not None:
        fraction = max(fraction, min(1.0, log.seconds / limits.seconds))
        rest = max(0.0, limits.seconds - log.seconds)
        left = rest if left is None else min(left, rest)
    return Progress(
        network=name,
        phase=training.phase,
        fraction=fraction,
        examples=training.examples,
        examples_per_second=speed,
        loss=loss,
        psnr=log.points[-1].psnr if log.points else None,
        seconds=log.seconds,
        seconds_left=left,
        teacher_frames=training.teacher_frames,
    )
