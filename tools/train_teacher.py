"""Trains a teacher's body networks by the paper's recipe: ``python3 tools/train_teacher.py rotator DATA -o FOLDER``.

Then ``editor DATA -o FOLDER --rotator FOLDER``, and ``export ROTATOR EDITOR --faces TEACHER -o FOLDER`` writes the five
files of a teacher. DATA: a folder of examples (docs/TEACHER_TRAINING.md), or ``rigs:N``, N characters that are drawn
meanwhile. Several GPUs: ``torchrun --nproc-per-node N tools/train_teacher.py ...``, to the same result up to rounding.

Interrupt it whenever you like (Ctrl-C): the same command goes on where it was, to the last bit.
Exit status: 0 done; 2 something is wrong, in one sentence; 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment

    _RIG = ["rig"] if any(argument.startswith("rigs:") for argument in sys.argv) else []
    enter_environment("torch", "distill", *_RIG)

import torch
from torch import nn

from tha4_core.console import make_output_safe
from tha4_core.distill.distributed import World, joined_world
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.run_directory import locked
from tha4_core.distill.stopping import TrainingInterruptedError, stopping_on_signals
from tha4_core.distill.training_loop import Limits, train_network
from tha4_core.errors import UserError
from tha4_core.memory import keep_freed_memory
from tha4_core.metrics.perceptual import weights_folder
from tha4_core.teacher_training.errors import TrainingError
from tha4_core.teacher_training.examples import Examples
from tha4_core.teacher_training.networks import Coarse, coarse_by
from tha4_core.teacher_training.quality import Poser, of_network, quality, unmoved
from tha4_core.teacher_training.runs import note_settings, trained_network, write_teacher
from tha4_core.teacher_training.settings import EDITOR, ROTATOR, Settings
from tha4_core.teacher_training.training import BodyNetworkTraining
from tha4_core.teacher_training.vgg import VGG_FILE, VGG_URL, Vgg, load_vgg
from tools.environment.interruption import INTERRUPTED
from tools.output.distill_progress import Display
from tools.output.example_sheet import example_sheet
from tools.output.picture_files import write_picture
from tools.teachers.training_arguments import data_of, parser, settings_of

SAMPLES: Final = "samples"
#: Examples on a sheet.
_SHOWN: Final = 8


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    options = parser(__doc__ or "").parse_args(arguments)
    keep_freed_memory()
    try:
        if options.command not in (ROTATOR, EDITOR):
            write_teacher(options.output, options.rotator, options.editor, options.faces)
            print(f"teacher: {options.output}")
            return 0
        return _train(options)
    except TrainingInterruptedError:
        print("stopped; all that was learned is kept, and the same command goes on from here.", file=sys.stderr)
        return INTERRUPTED
    except KeyboardInterrupt:
        print("ended at once; the same command goes on from the last snapshot.", file=sys.stderr)
        return INTERRUPTED
    except torch.OutOfMemoryError:
        print("error: the GPU's memory is full; give a smaller --batch, or more GPUs with torchrun.", file=sys.stderr)
        return 2
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _train(options: argparse.Namespace) -> int:
    settings = settings_of(options)
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    folder: Path = options.output
    with ExitStack() as stack:
        world = stack.enter_context(joined_world(options.device))
        stop = stack.enter_context(stopping_on_signals())
        display = stack.enter_context(Display(shown=world.leads))
        train, test = data_of(options.data, settings)
        vgg = _vgg(options.vgg, settings, display)
        coarse = _coarse(options, settings, world)
        training = BodyNetworkTraining(settings, train, world, vgg, coarse)
        if world.leads:
            note_settings(folder, settings)
            stack.enter_context(locked(folder))
        world.wait()
        samples = Samples(folder, test, settings, coarse, training, world)
        if world.leads:
            still = quality(unmoved, samples.examples)
            display.say(f"{len(train)} examples; held out, unmoved: {still.psnr:.2f} dB, SSIM {still.ssim:.4f}")
        seconds = None if options.minutes is None else 60.0 * options.minutes
        limits = Limits(seconds, None, options.snapshot_seconds)
        log = train_network(settings.network, training, folder, limits, samples, world, stop, display.progress)
        display.close()
        if world.leads:
            last = log.points[-1]
            print(f"{training.examples} examples: {last.psnr:.2f} dB on {len(samples.examples)} held-out examples")
            print(f"samples: {folder / SAMPLES}")
    return 0


class Samples:
    """Held-out examples, measured and shown whenever a training is measured."""

    def __init__(
        self,
        folder: Path,
        test: Examples,
        settings: Settings,
        coarse: Coarse | None,
        training: BodyNetworkTraining,
        world: World,
    ) -> None:
        count = min(settings.samples, len(test))
        self.examples = [test[index * len(test) // count] for index in range(count)] if world.leads else []
        self._folder, self._settings, self._coarse = folder / SAMPLES, settings, coarse
        self._training, self._world = training, world
        self._kept = 0

    def __call__(self, network: nn.Module) -> float:
        """Mean PSNR, dB; writes ``newest.png``, and one to keep each time that twice the examples were seen."""
        phases = self._settings.phases
        phase = next((phase for phase in phases if self._training.examples < phase.until), phases[-1])
        poser: Poser = of_network(network, self._coarse if phase.coarse else None, self._world.device)
        sheet = self.examples[:_SHOWN]
        made = [poser(example.rest, example.pose) for example in sheet]
        picture = example_sheet(sheet, [made])
        write_picture(self._folder / "newest.png", picture)
        if self._training.examples >= 2 * self._kept:
            self._kept = self._training.examples
            write_picture(self._folder / f"{self._kept:010}.png", picture)
        return quality(poser, self.examples).psnr


def _vgg(path: Path | None, settings: Settings, display: Display) -> Vgg | None:
    """VGG16, or None where there is no file of it, which is said. Raises TrainingError."""
    if settings.perceptual <= 0.0:
        return None
    found = path or weights_folder() / VGG_FILE
    if path is None and not found.is_file():
        display.say(
            f"without VGG16's weights the losses are L1 only: pictures come out softer. Download {VGG_URL} (save it as"
            f" {found}) before you begin, or give --vgg FILE."
        )
        return None
    return load_vgg(found)


def _coarse(options: argparse.Namespace, settings: Settings, world: World) -> Coarse | None:
    if settings.network == ROTATOR or options.rotator is None:
        return None
    own, rotator, _ = trained_network(options.rotator)
    if (own.network, own.system) != (ROTATOR, settings.system):
        raise TrainingError(f"{options.rotator} holds a training of {own.system}'s {own.network}; give a rotator's.")
    if own.edge != settings.edge // 2:
        raise DistillationError(
            f"{options.rotator} was trained at {own.edge} pixels, and an editor at {settings.edge} needs one at"
            f" {settings.edge // 2}; give --size {2 * own.edge}."
        )
    return coarse_by(rotator.to(world.device))


if __name__ == "__main__":
    sys.exit(main())
