"""Turns a drawing into a character: ``python3 tools/distill.py DRAWING -o OUT.tha4``.

The drawing is looked at, put in its place if it has to be, and shown as its teacher moves it, before half an hour of
training; the teacher's networks are fetched the first time.

Interrupt it whenever you like (Ctrl-C): the same command goes on where it was. What it learned so far lies beside OUT
in ``OUT.distill``, together with the official form of the character and a report to open in a browser.

Other commands: ``check`` (is everything there?), ``resume``, ``evaluate``, ``export``; each with --help.
Exit status: 0 done; 2 something is wrong, in one sentence; 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
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
from tha4_core.character.single_file import SUFFIX
from tha4_core.console import make_output_safe
from tha4_core.distill.config import RUN_SUFFIX, Config, changed, read_config
from tha4_core.distill.distributed import World, joined_world
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.evaluate import check_measures, evaluate
from tha4_core.distill.inputs import open_inputs
from tha4_core.distill.kept_drawing import keep_drawing
from tha4_core.distill.network_costs import network_costs
from tha4_core.distill.recipes import check_processes
from tha4_core.distill.report import report_page, verdict
from tha4_core.distill.run import Outcome, distill, finish, left_off
from tha4_core.distill.run_directory import SETTINGS, character_in, check_inputs, config_of
from tha4_core.distill.stopping import StoppableTeacher, TrainingInterruptedError, stopping_on_signals
from tha4_core.distill.teachers import open_teacher
from tha4_core.errors import UserError
from tha4_core.files.atomic import write_atomically
from tha4_core.memory import keep_freed_memory
from tha4_core.published_teachers import FETCHED
from tools.distilling.arguments import COMMANDS, parser_of
from tools.distilling.beginning import fetch_teacher, with_end
from tools.distilling.placing import PREVIEW, look, place_drawing, write_preview
from tools.environment.interruption import INTERRUPTED
from tools.output.distill_progress import Display
from tools.output.picture_files import check_place

#: Stands for the files of a character that is a folder.
_ANY = "character.json"
_KEPT = "all that was learned is kept, and the same command goes on from here"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    words = list(sys.argv[1:] if arguments is None else arguments)
    command = words.pop(0) if words and words[0] in COMMANDS else "train"
    options = parser_of(command, __doc__ or "").parse_args(words)
    begun = False
    keep_freed_memory()
    try:
        with ExitStack() as stack:
            config = _config(options, command)
            if config.threads is not None:
                torch.set_num_threads(config.threads)
            world = stack.enter_context(joined_world(config.device))
            # While something is fetched or asked, Ctrl-C ends it at once.
            fetch_teacher(config, world, partial(_say, world=world), offline=options.offline)
            if command == "train" and options.preview:
                _preview(config, world)
                return 0
            config = _prepared(options, command, config, world)
            stop = stack.enter_context(stopping_on_signals())
            begun = command in ("train", "resume")
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
        kept = _KEPT if begun else "nothing was written"
        print(f"stopped; {kept}.", file=sys.stderr)
        return INTERRUPTED
    except KeyboardInterrupt:
        kept = "the same command goes on from the last snapshot" if begun else "nothing was begun"
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


def _prepared(options: argparse.Namespace, command: str, config: Config, world: World) -> Config:
    """The settings with the drawing ready to be distilled, and an end. Raises UserError."""
    if command == "train":
        config = place_drawing(config, world, partial(_say, world=world), yes=options.yes)
    if command in ("train", "check"):
        config = with_end(config, world, partial(_say, world=world))
    return config


def _preview(config: Config, world: World) -> None:
    found = look(config, world.device)
    if found is None:
        raise DistillationError("a preview is of a drawing; give it as DRAWING, and no character as the teacher.")
    if found.prepared is not None:
        _say(found.in_words(), world)
    has_place = config.output is not None or config.prefix is not None
    path = config.run_directory / PREVIEW if has_place else Path(f"{found.source.stem}_{PREVIEW}")
    write_preview(found, path, partial(_say, world=world))


def _say(text: str, world: World) -> None:
    if world.leads:
        print(text, file=sys.stderr, flush=True)


def _check(config: Config, world: World, display: Display) -> int:
    check_processes(config, world)
    check_measures()
    config = replace(config, output=config.output or Path(f"character{SUFFIX}"))
    with tempfile.TemporaryDirectory() as folder:
        found = look(config, world.device)
        if found is not None and found.prepared is not None:
            display.say(found.in_words())
            picture = keep_drawing(Path(folder), found.source, found.prepared.fitted)
            config = replace(config, character_image_file_name=picture)
        inputs = open_inputs(config, world)
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
            f"nothing says what to compare with; give --teacher with {FETCHED}, the folder of other networks,"
            " student:PATH or rig:NAME."
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


def _is_run_directory(path: Path) -> bool:
    return (path / SETTINGS).is_file()


def _tell(outcome: Outcome) -> None:
    evaluation, target = outcome.evaluation, outcome.target
    print(f"{evaluation.mean_psnr:.1f} dB like its teacher (worst pose {evaluation.worst(1)[0].psnr:.1f} dB).")
    print(verdict(evaluation.mean_psnr))
    print(f"character: {target}")
    if outcome.directory is not None:
        print(f"official form: {outcome.directory}")
    print(f"report: {outcome.report}")
    for credit in outcome.character.info.credits:
        print(f"whoever passes it on names: {credit.line()}")
    print(
        f"next: drag {target.name} into a Godot project that has the addon (docs/TUTORIAL.md); or see it move:\n"
        f"  python3 tools/play.py --character {target}\n"
        f"  python3 tools/pose.py {target} --every-parameter -o poses.png"
    )


def _config(options: argparse.Namespace, command: str) -> Config:
    """The file's settings, and over them those of the command line; a drawing alone has the teacher that is fetched.

    Raises DistillationError.
    """
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
    config = changed(config, given, "the command line")
    if command in ("train", "check") and config.teacher is None and config.character_image_file_name is not None:
        config = replace(config, teacher=FETCHED)
    return config


_FIELDS = frozenset(Config.__dataclass_fields__)

if __name__ == "__main__":
    sys.exit(main())
