"""The addon's expressions, read from the files that the addon ships, for pages that are no Godot."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from tha4_core.errors import UserError
from tha4_core.pose import NAMES
from tools.environment.bootstrap import ROOT

FOLDER: Final = ROOT / "godot_addon" / "addons" / "anime_character" / "expressions"

_NUMBER: Final = r"-?\d+(?:\.\d+)?"
_SETTING: Final = re.compile(rf"(weights/)?(\w+) = ({_NUMBER})")


class ExpressionError(UserError):
    """A file of an expression that says something else than parameters and numbers."""


def read_expressions(folder: Path = FOLDER) -> dict[str, dict[str, dict[str, float]]]:
    """Partial poses by name: of each parameter that is set the ``value`` and the ``weight`` (0 to 1), as AnimePose has.

    Reads the ``.tres`` files of a folder, sorted by name. Raises ExpressionError.
    """
    return {path.stem: _read(path) for path in sorted(folder.glob("*.tres"))}


def _read(path: Path) -> dict[str, dict[str, float]]:
    _, _, settings = path.read_text(encoding="utf-8").partition("[resource]\n")
    pose: dict[str, dict[str, float]] = {}
    for line in settings.splitlines():
        if not line or line.startswith("script = "):
            continue
        found = _SETTING.fullmatch(line)
        if found is None or found[2] not in NAMES:
            raise ExpressionError(
                f"{path.name}: {line!r:.80} sets no pose parameter; save the expression in Godot again."
            )
        pose.setdefault(found[2], {"value": 0.0, "weight": 1.0})["weight" if found[1] else "value"] = float(found[3])
    return pose
