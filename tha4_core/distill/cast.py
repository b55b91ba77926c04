"""A cast: many characters to distil, their settings in one YAML file.

Under a character's name stand its settings, those of :mod:`tha4_core.distill.config`, or its drawing alone; what stands
under ``all`` holds for each that says nothing else. ``gpus`` is the share of a GPU that a character asks for. Relative
paths are relative to the file's folder, so that every machine of a cluster finds the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from tha4_core.character.single_file import SUFFIX
from tha4_core.distill.config import Config, changed
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.noted_paths import INPUTS
from tha4_core.distill.teachers import RIG_PREFIX, STUDENT_PREFIX
from tha4_core.errors import shown
from tha4_core.files.reading import FileError, read_file
from tha4_core.files.yaml_documents import Section, Value, YamlError, parse_sections
from tha4_core.published_teachers import FETCHED

#: The heading of what holds for all characters.
ALL: Final = "all"
_DRAWING: Final = "character_image_file_name"
_TEACHER: Final = "teacher"
_GPUS: Final = "gpus"
#: What a cast decides itself, and where.
_DECIDED: Final[Mapping[str, str]] = {
    "output": f"each character goes to the cast's folder as NAME{SUFFIX}; give -o FOLDER",
    "prefix": "each character's training lies beside it; give -o FOLDER",
    "num_gpus": f"a character trains in one process; {_GPUS}: 1 gives it a GPU",
    "device": f"{_GPUS}: 1 gives a character a GPU",
}
#: A name is a file's on every system.
_NAME: Final = re.compile(r"[^\W_][\w -]{0,62}\w|[^\W_]")
_RESERVED: Final = re.compile(r"(?i)con|prn|aux|nul|com\d|lpt\d|" + ALL)
_MAX_BYTES: Final = 1 << 20
_MOST_CHARACTERS: Final = 1000
_MOST_GPUS: Final = 1


class Member(NamedTuple):
    """A character of a cast. config: complete, with absolute paths. gpus: share of a GPU that is asked for, 0 to 1."""

    name: str
    config: Config
    gpus: float

    @property
    def threads(self) -> int:
        """Of the processor, that are asked for."""
        assert self.config.threads is not None
        return self.config.threads


def read_cast(path: Path, folder: Path) -> tuple[Member, ...]:
    """The characters of a cast's file, in its order; each is to be written to ``folder``.

    Raises DistillationError, one sentence for what is wrong first.
    """
    try:
        sections = parse_sections(read_file(path, _MAX_BYTES, "no cast is"), str(path), _MAX_BYTES)
    except (FileError, YamlError) as error:
        raise DistillationError(str(error)) from None
    source = str(path)
    common = _settings(sections.pop(ALL, None), f"{source}: {ALL}")
    if not sections:
        raise DistillationError(f"{source} names no character; it must have lines such as 'hero: hero.png'.")
    if len(sections) > _MOST_CHARACTERS:
        raise DistillationError(f"{source} names {len(sections)} characters; at most {_MOST_CHARACTERS} make a cast.")
    _check_names(list(sections), source)
    base = path.absolute().parent
    # Looked at by itself, so that what is wrong is said of where it stands.
    _member(ALL, {**common, _DRAWING: None}, base, folder, f"{source}: {ALL}")
    return tuple(
        _member(name, {**common, **_settings(section, f"{source}: {name}")}, base, folder, f"{source}: {name}")
        for name, section in sections.items()
    )


def _settings(section: Section, source: str) -> dict[str, Value]:
    """A section's settings, of a drawing alone as well."""
    settings: dict[str, Value] = {}
    if isinstance(section, dict):
        settings = section
    elif section is not None:
        settings = {_DRAWING: section}
    for name in settings:
        if name in _DECIDED:
            raise DistillationError(f"{source}: {name} is no setting of a cast: {_DECIDED[name]}.")
    return settings


def _member(name: str, values: Mapping[str, Value], base: Path, folder: Path, source: str) -> Member:
    settings: dict[str, Any] = dict(values)
    gpus = settings.pop(_GPUS, 0)
    if type(gpus) not in (int, float) or not 0 <= gpus <= _MOST_GPUS:
        raise DistillationError(f"{source}: {_GPUS} must be a number from 0 to {_MOST_GPUS}, not {shown(gpus)}.")
    config = changed(Config(threads=1), settings, source)
    if config.threads is None:
        raise DistillationError(f"{source}: threads must be a whole number, so that the cluster can plan with it.")
    if config.teacher is None and (config.character_image_file_name is not None or name == ALL):
        config = replace(config, teacher=FETCHED)
    if config.teacher is None:
        raise DistillationError(
            f"{source}: nothing says what is drawn; give {_DRAWING}: NAME.png, or a teacher with a drawing of its own,"
            f" {STUDENT_PREFIX}PATH or {RIG_PREFIX}NAME."
        )
    placed: dict[str, Any] = {field: _placed(getattr(config, field), base) for field in INPUTS if field != _TEACHER}
    config = replace(
        config,
        **placed,
        teacher=_placed_teacher(config.teacher, base),
        output=folder.absolute() / f"{name}{SUFFIX}",
        device="cuda" if gpus else "cpu",
    )
    return Member(name, config, float(gpus))


def _placed(path: Path | None, base: Path) -> Path | None:
    return None if path is None else base / path


def _placed_teacher(teacher: str, base: Path) -> str:
    """With the path in it, if it is one beside the file; names of characters and teachers stay."""
    before = STUDENT_PREFIX if teacher.startswith(STUDENT_PREFIX) else ""
    path = teacher.removeprefix(before)
    if teacher.startswith(RIG_PREFIX) or teacher == FETCHED:
        return teacher
    try:
        there = (base / path).exists()
    except (OSError, ValueError):  # no path on this system
        there = False
    return f"{before}{base / path}" if there else teacher


def _check_names(names: list[str], source: str) -> None:
    seen: dict[str, str] = {}
    for name in names:
        if not _NAME.fullmatch(name) or _RESERVED.fullmatch(name):
            raise DistillationError(
                f"{source}: {shown(name)} can be no file's name on every system; give letters, digits, spaces, - and _,"
                " at most 64 of them."
            )
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            raise DistillationError(f"{source}: {other} and {name} are one file on some systems; rename one of them.")
