"""A whole distillation in its order: check, face, body, character, evaluation, report; from wherever it was left."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple, Protocol, TypeVar

import torch
from torch import Tensor, nn

from tha4_core.character import Character, CharacterError, CharacterInfo, save_character
from tha4_core.character.networks import PUBLISHED, name_of
from tha4_core.character.single_file import SUFFIX
from tha4_core.distill.config import Config
from tha4_core.distill.distributed import World
from tha4_core.distill.errors import GO_ON, DistillationError, not_written
from tha4_core.distill.evaluate import Evaluation, check_measures, evaluate, picture_psnr
from tha4_core.distill.export import make_character, training_provenance
from tha4_core.distill.face_mask import find_face_mask
from tha4_core.distill.inputs import Inputs, open_inputs
from tha4_core.distill.kept_drawing import kept_larger
from tha4_core.distill.network_costs import network_costs
from tha4_core.distill.outline import with_outline
from tha4_core.distill.pace import Pace, load_pace, measure_pace, save_pace
from tha4_core.distill.poses import held_out_poses
from tha4_core.distill.recipes import FRAMES, Recipe, Task, check_processes, frames_kept, recipe_of
from tha4_core.distill.report import Course, report_page
from tha4_core.distill.run_directory import (
    BODY,
    CHARACTER,
    FACE,
    REPORT,
    check_same,
    load_mask,
    locked,
    open_run_directory,
    save_mask,
)
from tha4_core.distill.snapshots import load_snapshot
from tha4_core.distill.stopping import StoppableTeacher, TrainingInterruptedError
from tha4_core.distill.training import Training
from tha4_core.distill.training_log import TrainingLog
from tha4_core.distill.training_loop import Limits, Progress, restore, train_network
from tha4_core.files.atomic import write_atomically
from tha4_core.pose import FACE_SIZE
from tha4_core.student import paste_face
from tha4_core.teacher import CharacterTeacher

#: The face is the smaller network, but what people look at.
_FACE_SHARE_OF_TIME: Final = 1.0 / 3.0
_MASK_POSES: Final = 128
#: Poses measured during a training: few, since they cost time that could go into learning. The resting one, which is
#: the easiest, is left out.
_FACE_MEASURED: Final = 12
_BODY_MEASURED: Final = 6


T = TypeVar("T")


class Listener(Protocol):
    """Who is told how a distillation goes."""

    def say(self, text: str) -> None:
        """A sentence for a person: what happens now, or a warning."""

    def progress(self, progress: Progress) -> None:
        """After every step of a training."""

    def asked(self, count: int) -> None:
        """After the teacher's answers: how many poses it has been asked for, in what is done now."""

    def evaluated(self, done: int, total: int) -> None:
        """During the final evaluation."""


class Outcome(NamedTuple):
    """character: as it was saved. target: the ``.tha4`` file. directory: the official form, None where that cannot hold
    its networks. report: the HTML file."""

    character: Character
    target: Path
    directory: Path | None
    report: Path
    evaluation: Evaluation


@dataclass(frozen=True, eq=False)
class Trained:
    """Both networks' trainings, at whatever point they are, and how they went."""

    face: Training
    body: Training
    face_log: TrainingLog
    body_log: TrainingLog


def distill(config: Config, world: World, stop: Callable[[], bool], listener: Listener) -> Outcome | None:
    """From a drawing to a character; goes on where an interrupted one was left. None in processes that do not lead.

    Raises DistillationError and other UserErrors, and TrainingInterruptedError when ``stop`` says so.
    """
    check_processes(config, world)
    check_measures()
    inputs = open_inputs(config, world)
    for warning in inputs.warnings:
        listener.say(f"warning: {warning}")
    folder = config.run_directory
    if world.leads:
        open_run_directory(config, inputs.subject())
        with locked(folder):
            return _distill(config, inputs, world, stop, listener)
    return _distill(config, inputs, world, stop, listener)


