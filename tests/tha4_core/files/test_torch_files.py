"""PyTorch's files without PyTorch: what torch.save writes is read as torch reads it; what lies is refused unread."""

from __future__ import annotations

import collections
import io
import os
import pickle
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor

from tha4_core.files.torch_files import DamagedFileError, ForeignFileError, StoredTensor, parse_torch_file

DTYPES = (torch.float32, torch.float16, torch.bfloat16, torch.float64, torch.int64, torch.int32, torch.uint8)


def saved(value: object, *, zipped: bool = True, protocol: int = 2) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer, _use_new_zipfile_serialization=zipped, pickle_protocol=protocol)
    return buffer.getvalue()


def read(data: bytes) -> Any:
    return parse_torch_file(bytearray(data), StoredTensor.to_tensor)


def same(one: object, other: object) -> bool:
    """Whether two trees of plain values and tensors are the same, types and dtypes too."""
    if isinstance(one, Tensor):
        assert isinstance(other, Tensor)
        return one.dtype == other.dtype and one.stride() == other.stride() and torch.equal(one, other)
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        assert isinstance(other, dict)
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        assert isinstance(other, (list, tuple))
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


@st.composite
def tensors(draw: st.DrawFn) -> Tensor:
    """Plain tensors and views of all kinds: transposed, parts of larger ones, repeated, scalar, empty."""
    shape = draw(st.lists(st.integers(0, 4), max_size=3))
    count = int(np.prod(shape))
    tensor = (torch.arange(count).reshape(shape) % 100).to(draw(st.sampled_from(DTYPES)))
    view = draw(st.sampled_from(("plain", "transposed", "part", "steps", "repeated", "parameter")))
    if view == "transposed" and tensor.ndim:
        return tensor.permute(*reversed(range(tensor.ndim)))
    if view == "part" and tensor.ndim:
        return tensor[1:]
    if view == "steps" and tensor.ndim:
        return tensor[..., ::2]
    if view == "repeated":
        return tensor.unsqueeze(0).expand(3, *tensor.shape)
    if view == "parameter":
        return torch.nn.Parameter(tensor, requires_grad=False)
    return tensor


names = st.text("abc._0猫", max_size=6)
states = st.dictionaries(names, tensors(), max_size=5)
trees = st.recursive(
    tensors() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False) | st.booleans() | st.none() | names,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(names | st.integers(0, 9), inner, max_size=3)
        | st.dictionaries(names, inner, max_size=3).map(collections.OrderedDict)
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(trees, st.booleans(), st.sampled_from([2, 3, 4]))
def test_what_torch_saves_is_read_as_torch_reads_it(tree: object, zipped: bool, protocol: int) -> None:
    data = saved(tree, zipped=zipped, protocol=protocol)
    # Of our own making; weights only, torch reads no protocol but 2.
    expected = torch.load(io.BytesIO(data), weights_only=False)
    found = read(data)
    assert same(tensors_alone(expected), found)


def tensors_alone(value: Any) -> Any:
    """The tree with plain tensors in place of parameters."""
    if isinstance(value, Tensor):
        return value.detach()
    if isinstance(value, dict):
        return type(value)((key, tensors_alone(part)) for key, part in value.items())
    if isinstance(value, (list, tuple)):
        return type(value)(tensors_alone(part) for part in value)
    return value


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(names, tensors().filter(lambda tensor: tensor.dtype != torch.bfloat16), max_size=4))
def test_arrays_are_what_tensors_are(state: dict[str, Tensor]) -> None:
    found = parse_torch_file(saved(state), StoredTensor.to_array)
    assert isinstance(found, dict)
    assert list(found) == list(state)
    for name, tensor in state.items():
        np.testing.assert_array_equal(found[name], tensor.detach().numpy(), strict=True)
        assert found[name].flags.c_contiguous


def test_a_networks_state_dict_is_read_without_its_attributes() -> None:
    state = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2)).state_dict()
    for zipped in (True, False):
        assert same(read(saved(state, zipped=zipped)), collections.OrderedDict(state))


