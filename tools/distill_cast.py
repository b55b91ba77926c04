"""Distils many drawings: ``python3 tools/distill_cast.py cast.yaml [-o FOLDER] [--address HOST:PORT]``.

One task a character, on this machine or on a Ray cluster, each with the threads and the share of a GPU that it asks
for. A character whose machine is lost goes on elsewhere from its last snapshot: the folder must then be on storage that
all machines share. The files are those of ``tools/distill.py``; ``cast.html`` sets the worst poses first.

Interrupt it whenever you like (Ctrl-C): the same command goes on where it was. What failed stays failed until
``--retry-failed``, or until its settings change.
Exit status: 0 all done; 1 some failed; 2 something is wrong, in one sentence; 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
import uuid
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment

    # Skia is wanted by the built-in characters only. Ray is large, and not for every system: it comes by hand.
    enter_environment("torch", "distill")

from tha4_core.console import make_output_safe
from tha4_core.distill.cast import Member, read_cast
from tha4_core.distill.cast_records import DONE, FAILED, Record, key_of, load_record, record_path
from tha4_core.distill.stopping import stopping_on_signals
from tha4_core.errors import UserError
from tools.distilling.cast_cluster import check_resources, open_cluster, run_cast
from tools.environment.interruption import INTERRUPTED
from tools.output.cast_page import cast_page, worst_first
from tools.output.cast_table import CastTable
from tools.output.picture_files import check_place, write_bytes

PAGE: Final = "cast.html"
_EXAMPLE: Final = """cast.yaml:
  all: {minutes: 30, threads: 2}
  hero: hero.png
  villain: {character_image_file_name: villain.webp, author: Ann, minutes: 60}
  guard: {character_image_file_name: guard.png, gpus: 1}
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    options = _parser().parse_args(arguments)
    folder: Path = options.output or options.cast.with_suffix("")
    try:
        members = read_cast(options.cast, folder)
        check_place(folder / PAGE)
        records = {member.name: load_record(record_path(member)) for member in members}
        due = [member for member in members if _is_due(member, records[member.name], retry=options.retry_failed)]
        interrupted = bool(due) and _run(options, members, due)
        return _tell(options, folder, members, interrupted=interrupted)
    except KeyboardInterrupt:
        print("ended at once; the same command goes on from the last snapshots.", file=sys.stderr)
        return INTERRUPTED
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _is_due(member: Member, record: Record | None, *, retry: bool) -> bool:
    if record is None or record.key != key_of(member):
        return True
    return (retry if record.state == FAILED else True) and not (record.state == DONE and member.config.target.exists())


def _run(options: argparse.Namespace, members: Sequence[Member], due: Sequence[Member]) -> bool:
    """Distil what is due, and show all; whether it was interrupted. Raises UserError."""
    with ExitStack() as stack:
        ray = open_cluster(options.address, options.cpus)
        stack.callback(ray.shutdown)
        stop = stack.enter_context(stopping_on_signals())
        table = stack.enter_context(CastTable())
        for sentence in check_resources(ray, due, local=options.address is None):
            table.say(f"warning: {sentence}.")
        run_cast(
            ray,
            due,
            uuid.uuid4().hex,
            stop,
            lambda: table.show(_records(members)),
            yes=options.yes,
            offline=options.offline,
        )
        return stop.asked


def _records(members: Sequence[Member]) -> dict[str, Record]:
    """Those that there are; Raises DistillationError for a damaged one."""
    found = {member.name: load_record(record_path(member)) for member in members}
    return {name: record for name, record in found.items() if record is not None}


def _tell(options: argparse.Namespace, folder: Path, members: Sequence[Member], *, interrupted: bool) -> int:
    """Write the report, say what came of the cast; the exit status. Raises OutputError."""
    records = _records(members)
    write_bytes(folder / PAGE, cast_page(options.cast.stem, records).encode())
    for name, record in worst_first(records):
        print(f"{name}: mean {record.psnr or 0.0:.1f} dB, worst pose {record.worst_psnr:.1f} dB")
    failed = {name: record for name, record in records.items() if record.state == FAILED}
    for name, record in failed.items():
        print(f"{name} failed: {record.text}")
    print(f"report: {folder / PAGE}")
    if interrupted:
        print("stopped; all that was learned is kept, and the same command goes on from here.", file=sys.stderr)
        return INTERRUPTED
    if failed:
        print(f"{len(failed)} failed; --retry-failed tries them again.", file=sys.stderr)
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=_EXAMPLE, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cast", type=Path, metavar="cast.yaml", help="the characters and their settings")
    parser.add_argument("-o", "--output", type=Path, metavar="FOLDER", help="default: beside the file, of its name")
    parser.add_argument("--address", metavar="ADDRESS", help="of a Ray cluster (auto: the running one); default: none")
    parser.add_argument("--cpus", type=int, metavar="N", help="threads of this machine, all together; default: all")
    parser.add_argument("--retry-failed", action="store_true", help="try what failed before again")
    parser.add_argument("--yes", action="store_true", help="fit drawings that have to be, without looking at them")
    parser.add_argument("--offline", action="store_true", help="do not fetch the teacher: it must be on each machine")
    return parser


if __name__ == "__main__":
    sys.exit(main())