def train(
    config: Config, inputs: Inputs, world: World, stop: Callable[[], bool], listener: Listener
) -> tuple[Trained, Recipe]:
    """Both networks, in the run directory of ``config``, which must exist."""
    recipe = recipe_of(config.preset)
    folder = config.run_directory
    mask = _mask(inputs, folder, world, stop, listener)
    if world.size == 1:  # several processes have to agree before they end, which they do after a step
        inputs = _stoppable(inputs, stop, listener)
    task = Task(config, inputs.teacher, mask, inputs.dataset, inputs.start, world, inputs.networks)
    budget = None if config.minutes is None else 60.0 * config.minutes
    limits = Limits(None, config.target_psnr, config.snapshot_seconds)
    seconds = None if budget is None else budget * _FACE_SHARE_OF_TIME
    face = _new(FACE, recipe, task, folder, seconds, stop, listener)
    listener.say("training the face")
    face_log = train_network(
        "face",
        face,
        folder / FACE,
        replace(limits, seconds=seconds),
        _FaceMeasure(inputs.teacher),
        world,
        stop,
        listener.progress,
        listener.say,
    )
    # What the face did not need is the body's.
    seconds = None if budget is None else max(0.0, budget - face_log.seconds)
    body = _new(BODY, recipe, task, folder, seconds, stop, listener)
    listener.say("training the body")
    body_log = train_network(
        "body",
        body,
        folder / BODY,
        replace(limits, seconds=seconds),
        _BodyMeasure(inputs.teacher, face.network()),
        world,
        stop,
        listener.progress,
        listener.say,
    )
    return Trained(face, body, face_log, body_log), recipe


def finish(
    config: Config,
    inputs: Inputs,
    trained: Trained,
    recipe: Recipe,
    stop: Callable[[], bool],
    listener: Listener,
) -> Outcome:
    """Evaluate the networks as they are, and write the character in both forms, and the report.

    Raises TrainingInterruptedError when ``stop`` says so; CharacterError.
    """
    inputs = _stoppable(inputs, stop, listener)
    info = CharacterInfo(
        name=config.name or _text(config.target.stem),
        author=config.author or inputs.opened.author,
        licence=config.licence or inputs.opened.licence,
        networks=inputs.networks,
    )
    character = make_character(inputs.image_png, trained.face.network(), trained.body.network(), info)
    character = replace(character, drawing_hd_png=kept_larger(config.character_image_file_name))
    if config.measure_visible:
        listener.say("finding out what can be seen of the character")
        character = with_outline(character, inputs.teacher, torch.get_num_threads(), stop)
    listener.say("comparing with the teacher")
    evaluation = evaluate(character, inputs.teacher, config.held_out_poses, listener.evaluated)
    courses = (
        Course("face", trained.face_log, inputs.opened.face_multiply_adds),
        Course("body", trained.body_log, inputs.opened.multiply_adds),
    )
    settings = {
        "preset": config.preset,
        "networks": name_of(inputs.networks) or inputs.networks.signature,
        "face": _facts(trained.face, trained.face_log, inputs.opened.face_multiply_adds),
        "body": _facts(trained.body, trained.body_log, inputs.opened.multiply_adds),
    }
    provenance = training_provenance(inputs.teacher.provenance, inputs.opened.credits, recipe.description, settings)
    character = replace(character, info=replace(info, provenance=provenance, quality=evaluation.to_json()))
    folder = config.run_directory
    listener.say("writing the report")
    page = report_page(character, inputs.teacher, evaluation, courses, network_costs(character))
    official = character.networks == PUBLISHED
    directory = folder / (CHARACTER if official else f"{CHARACTER}{SUFFIX}")
    try:
        config.target.parent.mkdir(parents=True, exist_ok=True)
        save_character(character, config.target)
        save_character(character, directory)
        write_atomically(folder / REPORT, page.encode())
    except OSError as error:
        raise not_written(folder, error) from None
    except CharacterError as error:
        raise DistillationError(f"{str(error).removesuffix('.')}; {GO_ON}") from None
    return Outcome(character, config.target, directory if official else None, folder / REPORT, evaluation)


def left_off(
    config: Config, world: World, stop: Callable[[], bool], listener: Listener
) -> tuple[Inputs, Trained, Recipe]:
    """The trainings of a run directory as their last snapshots have them, for export before the end.

    Raises DistillationError when one of them has no snapshot, TrainingInterruptedError when ``stop`` says so.
    """
    folder = config.run_directory
    for name in (FACE, BODY):
        # Looked at first: without one there is no mask and no pace either, and both would be found now.
        if load_snapshot(folder / name) is None:
            raise DistillationError(f"{folder / name} holds no snapshot yet; train for longer.")
    inputs = open_inputs(config, world)
    check_same(config, inputs.subject())
    recipe = recipe_of(config.preset)
    mask = _mask(inputs, folder, world, stop, listener)
    task = Task(config, inputs.teacher, mask, inputs.dataset, inputs.start, world, inputs.networks)
    face, body = (_new(name, recipe, task, folder, None, stop, listener) for name in (FACE, BODY))
    logs = restore("face", face, folder / FACE), restore("body", body, folder / BODY)
    return inputs, Trained(face, body, *logs), recipe


