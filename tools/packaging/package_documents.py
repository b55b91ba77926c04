"""The documents that go along in the addon's package, with links that lead to files of the package.

In the repository the addon's README links to ``docs``; whoever has only the zip has no such folder. So what is linked
to goes along in the addon's own folder ``docs``, and the links are turned there.
"""

from __future__ import annotations

import os
import posixpath
import re
from pathlib import Path, PurePosixPath

from tha4_core.errors import UserError
from tools.environment.bootstrap import ROOT

#: A link or a picture of a Markdown file: what stands before its target, and the target without its anchor.
LINK = re.compile(r"(\]\()(?![a-z]+:|#)([^)#\s]+)")
_DOCS = ROOT / "docs"


class BrokenLinkError(UserError):
    """A document links to what is not there, or to what cannot go along."""


def documents(addon: Path, readme: str) -> dict[str, bytes]:
    """The addon's README and all that it links to outside the addon, directly or through another document, by their
    places in the addon's folder. ``addon``: where the README lies in the repository. Raises BrokenLinkError.
    """
    texts = {"README.md": (addon / "README.md", readme)}
    packed: dict[str, bytes] = {}
    while texts:
        place, (source, text) = texts.popitem()
        found: dict[str, Path] = {}
        pieces = LINK.split(text)
        # Text, what stands before a link's target, the target; and again.
        pieces[2::3] = [_turn(addon, link, source, place, found) for link in pieces[2::3]]
        packed[place] = "".join(pieces).encode()
        for target, path in found.items():
            if target in packed or target in texts:
                continue
            if path.suffix == ".md":
                texts[target] = (path, path.read_text(encoding="utf-8"))
            else:
                packed[target] = path.read_bytes()
    if any(place.startswith("docs/") for place in packed):
        # Godot would import the pictures into every game.
        packed["docs/.gdignore"] = b""
    return packed


def _turn(addon: Path, link: str, source: Path, place: str, found: dict[str, Path]) -> str:
    """A link of the document at ``place``, as it must be in the package. Puts what has to go along into ``found``."""
    path = Path(os.path.normpath(source.parent / link))
    if not path.is_file():
        raise BrokenLinkError(f"{source.name} links to {link}, which is not there; mend the link.")
    if path.is_relative_to(addon):
        target = path.relative_to(addon).as_posix()
    elif path.is_relative_to(_DOCS):
        target = f"docs/{path.relative_to(_DOCS).as_posix()}"
        found[target] = path
    else:
        raise BrokenLinkError(f"{source.name} links to {link}, which is neither in the addon nor in docs.")
    return posixpath.relpath(target, str(PurePosixPath(place).parent))
