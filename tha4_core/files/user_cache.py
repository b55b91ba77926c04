"""Small files that the library keeps for the user between runs; each can be deleted at any time."""

from __future__ import annotations

import os
import sys
from pathlib import Path

#: Names another folder for the cache.
CACHE_VARIABLE = "THA4_CACHE_DIR"
_FOLDER = "anime-character"


def cache_directory() -> Path:
    """The folder for cached files, where this system wants it; it need not exist yet."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named)
    if sys.platform == "win32":
        home = os.environ.get("LOCALAPPDATA")
        return (Path(home) if home else Path.home() / "AppData" / "Local") / _FOLDER / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / _FOLDER
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / _FOLDER
