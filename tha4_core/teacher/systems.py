"""Which teachers there are: THA4, and THA3 in the four modes of its release (THA3.md section 2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import torch
from torch import nn

from tha4_core.teacher.editor import Editor
from tha4_core.teacher.eyebrow_decomposer import EyebrowDecomposer
from tha4_core.teacher.eyebrow_morphing_combiner import EyebrowMorphingCombiner
from tha4_core.teacher.face_morpher import FaceMorpher, SeparableFaceMorpher
from tha4_core.teacher.networks import NETWORKS, Networks
from tha4_core.teacher.tha3_networks import Tha3Networks
from tha4_core.teacher.two_algo_face_body_rotator import TwoAlgoFaceBodyRotator


@dataclass(frozen=True, eq=False)
class System:
    """Five networks that belong together.

    name: to speak of it. description: for a character's provenance. networks: new ones by the names of their files, in
    the order of the chain. chain: the class that chains them. weights: the type that the released files hold.
    face_multiply_adds, multiply_adds: of one pose, convolutions only: of the face alone, of everything.
    """

    name: str
    description: str
    networks: Mapping[str, Callable[[], nn.Module]]
    chain: type[Networks] | type[Tha3Networks]
    weights: str
    face_multiply_adds: float
    multiply_adds: float

    def new_networks(self) -> Iterator[tuple[str, nn.Module]]:
        for name, kind in self.networks.items():
            yield name, kind()

    def keys(self, name: str) -> set[str]:
        """The names in the state dict of the network called ``name``."""
        with torch.device("meta"):
            return set(self.networks[name]().state_dict())


def _tha3(variant: str, weights: str, face_multiply_adds: float, multiply_adds: float) -> System:
    separable = variant == "separable"
    mode = f"{variant}_{'half' if weights == 'float16' else 'float'}"
    return System(
        name=f"THA3 {mode}",
        description=f"THA3, the five networks of talking-head-anime-3 ({mode})",
        networks={
            "eyebrow_decomposer": partial(EyebrowDecomposer, separable=separable),
            "eyebrow_morphing_combiner": partial(EyebrowMorphingCombiner, separable=separable),
            "face_morpher": SeparableFaceMorpher if separable else FaceMorpher,
            "two_algo_face_body_rotator": partial(TwoAlgoFaceBodyRotator, separable=separable),
            "editor": partial(Editor, separable=separable),
        },
        chain=Tha3Networks,
        weights=weights,
        face_multiply_adds=face_multiply_adds,
        multiply_adds=multiply_adds,
    )


#: What depends on the picture alone is not counted (DISTILLATION.md A.3, THA3.md section 10).
THA4: Final = System(
    name="THA4",
    description="THA4, the five networks of arXiv 2311.17409",
    networks=NETWORKS,
    chain=Networks,
    weights="float32",
    face_multiply_adds=32.6e9,
    multiply_adds=312.6e9,
)
THA3_STANDARD: Final = _tha3("standard", "float32", 32.6e9, 144.0e9)
THA3_SEPARABLE: Final = _tha3("separable", "float32", 4.6e9, 17.8e9)
SYSTEMS: Final = (
    THA4,
    THA3_STANDARD,
    THA3_SEPARABLE,
    _tha3("standard", "float16", 32.6e9, 144.0e9),
    _tha3("separable", "float16", 4.6e9, 17.8e9),
)


def system_of(networks: Mapping[str, nn.Module]) -> System:
    """Of which system five networks in memory are."""
    if "editor" not in networks:
        return THA4
    return THA3_SEPARABLE if isinstance(networks["face_morpher"], SeparableFaceMorpher) else THA3_STANDARD
