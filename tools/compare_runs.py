"""Compares distillations: ``python3 tools/compare_runs.py NAME=OUT.tha4 ... [-o FOLDER]``.

Prints what each took and how good it became, as a Markdown table, and with -o draws how likeness rose, against seconds
and against the teacher's pictures, as two SVG files. Each OUT.tha4 must be as ``distill.py`` wrote it, its OUT.distill
beside it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment

    enter_environment("torch", "distill")

from tha4_core.character import load_character
from tha4_core.console import make_output_safe
from tha4_core.distill.config import RUN_SUFFIX
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.report import paper_multiply_adds
from tha4_core.distill.report_charts import Line, line_chart, standalone
from tha4_core.distill.run_directory import BODY, FACE
from tha4_core.distill.snapshots import load_snapshot
from tha4_core.distill.training_log import Point, TrainingLog
from tha4_core.errors import UserError
from tools.output.picture_files import check_place, write_bytes

_COLOURS: Final = ("#2563b8", "#b4531f", "#2f7d4f", "#7a4fb5", "#a8337a", "#6b6b75")
_AXES: Final = {"seconds": "seconds of training, both networks", "teacher_frames": "pictures asked of the teacher"}


class Run(NamedTuple):
    """face, body: what the trainings took (:func:`tha4_core.distill.run.finish`). quality: what was measured at the
    end. course: of the body, whose likeness is that of whole pictures; seconds and frames of the face added."""

    name: str
    face: Mapping[str, float]
    body: Mapping[str, float]
    quality: Mapping[str, Any]
    course: list[Point]


def read_run(argument: str) -> Run:
    """NAME=OUT.tha4, or OUT.tha4 alone. Raises UserError."""
    name, _, place = argument.rpartition("=")
    path = Path(place)
    info = load_character(path).info
    training = info.provenance.get("training", {})
    snapshots = [load_snapshot(path.with_suffix(RUN_SUFFIX) / network) for network in (FACE, BODY)]
    if None in snapshots or not {"face", "body"} <= set(training) or "psnr_mean" not in info.quality:
        raise DistillationError(f"{path} has no finished run beside it; give a file that distill.py has written.")
    face, body = (TrainingLog.from_state(snapshot["log"]) for snapshot in snapshots if snapshot is not None)
    frames = int(training["face"]["teacher_frames"])
    course = [
        point._replace(seconds=point.seconds + face.seconds, teacher_frames=point.teacher_frames + frames)
        for point in body.points
    ]
    return Run(name or path.stem, training["face"], training["body"], info.quality, course)


def table(runs: Sequence[Run]) -> str:
    """Markdown; work in multiply-adds, the teacher's included, and as a share of the paper's."""
    paper = paper_multiply_adds()
    rows = [
        "| run | seconds, face + body | teacher's pictures, face + body | multiply-adds | paper's are so many times as"
        " many | PSNR, mean | worst |",
        "|---|---|---|---|---|---|---|",
    ]
    for run in runs:
        parts = (run.face, run.body)
        seconds, frames = (" + ".join(f"{part[key]:.0f}" for part in parts) for key in ("seconds", "teacher_frames"))
        work = sum(part["multiply_adds"] + part.get("teacher_multiply_adds", 0.0) for part in parts)
        rows.append(
            f"| {run.name} | {seconds} | {frames} | {work / 1e12:.1f} T | {paper / work:,.0f}"
            f" | {run.quality['psnr_mean']:.1f} dB | {run.quality['psnr_worst']:.1f} dB |"
        )
    return "\n".join(rows)


def chart(runs: Sequence[Run], axis: str) -> str:
    """An SVG file: likeness of whole pictures against one of _AXES."""
    styles = [f"run{index}" for index in range(len(runs))]
    lines = [
        Line(run.name, style, [(getattr(point, axis), point.psnr) for point in run.course])
        for run, style in zip(runs, styles, strict=True)
    ]
    colours = {style: _COLOURS[index % len(_COLOURS)] for index, style in enumerate(styles)}
    return standalone(line_chart(_AXES[axis], "PSNR in dB", lines), colours)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    parser = argparse.ArgumentParser(prog="compare_runs.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("runs", nargs="+", metavar="NAME=OUT.tha4", help="the name may be left out")
    parser.add_argument("-o", "--output", type=Path, metavar="FOLDER", help="where the two charts go")
    options = parser.parse_args(arguments)
    try:
        if options.output is not None:
            for axis in _AXES:
                check_place(_chart_file(options.output, axis))
        runs = [read_run(argument) for argument in options.runs]
        print(table(runs), flush=True)
        if options.output is not None:
            for axis in _AXES:
                write_bytes(_chart_file(options.output, axis), chart(runs, axis).encode())
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _chart_file(folder: Path, axis: str) -> Path:
    return folder / f"distillation_{axis}.svg"


if __name__ == "__main__":
    sys.exit(main())
