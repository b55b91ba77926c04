"""What a distillation needs before its drawing is looked at: a teacher on this machine, and an end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from tha4_core.distill.config import Config
from tha4_core.distill.distributed import World
from tha4_core.published_teachers import FETCHED
from tools.teachers.fetching import fetch

#: For a drawing and the fetched teacher on a processor; what comes before and after makes it 40 in all.
_MINUTES: Final = 30.0

Say = Callable[[str], None]


def fetch_teacher(config: Config, world: World, say: Say, *, offline: bool) -> None:
    """See to it that a teacher which is fetched is on this machine. Raises UserError."""
    if config.teacher == FETCHED:
        if Path(FETCHED).is_dir():
            say(f"the teacher {FETCHED} is the fetched one; for the folder of that name give ./{FETCHED}.")
        if world.leads:
            fetch(say, offline=offline)
        world.wait()


def with_end(config: Config, world: World, say: Say) -> Config:
    """``config`` with the minutes of the fetched teacher's training on a processor, where nothing says when it ends."""
    unending = config.preset == "standard" and config.minutes is None and config.target_psnr is None
    if config.teacher == FETCHED and world.device.type == "cpu" and unending:
        say(f"it will train for {_MINUTES:.0f} minutes, unless --minutes says otherwise")
        config = replace(config, minutes=_MINUTES)
    return config
