"""LPIPS, the learned perceptual distance of Zhang et al. 2018 (arXiv 1801.03924), version 0.1 with AlexNet.

The same numbers as the library ``lpips`` gives, from the same two weight files. That library takes AlexNet from
torchvision, whose compiled part must be of the same build as torch and pins torch's version; five convolutions do not
warrant that.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from tha4_core.character.weights import WeightsError
from tha4_core.files.reading import FileError, read_buffer
from tha4_core.files.state_dict_files import parse_stored_weights
from tha4_core.files.torch_files import StoredTensor
from tha4_core.metrics.errors import MetricError

#: Where people get the weights, and what the files are called in torch's own download folder.
ALEXNET_URL: Final = "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth"
ALEXNET_FILE: Final = "alexnet-owt-7be5be79.pth"
LINEAR_URL: Final = "https://github.com/richzhang/PerceptualSimilarity/raw/master/lpips/weights/v0.1/alex.pth"
LINEAR_FILE: Final = "lpips-v0.1-alex.pth"

#: AlexNet's convolutions: inputs, outputs, kernel, stride, padding, and their number in ``features``.
_CONVOLUTIONS: Final = (
    (3, 64, 11, 4, 2, 0),
    (64, 192, 5, 1, 2, 3),
    (192, 384, 3, 1, 1, 6),
    (384, 256, 3, 1, 1, 8),
    (256, 256, 3, 1, 1, 10),
)
#: A 3x3 maximum of stride 2 comes before these convolutions (counted from 0).
_POOLED_BEFORE: Final = (1, 2)
#: Mean and standard deviation of the photographs' colours, for values in [-1, 1] (the library's scaling layer).
_SHIFT: Final = (-0.030, -0.088, -0.188)
_SCALE: Final = (0.458, 0.448, 0.450)
_SMALLEST: Final = 64
_MAX_FILE_BYTES: Final = 512 << 20
_EPSILON: Final = 1e-10


class _Network(NamedTuple):
    """Five convolutions and, for each, the weight of every channel of its output, (1, C, 1, 1)."""

    convolutions: list[nn.Conv2d]
    channel_weights: list[Tensor]


def weights_folder() -> Path:
    """Where the weight files are looked for: torch's own download folder (``TORCH_HOME`` moves it)."""
    return Path(torch.hub.get_dir()) / "checkpoints"


@torch.inference_mode()
def distance(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """LPIPS of RGB pictures, sRGB in [-1, 1], (n, 3, h, w); the mean over n.

    Raises MetricError when a weight file is missing or damaged; ValueError for pictures smaller than 64x64.
    """
    if min(one.shape[-2:]) < _SMALLEST:
        raise ValueError(f"LPIPS needs pictures of at least {_SMALLEST}x{_SMALLEST} pixels")
    network = _load(weights_folder())
    total = torch.zeros(one.shape[0])
    features = zip(_features(network, one), _features(network, other), network.channel_weights, strict=True)
    for a, b, weight in features:
        total += ((a - b) ** 2 * weight).sum(dim=1).mean(dim=(1, 2))  # (n,)
    return float(total.mean())


def _features(network: _Network, picture: NDArray[np.float32]) -> list[Tensor]:
    """What each convolution sees in (n, 3, h, w), each pixel's vector of length 1: five of (n, C, h', w')."""
    x = torch.from_numpy(picture)
    x = (x - torch.tensor(_SHIFT).view(1, 3, 1, 1)) / torch.tensor(_SCALE).view(1, 3, 1, 1)
    features: list[Tensor] = []
    for number, convolution in enumerate(network.convolutions):
        if number in _POOLED_BEFORE:
            x = functional.max_pool2d(x, kernel_size=3, stride=2)
        x = functional.relu(convolution(x))
        features.append(x / (x.square().sum(dim=1, keepdim=True).sqrt() + _EPSILON))
    return features


@cache
def _load(folder: Path) -> _Network:
    """The network with the weights in ``folder``. Raises MetricError."""
    wanted = ((folder / ALEXNET_FILE, ALEXNET_URL), (folder / LINEAR_FILE, LINEAR_URL))
    missing = [f"{url} (save it as {path})" for path, url in wanted if not path.is_file()]
    if missing:
        raise MetricError(f"LPIPS needs weights that are not here; download {' and '.join(missing)}.")
    backbone, linear = (_read(path, url) for path, url in wanted)
    network = _Network([], [])
    for level, (inputs, outputs, kernel, stride, padding, place) in enumerate(_CONVOLUTIONS):
        convolution = nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=padding)
        shape = (outputs, inputs, kernel, kernel)
        convolution.weight.data = _tensor(backbone, f"features.{place}.weight", shape, *wanted[0])
        assert convolution.bias is not None
        convolution.bias.data = _tensor(backbone, f"features.{place}.bias", (outputs,), *wanted[0])
        network.convolutions.append(convolution)
        network.channel_weights.append(_tensor(linear, f"lin{level}.model.1.weight", (1, outputs, 1, 1), *wanted[1]))
    return network


def _read(path: Path, url: str) -> dict[str, StoredTensor]:
    try:
        return parse_stored_weights(read_buffer(path, _MAX_FILE_BYTES, "no file of LPIPS is"), str(path))
    except FileError as error:
        raise MetricError(f"{error} It is at {url}.") from None
    except WeightsError:
        raise MetricError(f"{path} is damaged or no weights; download it again from {url}.") from None


def _tensor(weights: dict[str, StoredTensor], name: str, shape: tuple[int, ...], path: Path, url: str) -> Tensor:
    tensor = weights.get(name)
    if tensor is None or tensor.shape != shape:
        raise MetricError(f"{path} lacks {name} of shape {shape}; download it again from {url}.")
    # A copy: AlexNet's file is 244 MB, and its convolutions a hundredth of that.
    return tensor.to_tensor().to(torch.float32, copy=True)
