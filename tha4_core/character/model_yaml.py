"""``character_model.yaml``: three keys, each with the name of a file.

It is read as :mod:`tha4_core.files.yaml_documents` says, each text within one line, and so does the Godot addon (its
``character/model_yaml.gd``): ``tests/yaml_cases.json`` holds what both must accept and refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

import yaml

from tha4_core.character.model import CharacterError
from tha4_core.files.yaml_documents import parse_settings

MAX_BYTES: Final = 4096
#: What would be YAML, but is not read: directives, keys that begin with a question mark, line ends of Unicode.
_FOREIGN: Final = re.compile(r"^%|^ *\?(?:\s|$)|[\x85\u2028\u2029]", re.MULTILINE)
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def named_files(data: bytes, keys: Iterable[str], source: str) -> dict[str, PurePosixPath]:
    """The file that each key names, as a path inside the directory of the YAML file called ``source``.

    A backslash divides folders as a slash does. Raises YamlError, CharacterError.
    """
    broken: list[int] = []  # lines in which something begins that the addon's reader cannot read

    def look(event: yaml.ScalarEvent) -> None:
        begin, end = event.start_mark, event.end_mark
        if begin is not None and end is not None and (event.style in ("|", ">") or begin.line != end.line):
            broken.append(begin.line)

    settings = parse_settings(data, source, MAX_BYTES, look)
    text = data.decode("utf-8-sig")
    broken += [text.count("\n", 0, found.start()) for found in _FOREIGN.finditer(text)]
    if broken:
        raise CharacterError(
            f"{source}, line {min(broken) + 1}: texts of several lines, directives and '?' keys are not read; write"
            ' each key and its file in one line, as in "character_image_file_name: character.png".'
        )
    return {key: _inside(settings.get(key), key, source) for key in keys}


def _inside(name: object, key: str, source: str) -> PurePosixPath:
    if not isinstance(name, str) or not name:
        raise CharacterError(f'{source} has no "{key}"; it must name the file, as in "{key}: its_name.png".')
    if _CONTROL.search(name):
        raise CharacterError(f'{source}: "{key}" holds a control character; name the file as it is called.')
    name = name.replace("\\", "/")
    depth = 0
    for part in name.split("/"):
        depth += {"..": -1, ".": 0, "": 0}.get(part, 1)
        if depth < 0:
            break
    # A character is data from strangers: it may not make us read files from elsewhere.
    if depth < 0 or name.startswith("/") or re.match("[A-Za-z]:", name) or "://" in name:
        raise CharacterError(f'{source}: "{key}" leads out of its directory ({name!r:.100}); put the file there.')
    return PurePosixPath(name)
