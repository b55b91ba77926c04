"""How a cast's progress is shown: one live table in a terminal, a line for each change where there is none."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from tha4_core.distill.cast_records import DONE, FAILED, RUNNING, Record
from tools.output.distill_progress import duration

#: Seconds between lines about a character where there is no terminal.
_LINE_SECONDS: Final = 60.0
_STYLES: Final = {DONE: "green", FAILED: "red", RUNNING: "cyan"}


class CastTable:
    """Shows the records of a cast on standard error."""

    def __init__(self) -> None:
        self._console = Console(file=sys.stderr, highlight=False)
        self._live = Live(console=self._console, auto_refresh=False, transient=True)
        self._shown: dict[str, tuple[str, str]] = {}
        self._next_lines: dict[str, float] = {}

    def __enter__(self) -> CastTable:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def say(self, text: str) -> None:
        """A sentence above the table."""
        self._console.print(text, markup=False, soft_wrap=True)

    def show(self, records: Mapping[str, Record]) -> None:
        """The records by the characters' names, as they are now."""
        if self._console.is_terminal:
            self._live.update(cast_table(records), refresh=True)
            return
        for name, record in records.items():
            state = (record.state, record.place)
            if self._shown.get(name) == state and time.monotonic() < self._next_lines[name]:
                continue
            if self._shown.get(name) != state or record.state == RUNNING:
                place = f" on {record.place}" if record.state == RUNNING else ""
                self.say(f"{name}: {record.state}{place}{_text_after(record)}")
            self._shown[name], self._next_lines[name] = state, time.monotonic() + _LINE_SECONDS


def cast_table(records: Mapping[str, Record]) -> Table:
    """A row a character, and how many are in which state."""
    counts: dict[str, int] = {}
    for record in records.values():
        counts[record.state] = counts.get(record.state, 0) + 1
    title = ", ".join(f"{count} {state}" for state, count in counts.items())
    table = Table("character", "state", "machine", "done", "dB", "left", "now", title=f"{len(records)}: {title}")
    for figures in (3, 4, 5):
        table.columns[figures].justify = "right"
    for column in table.columns[:-1]:
        column.no_wrap = True
    for name, record in records.items():
        running = record.state == RUNNING
        cells = (
            record.place if running else "",
            f"{record.fraction:.0%}" if running else "",
            "" if record.psnr is None else f"{record.psnr:.1f}",
            "" if record.seconds_left is None or not running else duration(record.seconds_left),
            record.text,
        )
        state = f"{record.state}, moved {record.lost}x" if record.lost and running else record.state
        table.add_row(Text(name), Text(state, _STYLES.get(record.state, "")), *(Text(cell) for cell in cells))
    return table


def _text_after(record: Record) -> str:
    figures = [f"{record.fraction:.0%}"] if record.state == RUNNING else []
    if record.psnr is not None:
        figures.append(f"{record.psnr:.1f} dB")
    parts = [", ".join(figures), record.text]
    return "".join(f", {part}" for part in parts if part)
