"""What a training step computes, done again and again: on a GPU from a recording, which is launched as a whole.

A step of the fast recipes is hundreds of small operations. Launching them one by one takes a processor several times as
long as a GPU needs for them. A CUDA graph (https://pytorch.org/docs/stable/notes/cuda.html#cuda-graphs) holds them all:
the same operations on the same memory, at the cost of one launch.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

import torch
from torch import Tensor

_LOG: Final = logging.getLogger(__name__)
#: A work's first times choose kernels and make what is kept between steps, which must not happen in a recording.
_TIMES_BEFORE_RECORDING: Final = 3
#: Some computing on a device. Tensors of the same shapes go in and come out each time, and what it reads and writes
#: besides stays where it is; of the processor it asks nothing: neither a tensor's value nor a random number.
Work = Callable[..., tuple[Tensor, ...]]


class Recording(NamedTuple):
    """replay: does the work again, from what is in its inputs now. outputs: what it writes its results to."""

    replay: Callable[[], None]
    outputs: tuple[Tensor, ...]


class Recorder(Protocol):
    """How work that takes nothing, for its inputs stay where they are, is recorded on a device."""

    def run(self, work: Work) -> tuple[Tensor, ...]:
        """Do it once, in the way in which it will be recorded."""

    def record(self, work: Work) -> Recording:
        """A recording of it, without doing it. Raises RuntimeError where that is not possible."""


class Repeated:
    """Calls of one work: a few as they are, then of its recording.

    What a call returns is its own until the next one.
    """

    def __init__(self, work: Work, device: torch.device, recorder: Recorder | None = None) -> None:
        """device: of the inputs. recorder: left out, that of the device: of a GPU CUDA's; a processor has none, and
        does all work as it is."""
        if recorder is None and device.type == "cuda":
            recorder = _GraphRecorder(device)
        self._work = work
        self._recorder = recorder
        self._times = 0
        self._inputs: tuple[Tensor, ...] = ()
        self._recording: Recording | None = None

    def __call__(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        if self._recorder is None:
            return self._work(*inputs)
        if self._recording is None and self._times == _TIMES_BEFORE_RECORDING:
            self._inputs = tuple(tensor.clone() for tensor in inputs)
            self._recording = self._recorded(self._recorder)
        self._times += 1
        if self._recording is None:
            return self._recorder.run(lambda: self._work(*inputs))
        for kept, given in zip(self._inputs, inputs, strict=True):
            kept.copy_(given)
        self._recording.replay()
        return self._recording.outputs

    def _recorded(self, recorder: Recorder) -> Recording | None:
        try:
            return recorder.record(lambda: self._work(*self._inputs))
        except torch.OutOfMemoryError:
            raise
        except RuntimeError as error:
            reason = str(error).splitlines()[0].rstrip(".")
            _LOG.warning("a step could not be captured as a CUDA graph (%s); training is right, but slower.", reason)
            return None


class _GraphRecorder:
    """CUDA graphs, captured on a stream of their own: gradients are made on the stream that they were first made on."""

    def __init__(self, device: torch.device) -> None:
        self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]

    def run(self, work: Work) -> tuple[Tensor, ...]:
        around = torch.cuda.current_stream(self._stream.device)
        self._stream.wait_stream(around)
        with torch.cuda.stream(self._stream):
            made = work()
        around.wait_stream(self._stream)
        return made

    def record(self, work: Work) -> Recording:
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=self._stream):
            outputs = work()
        return Recording(graph.replay, outputs)
