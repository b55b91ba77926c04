"""Will this drawing do? Each answer is a sentence, how grave it is, and what to do.

What a character's drawing must be stands in DISTILLATION.md A.8: 512x512 with alpha, one humanoid, upright, facing
the viewer, hands away from the head, the head in its box. A silhouette tells much of that, not all: where the head is
and whether its eyes look at the viewer, only one who sees the face can tell, a teacher or whoever looks at the sheet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final, NamedTuple

from tha4_core.drawing.boxes import HEAD_BOX, Box
from tha4_core.drawing.edges import Edges, look_at_edges
from tha4_core.drawing.face import FaceProbe
from tha4_core.drawing.reading import Drawing
from tha4_core.drawing.seeing import Sighting, see_head
from tha4_core.drawing.silhouette import SOLID, Confidence, Head, Silhouette, find_silhouette
from tha4_core.picture.region import PICTURE_SIZE

#: More of the border solid than this, or less of the picture clear: it has a background.
_BACKGROUND_BORDER: Final = 0.5
_BACKGROUND_CLEAR: Final = 0.05
#: Shares of the outline that is a halo; of the picture that is haze.
_HALO: Final = 0.2
_HAZE_WARNING: Final = 0.001
_HAZE_PROBLEM: Final = 0.05
#: Square pixels of a 512 picture, weighed by alpha, from which specks are worth a word.
_SPECKS: Final = 4.0
#: How far the head's box may be off before it is a warning, and before it is a problem: in pixels, and in size.
_OFF: Final = (16.0, 40.0)
_SIZE_OFF: Final = (1.2, 1.5)
#: Less of the head's shadow its own mirror image than this: turned or tilted.
_MIRRORED: Final = 0.8
#: A head that leans by so many degrees is worth a word.
_TILT: Final = 8.0
#: More beside the head than this share of it: a hand, perhaps.
_BESIDE: Final = 0.06
#: The last rows of the picture in which the body has to be seen for it to reach the edge.
_BOTTOM_ROWS: Final = 2


class Level(Enum):
    """How grave a finding is: nothing; look at it; the drawing cannot be used as it is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """subject: what was looked at, one word. text: what was found, one sentence. advice: what to do, or nothing."""

    subject: str
    level: Level
    text: str
    advice: str = ""


@dataclass(frozen=True)
class Examination:
    """What was found out about a drawing; ``silhouette`` is None when a background hides it.

    looked: whether a teacher looked for a face. sighting: the one that it saw; its head is then the silhouette's.
    """

    findings: tuple[Finding, ...]
    silhouette: Silhouette | None
    looked: bool = False
    sighting: Sighting | None = None

    @property
    def usable(self) -> bool:
        """Whether nothing speaks against the drawing."""
        return all(finding.level is not Level.PROBLEM for finding in self.findings)

    @property
    def in_place(self) -> bool:
        """Of a 512x512 picture: whether its head is where and as large as it should be, or nothing tells that it is
        not."""
        head = self.silhouette.head if self.silhouette else None
        return not self._tells or (head is not None and _near(head))

    @property
    def _tells(self) -> bool:
        """Whether what was found is any ground to say that a 512x512 picture's head is not in its place."""
        if self.looked:
            return self.sighting is not None
        return self.silhouette is None or not self.silhouette.placed


def examine(drawing: Drawing, probe: FaceProbe | None = None) -> Examination:
    """Look at everything. Where a head should be is judged only in a picture of 512x512.

    probe: a teacher that sees the face; without one, where the head is can only be guessed from the silhouette.
    """
    edges = look_at_edges(drawing.pixels)
    findings = [_size(drawing), _alpha(drawing)]
    findings += [Finding(remark.subject, Level.WARNING, remark.text, remark.advice) for remark in drawing.remarks]
    filled = edges.clear < _BACKGROUND_CLEAR and edges.haze < _HAZE_PROBLEM
    has_background = edges.border >= _BACKGROUND_BORDER or filled
    findings.append(_background(has_background, drawing))
    if has_background:
        return Examination(tuple(findings), None)
    alpha = drawing.pixels[..., 3]
    silhouette = find_silhouette(alpha)
    looked = probe is not None and bool(silhouette.figures)
    sighting = see_head(drawing.pixels, silhouette, probe) if probe is not None else None
    if sighting is not None:
        silhouette = find_silhouette(alpha, sighting.head)
    elif looked and silhouette.head is not None:
        silhouette = replace(silhouette, head=replace(silhouette.head, confidence=Confidence.POOR))
    findings += [_halo(edges), _haze(edges)]
    findings += _parts(drawing, silhouette)
    found = Examination((), silhouette, looked, sighting)
    if looked and sighting is None:
        findings.append(_NO_FACE)
    elif silhouette.head is not None:
        findings += [_head(drawing, silhouette.head, found), _posture(silhouette, sighting), _hands(silhouette)]
    elif silhouette.figures:
        findings.append(
            Finding(
                "head",
                Level.PROBLEM,
                "No head can be found in the silhouette.",
                "Check that the figure is drawn opaque, or give the head with --fit --head x,y,width,height.",
            )
        )
    if silhouette.figures:
        findings += _frame(drawing)
    return replace(found, findings=tuple(findings))


