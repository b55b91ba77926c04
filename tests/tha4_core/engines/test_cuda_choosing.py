"""When the CUDA engine is there, what is said where it is not, and when auto takes it."""

from __future__ import annotations

import ctypes
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

import tha4_core.engines as engines
from tests.tha4_core.engines.cuda_on_cpu import on_cpu
from tha4_core.character import Character
from tha4_core.engines import EngineError, create_engine
from tha4_core.engines.cuda import driver
from tha4_core.engines.cuda.engine import CudaEngine


def test_the_device_and_the_precision_are_told(character: Character) -> None:
    engine = create_engine(character, "cuda", threads=torch.get_num_threads(), device="cpu")
    assert isinstance(engine, CudaEngine)
    assert (engine.name, engine.device, engine.precision) == ("cuda", "cpu", "float32")
    with pytest.raises(EngineError, match="no precision named 'int4'; choose one of auto, float32, half"):
        on_cpu(character, precision="int4")


@pytest.mark.parametrize("device", ["toaster", "cuda:x"])
def test_a_device_that_is_no_name_is_refused(character: Character, device: str) -> None:
    with pytest.raises(EngineError, match=f"cannot use device '{device}'; give one as cuda:0"):
        create_engine(character, "cuda", device=device)


def test_a_device_of_another_kind_is_refused(character: Character) -> None:
    with pytest.raises(EngineError, match="runs on NVIDIA GPUs, not on device 'meta'"):
        create_engine(character, "cuda", device="meta")


def test_what_is_missing_for_cuda_is_said(character: Character, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.cuda, "is_built", lambda: False)
    with pytest.raises(EngineError, match=r"was built without it; install one from https://pytorch\.org"):
        create_engine(character, "cuda")
    monkeypatch.setattr(torch.backends.cuda, "is_built", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(EngineError, match="PyTorch finds none; install or update its driver"):
        create_engine(character, "cuda", device="cuda:1")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(EngineError, match="no device 'cuda:2': PyTorch finds 2, cuda:0 to cuda:1"):
        create_engine(character, "cuda", device="cuda:2")
    monkeypatch.setattr(torch.ops.aten, "mm", object())
    with pytest.raises(EngineError, match=r"needs PyTorch 2\.8 or newer, but this is .*: pip install -U torch"):
        create_engine(character, "cuda")


def test_without_torch_the_sentence_says_what_to_install(character: Character, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    for name in ("engine", "layers", "runner"):
        monkeypatch.delitem(sys.modules, f"tha4_core.engines.cuda.{name}", raising=False)
    with pytest.raises(EngineError, match=r"needs PyTorch with CUDA, which is not installed; install it from https"):
        create_engine(character, "cuda")


def _driver(init: int, devices: int) -> SimpleNamespace:
    """A stand-in for libcuda: what its two functions return."""

    def count(pointer: Any) -> int:
        pointer._obj.value = devices
        return 0

    return SimpleNamespace(cuInit=lambda _: init, cuDeviceGetCount=count)


def test_gpus_are_counted_by_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> SimpleNamespace:
        raise OSError("libcuda.so.1: cannot open shared object file")

    for library, count in (
        (missing, 0),
        (lambda _: _driver(100, 1), 0),  # CUDA_ERROR_NO_DEVICE
        (lambda _: _driver(0, 0), 0),
        (lambda _: _driver(0, 2), 2),
        (lambda _: SimpleNamespace(), 0),
    ):
        monkeypatch.setattr(ctypes, "CDLL", library)
        assert driver.nvidia_devices() == count


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("__version__ = '2.13.0'\ncuda: Optional[str] = '13.0'\nhip: Optional[str] = None\n", True),
        ("cuda = '12.8'\n", True),
        ("__version__ = '2.13.0+cpu'\ncuda: Optional[str] = None\nhip: Optional[str] = '6.4'\n", False),
        (None, False),
    ],
)
def test_whether_torch_was_built_for_cuda_is_read_from_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str | None, expected: bool
) -> None:
    if version is not None:
        (tmp_path / "version.py").write_text(version)
    spec = SimpleNamespace(origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: spec)
    assert driver.torch_has_cuda() is expected


def test_the_installed_torch_is_judged_rightly(monkeypatch: pytest.MonkeyPatch) -> None:
    assert driver.torch_has_cuda() == (torch.version.cuda is not None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert not driver.torch_has_cuda()


def test_auto_takes_cuda_where_there_is_a_gpu(character: Character, monkeypatch: pytest.MonkeyPatch) -> None:
    def create(character: Character, _: int | None, device: str | None) -> CudaEngine:
        assert device in (None, "cuda:1")
        return on_cpu(character)

    monkeypatch.setattr(engines, "_ENGINES", {**engines._ENGINES, "cuda": create})
    monkeypatch.setattr(engines, "worth_trying", lambda: True)
    assert create_engine(character).name == "cuda"
    assert create_engine(character, device="cuda:1").name == "cuda"
    assert create_engine(character, device="cpu").name != "cuda"
    monkeypatch.setattr(engines, "worth_trying", lambda: False)
    assert create_engine(character).name != "cuda"


def test_auto_says_why_a_gpu_does_not_serve(
    character: Character, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(engines, "worth_trying", lambda: True)
    monkeypatch.setattr(torch.backends.cuda, "is_built", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    name = create_engine(character).name
    assert name != "cuda"
    assert f"The {name} engine serves instead of the cuda engine: the cuda engine needs an NVIDIA GPU" in caplog.text


def test_auto_takes_another_engine_where_the_gpu_fails_at_the_first_frame(
    character: Character, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def create(character: Character, _: int | None, __: str | None) -> CudaEngine:
        engine = on_cpu(character)
        monkeypatch.setattr(engine, "render", fail)
        return engine

    def fail(*_: object) -> None:
        raise RuntimeError("CUDA error: no kernel image is available\nmore lines")

    monkeypatch.setattr(engines, "_ENGINES", {**engines._ENGINES, "cuda": create})
    monkeypatch.setattr(engines, "worth_trying", lambda: True)
    assert create_engine(character).name != "cuda"
    assert "failed on cpu: CUDA error: no kernel image is available." in caplog.text


def test_auto_imports_no_torch_where_the_native_engine_serves() -> None:
    pytest.importorskip("tha4_core.engines.native.library", reason="no compiler built the native engine")
    program = (
        "import sys\n"
        "from tests.synthetic import synthetic_character\n"
        "from tha4_core.engines import create_engine\n"
        "from tha4_core.engines.cuda import driver\n"
        "{replaced}\n"
        "assert create_engine(synthetic_character()).name == 'native'\n"
        "assert 'torch' not in sys.modules\n"
    )
    for replaced in (
        "driver.nvidia_devices = lambda: 0; driver.torch_has_cuda = lambda: True",  # no GPU
        "driver.nvidia_devices = lambda: 1; driver.torch_has_cuda = lambda: False",  # no torch, or one for CPUs
    ):
        done = subprocess.run(
            [sys.executable, "-c", program.format(replaced=replaced)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
