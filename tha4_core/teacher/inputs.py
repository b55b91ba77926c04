"""What a teacher is given, checked."""

from __future__ import annotations

import torch
from torch import Tensor

from tha4_core.picture.region import PICTURE_SIZE
from tha4_core.pose import SIZE, PoseError, as_pose
from tha4_core.teacher.interface import TeacherError


def check_device(name: str | torch.device) -> torch.device:
    """A device on which something can be computed here. Raises TeacherError."""
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:  # torch built without CUDA asserts
        reason = str(error).splitlines()[0].rstrip(".")
        raise TeacherError(f"the teacher cannot use device {str(name)!r}: {reason}.") from None
    return device


def check_image(image: Tensor, device: torch.device) -> Tensor:
    """A picture (4, 512, 512), linear, premultiplied, in [-1, 1], as float32 on ``device``. Raises TeacherError."""
    shape = (4, PICTURE_SIZE, PICTURE_SIZE)
    if tuple(image.shape) != shape or not image.is_floating_point():
        raise TeacherError(
            f"a teacher's picture is {shape} numbers, but this one is {tuple(image.shape)} {image.dtype};"
            " color.to_network makes one from RGBA8."
        )
    image = image.detach().to(device, torch.float32)
    # Not a number fails this, too.
    if not (image.abs() <= 1.0 + 1e-5).all():
        raise TeacherError("a teacher's picture has values in [-1, 1], but this one leaves them, or holds no numbers.")
    return image


def check_poses(poses: Tensor, device: torch.device) -> Tensor:
    """Poses (n, 45), clamped into their ranges, as float32 on ``device``. Raises PoseError."""
    if poses.ndim != 2 or poses.shape[1] != SIZE:
        raise PoseError(f"a teacher's poses are (n, {SIZE}) numbers, but these are {tuple(poses.shape)}.")
    rows = [torch.from_numpy(as_pose(row)) for row in poses.detach().cpu().double().numpy()]
    return torch.stack(rows).to(device) if rows else torch.zeros((0, SIZE), device=device)
