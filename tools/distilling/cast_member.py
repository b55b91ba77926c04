"""One character of a cast, distilled by whichever machine was asked to; all that it has to say is in its record."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import Final

import torch

from tha4_core.distill.cast import Member
from tha4_core.distill.cast_records import (
    DONE,
    FAILED,
    RUNNING,
    STOPPED,
    Record,
    key_of,
    load_record,
    record_path,
    save_record,
)
from tha4_core.distill.config import Config
from tha4_core.distill.distributed import World, joined_world
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.evaluate import StudentPictures
from tha4_core.distill.inputs import open_inputs
from tha4_core.distill.report import pose_name
from tha4_core.distill.report_pictures import Comparison, compare
from tha4_core.distill.run import Outcome, distill
from tha4_core.distill.run_directory import BODY, FACE, locked
from tha4_core.distill.snapshots import load_snapshot
from tha4_core.distill.stopping import TrainingInterruptedError, stopping_on_signals
from tha4_core.distill.training_loop import Progress
from tha4_core.errors import UserError
from tha4_core.memory import keep_freed_memory
from tools.distilling.beginning import fetch_teacher, with_end
from tools.distilling.placing import place_drawing

#: A character that so many workers were lost with, in one run, is what loses them.
_MOST_LOST: Final = 5
#: Seconds that the worker of before may still be ending, when another goes on for it.
_LOCK_SECONDS: Final = 120.0
#: Of a character's worst poses, in the report of the cast.
_WORST: Final = 3


def distil_member(member: Member, run: str, place: str, *, yes: bool, offline: bool) -> Record:
    """Make a character from wherever it was left; what came of it, which is in its record as well.

    run: names the command that asks; a record of it that is still running is of a worker that was lost. place: this
    machine, for people. yes: fit a drawing that has to be fitted. offline: fetch nothing. Raises nothing but what
    stops a process: mistakes are the sentence of the record.
    """
    keep_freed_memory()
    path = record_path(member)
    begun = Record(RUNNING, key_of(member), run, "beginning", place)
    try:
        before = load_record(path)
        if before is None:
            raise DistillationError(
                f"{path.parent} is not there on {place}; put the cast's folder on storage that all machines share."
            )
        lost = before.lost + 1 if before.state == RUNNING and before.run == run else 0
        begun = replace(begun, lost=lost, resumed=_examples(member.config))
        if lost > _MOST_LOST:
            raise DistillationError(
                f"its worker was lost {lost} times, the last time on {before.place}; see whether the machine's memory"
                " is full, and give --retry-failed."
            )
        save_record(path, begun)
        return _kept(member, _distilled(member, begun, yes=yes, offline=offline))
    except TrainingInterruptedError:
        return _kept(member, replace(begun, state=STOPPED, text="the same command goes on from here"))
    except torch.OutOfMemoryError:
        text = "the GPU's memory is full; ask for more of it (gpus), or for none. The last snapshot is kept."
    except UserError as error:
        text = str(error)
    except Exception as error:
        # One character's accident is no reason to end the others.
        where = traceback.extract_tb(error.__traceback__)[-1]
        text = f"an error of the program: {type(error).__name__}: {error} ({where.name}, line {where.lineno})"
    return _kept(member, replace(begun, state=FAILED, text=text))


def _distilled(member: Member, begun: Record, *, yes: bool, offline: bool) -> Record:
    listener = _RecordKeeper(member, begun)
    config = member.config
    torch.set_num_threads(member.threads)
    with ExitStack() as stack:
        world = stack.enter_context(joined_world(config.device))
        stop = stack.enter_context(stopping_on_signals())
        fetch_teacher(config, world, listener.say, offline=offline)
        config = with_end(place_drawing(config, world, listener.say, yes=yes), world, listener.say)
        _wait_for_lock(config)
        outcome = distill(config, world, stop, listener)
        assert outcome is not None  # a world of one
        worst = _worst(config, world, outcome)
    mean = outcome.evaluation.mean_psnr
    return replace(begun, state=DONE, text="", fraction=1.0, psnr=mean, worst=worst)


def _worst(config: Config, world: World, outcome: Outcome) -> tuple[Comparison, ...]:
    teacher = open_inputs(config, world).teacher
    student = StudentPictures(outcome.character, str(teacher.image.device))
    scores = outcome.evaluation.worst(_WORST)
    return tuple(compare(pose_name(score.pose), score.pose, teacher, student, None) for score in scores)


def _examples(config: Config) -> int:
    """How many the snapshots of both networks hold."""
    folders = [config.run_directory / name for name in (FACE, BODY)]
    snapshots = [load_snapshot(folder) for folder in folders if folder.is_dir()]
    return sum(int(snapshot["training"]["examples"]) for snapshot in snapshots if snapshot is not None)


def _wait_for_lock(config: Config) -> None:
    """Let the worker of before end, which may be ending still. Raises DistillationError when it does not."""
    folder = config.run_directory
    end = time.monotonic() + _LOCK_SECONDS
    while folder.is_dir():
        try:
            with locked(folder):
                return
        except DistillationError:
            if time.monotonic() > end:
                raise
        time.sleep(0.2)


def _kept(member: Member, record: Record) -> Record:
    """The record, written where that is possible: whoever asked is told in any case."""
    try:
        if record_path(member).parent.is_dir():
            save_record(record_path(member), record)
    except DistillationError as error:
        return replace(record, state=FAILED, text=str(error))
    return record


class _RecordKeeper:
    """Listens to a distillation (``tha4_core.distill.run.Listener``) and writes down where it is, now and then."""

    #: Seconds between two records: those who show a table read them as often.
    SECONDS: Final = 1.0

    def __init__(self, member: Member, record: Record, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = record_path(member)
        self._record = record
        self._clock = clock
        self._next = 0.0

    def say(self, text: str) -> None:
        self._keep(replace(self._record, text=text, fraction=0.0, seconds_left=None), now=True)

    def progress(self, progress: Progress) -> None:
        text = f"{progress.network}: {progress.phase}"
        fraction, psnr, left = progress.fraction, progress.psnr, progress.seconds_left
        self._keep(replace(self._record, text=text, fraction=fraction, psnr=psnr, seconds_left=left))

    def asked(self, count: int) -> None:
        """The table has no room for it."""

    def evaluated(self, done: int, total: int) -> None:
        self._keep(replace(self._record, text="comparing with the teacher", fraction=done / total, seconds_left=None))

    def _keep(self, record: Record, *, now: bool = False) -> None:
        self._record = record
        if now or self._clock() >= self._next:
            self._next = self._clock() + self.SECONDS
            save_record(self._path, record)
