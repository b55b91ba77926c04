"""A cast on Ray: one task a character, on this machine or on a cluster's.

A task whose machine is lost is begun again elsewhere by Ray, and goes on from its character's snapshots. Everything
that is known lies in the records of :mod:`tha4_core.distill.cast_records`; Ray's own connection only tells what ended.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Final

from tha4_core.distill.cast import Member
from tha4_core.distill.cast_records import FAILED, RUNNING, STOPPED, WAITING, Record, key_of, record_path, save_record
from tha4_core.distill.errors import DistillationError
from tools.distilling.cast_member import distil_member

#: The character, the run's name, whether to fit drawings, whether to fetch nothing; what came of it.
Work = Callable[[Member, str, bool, bool], Record]

#: Ray's own store of results, bytes: ours are a record each.
_STORE_BYTES: Final = 100 << 20
#: Seconds between looks at what ended.
_LOOK_SECONDS: Final = 0.5
#: Seconds that tasks may take to end with a snapshot when they are asked to.
_END_SECONDS: Final = 60.0


def open_cluster(address: str | None, cpus: int | None = None) -> ModuleType:
    """Ray, connected: to the cluster at ``address``, or with this machine alone. cpus: threads of it; None: all.

    To be shut down by the caller. Nothing is told to Ray's makers. Raises DistillationError.
    """
    if find_spec("ray") is None:
        raise DistillationError(
            'a cast is distilled with Ray, which is not installed here: pip install "anime-character[cast]".'
        )
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # Ray would take GPUs away from tasks that ask for none by a variable, and warns that it will; ours name a device.
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    ray = import_module("ray")
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    try:
        if address is None:
            ray.init(address="local", num_cpus=cpus, include_dashboard=False, object_store_memory=_STORE_BYTES, **quiet)
        else:
            ray.init(address=address, **quiet)
    except Exception as error:
        where = "on this machine" if address is None else f"at {address}"
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DistillationError(f"no Ray cluster can be used {where} ({reason:.300}); see with: ray status.") from None
    return ray


def check_resources(ray: ModuleType, members: Sequence[Member], *, local: bool) -> list[str]:
    """Sentences about what no machine of the cluster has now, as one that grows may have it later.

    Raises DistillationError where this machine alone is asked for more than it has.
    """
    machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    sentences = []
    for member in members:
        for name, resource, asked in (("threads", "CPU", member.threads), ("gpus", "GPU", member.gpus)):
            most = max((machine.get(resource, 0.0) for machine in machines), default=0.0)
            if asked <= most:
                continue
            text = f"{member.name} asks for {asked:g} {name}, and the largest machine has {most:g}"
            if local:
                raise DistillationError(f"{text}; ask for no more, or give --address of a cluster.")
            sentences.append(f"{text}; it waits until one with more joins the cluster")
    return sentences


def run_cast(
    ray: ModuleType,
    members: Sequence[Member],
    run: str,
    stop: Callable[[], bool],
    look: Callable[[], None],
    *,
    yes: bool,
    offline: bool,
    work: Work | None = None,
) -> None:
    """Distil ``members``, each once a machine is free for it, until all have ended or ``stop`` says so.

    run: names this command, as no other. look: called several times a second meanwhile. work: what a worker does
    instead of :func:`distil_on_worker`. What came of each is in its record. Raises DistillationError when a record
    cannot be written.
    """
    task = ray.remote(work or distil_on_worker)
    for member in members:
        save_record(record_path(member), Record(WAITING, key_of(member), run))
    open_tasks: dict[Any, Member] = {
        # However often a machine is lost; a worker that fails by itself says so in its record.
        task.options(
            num_cpus=member.threads, num_gpus=member.gpus, max_retries=-1, retry_exceptions=False, name=member.name
        ).remote(member, run, yes, offline): member
        for member in members
    }
    asked = False
    patience = _END_SECONDS
    while open_tasks and patience > 0.0:
        if stop() and not asked:
            asked = True
            for reference in open_tasks:
                ray.cancel(reference)
        ended, _ = ray.wait(list(open_tasks), num_returns=1, timeout=_LOOK_SECONDS)
        for reference in ended:
            _end(ray, reference, open_tasks.pop(reference), run, stopped=asked)
        look()
        patience -= _LOOK_SECONDS if asked else 0.0


def distil_on_worker(member: Member, run: str, yes: bool, offline: bool) -> Record:
    """:func:`distil_member`, in a worker of Ray."""
    node = import_module("ray").get_runtime_context().get_node_id()
    return distil_member(member, run, f"{socket.gethostname()} {node[:4]}", yes=yes, offline=offline)


def _end(ray: ModuleType, reference: Any, member: Member, run: str, *, stopped: bool) -> None:
    """Keep what a task came to; also where it ended without a word, or could not be begun."""
    path, key = record_path(member), key_of(member)
    try:
        record: Record = ray.get(reference)
    except ray.exceptions.TaskCancelledError:
        record = Record(STOPPED, key, run, "not begun yet; the same command goes on from here")
    except Exception as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        text = lines[-1] if lines else type(error).__name__
        record = Record(
            FAILED,
            key,
            run,
            f"the cluster could not work on it: {text:.300}; see that every machine has the project installed.",
        )
    if record.state == RUNNING:
        record = replace(record, state=STOPPED if stopped else FAILED)
    save_record(path, record)
