"""Full-size networks, made once: weights by the rule of TEACHER.md section 12.1, as in the golden data.

THA4's are the fixtures without a prefix; THA3's separable ones take a tenth of their time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from tha4_core.character import Character
from tha4_core.teacher import Teacher
from tha4_core.teacher.checkpoints import save_networks
from tha4_core.teacher.deterministic_weights import deterministic_networks
from tha4_core.teacher.networks import Networks
from tha4_core.teacher.systems import THA3_SEPARABLE
from tha4_core.teacher.tha3_networks import Tha3Networks


@pytest.fixture(scope="session")
def networks() -> Networks:
    """The plain modules."""
    return deterministic_networks()


@pytest.fixture(scope="session")
def teacher(networks: Networks) -> Teacher:
    """The same weights, for inference."""
    return Teacher(networks.named_children())


@pytest.fixture(scope="session")
def released(networks: Networks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory as the author's release has it, with the rule's weights."""
    directory = tmp_path_factory.mktemp("tha4")
    save_networks(networks, directory)
    return directory


@pytest.fixture(scope="session")
def separable_networks() -> Tha3Networks:
    """The plain modules."""
    networks = deterministic_networks(THA3_SEPARABLE)
    assert isinstance(networks, Tha3Networks)
    return networks


@pytest.fixture(scope="session")
def separable_teacher(separable_networks: Tha3Networks) -> Teacher:
    """The same weights, for inference."""
    return Teacher(separable_networks.named_children())


@pytest.fixture(scope="session")
def separable_release(separable_networks: Tha3Networks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory as the author's release has it, with the rule's weights."""
    directory = tmp_path_factory.mktemp("separable_float")
    save_networks(separable_networks, directory)
    return directory


@pytest.fixture(scope="session")
def golden_teacher(shared_tha4: Path) -> dict[str, np.ndarray]:
    return dict(np.load(shared_tha4 / "golden" / "teacher.npz"))


@pytest.fixture(scope="session")
def lambda_image(reference_character: Callable[[str], Character]) -> Tensor:
    return torch.from_numpy(reference_character("lambda_00").network_image)


@pytest.fixture(scope="session")
def chain(
    teacher: Teacher, lambda_image: Tensor, golden_teacher: dict[str, np.ndarray]
) -> Callable[[int], list[Tensor]]:
    """The 33 outputs of the whole system at a golden pose, computed once."""

    @cache
    def run(index: int) -> list[Tensor]:
        poses = torch.from_numpy(golden_teacher["poses"][index : index + 1])
        return teacher.outputs(lambda_image, poses).official()

    return run
