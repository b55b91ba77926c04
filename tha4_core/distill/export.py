"""From two trained networks to a character."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from tha4_core import __version__
from tha4_core.character import Character, CharacterInfo
from tha4_core.character.credits import CREDITS, Credit
from tha4_core.character.weights import Weights, check_weights


def make_character(image_png: bytes, face: nn.Module, body: nn.Module, info: CharacterInfo | None = None) -> Character:
    """A character of two networks, which are what ``info`` says. Raises WeightsError when they are not those."""
    info = info or CharacterInfo()
    face_weights, body_weights = _weights(face), _weights(body)
    check_weights(face_weights, "face morpher", "the trained face morpher", info.networks)
    check_weights(body_weights, "body morpher", "the trained body morpher", info.networks)
    return Character(image_png, face_weights, body_weights, info)


def versions() -> Mapping[str, str]:
    """What the pictures may depend on."""
    return {
        "anime-character": __version__,
        "torch": str(torch.__version__),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
    }


def training_provenance(
    teacher: Mapping[str, str], credit_list: Sequence[Credit], recipe: str, settings: Mapping[str, Any]
) -> dict[str, Any]:
    """What ``character.json`` says of how the character came to be, and whom it owes something for that."""
    owed = {CREDITS: [credit.to_json() for credit in credit_list]} if credit_list else {}
    return {**teacher, **owed, "recipe": recipe, "training": dict(settings), "versions": dict(versions())}


def _weights(network: nn.Module) -> Weights:
    return {
        name: np.ascontiguousarray(tensor.detach().float().cpu().numpy())
        for name, tensor in network.state_dict().items()
    }