_NO_FACE: Final = Finding(
    "head",
    Level.WARNING,
    "No face was seen that could shut its eyes and open its mouth, so where the head is cannot be told.",
    "The character must look at the viewer with both eyes open; if it does, say where its head is with --fit --head"
    " x,y,width,height.",
)


def _size(drawing: Drawing) -> Finding:
    if (drawing.width, drawing.height) == (PICTURE_SIZE, PICTURE_SIZE):
        return Finding("size", Level.OK, "The picture is 512x512 pixels.")
    return Finding(
        "size",
        Level.PROBLEM,
        f"The picture is {drawing.width}x{drawing.height} pixels; a character's picture must be 512x512.",
        "Let --fit -o prepared.png scale it and put the head in its place.",
    )


def _alpha(drawing: Drawing) -> Finding:
    if not drawing.has_alpha:
        return Finding(
            "alpha",
            Level.PROBLEM,
            f"The {drawing.file_format} file has no alpha channel (its mode is {drawing.mode}).",
            "Remove the background and save it as a PNG with transparency.",
        )
    if drawing.mode != "RGBA" or drawing.file_format != "PNG":
        return Finding(
            "alpha",
            Level.PROBLEM,
            f"The file is a {drawing.file_format} of mode {drawing.mode}; a character's picture must be an RGBA PNG.",
            "Let --fit -o prepared.png write one, or save it as a PNG with 8 bits of red, green, blue and alpha.",
        )
    return Finding("alpha", Level.OK, "The file is a PNG with an alpha channel.")


def _background(has_background: bool, drawing: Drawing) -> Finding:
    if has_background:
        return Finding(
            "background",
            Level.PROBLEM,
            "The background is not transparent"
            + (", although there is an alpha channel." if drawing.has_alpha else "."),
            "Remove it in a paint program, or with the tool rembg (pip install 'rembg[cpu,cli]';"
            " rembg i -m isnet-anime drawing.png cut.png); nothing else can be judged before.",
        )
    return Finding("background", Level.OK, "The background is transparent.")


def _halo(edges: Edges) -> Finding:
    if edges.halo >= _HALO:
        red, green, blue = edges.halo_color
        return Finding(
            "halo",
            Level.WARNING,
            f"{edges.halo:.0%} of the outline has the colour #{red:02x}{green:02x}{blue:02x}, which the figure within"
            " has not: a halo of an old background, or a drawn contour.",
            "If it was not drawn on purpose, shrink the mask by a pixel or two, or decontaminate the edge's colours.",
        )
    return Finding("halo", Level.OK, "The outline has no light halo.")


def _haze(edges: Edges) -> Finding:
    if edges.haze < _HAZE_WARNING:
        return Finding("haze", Level.OK, "Nothing half transparent lies about the figure.")
    problem = edges.haze >= _HAZE_PROBLEM
    return Finding(
        "haze",
        Level.PROBLEM if problem else Level.WARNING,
        f"{edges.haze:.1%} of the picture is half transparent away from the figure: leftovers of a background, a"
        " shadow, a glow or a veil.",
        "Make the background wholly transparent (alpha 0); a glow or shadow would be torn along with the body.",
    )


def _parts(drawing: Drawing, silhouette: Silhouette) -> Iterator[Finding]:
    count = len(silhouette.figures)
    if not count:
        yield Finding("figure", Level.PROBLEM, "The picture is empty.", "Draw somebody.")
        return
    if count > 1:
        yield Finding(
            "figure",
            Level.PROBLEM,
            f"There are {count} separate figures or large parts.",
            "Leave one character only; join what belongs to it, erase the rest.",
        )
    else:
        yield Finding("figure", Level.OK, "There is one connected figure.")
    area = silhouette.speck_area * (PICTURE_SIZE / max(drawing.width, drawing.height)) ** 2
    if area >= _SPECKS:
        largest = silhouette.specks[0]
        number = len(silhouette.specks)
        yield Finding(
            "specks",
            Level.WARNING,
            f"{number} speck{'s lie' if number > 1 else ' lies'} apart from the figure, the largest at"
            f" x={largest.centre_x:.0f} y={largest.centre_y:.0f}.",
            "Erase what does not belong to the figure.",
        )
    else:
        yield Finding("specks", Level.OK, "No specks lie apart from the figure.")


