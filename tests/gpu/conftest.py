"""What only an NVIDIA GPU can show: ``python3 tools/run_tests.py tests/gpu`` on a machine with one and torch for CUDA.

Everything else that these parts do is tested on the CPU, beside the other tests of each package.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch


@pytest.fixture(scope="session", autouse=True)
def gpu() -> Iterator[torch.device]:
    """The first GPU. Not a loss where there is none: the machines that run all tests have none."""
    if not torch.cuda.is_available():
        pytest.skip("no NVIDIA GPU, or torch without CUDA")
    tf32 = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    yield torch.device("cuda", 0)
    torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = tf32
