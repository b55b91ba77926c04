"""The page of tools/gallery.py, and what is kept of each drawing so that a run goes on where it was left."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any, Final

from tha4_core.distill.report_html import page, section
from tha4_core.errors import UserError
from tha4_core.files.reading import FileError, read_file
from tools.output.picture_files import write_bytes

#: Two dozen comparisons of three small pictures each take about 1 MB.
_MAX_BYTES: Final = 32 << 20


@dataclass(frozen=True)
class Entry:
    """One drawing. key: what was done with what, so that nothing is taken for something else. figures: a table's row
    by its columns. html: its sections of the page."""

    name: str
    key: Mapping[str, str]
    figures: Mapping[str, str]
    html: str


def load_entry(path: Path, key: Mapping[str, str]) -> Entry | None:
    """What :func:`save_entry` kept there, if it is of the same ``key``. Raises UserError when it cannot be read."""
    if not path.is_file():
        return None
    try:
        document: Any = json.loads(read_file(path, _MAX_BYTES, "no result of the gallery is"))
        entry = Entry(**document)
        parts = (*entry.key.items(), *entry.figures.items())
        if not all(isinstance(text, str) for part in ((entry.name, entry.html), *parts) for text in part):
            raise ValueError("other things than texts")
    except (FileError, ValueError, TypeError, AttributeError, RecursionError):
        raise UserError(f"{path} is damaged; delete it, and it is made again.") from None
    return entry if dict(entry.key) == dict(key) else None


def save_entry(path: Path, entry: Entry) -> None:
    """Raises OutputError."""
    write_bytes(path, (json.dumps(asdict(entry)) + "\n").encode())


def gallery_page(title: str, text: str, entries: Sequence[Entry], notes: Sequence[str]) -> str:
    """A table of all, what went wrong with others, and the pictures of each. text: HTML."""
    sections = [f"<header><h1>{escape(title)}</h1></header>{text}", section("All of them", _table(entries))]
    if notes:
        sections.append(section("Not here", "".join(f"<p>{escape(note)}</p>" for note in notes)))
    sections += [f'<div id="{escape(entry.name)}">{entry.html}</div>' for entry in entries]
    return page(title, sections)


def markdown_table(entries: Sequence[Entry]) -> str:
    """The same table for a terminal or a document."""
    columns = _columns(entries)
    rows = [["", *columns], ["---"] * (len(columns) + 1)]
    rows += [[entry.name, *(entry.figures.get(column, "") for column in columns)] for entry in entries]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _table(entries: Sequence[Entry]) -> str:
    columns = _columns(entries)
    head = "".join(f"<th>{escape(column)}" for column in ("", *columns))
    rows = "".join(
        f'<tr><td><a href="#{escape(entry.name)}">{escape(entry.name)}</a>'
        + "".join(f"<td>{escape(entry.figures.get(column, ''))}" for column in columns)
        + "</tr>"
        for entry in entries
    )
    return f"<table><tr>{head}</tr>{rows}</table>"


def _columns(entries: Sequence[Entry]) -> list[str]:
    return list(dict.fromkeys(column for entry in entries for column in entry.figures))