def _head(drawing: Drawing, head: Head, found: Examination) -> Finding:
    box, seen = head.box, head.confidence is Confidence.SEEN
    by = "" if seen else "By its silhouette, which is a guess, "
    the_head = "The head" if seen else "the head"
    if (drawing.width, drawing.height) != (PICTURE_SIZE, PICTURE_SIZE):
        place = f"about {head.height:.0f} pixels tall, around x={box.centre_x:.0f} y={box.centre_y:.0f}"
        return Finding("head", Level.OK, f"{by}{the_head} is {place}.")
    off = _offset(head)
    complaints: list[str] = []
    if abs(off.x) > _OFF[0]:
        complaints.append(f"{abs(off.x):.0f} pixels too far {'right' if off.x > 0 else 'left'}")
    if abs(off.y) > _OFF[0]:
        complaints.append(f"{abs(off.y):.0f} pixels too {'low' if off.y > 0 else 'high'}")
    if max(off.size, 1.0 / off.size) > _SIZE_OFF[0]:
        complaints.append(f"{abs(off.size - 1.0):.0%} too {'large' if off.size > 1.0 else 'small'}")
    if not complaints:
        text = f"{by}{the_head} is where it is expected."
        if head.confidence is Confidence.POOR:
            return Finding("head", Level.WARNING, text, _LOOK)
        return Finding("head", Level.OK, text)
    if found.in_place:
        return Finding(
            "head",
            Level.WARNING,
            "Where the head is cannot be told from the silhouette; one in its place could have this outline.",
            _LOOK,
        )
    text = f"{by}{the_head} is {' and '.join(complaints)}."
    far = max(abs(off.x), abs(off.y)) > _OFF[1] or max(off.size, 1.0 / off.size) > _SIZE_OFF[1]
    if head.confidence is Confidence.POOR:
        # No ground to refuse a drawing.
        return Finding("head", Level.WARNING, text, _LOOK)
    return Finding(
        "head", Level.PROBLEM if far else Level.WARNING, text, "Let --fit -o prepared.png put it in its box."
    )


#: What to do where only a silhouette was to be had.
_LOOK: Final = (
    "See on the sheet that eyes, brows, mouth and chin lie in the head box, or let a teacher look for the face:"
    " --teacher."
)


def _near(head: Head) -> bool:
    """Whether a head, found in a 512x512 picture, is where and as large as it should be."""
    off = _offset(head)
    return max(abs(off.x), abs(off.y)) <= _OFF[0] and max(off.size, 1.0 / off.size) <= _SIZE_OFF[0]


class _Offset(NamedTuple):
    """How far a head's box is from where it should be: to the right and down in pixels, and its size as a factor."""

    x: float
    y: float
    size: float


def _offset(head: Head) -> _Offset:
    expected, box = Box(*HEAD_BOX), head.box
    return _Offset(box.centre_x - expected.centre_x, box.centre_y - expected.centre_y, box.width / expected.width)


def _posture(silhouette: Silhouette, sighting: Sighting | None) -> Finding:
    if sighting is not None:
        # Hair to one side says nothing about a face that was seen.
        tilt = sighting.face.tilt
        if abs(tilt) <= _TILT:
            return Finding("posture", Level.OK, "The eyes are level, as of someone upright who faces the viewer.")
        return Finding(
            "posture",
            Level.WARNING,
            f"The head leans to the {'right' if tilt > 0 else 'left'} of the picture by {abs(tilt):.0f} degrees.",
            "The character should stand upright and look straight at the viewer.",
        )
    if silhouette.mirrored < _MIRRORED:
        return Finding(
            "posture",
            Level.WARNING,
            f"The outline of the head is not symmetrical ({silhouette.mirrored:.0%} of it mirrors): the head may be"
            " turned, tilted, or have one-sided hair.",
            "The character should stand upright and look straight at the viewer.",
        )
    return Finding("posture", Level.OK, "The outline of the head is symmetrical, as of someone who faces the viewer.")


def _hands(silhouette: Silhouette) -> Finding:
    if silhouette.beside_head > _BESIDE:
        return Finding(
            "hands",
            Level.WARNING,
            "Something stands beside or above the head: a hand, an object, or wide hair.",
            "Hands and objects must be below and away from the head, or they are torn when it turns.",
        )
    return Finding("hands", Level.OK, "Nothing stands beside the head.")


def _frame(drawing: Drawing) -> Iterator[Finding]:
    solid = drawing.pixels[..., 3] >= SOLID
    sides = {"top": solid[0], "left": solid[:, 0], "right": solid[:, -1]}
    touched = [side for side, pixels in sides.items() if pixels.any()]
    if touched:
        yield Finding(
            "edge",
            Level.WARNING,
            f"The figure touches the picture's {' and '.join(touched)} edge.",
            "What is cut off there will show when the character moves; leave some room.",
        )
    if solid[-_BOTTOM_ROWS:].any():
        yield Finding("bottom", Level.OK, "The body reaches the bottom edge.")
        return
    last = int(solid.any(axis=1).nonzero()[0][-1])
    yield Finding(
        "bottom",
        Level.WARNING,
        f"The figure ends at row {last}, above the bottom edge.",
        "That is right for a whole figure with feet; a body that is cut off there would show the cut.",
    )
