"""PyTorch files of plain weights, from strangers: a mapping from names to float32 tensors, and nothing else."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Mapping

import torch
from torch import Tensor

from tha4_core.character.weights import WeightsError


def parse_state_dict(data: bytes, source: str, limit: int) -> dict[str, Tensor]:
    """The tensors of a ``.pt`` file's bytes, float32, on the CPU. Code in the file is refused, not run.

    source: names the file in errors. limit: bytes that it may unpack to. Raises WeightsError.
    """
    unreadable = f"{source} is not a PyTorch file of plain weights"
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(member.file_size for member in archive.infolist()) > limit:
                raise WeightsError(f"{unreadable}: its members unpack to more than {limit >> 20} MiB.")
    try:
        # weights_only: tensors in plain containers and nothing else.
        state = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise WeightsError(
            f"{unreadable}: it holds other objects (perhaps program code), which are never run;"
            " save the network's state_dict() alone."
        ) from None
    except Exception:  # torch raises many kinds on damaged files, none of them documented
        raise WeightsError(f"{unreadable}, or it is damaged or cut short; copy it again.") from None
    if not isinstance(state, dict) or not all(isinstance(name, str) for name in state):
        raise WeightsError(f"{unreadable}: it must hold a mapping from names to tensors.")
    for name, tensor in state.items():
        plain = isinstance(tensor, Tensor) and tensor.layout == torch.strided and not tensor.is_quantized
        # A view with stride 0 can claim a huge shape in a tiny file; nothing of ours is larger than its file.
        if not plain or tensor.device.type != "cpu" or tensor.numel() * tensor.element_size() > len(data):
            raise WeightsError(f"{source}: {name!r:.100} is not a plain tensor of this file's own data.")
        if tensor.dtype != torch.float32:
            raise WeightsError(f"{source}: tensor {name!r:.100} is {tensor.dtype}, but torch.float32 is needed.")
    return {name: tensor.detach().contiguous() for name, tensor in state.items()}


def dump_state_dict(tensors: Mapping[str, Tensor]) -> bytes:
    """What :func:`parse_state_dict` reads, in the order of ``tensors``, wherever they are."""
    buffer = io.BytesIO()
    torch.save(OrderedDict((name, tensor.detach().cpu().contiguous()) for name, tensor in tensors.items()), buffer)
    return buffer.getvalue()
