"""The paper's tables 1, 2, 4, 5, 6 and 7, ours beside its own: ``python3 tools/paper_tables.py --budget minutes``.

Each row says what it was measured on. What was measured is kept, so the same command goes on where it was interrupted,
measures nothing twice, and a machine with a GPU adds its own times. Budgets: ``seconds`` (does it work?), ``minutes``
(meant for two idle cores and half an hour), ``hours``, and ``paper``, the paper's own schedules, which take weeks.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment

    enter_environment("torch", "distill", "rig")

import torch

from tha4_core.console import make_output_safe
from tha4_core.distill.distributed import joined_world
from tha4_core.errors import UserError
from tha4_core.memory import keep_freed_memory
from tha4_core.metrics.perceptual import weights_folder
from tha4_core.teacher_training.vgg import VGG_FILE, VGG_URL, load_vgg
from tools.environment.bootstrap import ROOT
from tools.environment.interruption import INTERRUPTED
from tools.measuring.paper_rows import BUDGETS, jobs
from tools.output.paper_page import known_figures, load_figures, save_figures, tables
from tools.output.picture_files import write_bytes

#: Never part of the repository, as .gitignore has it.
OUTPUT: Final = ROOT / "output" / "paper_tables"
PAGE: Final = "tables.md"
_ALL: Final = (1, 2, 4, 5, 6, 7)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    options = _parser().parse_args(arguments)
    keep_freed_memory()
    folder: Path = options.output / options.budget
    try:
        if options.threads is not None:
            torch.set_num_threads(options.threads)
        with joined_world(options.device) as world:
            path = options.vgg or weights_folder() / VGG_FILE
            vgg = load_vgg(path) if options.vgg or path.is_file() else None
            if vgg is None:
                _say(f"without VGG16's weights table 1 is trained with L1 alone; {VGG_URL} (save it as {path}).")
            made = jobs(BUDGETS[options.budget], world, folder, options.data, vgg, _say)
            todo = [job for job in made if job.table in options.only]
            for number, job in enumerate(todo, 1):
                if load_figures(folder, job.table, job.row, job.on) is None:
                    _say(f"{number} of {len(todo)}: table {job.table}, {job.row}")
                    save_figures(folder, job.table, job.row, job.on, job.make())
        page = "\n".join(tables(known_figures(folder), options.budget)) + "\n"
        write_bytes(folder / PAGE, page.encode())
        print(page, end="")
        return 0
    except KeyboardInterrupt:
        print("stopped; what was measured is kept, and the same command goes on from here.", file=sys.stderr)
        return INTERRUPTED
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--budget", choices=BUDGETS, default="minutes", help="default minutes")
    parser.add_argument("--only", nargs="+", type=int, choices=_ALL, default=_ALL, metavar="TABLE", help="some tables")
    parser.add_argument("-o", "--output", type=Path, default=OUTPUT, metavar="FOLDER", help="where figures are kept")
    parser.add_argument("--vgg", type=Path, metavar="FILE", help="VGG16's weights; default: in torch's own folder")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="examples for table 1; default: drawn meanwhile")
    parser.add_argument("--threads", type=int, metavar="N", help="of the processor")
    parser.add_argument("--device", help="torch's name of a device")
    return parser


if __name__ == "__main__":
    sys.exit(main())
