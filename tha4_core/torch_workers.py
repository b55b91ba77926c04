"""Threads in each of which torch works alone.

Torch's own way, all threads on one small operation after another, makes them wait for each other thousands of times a
picture: on a machine that others keep busy, that takes many times longer than the work.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import torch


class TorchWorkers(ThreadPoolExecutor):
    """So many threads; what they are given should be large enough for one thread alone."""

    def __init__(self, threads: int) -> None:
        super().__init__(threads, "torch-worker", initializer=torch.set_num_threads, initargs=(1,))
