"""The command lines of tools/distill.py."""

from __future__ import annotations

import argparse
from pathlib import Path

from tha4_core.character.networks import NAMED
from tha4_core.distill.config import PRESETS
from tha4_core.distill.resolutions import RESOLUTIONS
from tha4_core.published_teachers import FETCHED

_EXAMPLES = """\
examples:
  distill.py hero.png -o hero.tha4                                     a character, in about 40 minutes
  distill.py hero.png -o hero.tha4 --minutes 90                        a better one, in an hour and a half
  distill.py hero.png -o hero.tha4 --preview                           how the teacher moves it, in a minute
  distill.py hero.png -o hero.tha4 --teacher data/tha4                 with other networks, in the time that it takes
  distill.py -o copy.tha4 --teacher student:hero.tha4 --preset draft   a draft of a character that exists
  distill.py -o small.tha4 --teacher student:hero.tha4 --networks light   a ninth of its work for a picture
  distill.py --config hero.yaml                                        settings of a file, the original's as well
  distill.py check hero.png                                            would it work?
  distill.py export hero.distill                                       the character as it is now
  distill.py evaluate hero.tha4 --teacher tha3 -o report.html          how good is it?
"""


def parser_of(command: str, about: str) -> argparse.ArgumentParser:
    """The command line of one of :data:`COMMANDS`. about: what the tool says of itself."""
    return _PARSERS[command](about)


def _train_parser(about: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="distill.py",
        description=about.split("\n\nOther")[0],
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_inputs(parser)
    parser.add_argument("-o", "--output", type=Path, metavar="OUT.tha4", help="the character to write")
    parser.add_argument("--yes", action="store_true", help="fit the drawing if need be, without asking")
    parser.add_argument("--preview", action="store_true", help="show how the teacher moves the drawing, and end")
    _add_free(parser)
    recipe = parser.add_argument_group("how it is trained")
    recipe.add_argument("--preset", choices=PRESETS, help="; ".join(f"{k}: {v}" for k, v in PRESETS.items()))
    recipe.add_argument("--networks", choices=NAMED, help=f"their shape: {_costs()}; default published")
    recipe.add_argument("--start-from", type=Path, metavar="CHARACTER", help="begin with its networks")
    recipe.add_argument("--body-sees-face", action="store_true", default=None,
                        help="draft, standard: the body network takes the face's parameters, too")  # fmt: skip
    recipe.add_argument("--face-examples", type=int, metavar="N", help="of the paper's recipe")
    recipe.add_argument("--body-examples", type=int, metavar="N", help="of the paper's recipe")
    recipe.add_argument("--resolution", type=int, choices=RESOLUTIONS, help="of the paper's recipe")
    return parser


def _check_parser(_about: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="distill.py check", description="Look at everything that a distillation needs, and train nothing."
    )
    _add_inputs(parser)
    parser.add_argument("-o", "--output", type=Path, metavar="OUT.tha4", help="the character to write")
    parser.add_argument("--device", help="torch's name of a device")
    return parser


def _resume_parser(_about: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="distill.py resume", description="Go on with an interrupted distillation, with its own settings."
    )
    parser.add_argument("place", type=Path, metavar="OUT", help="the character's name, OUT.tha4, or its OUT.distill")
    _add_offline(parser)
    _add_free(parser)
    return parser


def _export_parser(_about: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="distill.py export", description="Write the character as it is now, with its report, and train no more."
    )
    parser.add_argument("place", type=Path, metavar="OUT", help="the character's name, OUT.tha4, or its OUT.distill")
    _add_offline(parser)
    parser.add_argument("-o", "--output", type=Path, metavar="OUT.tha4", help=argparse.SUPPRESS)
    _add_free(parser)
    return parser


def _evaluate_parser(_about: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="distill.py evaluate", description="Compare a finished character with a teacher."
    )
    parser.add_argument("character", type=Path, help="a .tha4 file, an official directory, or an OUT.distill")
    parser.add_argument("--teacher", metavar="TEACHER", help=f"{FETCHED}, a folder, student:PATH, or rig:NAME")
    _add_offline(parser)
    parser.add_argument("-o", "--report", type=Path, metavar="REPORT.html", help="default: beside the character")
    parser.add_argument("--held-out-poses", type=int, metavar="N", help="default 100")
    parser.add_argument("--note", action="store_true", help="write what was measured into the character, too")
    parser.add_argument("--threads", type=int, metavar="N", help="of the processor")
    parser.add_argument("--device", help="torch's name of a device")
    return parser


def _add_inputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "character_image_file_name",
        nargs="?",
        type=Path,
        metavar="DRAWING",
        help="a PNG, WebP or other picture of any size, with transparency; left out: the teacher's own",
    )
    parser.add_argument("--config", type=Path, metavar="FILE.yaml", help="settings, ours or the original's")
    parser.add_argument(
        "--teacher",
        metavar="TEACHER",
        help=f"{FETCHED} (fetched once; the default of a drawing), a folder of networks, student:PATH, rig:NAME",
    )
    _add_offline(parser)
    parser.add_argument(
        "--mask",
        type=Path,
        dest="face_mask_image_file_name",
        metavar="MASK.png",
        help="where the face moves, painted white on black; left out: found",
    )
    parser.add_argument("--pose-dataset", type=Path, metavar="FILE.pt", help="the official poses; left out: made up")
    parser.add_argument("--accept-drawing", action="store_true", default=None, help="train on a drawing with problems")


def _add_offline(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--offline", action="store_true", help=f"do not fetch {FETCHED}: it must be there")


def _add_free(parser: argparse.ArgumentParser) -> None:
    """What may be changed when a training goes on."""
    free = parser.add_argument_group("when it ends, and what is said of it")
    free.add_argument("--minutes", type=float, help="of training, for both networks together")
    free.add_argument("--target-psnr", type=float, metavar="DB", help="end each network when it is so good")
    free.add_argument("--snapshot-seconds", type=float, metavar="S", help="at most so much is lost by a crash: 60")
    free.add_argument("--held-out-poses", type=int, metavar="N", help="poses of the final evaluation: 100")
    free.add_argument("--no-measure", action="store_false", default=None, dest="measure_visible",
                      help="do not find out what can be seen of the character")  # fmt: skip
    free.add_argument("--name", help="the character's name")
    free.add_argument("--author", help="who drew it")
    free.add_argument("--licence", help="what others may do with it")
    free.add_argument("--threads", type=int, metavar="N", help="of the processor")
    free.add_argument("--device", help="torch's name of a device, as cuda or cpu")


def _costs() -> str:
    """The named networks, and the billions of multiply-adds that a picture takes with each."""
    work = {name: networks.face_multiply_adds + networks.body_multiply_adds for name, networks in NAMED.items()}
    return ", ".join(f"{name} ({count / 1e9:.1f} G multiply-adds a picture)" for name, count in work.items())


_PARSERS = {
    "train": _train_parser,
    "check": _check_parser,
    "resume": _resume_parser,
    "evaluate": _evaluate_parser,
    "export": _export_parser,
}
#: The first word of a command line; without one it is "train".
COMMANDS = tuple(_PARSERS)
