"""A drawing of any size and kind becomes the picture that is distilled: looked at, fitted, shown, asked about, kept."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import torch

from tha4_core.character.larger_drawing import edge_of as larger_edge
from tha4_core.distill.config import Config
from tha4_core.distill.distributed import World
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.kept_drawing import NOTE, keep_drawing, kept_picture, larger_fit
from tha4_core.distill.run_directory import SETTINGS
from tha4_core.distill.teachers import poses_any_drawing, teacher_folder
from tha4_core.drawing.findings import Examination, Level, examine
from tha4_core.drawing.preparing import PreparationError, Prepared, prepare
from tha4_core.drawing.reading import Drawing, read_drawing
from tha4_core.picture.color import PictureError, to_network
from tha4_core.picture.region import PICTURE_SIZE
from tha4_core.teacher import Teacher
from tha4_core.teacher.face_probe import face_probe
from tools.output.picture_files import write_picture
from tools.output.preview_sheet import preview_sheet

PREVIEW: Final = "preview.png"
#: A preview is there within a minute; what a slow teacher has not posed by then is left out.
_PREVIEW_SECONDS: Final = 40.0

Say = Callable[[str], None]


class Look(NamedTuple):
    """A drawing and what was seen of it. prepared: how it would be fitted; None: it can be taken as it is."""

    source: Path
    drawing: Drawing
    examination: Examination
    prepared: Prepared | None
    teacher: Teacher

    @property
    def seen(self) -> Examination:
        """What is to be said of the picture that will be distilled."""
        return self.prepared.examination if self.prepared else self.examination

    def in_words(self) -> str:
        """What would be done to the drawing, a sentence or two."""
        assert self.prepared is not None
        texts = [finding.text for finding in self.examination.findings if finding.subject in ("size", "head")]
        placement = self.prepared.fitted.placement
        found = next((finding.text for finding in self.seen.findings if finding.subject == "fit"), "")
        return (
            f"{self.source.name}: {' '.join(texts)} {found} To put the head in its place the drawing will be scaled to"
            f" {placement.scale:.0%}."
        )


def look(config: Config, device: torch.device) -> Look | None:
    """Look at the drawing of ``config`` with its teacher; None where the teacher knows a drawing of its own.

    Raises DistillationError for what fitting cannot mend, PictureError, WeightsError.
    """
    source = config.character_image_file_name
    if source is None or config.teacher is None or not poses_any_drawing(config.teacher):
        return None
    drawing = read_drawing(source)
    if int(drawing.pixels[..., 3].min()) == 255:
        raise PictureError(f"{source} is nowhere transparent; remove the background, as tools/check.py says.")
    teacher = Teacher.load(teacher_folder(config.teacher), device)
    probe = face_probe(teacher)
    examination = examine(drawing, probe)
    ready = (drawing.mode, drawing.file_format) == ("RGBA", "PNG")
    whole = (drawing.width, drawing.height) == (PICTURE_SIZE, PICTURE_SIZE)
    if not config.accept_drawing or examination.silhouette is None:
        _refuse_problems(source, examination, mended=("size", "alpha", "head"))
    if ready and whole and (examination.in_place or config.accept_drawing):
        return Look(source, drawing, examination, None, teacher)
    try:
        prepared = prepare(drawing, examination, probe=probe)
    except PreparationError:
        raise DistillationError(
            f"{source}: no head can be found to place it by; do it yourself: tools/check.py {source} --fit --head"
            " x,y,width,height -o prepared.png, and give prepared.png."
        ) from None
    if not config.accept_drawing:
        _refuse_problems(source, prepared.examination)
    return Look(source, drawing, examination, prepared, teacher)


def place_drawing(config: Config, world: World, say: Say, *, yes: bool) -> Config:
    """``config`` with the picture to distill: the drawing itself, or one that it was fitted into, kept with the run.

    The leading process shows a preview, and asks whether to go on with a drawing that has to be fitted. yes: the
    answer, without asking. A training that was begun is gone on with as it was. Raises as :func:`look` does.
    """
    source = config.character_image_file_name
    if source is None or config.teacher is None or not poses_any_drawing(config.teacher):
        return config
    folder = config.run_directory
    kept, begun = kept_picture(folder, source), (folder / SETTINGS).exists()
    if begun and kept is None and (folder / NOTE).exists():
        raise DistillationError(
            f"{folder} holds a training of another drawing than {source} is now; give another output, or delete that"
            " folder to begin again."
        )
    if world.leads and kept is None and not begun:
        found = look(config, world.device)
        assert found is not None
        write_preview(found, folder / PREVIEW, say)
        if found.prepared is not None:
            _ask(found, say, yes=yes)
            larger = larger_fit(found.drawing, found.prepared.fitted)
            keep_drawing(folder, source, found.prepared.fitted, larger)
            say(f"the picture of 512x512 is kept in {folder}, and beside it the drawing as it was given")
            if larger is not None:
                edge = larger_edge(larger)
                say(f"the drawing is kept at {edge} pixels, too: the character draws sharp frames of that size")
    world.wait()
    picture = kept_picture(folder, source)
    return config if picture is None else replace(config, character_image_file_name=picture)


def write_preview(found: Look, path: Path, say: Say) -> None:
    """Write what the teacher makes of the drawing, and say where. Raises OutputError."""
    pixels = found.drawing.pixels if found.prepared is None else found.prepared.fitted.pixels
    say("posing the drawing for a preview")
    teacher = found.teacher.of(torch.from_numpy(to_network(pixels)))
    write_picture(path, preview_sheet(pixels, found.seen, found.source.name, teacher, _PREVIEW_SECONDS))
    say(f"preview: {path}")


def _ask(found: Look, say: Say, *, yes: bool) -> None:
    """Raise DistillationError where the answer is no, or nobody can be asked."""
    say(found.in_words())
    if yes:
        return
    if not sys.stdin or not sys.stdin.isatty():
        raise DistillationError(
            f"{found.source} has to be fitted, and nobody can be asked whether its head was found right: look at the"
            f" preview and give --yes, or place it yourself: tools/check.py {found.source} --fit -o prepared.png"
            " [--head x,y,width,height]."
        )
    print("Look at the preview: do eyes and mouth move as they should? Go on with it? [Y/n] ", end="", file=sys.stderr)
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("", "y", "yes"):
        raise DistillationError(
            f"nothing was begun; place the drawing yourself: tools/check.py {found.source} --fit --head"
            " x,y,width,height -o prepared.png, and give prepared.png."
        )


def _refuse_problems(source: Path, examination: Examination, mended: Sequence[str] = ()) -> None:
    """Raise DistillationError for the first thing that speaks against a drawing, but for what fitting mends."""
    for finding in examination.findings:
        if finding.level is Level.PROBLEM and finding.subject not in mended:
            raise DistillationError(
                f"{source}: {finding.text} {finding.advice} (tools/check.py shows everything; accept_drawing: true or"
                " --accept-drawing trains on it as it is.)"
            )
