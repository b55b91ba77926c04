"""Turns a drawing into a character: ``python3 tools/distill.py IMAGE.png -o OUT.tha4 --teacher DIRECTORY``.

Interrupt it whenever you like (Ctrl-C): the same command goes on where it was. What it learned so far lies beside OUT
in ``OUT.distill``, together with the official form of the character and a report to open in a browser.

Other commands: ``check`` (is everything there?), ``resume``, ``evaluate``, ``export``; each with --help.
Exit status: 0 done; 2 something is wrong, in one sentence; 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment

    # Skia is wanted by the built-in characters only.
    with_rig = any("rig:" in argument for argument in sys.argv)
    enter_environment("torch", "distill", *(["rig"] if with_rig else []))

import torch

from tha4_core.character import load_character, save_character
from tha4_core.character.networks import NAMED
from tha4_core.character.single_file import SUFFIX
from tha4_core.console import make_output_safe
from tha4_core.distill.config import PRESETS, RUN_SUFFIX, Config, changed, read_config
from tha4_core.distill.distributed import World, joined_world
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.evaluate import check_measures, evaluate
from tha4_core.distill.inputs import open_inputs
from tha4_core.distill.network_costs import network_costs
from tha4_core.distill.recipes import check_processes
from tha4_core.distill.report import report_page, verdict
from tha4_core.distill.resolutions import RESOLUTIONS
from tha4_core.distill.run import Outcome, distill, finish, left_off
from tha4_core.distill.run_directory import SETTINGS, character_in, check_inputs, config_of
from tha4_core.distill.stopping import StoppableTeacher, TrainingInterruptedError, stopping_on_signals
from tha4_core.distill.teachers import open_teacher
from tha4_core.errors import UserError
from tha4_core.files.atomic import write_atomically
from tha4_core.memory import keep_freed_memory
from tools.environment.interruption import INTERRUPTED
from tools.output.distill_progress import Display
from tools.output.picture_files import check_place

_COMMANDS = ("train", "check", "resume", "evaluate", "export")
#: Stands for the files of a character that is a folder.
_ANY = "character.json"
_KEPT = "all that was learned is kept, and the same command goes on from here"
_EXAMPLES = """\
examples:
  distill.py hero.png -o hero.tha4 --teacher data/tha4                 a character, in the time that it takes
  distill.py hero.png -o hero.tha4 --teacher data/tha4 --minutes 90    in an hour and a half
  distill.py -o copy.tha4 --teacher student:hero.tha4 --preset draft   a draft of a character that exists
  distill.py -o small.tha4 --teacher student:hero.tha4 --networks light   a ninth of its work for a picture
  distill.py --config hero.yaml                                        settings of a file, the original's as well
  distill.py check hero.png --teacher data/tha4                        would it work?
  distill.py export hero.distill                                       the character as it is now
  distill.py evaluate hero.tha4 --teacher data/tha4 -o report.html     how good is it?
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    words = list(sys.argv[1:] if arguments is None else arguments)
    command = words.pop(0) if words and words[0] in _COMMANDS else "train"
    options = _PARSERS[command]().parse_args(words)
    trains = command in ("train", "resume")
    keep_freed_memory()
    try:
        with ExitStack() as stack:
            stop = stack.enter_context(stopping_on_signals())
            config = _config(options)
            if config.threads is not None:
                torch.set_num_threads(config.threads)
            world = stack.enter_context(joined_world(config.device))
            display = stack.enter_context(Display(shown=world.leads))
            if command == "check":
                return _check(config, world, display)
            if command == "evaluate":
                return _evaluate(options, config, world, stop, display)
            if vars(options).get("place") is not None:
                display.say(f"going on in {config.run_directory}; the character goes to {config.target}")
            if command == "export":
                inputs, trained, recipe = left_off(config, world, stop, display)
                outcome: Outcome | None = finish(config, inputs, trained, recipe, stop, display)
            else:
                outcome = distill(config, world, stop, display)
            display.close()
            if outcome is not None:
                _tell(outcome)
        return 0
    except TrainingInterruptedError:
        kept = _KEPT if trains else "nothing was written"
        print(f"stopped; {kept}.", file=sys.stderr)
        return INTERRUPTED
    except KeyboardInterrupt:
        kept = "the same command goes on from the last snapshot" if trains else "nothing was written"
        print(f"ended at once; {kept}.", file=sys.stderr)
        return INTERRUPTED
    except torch.OutOfMemoryError:
        print(
            "error: the GPU's memory is full; end what else uses it, or give --device cpu. The last snapshot is kept,"
            " and the same command goes on from it.",
            file=sys.stderr,
        )
        return 2
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _check(config: Config, world: World, display: Display) -> int:
    check_processes(config, world)
    check_measures()
    inputs = open_inputs(replace(config, output=config.output or Path(f"character{SUFFIX}")), world)
    for warning in inputs.warnings:
        display.say(f"warning: {warning}")
    print("everything that the distillation needs is there.")
    return 0


