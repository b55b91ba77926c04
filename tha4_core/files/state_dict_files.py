"""PyTorch files of plain weights, from strangers: a mapping from names to tensors, and nothing else."""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tha4_core.character.weights import WeightsError
from tha4_core.files.torch_files import Bytes, DamagedFileError, ForeignFileError, StoredTensor, parse_torch_file

if TYPE_CHECKING:
    from torch import Tensor


def parse_stored_weights(data: Bytes, source: str) -> dict[str, StoredTensor]:
    """The tensors of a ``.pt`` file's bytes, of any type, all together no larger than the file; needs no PyTorch.

    source: names the file in errors. Raises WeightsError.
    """
    unreadable = f"{source} is not a PyTorch file of plain weights"
    try:
        state = parse_torch_file(data, lambda tensor: tensor)
    except ForeignFileError as error:
        named = f" ({str(error)!r:.100})" if str(error) else ""
        raise WeightsError(
            f"{unreadable}: it holds other objects{named}, perhaps program code, which are never run;"
            " save the network's state_dict() alone."
        ) from None
    except DamagedFileError as error:
        clause = f" ({error})" if str(error) else ""
        raise WeightsError(f"{unreadable}, or it is damaged or cut short{clause}; copy it again.") from None
    if not isinstance(state, dict) or not all(isinstance(name, str) for name in state):
        raise WeightsError(f"{unreadable}: it must hold a mapping from names to tensors.")
    room = len(data)
    for name, tensor in state.items():
        room -= tensor.nbytes if isinstance(tensor, StoredTensor) else 0
        # Views, with stride 0 or many of one storage, can claim any size in a tiny file; nothing of ours does.
        if not isinstance(tensor, StoredTensor) or room < 0:
            raise WeightsError(f"{source}: {name!r:.100} is not a plain tensor of this file's own data.")
    return state


def parse_float_weights(data: Bytes, source: str, dtype: str = "float32") -> dict[str, StoredTensor]:
    """As :func:`parse_stored_weights`, of one type alone."""
    state = parse_stored_weights(data, source)
    for name, tensor in state.items():
        if tensor.dtype != dtype:
            raise WeightsError(f"{source}: tensor {name!r:.100} is {tensor.dtype}, but {dtype} is needed.")
    return state


def parse_state_dict(data: Bytes, source: str, dtype: str = "float32") -> dict[str, Tensor]:
    """The tensors of a ``.pt`` file's bytes, as float32, on the CPU; they share ``data`` if it can change.

    source: names the file in errors. dtype: what the file must hold. Raises WeightsError.
    """
    tensors = parse_float_weights(data, source, dtype).items()
    return {name: tensor.to_tensor().contiguous().float() for name, tensor in tensors}


def dump_state_dict(tensors: Mapping[str, Tensor]) -> bytes:
    """What :func:`parse_state_dict` reads, in the order of ``tensors``, wherever they are."""
    import torch

    buffer = io.BytesIO()
    torch.save(OrderedDict((name, tensor.detach().cpu().contiguous()) for name, tensor in tensors.items()), buffer)
    return buffer.getvalue()
