"""What is measured for the paper's tables, each thing by itself: a function of a budget gives its figures."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn

from tha4_core.built_in import built_in_path
from tha4_core.character import load_character
from tha4_core.character.networks import NAMED
from tha4_core.distill.ablations import PlainBody, SingleResolutionBody
from tha4_core.distill.distributed import World
from tha4_core.distill.evaluate import StudentPictures, picture_psnr, teacher_picture
from tha4_core.distill.paper import pose_body
from tha4_core.distill.paper_phases import BODY_PHASES, only
from tha4_core.distill.poses import held_out_poses
from tha4_core.distill.snapshots import load_snapshot
from tha4_core.distill.teachers import open_teacher
from tha4_core.distill.training_loop import Limits, train_network
from tha4_core.errors import UserError
from tha4_core.metrics import lpips, ssim
from tha4_core.student import BodyMorpher, Student
from tha4_core.teacher import Teacher
from tha4_core.teacher.systems import THA3_STANDARD, THA4, System
from tha4_core.teacher_training.examples import TEST, TRAIN, Examples, FolderExamples
from tha4_core.teacher_training.networks import new_network
from tha4_core.teacher_training.quality import Poser, mean_flow, of_network, unmoved
from tha4_core.teacher_training.rig_examples import FIRST_TEST_SEED, RigExamples
from tha4_core.teacher_training.settings import Settings
from tha4_core.teacher_training.training import BodyNetworkTraining
from tha4_core.teacher_training.vgg import Vgg
from tools.experiments import VARIANTS, Variant, run

Figures = dict[str, float | str]
Say = Callable[[str], None]
#: Of the teachers: what is measured in each table.
_SYSTEMS: Final = {"THA3": THA3_STANDARD, "THA4": THA4}
_TEACHER: Final = "rig:kohaku"


@dataclass(frozen=True)
class Budget:
    """How much goes into the tables. size, channels: of the rotators trained for table 1, THA4's and THA3's; channels
    empty: the released networks'. characters, poses: that they train on. tested: characters and poses of each, held
    out. examples: shown to each rotator, phases 1 and 2. resolution, body_examples: of the students of tables 6 and 7.
    measured: held-out poses. repetitions: of what is timed."""

    name: str
    size: int
    channels: tuple[tuple[int, ...], tuple[int, ...]]
    characters: int
    poses: int
    tested: tuple[int, int]
    examples: tuple[int, int]
    resolution: int
    body_examples: int
    measured: int
    repetitions: int


BUDGETS: Final = {
    budget.name: budget
    for budget in (
        Budget("seconds", 32, ((32, 32), (8, 16)), 1, 2, (1, 1), (8, 8), 64, 8, 1, 1),
        Budget("minutes", 64, ((32, 64, 64), (16, 32, 64)), 20, 6, (6, 3), (320, 960), 64, 160, 6, 2),
        Budget("hours", 128, ((32, 64, 128, 128), (32, 64, 128)), 300, 8, (20, 4), (8_000, 40_000), 128, 4_000, 50, 5),
        Budget("paper", 256, ((), ()), 8_000, 62, (160, 62), (500_000, 9_000_000), 512, 1_500_000, 1_000, 20),
    )
}


class Job(NamedTuple):
    """table, row: where its figures stand. on: the machine, where that matters, else nothing. make: does it."""

    table: int
    row: str
    on: str
    make: Callable[[], Figures]


def jobs(budget: Budget, world: World, folder: Path, examples: Path | None, vgg: Vgg | None, say: Say) -> Iterator[Job]:
    """Everything that the tables want, the quick things first. folder: where trainings keep their snapshots. examples:
    a data set for table 1; None: drawn. Raises TrainingError."""
    for name, system in _SYSTEMS.items():
        yield Job(2, name, "", partial(_system_size, system))
    yield Job(2, "student", "", _student_size)
    for character in ("yunagi", "kohaku"):
        yield Job(5, character, "", partial(_student, character, budget))
    machine = machine_name(world)
    yield Job(4, "student", machine, partial(_student_time, budget, world))
    for name, system in _SYSTEMS.items():
        yield Job(4, name, machine, partial(_teacher_time, system, budget, world))
    for variant in architectures():
        yield Job(6, variant.name, "", partial(_variant, variant, budget, world))
        yield Job(6, f"{variant.name}, time", machine, partial(_body_time, variant, budget, world))
    for variant in phases():
        yield Job(7, variant.name, "", partial(_variant, variant, budget, world))
    data = _Data(budget, examples)
    for row, poser in (("not moved", lambda: unmoved), ("mean flow", data.mean_flow)):
        yield Job(1, row, "", partial(_baseline, poser, data))
    for name in _SYSTEMS:
        yield Job(1, name, "", partial(_rotator, name, data, world, folder / name, vgg, say))


def architectures() -> list[Variant]:
    """Of table 6, and two shapes of ours."""
    named = {variant.kind: variant for variant in VARIANTS[:3]}
    return [
        named[PlainBody],
        named[SingleResolutionBody],
        named[BodyMorpher]._replace(name="as published"),
        *(Variant(f"ours, {name}", BodyMorpher, BODY_PHASES, NAMED[name]) for name in ("balanced", "light")),
    ]


def phases() -> list[Variant]:
    """Of table 7: every subset of the three phases, each over as many examples."""
    subsets = {"A": (1,), "B": (2,), "C": (3,), "D": (1, 2), "E": (1, 3), "F": (2, 3), "G": (1, 2, 3)}
    return [
        Variant(f"{letter}: {_listed(numbers)}", BodyMorpher, only(BODY_PHASES, numbers))
        for letter, numbers in subsets.items()
    ]


def machine_name(world: World) -> str:
    """What times are of."""
    if world.device.type == "cuda":
        return torch.cuda.get_device_name(world.device)
    names: list[str] = []
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    threads = torch.get_num_threads()
    return f"{names[0] if names else platform.machine()}, {threads} thread{'s'[: threads > 1]}"


class _Data:
    """The examples of table 1; those of the rig are drawn once they are wanted."""

    def __init__(self, budget: Budget, folder: Path | None) -> None:
        self.budget = budget
        self.train: Examples
        self.test: Examples
        if folder is not None:
            self.train, self.test = (FolderExamples(folder, part, budget.size) for part in (TRAIN, TEST))
            self.source = f"{len(self.test)} examples of {folder.name}"
        else:
            self.train = RigExamples(0, budget.characters, budget.poses, budget.size)
            self.test = RigExamples(FIRST_TEST_SEED, *budget.tested, budget.size)
            characters, poses = budget.tested
            self.source = f"{characters} held-out rig characters in {poses} poses"

    def mean_flow(self) -> Poser:
        # Loaded here: Skia is wanted for this alone.
        from tha4_core.rig.generated import generated_design
        from tha4_core.rig.teacher import RigTeacher

        count = max(6, min(24, self.budget.characters))
        torch.manual_seed(1)
        flows, poses = [], []
        for seed in range(count):
            teacher = RigTeacher(generated_design(seed))
            for _ in range(3):
                pose = torch.zeros(45)
                pose[39:44] = torch.rand(5) * 2.0 - 1.0
                pose[44] = torch.rand(1)
                flow = teacher.pose(pose[None]).flow
                flows.append(nn.functional.avg_pool2d(flow, flow.shape[-1] // self.budget.size)[0])
                poses.append(pose[39:])
        return mean_flow(flows, torch.stack(poses))


def _baseline(poser: Callable[[], Poser], data: _Data) -> Figures:
    return _scores(poser(), data)


def _rotator(name: str, data: _Data, world: World, folder: Path, vgg: Vgg | None, say: Say) -> Figures:
    """Train a rotator over the budget's examples, from wherever it was left, and measure it."""
    budget = data.budget
    tha3 = name == "THA3"
    settings = Settings(
        system="tha3" if tha3 else "tha4",
        size=budget.size,
        channels=budget.channels[tha3],
        examples=budget.examples,
        batch=8 if budget.name in ("seconds", "minutes") else 16,
        # Short trainings learn next to nothing at the paper's rate.
        rate=1e-4 if budget.name == "paper" else 1e-3,
        warm_up=min(5_000, sum(budget.examples) // 8),
    )
    training = BodyNetworkTraining(settings, data.train, world, vgg, None)
    begun = load_snapshot(folder) is not None
    say(f"table 1: {'going on with' if begun else 'training'} {name}'s rotator, {sum(budget.examples)} examples")
    log = train_network(name, training, folder, Limits(), lambda _: 0.0, world, lambda: False, lambda _: None)
    losses = "L1 + Phi" if vgg is not None else "L1 only"
    figures = _scores(of_network(training.network(), None, world.device), data)
    parameters = sum(parameter.numel() for parameter in new_network(settings).parameters())
    seconds = f"{log.seconds:.0f} s of training"
    return {**figures, "how": f"{training.examples} examples, {parameters / 1e6:.2f} M weights, {losses}, {seconds}"}


def _scores(poser: Poser, data: _Data) -> Figures:
    pairs = [(poser(example.rest, example.pose), example.posed) for example in (data.test[i] for i in _all(data.test))]
    figures: Figures = {
        "psnr": _mean([picture_psnr(made, wanted) for made, wanted in pairs]),
        "ssim": _mean([ssim(made, wanted) for made, wanted in pairs]),
    }
    with suppress(UserError, ValueError):  # LPIPS's weights are the user's, and it wants pictures of 64 and more
        figures["lpips"] = _mean([lpips(made[None], wanted[None]) for made, wanted in pairs])
    size = data.budget.size
    return {**figures, "on": f"{data.source}, {size}x{size}"}


def _all(examples: Examples) -> range:
    return range(len(examples))


def _system_size(system: System) -> Figures:
    with torch.device("meta"):
        total = sum(p.numel() for _, network in system.new_networks() for p in network.parameters())
    return {"mib": 4 * total / 2**20, "on": f"{total:,} weights of 4 bytes"}


def _student_size() -> Figures:
    total = sum(parameter.numel() for parameter in Student().parameters())
    return {"mib": 4 * total / 2**20, "on": f"{total:,} weights of 4 bytes"}


def _student(name: str, budget: Budget) -> Figures:
    """A built-in character against the rig that it was distilled from."""
    character = load_character(built_in_path(name))
    teacher = open_teacher(f"rig:{name}", None, torch.device("cpu")).teacher
    student = StudentPictures(character)
    poses = held_out_poses(budget.measured).numpy()
    values = [picture_psnr(student(pose), teacher_picture(teacher, pose)) for pose in poses]
    return {"psnr": _mean(values), "on": f"{len(values)} held-out poses, our recipe, teacher: its rig"}


def _teacher_time(system: System, budget: Budget, world: World) -> Figures:
    """Of a pose with a known picture, weights made up: they cost what real ones do."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        teacher = Teacher(system.new_networks(), world.device, torch.float32, system)
    image = torch.from_numpy(load_character(built_in_path()).network_image)
    poses = held_out_poses(budget.repetitions + 1)
    return _timed(lambda k: teacher.pose(image, poses[k : k + 1]), budget, world, system.multiply_adds)


def _student_time(budget: Budget, world: World) -> Figures:
    character = load_character(built_in_path())
    student = StudentPictures(character, str(world.device))
    poses = held_out_poses(budget.repetitions + 1).numpy()
    networks = character.networks
    multiply_adds = networks.face_multiply_adds + networks.body_multiply_adds
    return _timed(lambda k: student(poses[k]), budget, world, multiply_adds)


def _body_time(variant: Variant, budget: Budget, world: World) -> Figures:
    network = _body(variant).to(world.device)
    image = torch.from_numpy(load_character(built_in_path()).network_image)[None].to(world.device)
    poses = held_out_poses(budget.repetitions + 1).to(world.device)
    return _timed(lambda k: pose_body(network, image, poses[k : k + 1]), budget, world)


def _body(variant: Variant) -> nn.Module:
    return BodyMorpher(variant.networks) if variant.kind is BodyMorpher else variant.kind()


def _timed(work: Callable[[int], object], budget: Budget, world: World, multiply_adds: float | None = None) -> Figures:
    """The best of some: other programs only ever make one slower."""
    seconds = []
    with torch.inference_mode():
        for number in range(budget.repetitions + 1):
            _finished(world)
            began = time.perf_counter()
            work(number)
            _finished(world)
            seconds.append(time.perf_counter() - began)
    figures: Figures = {"ms": 1000.0 * min(seconds[1:]), "on": f"best of {budget.repetitions}, float32, torch"}
    if multiply_adds is not None:
        figures["g"] = multiply_adds / 1e9
    return figures


def _finished(world: World) -> None:
    if world.device.type == "cuda":
        torch.cuda.synchronize(world.device)


def _variant(variant: Variant, budget: Budget, world: World) -> Figures:
    teacher = open_teacher(_TEACHER, None, world.device).teacher
    sizes = {"examples": budget.body_examples, "resolution": budget.resolution, "poses": budget.measured}
    outcome = run(variant, teacher, world, **sizes)
    edge = budget.resolution
    return {
        "psnr": outcome.psnr,
        "on": f"{_TEACHER}, {outcome.examples} examples at {edge}x{edge}, {budget.measured} held-out poses",
    }


def _listed(numbers: tuple[int, ...]) -> str:
    if len(numbers) == 3:
        return "all phases"
    return f"phase {numbers[0]} only" if len(numbers) == 1 else f"phases {numbers[0]} and {numbers[1]}"


def _mean(values: list[float]) -> float:
    return float(Tensor(values).double().mean())
