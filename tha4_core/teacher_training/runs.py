"""The folder of a training: settings, snapshots, samples; and what comes of it, a teacher's files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from torch import Tensor, nn

from tha4_core.character.weights import WeightsError
from tha4_core.distill.snapshots import load_snapshot
from tha4_core.files.atomic import write_atomically
from tha4_core.files.reading import FileError, read_file
from tha4_core.files.state_dict_files import dump_state_dict
from tha4_core.teacher.checkpoints import iterate_networks, recognise
from tha4_core.teacher_training.errors import TrainingError
from tha4_core.teacher_training.networks import new_network
from tha4_core.teacher_training.settings import EDITOR, ROTATOR, Settings, checked, document_of

NOTES: Final = "settings.json"
#: The files of a teacher that are trained, by system and network.
FILES: Final[Mapping[str, Mapping[str, str]]] = {
    "tha4": {ROTATOR: "body_morpher", EDITOR: "upscaler"},
    "tha3": {ROTATOR: "two_algo_face_body_rotator", EDITOR: "editor"},
    "tha3_separable": {ROTATOR: "two_algo_face_body_rotator", EDITOR: "editor"},
}
_TRAINED: Final = {file for files in FILES.values() for file in files.values()}
_MAX_NOTES_BYTES: Final = 64 << 10


def note_settings(folder: Path, settings: Settings) -> None:
    """Keep the settings of a training, or hold them against those that it was begun with. Raises TrainingError."""
    path = folder / NOTES
    if path.exists():
        before, now = document_of(read_settings(folder)), document_of(settings)
        for name, value in now.items():
            if before[name] != value and name != "samples":
                raise TrainingError(
                    f"{folder} holds a training with another {name} ({before[name]!r}, now {value!r}); give another"
                    " output, or delete that folder to begin again."
                )
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(path, (json.dumps(document_of(settings), indent=2) + "\n").encode())
    except OSError as error:
        raise TrainingError(f"{path} could not be written: {error.strerror}; give another output.") from None


def read_settings(folder: Path) -> Settings:
    """With which a training was begun. Raises TrainingError."""
    path = folder / NOTES
    try:
        document = json.loads(read_file(path, _MAX_NOTES_BYTES, "no settings of a training are"))
    except FileError as error:
        raise TrainingError(f"{folder} holds no training: {error}") from None
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise TrainingError(f"{path} is damaged; delete {folder} to begin again.")
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in document.items()
    }
    return checked(values, str(path))


def trained_network(folder: Path) -> tuple[Settings, nn.Module, int]:
    """The network of a training as its last snapshot has it, in evaluation mode, and the examples it has seen.

    Raises TrainingError where there is none, DistillationError for a damaged snapshot.
    """
    settings = read_settings(folder)
    snapshot = load_snapshot(folder)
    if snapshot is None:
        raise TrainingError(f"{folder} holds no snapshot yet; train for longer.")
    network = new_network(settings)
    try:
        state: dict[str, Tensor] = snapshot["training"]["network"]
        network.load_state_dict(state)
        return settings, network.eval(), int(snapshot["training"]["examples"])
    except (KeyError, TypeError, RuntimeError, ValueError):
        raise TrainingError(f"the snapshot in {folder} is of another network; delete the folder.") from None


def write_teacher(target: Path, rotator: Path, editor: Path, faces: Path) -> None:
    """A folder that ``Teacher.load`` takes: two trained networks, and the face networks of a teacher in ``faces``.

    Raises TrainingError for networks that do not belong together or are no released ones' shape, WeightsError.
    """
    parts = {ROTATOR: trained_network(rotator), EDITOR: trained_network(editor)}
    for name, (settings, _, _) in parts.items():
        folder = rotator if name == ROTATOR else editor
        if settings.network != name:
            raise TrainingError(f"{folder} holds a training of an {settings.network}, not of the {name}.")
        if settings.widths != Settings(name, settings.system).widths:
            raise TrainingError(
                f"{folder} has channels {list(settings.widths)}; a teacher's files have the released networks'"
                f" ({list(Settings(name, settings.system).widths)})."
            )
    systems = {settings.system for settings, _, _ in parts.values()}
    if len(systems) > 1:
        raise TrainingError(f"{rotator} and {editor} are of two systems, {' and '.join(sorted(systems))}.")
    system = systems.pop()
    known = recognise(faces)
    if ("separable" in known.name) != (system == "tha3_separable"):
        raise TrainingError(f"{faces} holds face networks of {known.name}, which do not go with {system}'s bodies.")
    files = {FILES[system][name]: network.state_dict() for name, (_, network, _) in parts.items()}
    for name, network in iterate_networks(faces, known):
        if name not in _TRAINED:
            files[name] = network.state_dict()
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, state in files.items():
            write_atomically(target / f"{name}.pt", dump_state_dict(state))
    except OSError as error:
        raise WeightsError(f"{target} could not be written: {error.strerror}.") from None
