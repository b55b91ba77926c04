"""PyTorch files (``torch.save``) from strangers, read without PyTorch and without unpickling.

A file is a zip of a pickle, ``data.pkl``, and of each storage's bytes, ``data/KEY``; before version 1.6 it was five
pickles in a row, then the storages. Names, shapes, places and sizes are checked before a byte is copied.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tha4_core.files.plain_pickle import MAX_BYTES, ForeignObjectError, Name, Names, PickleError, read_pickle
from tha4_core.files.zip_members import ZipError, list_members, stored_bytes

if TYPE_CHECKING:
    from torch import Tensor

Bytes: TypeAlias = bytes | bytearray | memoryview
#: What is made of a tensor in a file.
Build: TypeAlias = "Callable[[StoredTensor], object]"

#: Of a file; the largest network of ours has 466 tensors.
_MAX_MEMBERS: Final = 4096
_MAX_DIMENSIONS: Final = 8
#: Of whatever counts numbers in a file: far more than any file has, and far from where sums overflow.
_MAX_COUNT: Final = 1 << 48
#: The types of storages that are read, and what they hold.
_DTYPES: Final = {
    "torch FloatStorage": "float32",
    "torch HalfStorage": "float16",
    "torch BFloat16Storage": "bfloat16",
    "torch DoubleStorage": "float64",
    "torch LongStorage": "int64",
    "torch IntStorage": "int32",
    "torch ShortStorage": "int16",
    "torch CharStorage": "int8",
    "torch ByteStorage": "uint8",
}
_ITEM_SIZES: Final = {
    "float32": 4,
    "float16": 2,
    "bfloat16": 2,
    "float64": 8,
    "int64": 8,
    "int32": 4,
    "int16": 2,
    "int8": 1,
    "uint8": 1,
}
_TENSOR: Final = "torch._utils _rebuild_tensor_v2"
_PARAMETER: Final = "torch._utils _rebuild_parameter"
#: The first pickle of the old form, and the second.
_OLD_MAGIC: Final = 0x1950A86A20F9469CFC6C
_OLD_VERSION: Final = 1001


class DamagedFileError(Exception):
    """No PyTorch file, or a damaged one; the text is a clause that says more, or empty."""


class ForeignFileError(Exception):
    """A file with other objects than tensors in plain containers; the text names one, or is empty."""


@dataclass(frozen=True, eq=False)
class Storage:
    """Bytes of a file that tensors lie in."""

    data: memoryview

    @cached_property
    def shared(self) -> NDArray[np.uint8]:
        """The bytes as tensors may share and change them: where they lie if that can be, else one copy for all."""
        array: NDArray[np.uint8] = np.asarray(self.data)
        return array if array.flags.writeable and array.ctypes.data % 8 == 0 else array.copy()


@dataclass(frozen=True, eq=False)
class StoredTensor:
    """A tensor in a file: ``shape`` numbers of ``dtype``, ``strides`` numbers apart, from number ``offset`` on."""

    storage: Storage
    dtype: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def nbytes(self) -> int:
        """Bytes of all its numbers, each counted as often as it is shown."""
        return math.prod(self.shape) * _ITEM_SIZES[self.dtype]

    def to_array(self) -> NDArray[Any]:
        """A copy of it. Raises TypeError for bfloat16, which numpy does not have."""
        dtype = np.dtype(self.dtype).newbyteorder("<")
        if not self.nbytes:
            return np.empty(self.shape, self.dtype)
        strides = tuple(stride * dtype.itemsize for stride in self.strides)
        there: NDArray[Any] = np.ndarray(self.shape, dtype, self.storage.data, self.offset * dtype.itemsize, strides)
        return np.array(there, dtype=self.dtype, order="C")

    def to_tensor(self) -> Tensor:
        """It as PyTorch's, on the CPU, sharing the file's bytes with the others of its storage."""
        import torch

        dtype: torch.dtype = getattr(torch, self.dtype)
        if not self.nbytes:
            return torch.empty_strided(self.shape, self.strides, dtype=dtype)
        return torch.from_numpy(self.storage.shared).view(dtype).as_strided(self.shape, self.strides, self.offset)


def parse_torch_file(data: Bytes, build: Build) -> object:
    """What a PyTorch file's bytes hold: a tree of plain values, with what ``build`` makes of each tensor.

    Raises DamagedFileError, ForeignFileError.
    """
    try:
        if bytes(data[:4]) == b"PK\x03\x04":
            return _parse_zip(memoryview(data), build)
        return _parse_old(memoryview(data), build)
    except ForeignObjectError as error:
        raise ForeignFileError(str(error)) from None
    except ZipError as error:
        raise DamagedFileError(str(error)) from None
    except PickleError:
        raise DamagedFileError("") from None


def _parse_zip(view: memoryview, build: Build) -> object:
    members = list_members(view, _MAX_MEMBERS)
    pickles = [name for name in members if name.endswith("/data.pkl")]
    _require(len(pickles) == 1)
    folder = pickles[0].removesuffix("data.pkl")

    def content(name: str) -> memoryview:
        _require(folder + name in members)
        # PyTorch can be told to leave checksums out.
        return stored_bytes(view, members[folder + name], may_lack_checksum=True)

    _require(folder + "byteorder" not in members or bytes(content("byteorder")) == b"little")
    pickle = content("data.pkl")
    _require(len(pickle) <= MAX_BYTES)
    storages: dict[str, Storage] = {}

    def find(reference: object) -> _Typed:
        typed = _parse_reference(reference)
        if typed.key not in storages:
            storages[typed.key] = Storage(content(f"data/{typed.key}"))
        return typed.of(storages[typed.key])

    return read_pickle(bytes(pickle), _names(build), find)[0]


def _parse_old(view: memoryview, build: Build) -> object:
    place = 0
    for expected in (_OLD_MAGIC, _OLD_VERSION):
        value, place = _next_pickle(view, place, {}, _refuse)
        _require(value == expected)
    system, place = _next_pickle(view, place, {}, _refuse)
    _require(isinstance(system, dict) and system.get("little_endian") is True)

    # The storages come last: the pickle is gone through for their sizes, and again for its value.
    sizes: dict[str, _Typed] = {}

    def note(reference: object) -> None:
        typed = _parse_reference(reference)
        sizes.setdefault(typed.key, typed)

    start = place
    _, place = _next_pickle(view, place, {**dict.fromkeys(_DTYPES), _TENSOR: _nothing, _PARAMETER: _nothing}, note)
    keys, place = _next_pickle(view, place, {}, _refuse)
    _require(isinstance(keys, list) and all(isinstance(key, str) for key in keys) and sorted(keys) == sorted(sizes))
    storages: dict[str, Storage] = {}
    for key in keys:  # type: ignore[attr-defined]
        _require(place + 8 <= len(view))
        (count,) = struct.unpack_from("<Q", view, place)
        end = place + 8 + sizes[key].nbytes
        _require(count == sizes[key].count and end <= len(view))
        storages[key] = Storage(view[place + 8 : end])
        place = end

    def find(reference: object) -> _Typed:
        typed = _parse_reference(reference)
        return typed.of(storages[typed.key])

    return _next_pickle(view, start, _names(build), find)[0]


def _next_pickle(
    view: memoryview, place: int, names: Names, persistent: Callable[[object], object]
) -> tuple[object, int]:
    value, length = read_pickle(bytes(view[place : place + MAX_BYTES]), names, persistent)
    return value, place + length


def _refuse(_: object) -> object:
    raise PickleError


def _nothing(*_: object) -> None:
    return None


def _require(condition: bool) -> None:
    if not condition:
        raise PickleError


@dataclass(frozen=True)
class _Typed:
    """A storage as so many numbers of a type."""

    key: str
    dtype: str
    count: int
    storage: Storage | None = None

    @property
    def nbytes(self) -> int:
        return self.count * _ITEM_SIZES[self.dtype]

    def of(self, storage: Storage) -> _Typed:
        """These numbers as those of ``storage``, all of which they must be. Raises PickleError."""
        _require(self.nbytes == len(storage.data))
        return replace(self, storage=storage)


def _parse_reference(reference: object) -> _Typed:
    """What a pickle says of a storage. Raises PickleError."""
    if not isinstance(reference, tuple) or len(reference) not in (5, 6):
        raise PickleError
    # A seventh part, a view's place in another storage, was written by versions below 0.4 alone.
    kind, name, key, _, count, *view = reference
    _require(kind == "storage" and isinstance(name, Name) and name.text in _DTYPES and isinstance(key, str))
    _require(_is_count(count) and view in ([], [None]))
    return _Typed(key, _DTYPES[name.text], count)


def _names(build: Build) -> Names:
    """What may occur in the pickle of a file."""

    def tensor(
        storage: object,
        offset: object,
        shape: object,
        strides: object,
        _requires_grad: object,
        _hooks: object,
        metadata: object = None,
    ) -> object:
        # Metadata say that numbers stand for their negatives.
        if not isinstance(storage, _Typed) or storage.storage is None or metadata:
            raise PickleError
        sizes, steps = _counts(shape), _counts(strides)
        _require(len(sizes) == len(steps) and math.prod(max(1, size) for size in sizes) < _MAX_COUNT)
        if not isinstance(offset, int) or not _is_count(offset):
            raise PickleError
        if all(sizes):
            last = offset + sum((size - 1) * step for size, step in zip(sizes, steps, strict=True))
            _require(last < storage.count)
        return build(StoredTensor(storage.storage, storage.dtype, offset, sizes, steps))

    def parameter(data: object, _requires_grad: object, _hooks: object) -> object:
        return data

    return {**dict.fromkeys(_DTYPES), _TENSOR: tensor, _PARAMETER: parameter}


def _counts(values: object) -> tuple[int, ...]:
    if not isinstance(values, Sequence) or len(values) > _MAX_DIMENSIONS or not all(map(_is_count, values)):
        raise PickleError
    return tuple(values)


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < _MAX_COUNT
