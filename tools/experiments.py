"""The paper's ablations of the body at a small budget: ``python3 tools/experiments.py --teacher TEACHER``.

Trains each variant by the paper's rules over the same examples, its schedule shortened to them, and prints a table:
what it computed, how long that took, and its likeness to the teacher on held-out poses. The paper's own tables come
from 1.5 million examples at 512x512; what little ones tell is the order of variants, and not always that.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment

    enter_environment("torch", "distill")

import torch
from torch import nn

from tha4_core.character.networks import PUBLISHED, Networks
from tha4_core.console import make_output_safe
from tha4_core.distill.ablations import PlainBody, SingleResolutionBody
from tha4_core.distill.distributed import World, alone
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.evaluate import picture_psnr
from tha4_core.distill.inputs import read_drawing_file
from tha4_core.distill.losses import BodyWeights
from tha4_core.distill.paper import PaperSettings, paper_body, pose_body
from tha4_core.distill.paper_phases import BODY_PHASES, Phase, only, scaled
from tha4_core.distill.poses import BelievablePoses, held_out_poses
from tha4_core.distill.resolutions import RESOLUTIONS, reduced
from tha4_core.distill.teachers import open_teacher
from tha4_core.errors import UserError
from tha4_core.memory import keep_freed_memory
from tha4_core.picture.region import PICTURE_SIZE
from tha4_core.student import BodyMorpher
from tha4_core.teacher import CharacterTeacher

_BATCH = 8
#: A plain body has but one picture to compare.
_FINAL_ONLY = BodyWeights(flow=0.0, warped=0.0, direct=0.0, final=1.0)


class Variant(NamedTuple):
    """kind: of network. phases: a schedule as long as the paper's. networks: shape of a BodyMorpher."""

    name: str
    kind: type[nn.Module]
    phases: tuple[Phase, ...]
    networks: Networks = PUBLISHED


class Outcome(NamedTuple):
    """multiply_adds: of the student. psnr: dB, mean over held-out poses, at the resolution trained on."""

    variant: Variant
    examples: int
    seconds: float
    multiply_adds: float
    psnr: float


VARIANTS = (
    Variant("as in the paper", BodyMorpher, BODY_PHASES),
    Variant("one resolution", SingleResolutionBody, BODY_PHASES),
    Variant("plain SIREN", PlainBody, tuple(phase._replace(weights=_FINAL_ONLY) for phase in BODY_PHASES)),
    *(
        Variant(f"phase {' and '.join(map(str, numbers))} only", BodyMorpher, only(BODY_PHASES, numbers))
        for numbers in ((1,), (2,), (3,), (1, 2), (1, 3), (2, 3))
    ),
)


def run(
    variant: Variant, teacher: CharacterTeacher, world: World, *, examples: int, resolution: int, poses: int
) -> Outcome:
    """Train one variant and measure it."""
    on_cpu = world.device.type == "cpu"
    settings = PaperSettings(scaled(variant.phases, examples), _BATCH, 1, resolution, 1 if on_cpu else _BATCH)
    training = paper_body(teacher, BelievablePoses(1), world, settings, kind=variant.kind, networks=variant.networks)
    began = time.monotonic()
    while training.progress < 1.0:
        training.step()
    seconds = time.monotonic() - began
    network = training.network()
    factor = PICTURE_SIZE // resolution
    values: list[float] = []
    with torch.no_grad():
        for pose in torch.split(held_out_poses(poses).to(world.device), 1):
            taught = teacher.pose(pose)
            made = pose_body(network, reduced(taught.face.to(world.device), factor), pose).final
            values.append(picture_psnr(made, reduced(taught.final, factor)))
    return Outcome(variant, training.examples, seconds, training.multiply_adds, sum(values) / len(values))


def table(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Lines of a Markdown table, each as soon as its outcome is there; work as ratios to the first row's."""
    yield "| body | examples | student's work | seconds | PSNR, dB |"
    yield "|---|---|---|---|---|"
    base: float | None = None
    for o in outcomes:
        base = base or o.multiply_adds
        yield f"| {o.variant.name} | {o.examples} | {o.multiply_adds / base:.2f} | {o.seconds:.0f} | {o.psnr:.1f} |"


def _told(variant: Variant) -> Variant:
    print(f"{variant.name} ...", file=sys.stderr, flush=True)
    return variant


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    parser = argparse.ArgumentParser(prog="experiments.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("image", nargs="?", type=Path, help="the drawing; left out: the teacher's own")
    parser.add_argument("--teacher", required=True, help="a folder with the official networks, student:PATH, rig:NAME")
    parser.add_argument("--examples", type=int, default=800, help="for each variant; default 800")
    parser.add_argument("--resolution", type=int, choices=RESOLUTIONS, default=128, help="default 128")
    parser.add_argument("--poses", type=int, default=16, help="held-out poses; default 16")
    parser.add_argument("--only", nargs="+", metavar="NAME", help=f"of: {', '.join(v.name for v in VARIANTS)}")
    parser.add_argument("--threads", type=int, help="of the processor")
    options = parser.parse_args(arguments)
    keep_freed_memory()
    try:
        if min(options.examples, options.poses, options.threads or 1) < 1:
            raise DistillationError("--examples, --poses and --threads are whole numbers from 1.")
        names = [variant.name for variant in VARIANTS]
        for name in options.only or ():
            if name not in names:
                raise DistillationError(f"--only names no variant with {name!r}; there are: {', '.join(names)}.")
        chosen = [variant for variant in VARIANTS if options.only is None or variant.name in options.only]
        if options.threads is not None:
            torch.set_num_threads(options.threads)
        world = alone("cuda" if torch.cuda.is_available() else "cpu")
        pixels = None
        if options.image is not None:
            drawing = read_drawing_file(options.image).drawing
            pixels = drawing.pixels
            for remark in drawing.remarks:
                print(f"warning: {remark.text} {remark.advice}", file=sys.stderr)
        teacher = open_teacher(options.teacher, pixels, world.device).teacher
        sizes = {"examples": options.examples, "resolution": options.resolution, "poses": options.poses}
        side = options.resolution
        print(f"{options.examples} examples at {side}x{side}, {options.poses} held-out poses")
        # Each row as it is measured: what there is stays there when a later one is interrupted.
        for line in table(run(_told(variant), teacher, world, **sizes) for variant in chosen):
            print(line, flush=True)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
