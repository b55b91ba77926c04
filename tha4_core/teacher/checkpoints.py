"""The teacher's weights on disk: a directory of five ``.pt`` files, as released (TEACHER.md section 1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from tha4_core.character.weights import WeightsError
from tha4_core.files.atomic import write_atomically
from tha4_core.files.reading import FileError, read_buffer
from tha4_core.files.state_dict_files import dump_state_dict, parse_state_dict
from tha4_core.teacher.networks import NETWORKS, Networks

#: The largest file is 140 MB.
_MAX_PT_BYTES: Final = 256 << 20
#: Where the files come from, to go on a sentence that says which are missing.
ORIGIN: Final = (
    "they are in the THA4 author's release of the models, for non-commercial use only"
    " (github.com/pkhungurn/talking-head-anime-4-demo): unpack its ZIP, which holds data/tha4/, and give that folder,"
    " or copy them here"
)


def load_networks(directory: Path | str) -> Networks:
    """The five networks with a directory's weights, on the CPU, in evaluation mode, ready to be trained further.

    Raises WeightsError when files are missing (all of them named), or one is not what it should be.
    """
    return Networks(iterate_networks(directory)).eval()


def iterate_networks(directory: Path | str) -> Iterator[tuple[str, nn.Module]]:
    """As :func:`load_networks`, one after the other, so that not all need be in memory at once."""
    directory = Path(directory)
    missing = [f"{name}.pt" for name in NETWORKS if not (directory / f"{name}.pt").is_file()]
    if missing and not directory.is_dir():
        raise WeightsError(f"there is no folder {directory} with the teacher's {_listed(missing)}; {ORIGIN}.")
    if missing:
        raise WeightsError(f"{directory} lacks {_listed(missing)} of the teacher's five files; {ORIGIN}.")
    for name in NETWORKS:
        yield name, _load(directory / f"{name}.pt", name)


def save_networks(networks: Networks, directory: Path | str) -> None:
    """Write five files that :func:`load_networks` and the official programs read, each atomically.

    Raises WeightsError when something cannot be written.
    """
    directory = Path(directory)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, network in networks.named_children():
            write_atomically(directory / f"{name}.pt", dump_state_dict(network.state_dict()))
    except OSError as error:
        raise WeightsError(f"{directory} could not be written: {error.strerror}.") from None


def _load(path: Path, name: str) -> nn.Module:
    try:
        data = read_buffer(path, _MAX_PT_BYTES, "no file of the teacher is")
    except FileError as error:
        raise WeightsError(str(error)) from None
    state = parse_state_dict(data, str(path))
    with torch.device("meta"):  # shapes without memory or initial values
        network = NETWORKS[name]()
    _check(state, name, str(path), network.state_dict())
    network.load_state_dict(state, assign=True)
    return network.eval().requires_grad_()


def _check(state: Mapping[str, Tensor], name: str, source: str, expected: Mapping[str, Tensor]) -> None:
    """Names, shapes and finiteness of what a file holds. Raises WeightsError."""
    if state.keys() != expected.keys():
        if any(key.startswith(("siren.", "siren_layers.")) for key in state):
            raise WeightsError(
                f"{source} belongs to a character, a distilled student, and not to the teacher, whose file has the"
                " same name; the teacher's are 120 MB and more each."
            )
        other = next((n for n in NETWORKS if n != name and state.keys() == _keys(n)), None)
        if other:
            raise WeightsError(
                f"{source} holds the teacher's {other}, not its {name}: copy the released file of that name."
            )
        missing = [key for key in expected if key not in state]
        extra = [key for key in state if key not in expected]
        problem = f"lacks tensor {missing[0]!r}" if missing else f"has an unknown tensor {extra[0]!r:.100}"
        raise WeightsError(
            f"{source} is not the {name} of THA4's teacher: it {problem} ({len(missing)} missing,"
            f" {len(extra)} unknown); use the released file."
        )
    for key, tensor in state.items():
        if tensor.shape != expected[key].shape:
            raise WeightsError(
                f"{source}: tensor {key!r} has shape {tuple(tensor.shape)}, but {tuple(expected[key].shape)} is needed."
            )
        if not tensor.isfinite().all():
            raise WeightsError(f"{source}: tensor {key!r} holds NaN or infinity; the training that made it failed.")


def _keys(name: str) -> set[str]:
    with torch.device("meta"):
        return set(NETWORKS[name]().state_dict())


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
