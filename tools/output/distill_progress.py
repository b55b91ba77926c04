"""How a distillation's progress is shown: bars in a terminal, a line now and then where there is none."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

from tha4_core.distill.training_loop import Progress as TrainingProgress

#: Seconds between lines where there is no terminal.
_LINE_SECONDS = 30.0
#: For so long nothing is shown of a distillation before the teacher's answers are counted aloud.
_SILENT_SECONDS = 5.0


class Display:
    """Listens to a distillation (``tha4_core.distill.run.Listener``) and shows it on standard error."""

    def __init__(self, *, shown: bool = True) -> None:
        """shown: False in processes that do not lead."""
        self._shown = shown
        self._console = Console(file=sys.stderr, highlight=False)
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[text]}"),
            console=self._console,
            disable=not (shown and self._console.is_terminal),
            transient=True,
        )
        self._tasks: dict[str, TaskID] = {}
        self._asking: TaskID | None = None
        self._next_line = 0.0
        self._next_answer = time.monotonic() + _SILENT_SECONDS

    def __enter__(self) -> Display:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Take the bars away, so that what is printed next stands alone."""
        self._bars.stop()

    def say(self, text: str) -> None:
        self._settle()
        self.note(text)

    def note(self, text: str) -> None:
        """A sentence at any moment, from any thread."""
        if self._shown:
            self._console.print(text, markup=False, soft_wrap=True)

    def asked(self, count: int) -> None:
        text = f"the teacher has made {count} picture{'s'[: count > 1]} so far"
        if not self._bars.disable and self._asking is not None:
            self._bars.update(self._asking, text=text)
        elif time.monotonic() < self._next_answer:
            return
        elif not self._bars.disable:
            self._asking = self._bars.add_task("", total=None, text=text)
        else:
            self._next_answer = time.monotonic() + _LINE_SECONDS
            self.note(text)

    def progress(self, progress: TrainingProgress) -> None:
        self._show(progress.network, progress.fraction, _text(progress), over=progress.fraction >= 1.0)

    def evaluated(self, done: int, total: int) -> None:
        self._show("comparing", done / total, f"{done} of {total}", over=done == total)

    def _settle(self) -> None:
        """Something else is shown now than how often the teacher was asked."""
        self._next_answer = time.monotonic() + _SILENT_SECONDS
        if self._asking is not None:
            self._bars.remove_task(self._asking)
            self._asking = None

    def _show(self, name: str, fraction: float, text: str, *, over: bool) -> None:
        self._settle()
        if not self._bars.disable:
            task = self._tasks.get(name)
            if task is None:
                task = self._tasks[name] = self._bars.add_task(name, total=1.0, text="")
            self._bars.update(task, completed=fraction, text=text)
        elif self._shown and (over or time.monotonic() >= self._next_line):
            self._next_line = time.monotonic() + _LINE_SECONDS
            self._console.print(f"{name} {100.0 * fraction:.0f}%  {text}", markup=False, soft_wrap=True)


def _text(progress: TrainingProgress) -> str:
    parts = [f"loss {progress.loss:.3g}"]
    if progress.psnr is not None:
        parts.append(f"{progress.psnr:.1f} dB")
    parts.append(f"{progress.examples_per_second:.3g} examples/s")
    if progress.seconds_left is not None:
        parts.append(f"{duration(progress.seconds_left)} left")
    parts.append(progress.phase)
    return "  ".join(parts)


def duration(seconds: float) -> str:
    """90 -> 2 min; hours and days where they are."""
    for limit, unit, size in ((90.0, "s", 1.0), (5400.0, "min", 60.0), (172800.0, "h", 3600.0)):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86400.0:.0f} days"
