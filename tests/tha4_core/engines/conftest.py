"""The CUDA engine on the CPU, made once for all tests of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from tests.tha4_core.engines.cuda_on_cpu import on_cpu, random_pose
from tha4_core.character import Character
from tha4_core.engines.cuda.engine import CudaEngine


@pytest.fixture(scope="session")
def cuda_engine(character: Character) -> CudaEngine:
    return on_cpu(character)


@pytest.fixture(scope="session")
def cuda_picture(character: Character) -> Callable[[int], np.ndarray]:
    """The whole picture of ``random_pose(seed)`` as the CUDA engine makes it, once."""
    return cache(lambda seed: on_cpu(character).render(random_pose(seed)))
