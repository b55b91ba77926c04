"""The report of a distillation: one HTML file that needs nothing else, for the person who drew the character."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import Any, Final, NamedTuple

from tha4_core.character import Character
from tha4_core.character.credits import CREDITS
from tha4_core.distill.evaluate import Evaluation, StudentPictures
from tha4_core.distill.network_costs import NetworkCost
from tha4_core.distill.paper import BODY_MULTIPLY_ADDS, FACE_MULTIPLY_ADDS, FORWARD_AND_BACKWARD
from tha4_core.distill.paper_phases import BODY_PHASES, FACE_PHASES
from tha4_core.distill.report_charts import Line, bar_list, line_chart
from tha4_core.distill.report_html import page, pictures, section
from tha4_core.distill.report_pictures import AMPLIFIED, compare, data_uri
from tha4_core.distill.training_log import TrainingLog
from tha4_core.key_poses import EXPRESSIONS, ROTATIONS
from tha4_core.pose import Pose, pose_from_names, pose_to_names
from tha4_core.teacher import CharacterTeacher
from tha4_core.teacher.systems import THA4

_WORST: Final = 5
#: PSNR in dB from which a verdict holds; the paper's own characters reach 34.5 to 36.2 (Table 5).
_VERDICTS: Final = (
    (36.0, "Excellent: as good as the best characters of the published method."),
    (33.0, "Very good: about as good as characters of the published method."),
    (29.0, "Good: movements are right; fine lines are a little soft."),
    (25.0, "Fair: movements are right, but lines are visibly soft."),
    (0.0, "A first impression only: train longer before you use it."),
)


class Course(NamedTuple):
    """How the training of one network went. frame_multiply_adds: what one answer of its teacher costs."""

    network: str
    log: TrainingLog
    frame_multiply_adds: float


def report_page(
    character: Character,
    teacher: CharacterTeacher,
    evaluation: Evaluation,
    courses: Sequence[Course],
    costs: Sequence[NetworkCost] = (),
) -> str:
    """The whole page. courses: none when only a finished character was evaluated. costs: of its networks and others."""
    student = StudentPictures(character, str(teacher.image.device))
    head_view = character.info.head_view
    expressions = [
        compare(name, pose_from_names(values), teacher, student, head_view) for name, values in EXPRESSIONS.items()
    ]
    turns = [compare(name, pose_from_names(values), teacher, student, None) for name, values in ROTATIONS.items()]
    worst = [compare(pose_name(score.pose), score.pose, teacher, student, None) for score in evaluation.worst(_WORST)]
    name = character.info.name or "The character"
    sections = [
        _head(character, name, evaluation),
        *_owed(character),
        _explained(),
        pictures("Expressions", "The head alone, as a head view shows it.", expressions),
        pictures("Turns", "The whole picture.", turns),
        pictures(
            f"The worst {len(worst)}",
            f"Of {len(evaluation.scores)} poses that the character never practised, these came out worst.",
            worst,
        ),
        section("Likeness by what moves", bar_list(evaluation.groups, "dB", 50.0)),
    ]
    if courses:
        sections += [_curves(courses), _cost(courses)]
    if costs:
        sections.append(_network_costs(costs))
    sections.append(section("Settings and versions", _table(_flat(_without_credits(character.info.provenance)))))
    return page(f"{name}: distillation report", sections)


def verdict(psnr: float) -> str:
    """A mean PSNR in dB as a sentence."""
    return next(sentence for least, sentence in _VERDICTS if psnr >= least or least == 0.0)


def paper_multiply_adds() -> float:
    """What the published recipe computes for one character, both networks and their teachers."""
    face = FACE_PHASES[-1].until * (THA4.face_multiply_adds + FORWARD_AND_BACKWARD * FACE_MULTIPLY_ADDS)
    body = BODY_PHASES[-1].until * (THA4.multiply_adds + FORWARD_AND_BACKWARD * BODY_MULTIPLY_ADDS)
    return face + body


def _head(character: Character, name: str, evaluation: Evaluation) -> str:
    figures = (
        ("mean likeness", f"{evaluation.mean_psnr:.1f} dB"),
        (f"worst of {len(evaluation.scores)}", f"{evaluation.worst(1)[0].psnr:.1f} dB"),
        ("structure (SSIM)", f"{evaluation.mean_ssim:.3f}"),
    )
    tiles = "".join(f'<div class="figure"><b>{value}</b><span>{escape(label)}</span></div>' for label, value in figures)
    return (
        f'<header><img class="portrait" src="{data_uri(character.image)}" alt="the drawing"><div>'
        f"<h1>{escape(name)}</h1><p class='verdict'>{escape(verdict(evaluation.mean_psnr))}</p>"
        f'<div class="figures">{tiles}</div></div></header>'
    )


def _owed(character: Character) -> list[str]:
    """What whoever passes the character on owes to others; nothing where nobody asks for anything."""
    items = "".join(
        f"<li>{escape(str(replace(credit, link='').line()))}"
        + (f' (<a href="{escape(credit.link)}">in their own words</a>)' if credit.link.startswith("https://") else "")
        + "</li>"
        for credit in character.info.credits
    )
    return [section("Whom to name", f"<ul>{items}</ul>")] if items else []


def _explained() -> str:
    return (
        "<p>The <em>teacher</em> is the slow, good way to pose the drawing. The <em>student</em> is your character:"
        " small and fast, and as good as it learned to be. Likeness (PSNR) compares the two, picture by picture, in"
        " decibels: more is better, and every 6 dB halve the error. From about 30 dB on, differences are hard to see"
        f" in motion. The third picture shows where they are, {AMPLIFIED} times as strong; black means none.</p>"
    )


def _network_costs(costs: Sequence[NetworkCost]) -> str:
    """What a picture takes with each shape of networks, on the machine that writes the report."""

    def time(milliseconds: float | None) -> str:
        return "-" if milliseconds is None else f"{milliseconds:.1f} ms"

    rows = "".join(
        f"<tr><td>{'<b>' if cost.own else ''}{escape(cost.name)}{'</b>, these' if cost.own else ''}"
        f"<td>{cost.multiply_adds / 1e9:.1f}<td>{time(cost.full)}<td>{time(cost.head)}</tr>"
        for cost in costs
    )
    head = "<tr><th>networks<th>billion multiply-adds<th>whole picture<th>head view</tr>"
    text = (
        "On the machine that wrote this report: one thread of the processor, all of the picture visible, nothing known"
        " from the picture before. Others can be trained with <code>--networks NAME</code>."
    )
    return section("What other networks would cost", f"<p>{text}</p><table>{head}{rows}</table>")


def _curves(courses: Sequence[Course]) -> str:
    def lines(axis: str) -> list[Line]:
        return [
            Line(course.network, course.network, [(getattr(point, axis), point.psnr) for point in course.log.points])
            for course in courses
        ]

    charts = "".join(
        f"<div><h3>against {label}</h3>{line_chart(label, 'PSNR in dB', lines(axis))}</div>"
        for axis, label in (("seconds", "seconds of training"), ("teacher_frames", "pictures asked of the teacher"))
    )
    return section(
        "How it learned",
        "<p>Likeness in dB on poses kept aside, while the networks were trained: the face by itself, then the whole"
        f" picture with both networks.</p><div class='charts'>{charts}</div>",
    )


def _cost(courses: Sequence[Course]) -> str:
    rows: list[tuple[str, str, str, str, str]] = []
    total = 0.0
    for course in courses:
        if not course.log.points:
            continue
        last = course.log.points[-1]
        teacher = last.teacher_frames * course.frame_multiply_adds
        total += teacher + last.multiply_adds
        rows.append(
            (course.network, _duration(last.seconds), _count(last.teacher_frames), _count(last.multiply_adds),
             _count(teacher))
        )  # fmt: skip
    head = "<tr><th>network<th>time<th>teacher's pictures<th>student's work<th>teacher's work</tr>"
    cells = "".join("<tr>" + "".join(f"<td>{escape(cell)}" for cell in row) + "</tr>" for row in rows)
    paper = paper_multiply_adds()
    sentence = (
        f"<p>Work is in multiply-adds. All of it together: {_count(total)}; the published recipe takes"
        f" {_count(paper)} with its own teacher, {paper / total:,.0f} times as much, and reaches 34.5 to 36.2 dB.</p>"
        if total
        else ""
    )
    return section("What it cost", f"<table>{head}{cells}</table>{sentence}")


def _table(rows: Mapping[str, str]) -> str:
    cells = "".join(f"<tr><td>{escape(name)}<td>{escape(value)}</tr>" for name, value in rows.items())
    return f"<table>{cells}</table>"


def _without_credits(provenance: Mapping[str, Any]) -> dict[str, Any]:
    """What the section of its own does not tell."""
    return {name: value for name, value in provenance.items() if name != CREDITS}


def _flat(document: Mapping[str, Any], before: str = "") -> dict[str, str]:
    """Nested settings as lines: ``training / face / examples``."""
    rows: dict[str, str] = {}
    for name, value in document.items():
        label = f"{before} / {name}" if before else name
        if isinstance(value, Mapping):
            rows |= _flat(value, label)
        else:
            rows[label] = _count(value) if isinstance(value, (int, float)) and value >= 1e6 else str(value)
    return rows


def pose_name(pose: Pose) -> str:
    """The three parameters that move most."""
    values = sorted(pose_to_names(pose).items(), key=lambda item: -abs(item[1]))[:3]
    return ", ".join(f"{name} {value:+.1f}" for name, value in values) or "neutral"


def _count(number: float) -> str:
    """1.2 million, 3.4 x 10^15: as people read them."""
    if number < 1e4:
        return f"{number:,.0f}"
    for limit, word in ((1e6, "thousand"), (1e9, "million"), (1e12, "billion")):
        if number < limit:
            return f"{number / limit * 1e3:,.1f} {word}"
    exponent = len(f"{int(number)}") - 1
    digits = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
    return f"{number / 10**exponent:.1f} \N{MULTIPLICATION SIGN} 10{str(exponent).translate(digits)}"


def _duration(seconds: float) -> str:
    minutes = seconds / 60.0
    if minutes < 1.0:
        return f"{seconds:.0f} s"
    return f"{minutes:.0f} min" if minutes < 90.0 else f"{minutes / 60.0:.1f} h"