def _new(
    network: str,
    recipe: Recipe,
    task: Task,
    folder: Path,
    seconds: float | None,
    stop: Callable[[], bool],
    listener: Listener,
) -> Training:
    """A network's training at its beginning, as long as ``seconds`` allow when it is begun for the first time."""
    new = recipe.face if network == FACE else recipe.body
    if not recipe.paced:
        return new(task, Pace())
    pace = load_pace(folder, network)
    if pace is None:
        device = task.world.device
        pace = Pace(poses=1 if device.type == "cpu" else recipe.poses_on_gpu, kept=frames_kept(network, device))
        if seconds is not None:
            listener.say(f"finding out how much of the {network.split('_')[0]} can be learned in the time")
            pace = measure_pace(lambda pace: new(task, pace), pace, seconds, *FRAMES[network], stop)
        save_pace(folder, network, pace)
    return new(task, pace)


def _distill(
    config: Config, inputs: Inputs, world: World, stop: Callable[[], bool], listener: Listener
) -> Outcome | None:
    trained, recipe = train(config, inputs, world, stop, listener)
    return _by_leader(world, lambda: finish(config, inputs, trained, recipe, stop, listener))


def _by_leader(world: World, work: Callable[[], T]) -> T | None:
    """What the leading process alone does; None in the others, which wait for it, and are interrupted when it is."""
    done, interrupted = None, False
    if world.leads:
        try:
            done = work()
        except TrainingInterruptedError:
            interrupted = True
    if world.agree(interrupted):
        raise TrainingInterruptedError
    return done


def _stoppable(inputs: Inputs, stop: Callable[[], bool], listener: Listener) -> Inputs:
    """The same, with a teacher that is asked no more when ``stop`` says so."""
    teacher = StoppableTeacher(inputs.teacher, stop, listener.asked)
    return inputs._replace(opened=inputs.opened._replace(teacher=teacher))


def _mask(inputs: Inputs, folder: Path, world: World, stop: Callable[[], bool], listener: Listener) -> Tensor:
    """The mask painted by hand, the one found before, or one found now, which the leading process keeps."""
    if inputs.mask is not None:
        return inputs.mask

    def find() -> None:
        if load_mask(folder) is None:
            listener.say("finding out what moves in the face")
            teacher = _stoppable(inputs, stop, listener).teacher
            save_mask(folder, find_face_mask(teacher, held_out_poses(_MASK_POSES)))

    _by_leader(world, find)
    mask = load_mask(folder)
    if mask is None:
        raise DistillationError(f"the mask found in the face cannot be read again in {folder}; is the disk failing?")
    return mask


class _FaceMeasure:
    """Mean PSNR, dB, of face pictures."""

    def __init__(self, teacher: CharacterTeacher) -> None:
        self._teacher = teacher
        self._poses = held_out_poses(1 + _FACE_MEASURED)[1:]
        self._wanted: Tensor | None = None

    @torch.no_grad()
    def __call__(self, network: nn.Module) -> float:
        if self._wanted is None:
            self._wanted = torch.cat([self._teacher.pose_face(pose[None]).cpu() for pose in self._poses])
        made = network(self._poses[:, :FACE_SIZE].to(_device(network))).cpu()  # (n, 4, 128, 128)
        values = [picture_psnr(one, other) for one, other in zip(made, self._wanted, strict=True)]
        return sum(values) / len(values)


class _BodyMeasure:
    """Mean PSNR, dB, of final pictures of both networks together."""

    def __init__(self, teacher: CharacterTeacher, face: nn.Module) -> None:
        self._teacher = teacher
        self._face = face
        self._poses = held_out_poses(1 + _BODY_MEASURED)[1:]
        self._wanted: Tensor | None = None

    @torch.no_grad()
    def __call__(self, network: nn.Module) -> float:
        if self._wanted is None:
            self._wanted = torch.cat([self._teacher.pose(pose[None]).final.cpu() for pose in self._poses])
        device = _device(network)
        image = self._teacher.image.to(device)[None]
        total = 0.0
        for pose, wanted in zip(self._poses.to(device), self._wanted, strict=True):
            face = self._face(pose[None, :FACE_SIZE])
            total += picture_psnr(network(paste_face(image, face), pose[None]).final[0].cpu(), wanted)
        return total / len(self._poses)


def _text(name: str) -> str:
    """A file's name as a text, also where its bytes are none."""
    return os.fsencode(name).decode("utf-8", "replace")


def _facts(training: Training, log: TrainingLog, frame_multiply_adds: float) -> dict[str, float]:
    """frame_multiply_adds: of one answer of the teacher."""
    return {
        "examples": training.examples,
        "teacher_frames": training.teacher_frames,
        "multiply_adds": training.multiply_adds,
        "teacher_multiply_adds": training.teacher_frames * frame_multiply_adds,
        "seconds": round(log.seconds, 1),
    }


def _device(network: nn.Module) -> torch.device:
    return next(network.parameters()).device
