"""All of the CUDA engine that needs a device: how steps are run, how a pose gets there, and how a frame comes back.

:class:`DirectRunner` runs on the CPU, for tests; :class:`GraphRunner` on a GPU. A *step* is a function without
arguments that reads and writes tensors that stay where they are. A runner's user does everything inside ``active()``.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Final, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tha4_core.picture.region import PICTURE_SIZE
from tha4_core.pose import SIZE, Pose

Step = Callable[[], None]
_LOG: Final = logging.getLogger(__name__)
_FRAME_BYTES: Final = PICTURE_SIZE * PICTURE_SIZE * 4
# A step's first runs choose kernels and fill caches, which must not happen while a graph is captured.
_RUNS_BEFORE_CAPTURE: Final = 3
# What one thread does to the device as a whole (allocate, wait) spoils another's capture.
_capturing: Final = threading.Lock()


class Runner(Protocol):
    """Where and how steps run. pose: float32 (45,) on the device, what :meth:`upload` was given last."""

    device: torch.device
    pose: Tensor

    def active(self) -> AbstractContextManager[object]:
        """In which all work on the device is done."""
        ...

    def prepare(self, step: Step) -> Step:
        """``step``, to be called once a frame, in whatever way is fastest here."""
        ...

    def upload(self, pose: Pose) -> None:
        """Set ``pose`` for the steps that follow."""
        ...

    def download(self, frame: Tensor) -> NDArray[np.uint8]:
        """Wait for the steps before, and give ``frame``, uint8 (h, w, 4), as an array that the next call reuses."""
        ...


class DirectRunner:
    """Steps run as they are called, on the CPU."""

    def __init__(self) -> None:
        self.device = torch.device("cpu")
        self.pose = torch.zeros(SIZE)
        self._host = torch.empty(_FRAME_BYTES, dtype=torch.uint8)

    def active(self) -> AbstractContextManager[object]:
        return nullcontext()

    def prepare(self, step: Step) -> Step:
        return step

    def upload(self, pose: Pose) -> None:
        self.pose.copy_(torch.from_numpy(pose))

    def download(self, frame: Tensor) -> NDArray[np.uint8]:
        if frame.numel() > len(self._host):
            self._host = torch.empty(frame.numel(), dtype=torch.uint8)
        host = self._host[: frame.numel()].view(frame.shape)
        return host.copy_(frame).numpy()


class GraphRunner:
    """Steps are captured as CUDA graphs, which launch dozens of kernels at the cost of one, on a stream of its own."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        # The thread that waits sleeps and holds no lock of the interpreter.
        self._done = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]
        # Copies from and to pinned memory need no help from the CPU.
        self._host_pose = torch.zeros(SIZE, pin_memory=True)
        self._host = torch.empty(_FRAME_BYTES, dtype=torch.uint8, pin_memory=True)
        with self.active():
            self.pose = torch.zeros(SIZE, device=device)

    def active(self) -> AbstractContextManager[object]:
        return torch.cuda.stream(self._stream)

    def prepare(self, step: Step) -> Step:
        return _Graphed(step, self._stream)

    def upload(self, pose: Pose) -> None:
        # The last frame was waited for, so nothing still reads the pinned pose.
        self._host_pose.copy_(torch.from_numpy(pose))
        self.pose.copy_(self._host_pose, non_blocking=True)

    def download(self, frame: Tensor) -> NDArray[np.uint8]:
        if frame.numel() > len(self._host):  # of a larger scale than any before
            self._host = torch.empty(frame.numel(), dtype=torch.uint8, pin_memory=True)
        host = self._host[: frame.numel()].view(frame.shape)
        host.copy_(frame, non_blocking=True)
        self._done.record(self._stream)
        self._done.synchronize()
        return host.numpy()


class _Graphed:
    """A step that becomes a graph once it was called a few times.

    A region that is asked for once or twice is not worth a capture, and its calls are the warm-up of one.
    """

    def __init__(self, step: Step, stream: torch.cuda.Stream) -> None:
        self._step = step
        self._stream = stream
        self._calls = 0
        self._graph: torch.cuda.CUDAGraph | None = None

    def __call__(self) -> None:
        if self._graph is None and self._calls == _RUNS_BEFORE_CAPTURE:
            self._capture()
        self._calls += 1
        if self._graph is not None:
            self._graph.replay()
        else:
            self._step()

    def _capture(self) -> None:
        graph = torch.cuda.CUDAGraph()
        try:
            with _capturing, torch.cuda.graph(graph, stream=self._stream, capture_error_mode="thread_local"):
                self._step()
        except torch.OutOfMemoryError:
            raise
        except RuntimeError as error:
            reason = str(error).splitlines()[0].rstrip(".")
            _LOG.warning("a CUDA graph could not be captured (%s); frames are correct but slower.", reason)
            return
        self._graph = graph