@pytest.mark.parametrize("zipped", [True, False])
def test_tensors_of_one_storage_share_it_again(zipped: bool) -> None:
    whole = torch.arange(6.0)
    found = read(saved({"whole": whole, "part": whole[2:4], "again": whole}, zipped=zipped))
    found["whole"][2] = 50.0
    assert found["part"].tolist() == [50.0, 3.0]
    assert found["again"][2] == 50.0


def test_large_tensors_lie_in_the_memory_that_was_read() -> None:
    data = bytearray(saved({"a": torch.zeros(1 << 20)}))
    place = np.asarray(memoryview(data)).ctypes.data
    found = parse_torch_file(data, StoredTensor.to_tensor)
    assert isinstance(found, dict)
    assert place < found["a"].data_ptr() < place + len(data)


def test_bytes_that_may_not_change_are_copied_once() -> None:
    found = parse_torch_file(saved({"a": torch.zeros(4)}), StoredTensor.to_tensor)
    assert isinstance(found, dict)
    found["a"] += 1.0
    assert found["a"].tolist() == [1.0] * 4


def test_files_without_checksums_are_read_and_others_are_checked() -> None:
    value = {"a": torch.arange(100.0)}
    torch.serialization.set_crc32_options(False)
    try:
        data = saved(value)
    finally:
        torch.serialization.set_crc32_options(True)
    assert same(read(data), value)
    damaged = bytearray(saved(value))
    damaged[damaged.index(np.float32(57).tobytes() + np.float32(58).tobytes())] ^= 1
    with pytest.raises(DamagedFileError):
        read(damaged)


