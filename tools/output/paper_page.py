"""The paper's tables with ours beside its own figures, and what is kept of each measurement between runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tha4_core.errors import UserError
from tha4_core.files.reading import FileError, read_file
from tools.measuring import paper_figures
from tools.output.picture_files import write_bytes

Figures = Mapping[str, float | str]
#: What is known: by table, row, and the machine where that matters.
Known = Mapping[tuple[int, str, str], Figures]
_MAX_BYTES: Final = 64 << 10
TITLES: Final = {
    1: "Table 1: rotators on held-out characters (PSNR dB / SSIM / LPIPS)",
    2: "Table 2: sizes, MiB",
    4: "Table 4: milliseconds of a frame of 512x512",
    5: "Table 5: students against their teachers, PSNR dB",
    6: "Table 6: architectures of the student's body (PSNR dB, and milliseconds of a picture)",
    7: "Table 7: phases of the body's training, PSNR dB",
}


def load_figures(folder: Path, table: int, row: str, on: str) -> Figures | None:
    """What :func:`save_figures` kept; None where nothing was. Raises UserError for a damaged file."""
    path = _path(folder, table, row, on)
    if not path.is_file():
        return None
    try:
        document: Any = json.loads(read_file(path, _MAX_BYTES, "no figures of a table are"))
        figures = document["figures"]
        if not isinstance(figures, dict) or not all(type(value) in (int, float, str) for value in figures.values()):
            raise ValueError("no figures")
    except (FileError, ValueError, KeyError, TypeError, RecursionError):
        raise UserError(f"{path} is damaged; delete it, and it is measured again.") from None
    return figures


def save_figures(folder: Path, table: int, row: str, on: str, figures: Figures) -> None:
    """Raises OutputError."""
    document = {"table": table, "row": row, "on": on, "figures": dict(figures)}
    write_bytes(_path(folder, table, row, on), (json.dumps(document, indent=1) + "\n").encode())


def known_figures(folder: Path) -> Known:
    """Everything that was measured, on this and on other machines. Raises UserError."""
    known: dict[tuple[int, str, str], Figures] = {}
    for path in sorted(folder.glob("table_*.json")):
        try:
            document = json.loads(read_file(path, _MAX_BYTES, "no figures of a table are"))
            known[document["table"], document["row"], document["on"]] = document["figures"]
        except (FileError, ValueError, KeyError, TypeError, RecursionError):
            raise UserError(f"{path} is damaged; delete it, and it is measured again.") from None
    return known


def tables(known: Known, budget: str) -> Iterator[str]:
    """Lines of Markdown."""
    yield f"# The paper's tables (arXiv 2311.17409), budget: {budget}"
    yield ""
    yield "Figures in the column *paper* are its own; a dash where its text gives none."
    for number, rows in (
        (1, _rotators(known)),
        (2, _sizes(known)),
        (4, _times(known)),
        (5, _students(known)),
        (6, _architectures(known)),
        (7, _phases(known)),
    ):
        yield from ("", f"## {TITLES[number]}", "", "| | ours | paper | measured on |", "|---|---|---|---|")
        for row in rows:
            yield f"| {' | '.join(row)} |"


Row = tuple[str, str, str, str]


def _rotators(known: Known) -> Iterator[Row]:
    for row, figures in _of(known, 1):
        lpips = f"{figures['lpips']:.4f}" if "lpips" in figures else "-"
        how = "; ".join(str(figures[key]) for key in ("on", "how") if key in figures)
        ours = f"{figures['psnr']:.2f} / {figures['ssim']:.4f} / {lpips}"
        yield row, ours, paper_figures.ROTATORS.get(row, "-"), how


def _sizes(known: Known) -> Iterator[Row]:
    for row, figures in _of(known, 2):
        yield row, f"{figures['mib']:.1f}", paper_figures.SIZES[row], str(figures["on"])


def _times(known: Known) -> Iterator[Row]:
    for (_, row, machine), figures in sorted(_table(known, 4).items()):
        work = f"{figures['g']:.1f} G multiply-adds"
        yield row, f"{figures['ms']:.1f}", paper_figures.TIMES[row], f"{machine}; {figures['on']}; {work}"


def _students(known: Known) -> Iterator[Row]:
    papers = (*paper_figures.STUDENTS, *("-",) * len(known))
    for (row, figures), paper in zip(_of(known, 5), papers, strict=False):
        yield row, f"{figures['psnr']:.2f}", f"{paper} (another character)", str(figures["on"])
    for paper in papers[len(list(_of(known, 5))) : len(paper_figures.STUDENTS)]:
        yield "-", "-", f"{paper} (another character)", "-"


def _architectures(known: Known) -> Iterator[Row]:
    for row, figures in _of(known, 6):
        if row.endswith(", time"):
            continue
        times = [
            f"{time['ms']:.0f} ms ({machine})"
            for (_, name, machine), time in _table(known, 6).items()
            if name == f"{row}, time"
        ]
        ours = f"{figures['psnr']:.2f} dB; {', '.join(times) or '-'}"
        yield row, ours, paper_figures.ARCHITECTURES.get(row, "-"), str(figures["on"])


def _phases(known: Known) -> Iterator[Row]:
    for row, figures in _of(known, 7):
        yield row, f"{figures['psnr']:.2f}", paper_figures.PHASES[row], str(figures["on"])


def _table(known: Known, table: int) -> Mapping[tuple[int, str, str], Figures]:
    return {key: figures for key, figures in known.items() if key[0] == table}


def _of(known: Known, table: int) -> Sequence[tuple[str, Figures]]:
    return [(row, figures) for (_, row, _), figures in _table(known, table).items()]


def _path(folder: Path, table: int, row: str, on: str) -> Path:
    name = hashlib.sha256(f"{row}\n{on}".encode()).hexdigest()[:12]
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in row)
    return folder / f"table_{table}_{plain}_{name}.json"
