"""The first seven convolutions of VGG16, whose features the perceptual distance compares (the paper's appendix B).

The weights are a file of the user's, which this project neither ships nor fetches.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from tha4_core.character.weights import WeightsError
from tha4_core.files.reading import FileError, read_buffer
from tha4_core.files.state_dict_files import parse_stored_weights
from tha4_core.teacher_training.errors import TrainingError

#: The file that the tools look for, and where people get it (BSD 3-Clause code; no licence is stated for the weights).
VGG_FILE: Final = "vgg16-397923af.pth"
VGG_URL: Final = f"https://download.pytorch.org/models/{VGG_FILE}"
#: Inputs, outputs, and the number in torchvision's ``features``; a 2x2 maximum comes before those marked.
CONVOLUTIONS: Final = (
    (3, 64, 0, False), (64, 64, 2, False), (64, 128, 5, True), (128, 128, 7, False), (128, 256, 10, True),
    (256, 256, 12, False), (256, 256, 14, False),
)  # fmt: skip
#: relu1_2, relu2_2 and relu3_3 follow these.
_COMPARED: Final = (2, 7, 14)
#: Of ImageNet's photographs, for colours in [0, 1].
_MEAN: Final = (0.485, 0.456, 0.406)
_DEVIATION: Final = (0.229, 0.224, 0.225)
_MAX_BYTES: Final = 600 << 20


class Vgg(nn.Module):
    """Pictures (B, 3, H, W) in [-1, 1] -> relu1_2, relu2_2 and relu3_3: (B, 64, H, W), (B, 128, H/2, W/2), ...

    Linear light enters as it is, only scaled to [0, 1] and shifted as VGG was trained (nothing says more). The
    weights stay as they are; gradients pass to the pictures.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, weights: dict[str, Tensor]) -> None:
        """weights: by torchvision's names, as :func:`load_vgg` reads them."""
        super().__init__()
        self.convolutions = nn.ModuleList()
        for inputs, outputs, place, _ in CONVOLUTIONS:
            convolution = nn.Conv2d(inputs, outputs, 3, padding=1)
            convolution.load_state_dict(
                {kind: weights[f"features.{place}.{kind}"] for kind in ("weight", "bias")}, assign=True
            )
            self.convolutions.append(convolution)
        self.requires_grad_(False)
        self.register_buffer("mean", torch.tensor(_MEAN).view(1, 3, 1, 1))
        self.register_buffer("deviation", torch.tensor(_DEVIATION).view(1, 3, 1, 1))

    def forward(self, picture: Tensor) -> list[Tensor]:
        x = ((picture + 1.0) / 2.0 - self.mean) / self.deviation
        features = []
        for convolution, (_, _, place, pooled) in zip(self.convolutions, CONVOLUTIONS, strict=True):
            x = functional.relu(convolution(functional.max_pool2d(x, 2) if pooled else x))
            if place in _COMPARED:
                features.append(x)
        return features


def load_vgg(path: Path) -> Vgg:
    """The network with the weights of a file. Raises TrainingError when it is none, naming where it is to be had."""
    try:
        stored = parse_stored_weights(read_buffer(path, _MAX_BYTES, "no file of VGG16 is"), str(path))
    except FileError as error:
        raise TrainingError(f"{error} It is at {VGG_URL}.") from None
    except WeightsError:
        raise TrainingError(f"{path} is damaged or no weights; download it again from {VGG_URL}.") from None
    weights: dict[str, Tensor] = {}
    for inputs, outputs, place, _ in CONVOLUTIONS:
        for kind, shape in (("weight", (outputs, inputs, 3, 3)), ("bias", (outputs,))):
            name = f"features.{place}.{kind}"
            tensor = stored.get(name)
            if tensor is None or tensor.shape != shape:
                raise TrainingError(f"{path} lacks {name} of shape {shape}; download it again from {VGG_URL}.")
            # A copy: the rest of the file is half a gigabyte.
            weights[name] = tensor.to_tensor().to(torch.float32, copy=True)
    return Vgg(weights)
