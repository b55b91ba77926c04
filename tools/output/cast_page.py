"""The report of a cast: one HTML file, what came out worst first, for whoever decides what to look at."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final
from urllib.parse import quote

from tha4_core.distill.cast_records import DONE, FAILED, Record
from tha4_core.distill.config import RUN_SUFFIX
from tha4_core.distill.report_html import page, pictures, section
from tha4_core.distill.run_directory import REPORT

#: Worst poses of the cast that are shown.
_SHOWN: Final = 12


def worst_first(records: Mapping[str, Record]) -> list[tuple[str, Record]]:
    """The characters that are done, by their worst pose, the worst first."""
    done = [(name, record) for name, record in records.items() if record.state == DONE]
    return sorted(done, key=lambda entry: entry[1].worst_psnr)


def cast_page(title: str, records: Mapping[str, Record]) -> str:
    """The whole page, to lie in the cast's folder beside the characters' own reports. records: by name."""
    done = worst_first(records)
    sections = [f"<header><h1>{escape(title)}</h1></header>"]
    failed = {name: record for name, record in records.items() if record.state == FAILED}
    if failed:
        rows = "".join(f"<tr><td>{escape(name)}<td>{escape(record.text)}</tr>" for name, record in failed.items())
        advice = "<p><code>--retry-failed</code> tries them again.</p>"
        table = f"<table><tr><th>character<th>why</tr>{rows}</table>"
        sections.append(section(f"Failed: {len(failed)}", advice + table))
    others = [name for name, record in records.items() if record.state not in (DONE, FAILED)]
    if others:
        sections.append(section("Not through yet", f"<p>{escape(', '.join(others))}</p>"))
    sections.append(section(f"Done: {len(done)}", _table(done)))
    poses = [(name, one) for name, record in done for one in record.worst]
    worst = sorted(poses, key=lambda entry: entry[1].psnr)[:_SHOWN]
    if worst:
        shown = [one._replace(name=f"{name}: {one.name}") for name, one in worst]
        text = (
            "Of the poses that no character practised, these came out worst: what is wrong here, players will notice."
        )
        sections.append(pictures("Worst poses", text, shown))
    return page(title, sections)


def _table(done: list[tuple[str, Record]]) -> str:
    rows = "".join(
        f'<tr><td><a href="{escape(quote(f"{name}{RUN_SUFFIX}/{REPORT}"))}">{escape(name)}</a>'
        f"<td>{record.worst_psnr:.1f} dB<td>{_decibels(record.psnr)}</tr>"
        for name, record in done
    )
    head = "<tr><th>character<th>worst pose<th>mean likeness</tr>"
    return f"<p>The worst first.</p><table>{head}{rows}</table>"


def _decibels(psnr: float | None) -> str:
    return "" if psnr is None else f"{psnr:.1f} dB"
