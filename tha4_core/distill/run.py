"""A whole distillation in its order: check, face, body, character, evaluation, report; from wherever it was left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import torch
from torch import Tensor, nn

from tha4_core.character import Character, CharacterError, CharacterInfo, save_character
from tha4_core.distill.config import Config
from tha4_core.distill.distributed import World
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.evaluate import Evaluation, evaluate, picture_psnr
from tha4_core.distill.export import make_character, training_provenance
from tha4_core.distill.face_mask import find_face_mask
from tha4_core.distill.inputs import Inputs, open_inputs
from tha4_core.distill.outline import with_outline
from tha4_core.distill.pace import Pace, load_pace, measure_pace, save_pace
from tha4_core.distill.poses import held_out_poses
from tha4_core.distill.recipes import FRAMES, Recipe, Task, recipe_of
from tha4_core.distill.report import Course, report_page
from tha4_core.distill.run_directory import (
    BODY,
    CHARACTER,
    FACE,
    REPORT,
    load_mask,
    locked,
    open_run_directory,
    save_mask,
)
from tha4_core.distill.stopping import StoppableTeacher, end_if
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


class Listener(Protocol):
    """Who is told how a distillation goes."""

    def say(self, text: str) -> None:
        """A sentence for a person: what happens now, or a warning."""

    def progress(self, progress: Progress) -> None:
        """After every step of a training."""

    def evaluated(self, done: int, total: int) -> None:
        """During the final evaluation."""


class Outcome(NamedTuple):
    """character: as it was saved. target: the ``.tha4`` file. directory: the official form. report: the HTML file."""

    character: Character
    target: Path
    directory: Path
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
    task = Task(config, inputs.teacher, mask, inputs.dataset, inputs.start, world)
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
        _FaceMeasure(_left_at_once(task, [face], stop)),
        world,
        stop,
        listener.progress,
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
        _BodyMeasure(_left_at_once(task, [body], stop), face.network()),
        world,
        stop,
        listener.progress,
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
    info = CharacterInfo(name=config.name or config.target.stem, author=config.author, licence=config.licence)
    character = make_character(inputs.image_png, trained.face.network(), trained.body.network(), info)
    listener.say("comparing with the teacher")

    def evaluated(done: int, total: int) -> None:
        listener.evaluated(done, total)
        end_if(stop)

    teacher = StoppableTeacher(inputs.teacher, stop)
    evaluation = evaluate(character, teacher, config.held_out_poses, evaluated)
    courses = (
        Course("face", trained.face_log, inputs.opened.face_multiply_adds),
        Course("body", trained.body_log, inputs.opened.multiply_adds),
    )
    settings = {
        "preset": config.preset,
        "face": _facts(trained.face, trained.face_log, inputs.opened.face_multiply_adds),
        "body": _facts(trained.body, trained.body_log, inputs.opened.multiply_adds),
    }
    provenance = training_provenance(inputs.teacher.provenance, recipe.description, settings)
    character = replace(character, info=replace(info, provenance=provenance, quality=evaluation.to_json()))
    if config.measure_visible:
        listener.say("finding out what can be seen of the character")
        character = with_outline(character, inputs.teacher, torch.get_num_threads(), stop)
    folder = config.run_directory
    listener.say("writing the report")
    page = report_page(character, teacher, evaluation, courses)
    try:
        config.target.parent.mkdir(parents=True, exist_ok=True)
        save_character(character, config.target)
        save_character(character, folder / CHARACTER)
        write_atomically(folder / REPORT, page.encode())
    except OSError as error:
        raise _unwritten(f"{folder} could not be written: {error.strerror}") from None
    except CharacterError as error:
        raise _unwritten(str(error).removesuffix(".")) from None
    return Outcome(character, config.target, folder / CHARACTER, folder / REPORT, evaluation)


def _unwritten(problem: str) -> CharacterError:
    return CharacterError(
        f"{problem}; all that was learned is kept: free some space there, or let it be written to, and the same command"
        " goes on."
    )


def left_off(
    config: Config, world: World, stop: Callable[[], bool], listener: Listener
) -> tuple[Inputs, Trained, Recipe]:
    """The trainings of a run directory as their last snapshots have them, for export before the end.

    Raises DistillationError when one of them has no snapshot, TrainingInterruptedError when ``stop`` says so.
    """
    inputs = open_inputs(config, world)
    folder = open_run_directory(config, inputs.subject())
    recipe = recipe_of(config.preset)
    mask = _mask(inputs, folder, world, stop, listener)
    task = Task(config, inputs.teacher, mask, inputs.dataset, inputs.start, world)
    face, body = (_new(name, recipe, task, folder, None, stop, listener) for name in (FACE, BODY))
    logs = restore("face", face, folder / FACE), restore("body", body, folder / BODY)
    for name, training in ((FACE, face), (BODY, body)):
        if training.examples == 0:
            raise DistillationError(f"{folder / name} holds no snapshot yet; train for longer.")
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
    made: list[Training] = []

    def begin(pace: Pace) -> Training:
        made.append(new(task._replace(teacher=_left_at_once(task, made, stop)), pace))
        return made[0]

    if not recipe.paced:
        return begin(Pace())
    pace = load_pace(folder, network)
    if pace is None:
        pace = Pace(poses=1 if task.world.device.type == "cpu" else recipe.poses_on_gpu)
        if seconds is not None:
            listener.say(f"finding out how much of the {network.split('_')[0]} can be learned in the time")
            tried = task._replace(teacher=StoppableTeacher(task.teacher, stop))
            pace = measure_pace(lambda pace: new(tried, pace), pace, seconds, *FRAMES[network], stop)
        save_pace(folder, network, pace)
    return begin(pace)


def _left_at_once(task: Task, trainings: Sequence[Training], stop: Callable[[], bool]) -> CharacterTeacher:
    """The task's teacher, which may be broken off while nothing has been learned: the first step asks it for much.

    Several processes have to agree before they end, which they do after a step.
    """
    if task.world.size > 1:
        return task.teacher
    return StoppableTeacher(task.teacher, lambda: stop() and all(training.examples == 0 for training in trainings))


def _distill(
    config: Config, inputs: Inputs, world: World, stop: Callable[[], bool], listener: Listener
) -> Outcome | None:
    trained, recipe = train(config, inputs, world, stop, listener)
    outcome = finish(config, inputs, trained, recipe, stop, listener) if world.leads else None
    world.wait()
    return outcome


def _mask(inputs: Inputs, folder: Path, world: World, stop: Callable[[], bool], listener: Listener) -> Tensor:
    """The mask painted by hand, the one found before, or one found now, which the leading process keeps."""
    if inputs.mask is not None:
        return inputs.mask
    if world.leads and load_mask(folder) is None:
        listener.say("finding out what moves in the face")
        teacher = StoppableTeacher(inputs.teacher, stop)
        save_mask(folder, find_face_mask(teacher, held_out_poses(_MASK_POSES)))
    world.wait()
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
            self._wanted = self._teacher.pose_face(self._poses).cpu()
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
            self._wanted = self._teacher.pose(self._poses).final.cpu()
        device = _device(network)
        image = self._teacher.image.to(device)[None]
        total = 0.0
        for pose, wanted in zip(self._poses.to(device), self._wanted, strict=True):
            face = self._face(pose[None, :FACE_SIZE])
            total += picture_psnr(network(paste_face(image, face), pose[None]).final[0].cpu(), wanted)
        return total / len(self._poses)


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