def test_reading_needs_no_torch(tmp_path: Path) -> None:
    (tmp_path / "a.pt").write_bytes(saved({"a": torch.ones(2)}))
    program = (
        "import sys; from tha4_core.files.torch_files import parse_torch_file, StoredTensor;"
        f" found = parse_torch_file(open({str(tmp_path / 'a.pt')!r}, 'rb').read(), StoredTensor.to_array);"
        " assert found['a'].tolist() == [1.0, 1.0]; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


class Trap:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("zipped", [True, False])
def test_program_code_is_named_and_not_run(zipped: bool, tmp_path: Path) -> None:
    with pytest.raises(ForeignFileError, match=r"posix\.mkdir|nt\.mkdir"):
        read(saved({"a": Trap(tmp_path / "sprung")}, zipped=zipped))
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("zipped", [True, False])
def test_a_whole_network_is_named(zipped: bool) -> None:
    with pytest.raises(ForeignFileError, match=r"torch\.nn\.modules\.linear\.Linear"):
        read(saved(torch.nn.Linear(2, 2), zipped=zipped))


@pytest.mark.parametrize(
    "value",
    [
        torch.zeros(2, dtype=torch.bool),
        torch.zeros(2, dtype=torch.complex64),
        torch.zeros(2, dtype=torch.uint16),
        torch.zeros(2, 2).to_sparse(),
        torch.zeros(2, device="meta"),
        {1, 2},
        b"bytes",
        np.zeros(2),
    ],
    ids=lambda value: str(getattr(value, "dtype", type(value).__name__)),
)
def test_other_kinds_of_tensors_and_values_are_refused(value: object) -> None:
    with pytest.raises(ForeignFileError):
        read(saved({"a": value}))


def with_pickle(pickled: bytes, data: bytes = b"", **others: bytes) -> bytes:
    """A file of a pickle and one storage."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/data.pkl", pickled)
        archive.writestr("archive/data/0", data)
        for name, content in others.items():
            archive.writestr(f"archive/{name}", content)
    return buffer.getvalue()


class Reference:
    """A storage of a file, as torch's pickles refer to one."""

    def __init__(self, kind: Any, count: Any, key: Any = "0") -> None:
        self.tuple = ("storage", kind, key, "cpu", count)


class Claim:
    """A tensor as torch's pickles describe one, whether that is so or not."""

    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments

    def __reduce__(self) -> Any:
        return torch._utils._rebuild_tensor_v2, self.arguments


class Pickler(pickle.Pickler):
    def persistent_id(self, value: Any) -> Any:
        return value.tuple if isinstance(value, Reference) else None


def claiming(
    offset: Any, shape: Any, strides: Any, *, count: Any = 4, kind: Any = torch.FloatStorage, **more: Any
) -> bytes:
    """A file of 16 bytes, four floats, and a tensor that claims to lie there."""
    buffer = io.BytesIO()
    arguments = (Reference(kind, count, **more), offset, shape, strides, False, collections.OrderedDict())
    Pickler(buffer, protocol=2).dump({"a": Claim(*arguments)})
    return with_pickle(buffer.getvalue(), np.arange(4, dtype="<f4").tobytes())


def test_a_tensor_within_its_storage_is_read() -> None:
    assert read(claiming(1, (3,), (1,)))["a"].tolist() == [1.0, 2.0, 3.0]
    assert read(claiming(3, (1, 1), (2**40, 5)))["a"].tolist() == [[3.0]]
    assert read(claiming(2**40, (0, 5), (1, 1)))["a"].shape == (0, 5)


@pytest.mark.parametrize(
    "arguments",
    [
        (2, (3,), (1,)),
        (0, (2, 2), (3, 1)),
        (-1, (1,), (1,)),
        (3, (2,), (-1,)),
        (0, (-1,), (1,)),
        (0, (2, 2), (1,)),
        (0, (1 << 60,), (0,)),
        (0, (0, 1 << 30, 1 << 30), (1, 1, 1)),
        (0, (1,) * 9, (1,) * 9),
        (1 << 62, (1,), (1,)),
        (0, (4.0,), (1,)),
        (0, (True,), (1,)),
        (0, None, None),
        (0, "ab", "cd"),
        ("0", (1,), (1,)),
    ],
)
def test_a_tensor_that_leaves_its_storage_is_refused(arguments: tuple[Any, Any, Any]) -> None:
    with pytest.raises(DamagedFileError):
        read(claiming(*arguments))


@pytest.mark.parametrize(
    "storage",
    [{"count": 5}, {"count": 3}, {"count": -4}, {"count": 1 << 62}, {"count": "4"}, {"key": "1"}, {"key": 0}],
)
def test_a_storage_that_is_not_there_as_said_is_refused(storage: dict[str, Any]) -> None:
    with pytest.raises(DamagedFileError):
        read(claiming(0, (1,), (1,), **storage))


def test_a_file_of_another_byte_order_is_refused() -> None:
    with pytest.raises(DamagedFileError):
        read(with_pickle(pickle.dumps({}, protocol=2), byteorder=b"big"))


def test_a_few_bytes_that_ask_for_gigabytes_get_none() -> None:
    bomb = b"\x80\x02c__builtin__\nbytearray\n\x8a\x05\x00\x00\x00\x00\x02\x85R."
    tracemalloc.start()
    for data in (with_pickle(bomb), bomb):
        with pytest.raises(ForeignFileError):
            read(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


@pytest.mark.parametrize("zipped", [True, False])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(state=states, data=st.data())
def test_a_damaged_file_is_read_or_refused_within_its_own_size(
    zipped: bool, state: dict[str, Tensor], data: st.DataObject
) -> None:
    whole = bytearray(saved(state, zipped=zipped))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(whole) - 1))
        noise = data.draw(st.binary(min_size=1, max_size=6))
        whole[place : place + len(noise)] = noise
    del whole[data.draw(st.integers(len(whole) * 3 // 4, len(whole))) :]
    tracemalloc.start()
    try:
        found = parse_torch_file(whole, StoredTensor.to_tensor)
    except (DamagedFileError, ForeignFileError):
        found = None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * len(whole) + (1 << 20)
    if isinstance(found, dict) and zipped:
        # Checksums cover names and numbers; the directory's own fields change neither.
        assert sorted(map(str, found.values())) == sorted(str(tensor.detach()) for tensor in state.values())
