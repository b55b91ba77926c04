"""A teacher's weights on disk: a directory of five ``.pt`` files, as released.

TEACHER.md section 1, THA3.md section 2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from tha4_core.character.weights import WeightsError
from tha4_core.files.atomic import write_atomically
from tha4_core.files.reading import FileError, read_buffer
from tha4_core.files.state_dict_files import dump_state_dict, parse_state_dict, parse_stored_weights
from tha4_core.teacher.networks import Networks
from tha4_core.teacher.systems import SYSTEMS, THA3_SEPARABLE, THA4, System
from tha4_core.teacher.tha3_networks import Tha3Networks

#: The largest file is 140 MB.
_MAX_PT_BYTES: Final = 256 << 20
#: Where the files come from, to go on a sentence that says which are missing.
ORIGIN: Final = (
    "they are in the THA4 author's release of the models, for non-commercial use only"
    " (github.com/pkhungurn/talking-head-anime-4-demo): unpack its ZIP, which holds data/tha4/, and give that folder,"
    " or copy them here"
)
#: The same of THA3, whose files may be used commercially.
ORIGIN_OF_THA3: Final = (
    "they are in the THA3 author's release of the models, under CC BY 4.0"
    " (github.com/pkhungurn/talking-head-anime-3-demo): unpack its ZIP, which holds a folder for each mode"
)
_THA3_ROTATOR: Final = "two_algo_face_body_rotator"


def load_networks(directory: Path | str) -> Networks | Tha3Networks:
    """The five networks with a directory's weights, on the CPU, in evaluation mode, ready to be trained further.

    Raises WeightsError when files are missing (all of them named), or one is not what it should be.
    """
    system = recognise(directory)
    return system.chain(iterate_networks(directory, system)).eval()


def recognise(directory: Path | str) -> System:
    """Of which system a directory's five files are.

    Its rotator tells, which no two systems share; :func:`iterate_networks` holds the others against it. Raises
    WeightsError when there is none, or more than one system's.
    """
    directory = Path(directory)
    tha4, tha3 = (_own_files(directory, system) for system in (THA4, THA3_SEPARABLE))
    if tha4 and tha3:
        raise WeightsError(
            f"{directory} holds files of two teachers, {_listed(tha4)} of THA4 and {_listed(tha3)} of THA3: keep each"
            " in a folder of its own, with the eyebrow and face files that came with it."
        )
    rotator = directory / f"{_THA3_ROTATOR}.pt"
    if not rotator.is_file():
        return THA3_SEPARABLE if tha3 else THA4
    state = parse_stored_weights(_read(rotator), str(rotator))
    dtype = next((tensor.dtype for tensor in state.values()), "")
    known = [system for system in SYSTEMS if _THA3_ROTATOR in system.networks]
    ours = [system for system in known if state.keys() == system.keys(_THA3_ROTATOR)]
    # A file that is like none of them is held against the mode that nearly everybody has, to say what it lacks.
    return next((system for system in ours if system.weights == dtype), (ours or [THA3_SEPARABLE])[0])


def iterate_networks(directory: Path | str, system: System | None = None) -> Iterator[tuple[str, nn.Module]]:
    """As :func:`load_networks`, one after the other, so that not all need be in memory at once."""
    directory, system = Path(directory), system or recognise(directory)
    missing = [f"{name}.pt" for name in system.networks if not (directory / f"{name}.pt").is_file()]
    if missing and not directory.is_dir():
        raise WeightsError(f"there is no folder {directory} with the teacher's {_listed(missing)}; {ORIGIN}.")
    if missing:
        raise WeightsError(
            f"{directory} lacks {_listed(missing)} of the teacher's five files ({system.name});"
            f" {ORIGIN if system is THA4 else ORIGIN_OF_THA3}."
        )
    for name in system.networks:
        yield name, _load(directory / f"{name}.pt", name, system)


def save_networks(networks: Networks | Tha3Networks, directory: Path | str) -> None:
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


def _load(path: Path, name: str, system: System) -> nn.Module:
    state = parse_state_dict(_read(path), str(path), system.weights)
    with torch.device("meta"):  # shapes without memory or initial values
        network = system.networks[name]()
    expected = network.state_dict()
    _check_names(state.keys(), name, str(path), system, expected)
    _check_values(state, str(path), expected)
    network.load_state_dict(state, assign=True)
    return network.eval().requires_grad_()


def _read(path: Path) -> bytearray:
    try:
        return read_buffer(path, _MAX_PT_BYTES, "no file of the teacher is")
    except FileError as error:
        raise WeightsError(str(error)) from None


def _check_names(names: Set[str], name: str, source: str, system: System, expected: Mapping[str, Tensor]) -> None:
    if names == expected.keys():
        return
    if any(key.startswith(("siren.", "siren_layers.")) for key in names):
        raise WeightsError(
            f"{source} belongs to a character, a distilled student, and not to the teacher, whose file has the"
            " same name; the teacher's are 3 to 140 MB each."
        )
    other = next((n for n in system.networks if n != name and names == system.keys(n)), None)
    if other:
        raise WeightsError(
            f"{source} holds the teacher's {other}, not its {name}: copy the released file of that name."
        )
    foreign = next((s for s in SYSTEMS if name in s.networks and names == s.keys(name)), None)
    if foreign:
        raise WeightsError(
            f"{source} is of {foreign.name}, but the rotator beside it is of {system.name}: take all five files from"
            " one folder of a release."
        )
    missing = [key for key in expected if key not in names]
    extra = [key for key in names if key not in expected]
    problem = f"lacks tensor {missing[0]!r}" if missing else f"has an unknown tensor {extra[0]!r:.100}"
    raise WeightsError(
        f"{source} is not the {name} of the teacher {system.name}: it {problem} ({len(missing)} missing,"
        f" {len(extra)} unknown); use the released file."
    )


def _check_values(state: Mapping[str, Tensor], source: str, expected: Mapping[str, Tensor]) -> None:
    for key, tensor in state.items():
        if tensor.shape != expected[key].shape:
            raise WeightsError(
                f"{source}: tensor {key!r} has shape {tuple(tensor.shape)}, but {tuple(expected[key].shape)} is needed."
            )
        if not tensor.isfinite().all():
            raise WeightsError(f"{source}: tensor {key!r} holds NaN or infinity; the training that made it failed.")


def _own_files(directory: Path, system: System) -> list[str]:
    """Those there that only ``system`` has."""
    shared = set.intersection(*(set(each.networks) for each in SYSTEMS))
    own = [f"{name}.pt" for name in system.networks if name not in shared]
    return [name for name in own if (directory / name).is_file()]


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
