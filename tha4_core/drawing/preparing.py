"""From any drawing to a character's picture: the head found or given, the drawing fitted, the result examined."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final, NamedTuple

from tha4_core.drawing.boxes import Box
from tha4_core.drawing.face import FaceProbe
from tha4_core.drawing.findings import Examination, Finding, Level, examine
from tha4_core.drawing.fitting import Cut, Fitted, Placement, fit, place_head
from tha4_core.drawing.reading import Drawing
from tha4_core.drawing.silhouette import SOLID, Confidence, Head
from tha4_core.errors import UserError
from tha4_core.picture.region import PICTURE_SIZE

#: A body that would end so many pixels above the bottom edge is moved down to it: the head's place allows that much.
_GAP: Final = 12.0


class PreparationError(UserError):
    """A drawing that cannot be fitted, since its head cannot be found."""


class Prepared(NamedTuple):
    """The fitted picture, and what was found out about it and about the fitting."""

    fitted: Fitted
    examination: Examination


def prepare(drawing: Drawing, before: Examination, head: Box | None = None, probe: FaceProbe | None = None) -> Prepared:
    """Fit a drawing by ``head``, in its pixels (what of it is to lie in the head box), or by the head that was found.

    before: what :func:`examine` says of the drawing, with the same probe. A picture of 512x512 whose head is where it
    should be, or cannot be told, keeps its place and size.
    Raises PreparationError when no head was found, PictureError for a box that cannot be.
    """
    if head is not None:
        fitted = fit(drawing.pixels, place_head(head))
        return Prepared(fitted, _examine_fitted(drawing, fitted, None, probe))
    found: Head | None = None
    if (drawing.width, drawing.height) == (PICTURE_SIZE, PICTURE_SIZE) and before.in_place:
        placement = Placement(1.0, 0.0, 0.0)
    else:
        found = before.silhouette.head if before.silhouette else None
        if found is None:
            raise PreparationError(
                "no head can be found to fit the drawing by; remove the background first, or give"
                " --head x,y,width,height."
            )
        placement = _resting_on_bottom(place_head(found.box), drawing)
    fitted = fit(drawing.pixels, placement)
    return Prepared(fitted, _examine_fitted(drawing, fitted, found, probe))


def _resting_on_bottom(placement: Placement, drawing: Drawing) -> Placement:
    """The same, moved down a little if that lets a body reach the bottom edge as it does in the drawing."""
    gap = PICTURE_SIZE - (placement.y + placement.scale * drawing.height)
    if _reaches_bottom(drawing) and 0.0 < gap <= _GAP:
        return placement._replace(y=placement.y + gap)
    return placement


def _reaches_bottom(drawing: Drawing) -> bool:
    return bool((drawing.pixels[-1, :, 3] >= SOLID).any())


def _examine_fitted(drawing: Drawing, fitted: Fitted, found: Head | None, probe: FaceProbe | None) -> Examination:
    """Look at the fitted picture, and at what fitting did; ``found``: the head that it was fitted by, unless given."""
    examination = examine(Drawing(fitted.pixels, True, "RGBA", "PNG", drawing.remarks), probe)
    findings = [_judge_cut(fitted.cut), *examination.findings]
    if found is not None:
        findings.insert(0, _judge_found_head(found))
    # A body cut off by the drawing's edge was out of sight there, and is in sight where more room is below it.
    end = fitted.placement.y + fitted.placement.scale * drawing.height
    if _reaches_bottom(drawing) and end <= PICTURE_SIZE - 1:
        floating = Finding(
            "bottom",
            Level.WARNING,
            f"The drawing ends at row {end:.0f} of the prepared picture: the body would be seen cut off there.",
            "Draw more of the body, or show the character in the game only down to that row.",
        )
        findings = [floating if finding.subject == "bottom" else finding for finding in findings]
    return replace(examination, findings=tuple(findings))


def _judge_cut(cut: Cut) -> Finding:
    """What fitting had to cut off. The bottom does not count: the picture shows a figure from the head to the hips."""
    sides = {"left": cut.left, "top": cut.top, "right": cut.right}
    lost = [f"{math.ceil(pixels)} pixels at the {side}" for side, pixels in sides.items() if pixels > 0.0]
    if lost:
        return Finding(
            "cut",
            Level.PROBLEM,
            f"With the head in its box the figure is cut off: {', '.join(lost)}.",
            "Draw that part closer to the body, or give a larger box with --head, so that the figure gets smaller.",
        )
    below = math.ceil(cut.bottom)
    more = f" ({below} pixels of it are below the picture, as they may be)" if below else ""
    return Finding("cut", Level.OK, f"Nothing of the figure is cut off at the sides or the top{more}.")


def _judge_found_head(head: Head) -> Finding:
    """How far a head that was found, not given, is to be relied on."""
    if head.confidence is Confidence.SEEN:
        return Finding("fit", Level.OK, "The head was found by its face: hair, eyes and chin.")
    if head.confidence is Confidence.GOOD:
        return Finding("fit", Level.OK, "The head was found by a clear neck in the silhouette.")
    how = {
        Confidence.FAIR: "by a slight narrowing at the neck only",
        Confidence.POOR: "by the roundness of its top only, since no neck shows",
    }[head.confidence]
    return Finding(
        "fit",
        Level.WARNING,
        f"The head was found {how}; its size is a guess.",
        "Look at the sheet: eyes, brows, mouth and chin must lie in the head box; else let a teacher look for the face"
        " (--teacher), or give --head x,y,width,height.",
    )