def _evaluate(
    options: argparse.Namespace, config: Config, world: World, stop: Callable[[], bool], display: Display
) -> int:
    """Compare a finished character with a teacher; write a report, and with --note what was measured into it."""
    path: Path = options.character
    run = _is_run_directory(path)
    place = character_in(path) if run else path
    if place is None:
        raise DistillationError(f"{path} holds no character yet; write one with distill.py export {path}.")
    report: Path = options.report or (path / "evaluation.html" if run else path.with_suffix(".html"))
    noted = [place / _ANY if place.is_dir() else place] if options.note else []
    for written in (report, *noted):
        check_place(written)
    check_measures()
    character = load_character(place)
    if config.teacher is None:
        raise DistillationError(
            "nothing says what to compare with; give --teacher with the folder of the official networks, student:PATH"
            " or rig:NAME."
        )
    opened = open_teacher(config.teacher, character.image, world.device)
    teacher = StoppableTeacher(opened.teacher, stop, display.asked)
    result = evaluate(character, teacher, config.held_out_poses, display.evaluated)
    display.say("writing the report")
    page = report_page(character, teacher, result, (), network_costs(character))
    try:
        report.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(report, page.encode())
    except OSError as error:
        raise DistillationError(f"{report} could not be written: {error.strerror}.") from None
    if options.note:
        save_character(replace(character, info=replace(character.info, quality=result.to_json())), place)
    display.close()
    print(f"mean {result.mean_psnr:.2f} dB, worst {result.worst(1)[0].psnr:.2f} dB, SSIM {result.mean_ssim:.4f}")
    print(f"report: {report}")
    return 0


def _costs() -> str:
    """The named networks, and the billions of multiply-adds that a picture takes with each."""
    work = {name: networks.face_multiply_adds + networks.body_multiply_adds for name, networks in NAMED.items()}
    return ", ".join(f"{name} ({count / 1e9:.1f} G multiply-adds a picture)" for name, count in work.items())


def _is_run_directory(path: Path) -> bool:
    return (path / SETTINGS).is_file()


def _tell(outcome: Outcome) -> None:
    evaluation = outcome.evaluation
    print(f"{evaluation.mean_psnr:.1f} dB like its teacher (worst pose {evaluation.worst(1)[0].psnr:.1f} dB).")
    print(verdict(evaluation.mean_psnr))
    print(f"character: {outcome.target}")
    if outcome.directory is not None:
        print(f"official form: {outcome.directory}")
    print(f"report: {outcome.report}")


def _config(options: argparse.Namespace) -> Config:
    """The file's settings, and over them those of the command line. Raises DistillationError."""
    values: dict[str, Any] = vars(options)
    place: Path | None = values.get("place")
    if place is not None:
        config = config_of(place.with_suffix(RUN_SUFFIX) if place.suffix.lower() == SUFFIX else place)
        check_inputs(config)
    elif (character := values.get("character")) is not None and _is_run_directory(character):
        config = config_of(character)
    elif values.get("config") is not None:
        config = read_config(values["config"])
    else:
        config = Config()
    given = {name: value for name, value in values.items() if name in _FIELDS and value is not None}
    return changed(config, given, "the command line")


def _train_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="distill.py",
        description=(__doc__ or "").split("\n\nOther")[0],
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_inputs(parser)
    parser.add_argument("-o", "--output", type=Path, metavar="OUT.tha4", help="the character to write")
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


def _check_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="distill.py check", description="Look at everything that a distillation needs, and train nothing."
    )
    _add_inputs(parser)
    parser.add_argument("-o", "--output", type=Path, metavar="OUT.tha4", help="the character to write")
    parser.add_argument("--device", help="torch's name of a device")
    return parser


def _resume_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="distill.py resume", description="Go on with an interrupted distillation, with its own settings."
    )
    parser.add_argument("place", type=Path, metavar="OUT", help="the character's name, OUT.tha4, or its OUT.distill")
    _add_free(parser)
    return parser


def _export_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="distill.py export", description="Write the character as it is now, with its report, and train no more."
    )
    parser.add_argument("place", type=Path, metavar="OUT", help="the character's name, OUT.tha4, or its OUT.distill")
    parser.add_argument("-o", "--output", type=Path, metavar="OUT.tha4", help=argparse.SUPPRESS)
    _add_free(parser)
    return parser


def _evaluate_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="distill.py evaluate", description="Compare a finished character with a teacher."
    )
    parser.add_argument("character", type=Path, help="a .tha4 file, an official directory, or an OUT.distill")
    parser.add_argument("--teacher", metavar="TEACHER", help="a folder, student:PATH, or rig:NAME")
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
        metavar="IMAGE.png",
        help="the drawing, 512x512 with transparency; left out: the teacher's own",
    )
    parser.add_argument("--config", type=Path, metavar="FILE.yaml", help="settings, ours or the original's")
    parser.add_argument(
        "--teacher", metavar="TEACHER", help="a folder with the official networks, student:PATH, rig:NAME"
    )
    parser.add_argument(
        "--mask",
        type=Path,
        dest="face_mask_image_file_name",
        metavar="MASK.png",
        help="where the face moves, painted white on black; left out: found",
    )
    parser.add_argument("--pose-dataset", type=Path, metavar="FILE.pt", help="the official poses; left out: made up")
    parser.add_argument("--accept-drawing", action="store_true", default=None, help="train on a drawing with problems")


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


_FIELDS = frozenset(Config.__dataclass_fields__)
_PARSERS = {
    "train": _train_parser,
    "check": _check_parser,
    "resume": _resume_parser,
    "evaluate": _evaluate_parser,
    "export": _export_parser,
}

if __name__ == "__main__":
    sys.exit(main())
