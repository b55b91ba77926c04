"""What tests of distillation share: a fast teacher, and trainings so small that they take a second."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import torch

from tests.moving_teacher import MovingTeacher
from tha4_core.distill.distributed import World, alone
from tha4_core.distill.paper import PaperSettings, PaperTraining, paper_body, paper_face
from tha4_core.distill.paper_phases import BODY_PHASES, FACE_PHASES, scaled
from tha4_core.distill.poses import BelievablePoses


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    """Small tensors gain nothing by threads, and equal bits need an equal number of them."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def teacher() -> MovingTeacher:
    return MovingTeacher()


@pytest.fixture
def new_face(teacher: MovingTeacher) -> Callable[..., PaperTraining]:
    """The paper's face training at an eighth of the resolution: 40 examples in batches of 4."""

    def new(seed: int = 1, world: World | None = None, examples: int = 40, together: int = 4) -> PaperTraining:
        settings = PaperSettings(scaled(FACE_PHASES, examples), 4, seed, 64, together)
        return paper_face(teacher, torch.ones(128, 128), BelievablePoses(seed), world or alone(), settings)

    return new


@pytest.fixture
def new_body(teacher: MovingTeacher) -> Callable[..., PaperTraining]:
    """The paper's body training at an eighth of the resolution: 24 examples in batches of 4."""

    def new(seed: int = 1, world: World | None = None, examples: int = 24, together: int = 4) -> PaperTraining:
        settings = PaperSettings(scaled(BODY_PHASES, examples), 4, seed, 64, together)
        return paper_body(teacher, BelievablePoses(seed), world or alone(), settings)

    return new
