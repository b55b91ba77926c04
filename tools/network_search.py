"""Trains networks of several shapes alike and compares them: ``python3 tools/network_search.py --teacher rig:yunagi``.

Each shape gets the same time. What is done lies in a folder for each, as of ``distill.py``: the same command goes on
where an interrupted one was, and what is finished is only read. Prints a Markdown table, best likeness first: mean and
worst PSNR, that of poses with head and body at their ends, and that of poses in which the face alone moves; times of
pictures are of this machine, one thread. docs/DISTILLATION.md names what was chosen by it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment

    with_rig = any("rig:" in argument for argument in sys.argv)
    enter_environment("torch", "distill", *(["rig"] if with_rig else []))

import torch

from tha4_core.character import Character, load_character
from tha4_core.character.networks import NAMED, Level, Networks
from tha4_core.character.single_file import SUFFIX
from tha4_core.console import make_output_safe
from tha4_core.distill.config import PRESETS, Config, changed
from tha4_core.distill.distributed import World, joined_world
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.evaluate import ENDS, check_measures
from tha4_core.distill.inputs import open_inputs
from tha4_core.distill.network_costs import NetworkCost, network_costs
from tha4_core.distill.run import Listener, finish, train
from tha4_core.distill.run_directory import locked, open_run_directory
from tha4_core.distill.stopping import TrainingInterruptedError, stopping_on_signals
from tha4_core.errors import UserError
from tha4_core.memory import keep_freed_memory
from tools.distilling.beginning import fetch_teacher
from tools.environment.interruption import INTERRUPTED
from tools.output.distill_progress import Display


def _face(*widths: int) -> Level:
    return Level(128, widths)


def _body(*levels: tuple[int, ...]) -> tuple[Level, ...]:
    return tuple(Level(512 >> (len(levels) - 1 - index), widths) for index, widths in enumerate(levels))


#: Groups of an evaluation in which the face alone moves.
_OF_THE_FACE: Final = ("eyebrows", "eyes and irises", "mouth")
#: What is compared unless shapes are named. A change at a time, of the named ones.
SHAPES: Final[dict[str, Networks]] = {
    **NAMED,
    "half": Networks(_face(*[64] * 8), _body((180, 180, 90), (90, 90, 45), (45, 45, 45))),
    "half summed": Networks(_face(*[64] * 8), _body((180, 180, 90), (90, 90, 45), (32,)), True),
    "light, four levels": Networks(_face(*[64] * 8), _body((180, 180, 90), (64, 64, 32), (32, 32), (24,)), True),
    "light, two layers at 512": Networks(_face(*[64] * 8), _body((128, 128, 64), (64, 64, 32), (24, 24)), True),
    "light, paint from 256": Networks(_face(*[64] * 8), _body((128, 128, 64), (64, 64, 48), (7,)), True),
    "light, shallow face": Networks(_face(*[96] * 4), _body((128, 128, 64), (64, 64, 32), (24,)), True),
    "light, narrow face": Networks(_face(*[48] * 8), _body((128, 128, 64), (64, 64, 32), (24,)), True),
    "lighter": Networks(_face(*[48] * 6), _body((96, 96, 48), (48, 48, 24), (18,)), True),
}


def trained(name: str, config: Config, world: World, stop: Callable[[], bool], listener: Listener) -> Character:
    """The character of one shape, finished; trained for as long as is left of its time."""
    if config.target.is_file():
        return load_character(config.target)
    inputs = open_inputs(config, world)._replace(networks=SHAPES[name])
    open_run_directory(config, inputs.subject() | {"networks": SHAPES[name].signature})
    with locked(config.run_directory):
        parts, recipe = train(config, inputs, world, stop, listener)
        return finish(config, inputs, parts, recipe, stop, listener).character


def sines(networks: Networks) -> int:
    """Of a picture and its face, all of it visible."""
    return sum(level.grid**2 * sum(level.widths) for level in (networks.face, *networks.body))


def row(name: str, character: Character) -> tuple[float, str]:
    """Mean likeness, dB, and a line of the table."""
    quality, training = character.info.quality, character.info.provenance["training"]
    cost: NetworkCost = next(cost for cost in network_costs(character) if cost.own)
    times = " | ".join("-" if value is None else f"{value:.1f}" for value in (cost.full, cost.head))
    seconds = training["face"]["seconds"] + training["body"]["seconds"]
    mean, by_group = quality["psnr_mean"], quality["psnr_by_group"]
    face = sum(by_group[group] for group in _OF_THE_FACE) / len(_OF_THE_FACE)
    # Characters of before poses at the ends were measured have no such figure.
    measured = (mean, quality["psnr_worst"], by_group.get(ENDS), face)
    likeness = " | ".join("-" if value is None else f"{value:.2f}" for value in measured)
    work = f"{cost.multiply_adds / 1e9:.2f} | {sines(character.networks) / 1e6:.1f}"
    return mean, f"| {name} | {work} | {times} | {seconds:.0f} | {likeness} |"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="network_search.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "character_image_file_name",
        nargs="?",
        metavar="DRAWING",
        help="of 512x512, its head in its place; left out: the teacher's own",
    )
    parser.add_argument("--teacher", required=True, help="as of distill.py: rig:NAME, student:PATH, tha3, a folder")
    parser.add_argument("--minutes", type=float, default=20.0, help="of training for each shape; default 20")
    parser.add_argument("--preset", choices=[name for name in PRESETS if name != "paper"], default="standard")
    parser.add_argument("--only", nargs="+", metavar="SHAPE", help=f"of: {'; '.join(SHAPES)}")
    parser.add_argument("--held-out-poses", type=int, default=200, metavar="N", help="default 200")
    parser.add_argument("--seed", type=int, default=1, help="of first weights and poses; default 1")
    parser.add_argument("--threads", type=int, metavar="N", help="of the processor")
    parser.add_argument("-o", "--output", type=Path, default=Path("output/network_search"), metavar="FOLDER")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    options = _parser().parse_args(arguments)
    keep_freed_memory()
    try:
        chosen = options.only or list(SHAPES)
        for name in chosen:
            if name not in SHAPES:
                raise DistillationError(f"--only names no shape with {name!r}; there are: {', '.join(SHAPES)}.")
        given = ("character_image_file_name", "teacher", "minutes", "preset", "held_out_poses", "threads")
        values = {name: value for name in given if (value := getattr(options, name)) is not None}
        seeds = {"face_morpher_random_seed_0": options.seed, "body_morpher_random_seed_0": options.seed}
        config = changed(Config(measure_visible=False), values | seeds, "the command line")
        if config.threads is not None:
            torch.set_num_threads(config.threads)
        check_measures()
        rows: list[tuple[float, str]] = []
        with stopping_on_signals() as stop, joined_world(None) as world, Display(shown=True) as display:
            fetch_teacher(config, world, display.say, offline=False)
            for name in chosen:
                display.say(f"{name}:")
                target: Path = options.output / f"{name.replace(', ', '-').replace(' ', '_')}{SUFFIX}"
                rows.append(row(name, trained(name, replace(config, output=target), world, stop, display)))
        print(
            "| networks | G multiply-adds | M sines | picture, ms | head view, ms | seconds | PSNR, mean | worst"
            " | at the ends | face alone |"
        )
        print("|" + 10 * "---|")
        print("\n".join(line for _, line in sorted(rows, reverse=True)))
        return 0
    except TrainingInterruptedError:
        print("stopped; the same command goes on from here.", file=sys.stderr)
        return INTERRUPTED
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
