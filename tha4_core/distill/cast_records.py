"""What is known of each character of a cast while it is distilled: a small file each, on storage that all share.

Whoever works on a character writes its record; whoever shows the cast reads all of them. So a table needs no
connection to a machine that may be lost, and the next run knows what is done and what failed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from tha4_core.distill.cast import Member
from tha4_core.distill.config import to_document
from tha4_core.distill.errors import DistillationError, not_written
from tha4_core.distill.report_pictures import Comparison
from tha4_core.drawing.reading import MAX_FILE_BYTES
from tha4_core.files.atomic import write_atomically
from tha4_core.files.reading import FileError, read_file

WAITING: Final = "waiting"
RUNNING: Final = "running"
STOPPED: Final = "stopped"
DONE: Final = "done"
FAILED: Final = "failed"
_STATES: Final = (WAITING, RUNNING, STOPPED, DONE, FAILED)
#: In the cast's folder.
_FOLDER: Final = "progress"
#: Three small pictures of each worst pose are 100 kB.
_MAX_BYTES: Final = 4 << 20
#: Settings that do not change what comes of a character.
_FREE: Final = ("output", "threads", "device", "snapshot_seconds")


@dataclass(frozen=True)
class Record:
    """A character of a cast, as last heard of.

    state: of WAITING, RUNNING, STOPPED, DONE, FAILED. key: what of, by :func:`key_of`. run: the command that began it.
    text: what is done now, or the sentence of a failure. place: the machine. fraction: of the network in training, 0 to
    1. psnr: dB, last measured; of a character that is done the mean over held-out poses. seconds_left: None while
    unknown. lost: how often, within a run, its worker disappeared. resumed: examples that the snapshots held when it
    was last begun. worst: poses that came out worst, the worst first.
    """

    state: str
    key: str
    run: str = ""
    text: str = ""
    place: str = ""
    fraction: float = 0.0
    psnr: float | None = None
    seconds_left: float | None = None
    lost: int = 0
    resumed: int = 0
    worst: tuple[Comparison, ...] = ()

    @property
    def worst_psnr(self) -> float:
        """dB; infinite where nothing was measured."""
        return min((one.psnr for one in self.worst), default=float("inf"))


def key_of(member: Member) -> str:
    """Names a character's settings and its drawing: another key means that it is looked at anew."""
    settings = {name: value for name, value in to_document(member.config).items() if name not in _FREE}
    sha = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    drawing = member.config.character_image_file_name
    if drawing is not None:
        try:
            sha.update(read_file(drawing, MAX_FILE_BYTES, "save the picture smaller"))
        except FileError as error:  # said again, to whoever distils it
            sha.update(str(error).encode())
    return sha.hexdigest()


def record_path(member: Member) -> Path:
    """Where a character's record lies."""
    return member.config.target.parent / _FOLDER / f"{member.name}.json"


def save_record(path: Path, record: Record) -> None:
    """Write it whole or not at all. Raises DistillationError."""
    document = {**asdict(record), "worst": [one._asdict() for one in record.worst]}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, (json.dumps(document) + "\n").encode())
    except OSError as error:
        raise not_written(path, error) from None


def load_record(path: Path) -> Record | None:
    """What was last written there; None where nothing was. Raises DistillationError for anything else than a record."""
    if not path.is_file():
        return None
    try:
        document = json.loads(read_file(path, _MAX_BYTES, "no record of a cast is"))
        return _record(document)
    except (FileError, ValueError, TypeError, RecursionError):
        raise DistillationError(f"{path} is damaged; delete it, and its character is looked at anew.") from None


def _record(document: Any) -> Record:
    if not isinstance(document, dict) or set(document) != {field.name for field in fields(Record)}:
        raise ValueError("no record")
    worst = document.pop("worst")
    if not isinstance(worst, list) or not all(isinstance(one, dict) for one in worst):
        raise ValueError("no poses")
    record = Record(**document, worst=tuple(_comparison(one) for one in worst))
    texts = (record.state, record.key, record.run, record.text, record.place)
    optional = [value for value in (record.psnr, record.seconds_left) if value is not None]
    if record.state not in _STATES or not all(isinstance(text, str) for text in texts):
        raise ValueError("no record")
    for value in (record.fraction, *optional):
        _check_number(value)
    for count in (record.lost, record.resumed):
        if type(count) is not int or count < 0:
            raise ValueError("no count")
    return record


def _comparison(document: Mapping[str, Any]) -> Comparison:
    comparison = Comparison(**document)
    _check_number(comparison.psnr)
    pictures = (comparison.teacher, comparison.student, comparison.difference)
    if not isinstance(comparison.name, str) or not all(_is_picture(picture) for picture in pictures):
        raise ValueError("no comparison")
    return comparison


def _is_picture(text: object) -> bool:
    """Whether a text can stand as a picture's address in a page, and nothing else."""
    return isinstance(text, str) and text.startswith("data:image/webp;base64,") and not set(text) & set("\"'<>& ")


def _check_number(value: object) -> None:
    if type(value) not in (int, float) or not abs(float(value)) < 1e12:  # type: ignore[arg-type]
        raise ValueError("no number")
