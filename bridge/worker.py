"""A thread that does one task at a time for the thread that talks."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

log = logging.getLogger("bridge")

Result = TypeVar("Result")


class Worker:
    """Used by the talking thread only. wake: called, from any thread, when a task is done."""

    def __init__(self, name: str, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._task: Future[Any] | None = None
        self._client = b""
        self._started = self._ended = 0.0
        self._done: Callable[[Future[Any]], None] = lambda _: None

    @property
    def busy(self) -> bool:
        """Whether a task is at work, or done and not yet finished."""
        return self._task is not None

    def works_for(self, client: bytes) -> bool:
        return self._task is not None and self._client == client

    def call(self, work: Callable[[], Result]) -> Result:
        """What ``work`` returns when called in the thread; waits for it."""
        return self._thread.submit(work).result()

    def start(self, client: bytes, work: Callable[[], Any], done: Callable[[Future[Any]], None]) -> None:
        """Have ``work`` called in the thread, then ``done`` by ``finish`` with a future of its result."""

        def ended(_task: Future[Any]) -> None:
            self._ended = time.monotonic()
            self._wake()

        self._client, self._done, self._started = client, done, time.monotonic()
        self._task = self._thread.submit(work)
        self._task.add_done_callback(ended)

    def finish(self) -> tuple[bytes, float] | None:
        """Have what is done answered. The client that it was for, and the seconds it took; None: nothing is done."""
        if self._task is None or not self._task.done():
            return None
        task, client, seconds, self._task = self._task, self._client, self._ended - self._started, None
        try:
            self._done(task)
        except Exception:
            log.exception("An answer could not be given.")
        return client, seconds

    def wait(self, seconds: float) -> None:
        """Wait for the task at work, if any."""
        if self._task is not None:
            wait([self._task], timeout=seconds)

    def close(self) -> bool:
        """Take no more tasks. False when one is still at work, which no thread can end; the process has to."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        return self._task is None or self._task.done()
