"""Captured graphs, with stand-ins for what only a GPU has."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from tests.tha4_core.engines.cuda_on_cpu import random_pose
from tha4_core.engines.cuda import runner


class _FakeGraph:
    """Stands in for torch's CUDA graph: a capture notes the step, a replay runs it."""

    captures = 0
    error: RuntimeError | None = None

    def __init__(self) -> None:
        self.replays = 0

    def replay(self) -> None:
        self.replays += 1


@pytest.fixture
def fake_cuda(monkeypatch: pytest.MonkeyPatch) -> type[_FakeGraph]:
    @contextmanager
    def capture(graph: _FakeGraph, *, stream: object, capture_error_mode: str) -> Any:
        assert isinstance(graph, _FakeGraph)
        assert stream == "stream"
        assert capture_error_mode == "thread_local"
        yield
        if _FakeGraph.error is not None:
            raise _FakeGraph.error
        _FakeGraph.captures += 1

    _FakeGraph.captures = 0
    _FakeGraph.error = None
    waited = SimpleNamespace(record=lambda _: None, synchronize=lambda: None)
    plain_zeros, plain_empty = torch.zeros, torch.empty
    monkeypatch.setattr(torch.cuda, "CUDAGraph", _FakeGraph)
    monkeypatch.setattr(torch.cuda, "graph", capture)
    monkeypatch.setattr(torch.cuda, "Stream", lambda _: "stream")
    monkeypatch.setattr(torch.cuda, "stream", lambda _: nullcontext())
    monkeypatch.setattr(torch.cuda, "Event", lambda **_: waited)
    # Memory can be pinned only where there is a GPU.
    monkeypatch.setattr(torch, "zeros", lambda *args, **named: plain_zeros(*args, **{**named, "pin_memory": False}))
    monkeypatch.setattr(torch, "empty", lambda *args, **named: plain_empty(*args, **{**named, "pin_memory": False}))
    return _FakeGraph


def test_a_step_becomes_a_graph_once_it_is_called_often(fake_cuda: type[_FakeGraph]) -> None:
    ran = 0

    def step() -> None:
        nonlocal ran
        ran += 1

    graphs = runner.GraphRunner(torch.device("cpu"))
    with graphs.active():
        prepared = graphs.prepare(step)
        for _ in range(10):
            prepared()
    assert fake_cuda.captures == 1
    assert ran == 3 + 1  # three frames, and the capture
    assert prepared._graph.replays == 7  # type: ignore[attr-defined]


def test_a_capture_that_fails_costs_a_warning_and_no_frame(
    fake_cuda: type[_FakeGraph], caplog: pytest.LogCaptureFixture
) -> None:
    fake_cuda.error = RuntimeError("operation not permitted when stream is capturing\nmore")
    ran = []
    prepared = runner.GraphRunner(torch.device("cpu")).prepare(lambda: ran.append(1))
    for _ in range(8):
        prepared()
    assert len(ran) == 8 + 1
    (record,) = caplog.records
    assert "could not be captured (operation not permitted when stream is capturing); frames are" in record.message
    fake_cuda.error = torch.OutOfMemoryError("full")
    prepared = runner.GraphRunner(torch.device("cpu")).prepare(lambda: None)
    for _ in range(3):
        prepared()
    with pytest.raises(torch.OutOfMemoryError):
        prepared()


@pytest.mark.usefixtures("fake_cuda")
def test_a_pose_goes_to_the_device_and_a_frame_comes_back() -> None:
    graphs = runner.GraphRunner(torch.device("cpu"))
    graphs.upload(random_pose(0))
    np.testing.assert_array_equal(graphs.pose.numpy(), random_pose(0))
    frame = torch.arange(6 * 4, dtype=torch.uint8).view(2, 3, 4)
    np.testing.assert_array_equal(graphs.download(frame), frame.numpy())
