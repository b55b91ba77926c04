"""Which files a client may have the bridge read: those under its roots."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bridge.protocol import ProtocolError


def allowed_path(text: str, roots: Sequence[Path]) -> Path:
    """The real path of a character that a client names: absolute, or relative to a root.

    roots: resolved directories. Links are followed first, so a link cannot lead out of a root; and what lies outside
    gets the same answer whether it is there or not. Raises ProtocolError (``path_not_allowed``, ``bad_character``).
    """
    inside: Path | None = None
    for root in roots:
        try:
            path = (root / text).resolve()
            if not path.is_relative_to(root):
                continue
            inside = path
            if not path.exists():
                continue
            # Opening a pipe would wait for a writer for ever.
            readable = path.is_file() or path.is_dir()
        except (OSError, ValueError, RuntimeError):  # too long, a loop of links, or no name for this system
            continue
        if not readable:
            raise ProtocolError("bad_character", f"{_shown(text)} is neither a file nor a directory.")
        return path
    places = ", ".join(str(root) for root in roots) or "none"
    if inside is not None:
        raise ProtocolError("path_not_allowed", f"{_shown(text)} is not there; the bridge's roots are: {places}.")
    raise ProtocolError(
        "path_not_allowed",
        f"{_shown(text)} lies outside the bridge's roots ({places}); move it, or start the bridge with --root DIR.",
    )


def _shown(text: str) -> str:
    return repr(text if len(text) <= 200 else text[:200] + "...")
