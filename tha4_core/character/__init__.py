"""A distilled character on disk: load, validate, save, in its two forms.

The official directory (:mod:`.official_directory`) and the single file ``.tha4`` (:mod:`.single_file`) hold the same.
"""

from __future__ import annotations

import os
from pathlib import Path

from tha4_core.character.model import Character, CharacterError, CharacterInfo
from tha4_core.character.official_directory import YAML_NAME, load_directory, save_directory
from tha4_core.character.single_file import SUFFIX, load_single_file, parse_single_file, save_single_file

__all__ = ["Character", "CharacterError", "CharacterInfo", "load_character", "parse_single_file", "save_character"]


def load_character(path: Path | str, *, zipped_again: bool = False) -> Character:
    """Load a ``.tha4`` file, a character directory, or the ``.yaml`` file in one.

    zipped_again: take a ``.tha4`` file that another program has zipped again, with compression or in a folder, too.
    Raises a UserError (CharacterError, PictureError or WeightsError) whose sentence names the file and what to do.
    """
    path = Path(path)
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise CharacterError(f"{path} does not exist; give a {SUFFIX} file or a directory with {YAML_NAME}.") from None
    except OSError as error:
        raise CharacterError(f"{path} could not be read: {error.strerror}.") from None
    except ValueError:
        raise CharacterError(f"{str(path)!r:.200} could not be read: no file has such a name.") from None
    if path.is_dir() and not os.path.lexists(path / YAML_NAME):
        raise CharacterError(f"{path} has no {YAML_NAME}; give a character's directory or a {SUFFIX} file.")
    if path.is_dir() or path.suffix.lower() in (".yaml", ".yml"):
        return load_directory(path)
    return load_single_file(path, zipped_again=zipped_again)


def save_character(character: Character, path: Path | str) -> None:
    """Save as a single file when ``path`` ends in ``.tha4``, else as an official directory. Raises CharacterError."""
    path = Path(path)
    if path.suffix.lower() == SUFFIX:
        save_single_file(character, path)
    else:
        save_directory(character, path)
