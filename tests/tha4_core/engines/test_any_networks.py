"""Every engine, with networks of any shape within bounds, against the student in torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.synthetic import random_networks, synthetic_character
from tha4_core.character import Character
from tha4_core.engines.cuda.engine import CudaEngine
from tha4_core.engines.engine import Engine
from tha4_core.engines.native import library
from tha4_core.engines.native.engine import NativeEngine
from tha4_core.engines.reference import ReferenceEngine
from tha4_core.metrics import psnr
from tha4_core.picture.color import to_rgba8_straight
from tha4_core.pose import as_pose
from tha4_core.student import load_student

REGIONS = ((200, 90, 101, 77), (0, 0, 9, 512), (509, 3, 3, 5), (64, 255, 448, 257))
NATIVE = [(isa, "float32") for isa in library.supported()] + [
    (isa, "fixed16") for isa in library.supported() if isa.startswith("avx")
]


class Drawn:
    """A character of random networks, and what torch draws of it."""

    def __init__(self, seed: int) -> None:
        self.character: Character = synthetic_character(networks=random_networks(seed, summed=seed % 2 == 0))
        self.pose = as_pose(np.random.default_rng(seed).uniform(-1, 1, 45))
        with torch.inference_mode():
            image = torch.from_numpy(self.character.network_image)
            final = load_student(self.character)(image, torch.from_numpy(self.pose)).final
        self.picture: NDArray[np.uint8] = to_rgba8_straight(final[0].numpy())

    def check(self, engine: Engine, least: float) -> None:
        full = engine.render(self.pose)
        assert psnr(full, self.picture) > least
        for x, y, width, height in REGIONS:
            part = engine.render(self.pose, (x, y, width, height)).astype(int)
            whole = full[y : y + height, x : x + width]
            difference = np.abs(part - whole)[whole[..., 3] >= 16]
            # A different cut of the bands may round the last bit of a float otherwise.
            assert difference.size == 0 or difference.max() <= (1 if engine.name != "native" else 0), (x, y)


@pytest.fixture(scope="module", params=range(5))
def drawn(request: pytest.FixtureRequest) -> Drawn:
    return Drawn(request.param)


def test_the_reference_engine(drawn: Drawn) -> None:
    drawn.check(ReferenceEngine(drawn.character, threads=1), 70)


@pytest.mark.parametrize(("isa", "precision"), NATIVE)
def test_the_native_engine(drawn: Drawn, isa: str, precision: str) -> None:
    networks = drawn.character.networks
    if precision == "fixed16" and not any(len(level.widths) > 1 for level in (networks.face, *networks.body)):
        pytest.skip("none of its levels has a layer that gains by fixed point")
    engine = NativeEngine(drawn.character, threads=1, isa=isa, precision=precision, skip_invisible=False)
    drawn.check(engine, 70 if precision == "float32" else 50)


@pytest.mark.parametrize("precision", ["float32", "half"])
def test_the_cuda_engines_steps(drawn: Drawn, precision: str) -> None:
    engine = CudaEngine(drawn.character, threads=1, device="cpu", precision=precision, skip_invisible=False)
    drawn.check(engine, 70 if precision == "float32" else 45)
