"""Which pixels of the face box move: found from a teacher's pictures, or painted by hand (DISTILLATION.md A.8).

The face's loss counts them twenty times more, since eyes, brows and mouth are a small part of the box.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from tha4_core.character.files import read_bounded
from tha4_core.distill.errors import DistillationError
from tha4_core.picture.color import MAX_PNG_BYTES
from tha4_core.picture.png import SIGNATURE, PngError, split_png
from tha4_core.picture.region import PICTURE_SIZE
from tha4_core.student import FACE_EDGE, FACE_LEFT, FACE_TOP
from tha4_core.teacher.interface import CharacterTeacher

#: A pixel moves if its values' standard deviation over poses, in [0, 1] units, is more than this ...
_FLOOR: Final = 0.01
#: ... and more than this part of what the most moving pixels have (their 99th percentile).
_SHARE: Final = 0.2
#: A square of so many pixels a side holds at least so many moving ones around each that counts: a line does.
_AROUND: Final = 5
_FEWEST: Final = 4
#: Pixels by which what moves is widened, and over which the border is smoothed.
_WIDEN: Final = 3
_SMOOTH: Final = 2
#: Poses looked at together: few, since nothing can end the search while a teacher answers.
_TOGETHER: Final = 4


def measure_variation(teacher: CharacterTeacher, poses: Tensor) -> Tensor:
    """How much each pixel of the posed face varies over ``poses`` (n, 45): (128, 128), from 0.

    The standard deviation of the channel that varies most, premultiplied linear values scaled to [0, 1].
    """
    total = torch.zeros((4, FACE_EDGE, FACE_EDGE), dtype=torch.float64)
    squares = torch.zeros_like(total)
    for part in torch.split(poses, _TOGETHER):
        faces = (teacher.pose_face(part).cpu().double() + 1.0) / 2.0  # (n, 4, 128, 128)
        total += faces.sum(dim=0)
        squares += (faces**2).sum(dim=0)
    mean = total / len(poses)
    variance = (squares / len(poses) - mean**2).clamp(min=0.0)
    return variance.sqrt().amax(dim=0).float()


def mask_of_variation(variation: Tensor) -> Tensor:
    """(128, 128) -> a mask (128, 128) in [0, 1]: 1 where the face moves and closely around, soft at the border.

    Specks are dropped, lines such as the jaw's are kept. All 0 where nothing moves.
    """
    strongest = float(torch.quantile(variation.flatten(), 0.99))
    moving = (variation > max(_FLOOR, _SHARE * strongest)).float()[None, None]  # (1, 1, 128, 128)
    around = functional.avg_pool2d(moving, _AROUND, stride=1, padding=_AROUND // 2)
    kept = moving * (around * _AROUND**2 >= _FEWEST - 0.5)
    smooth = functional.avg_pool2d(
        functional.pad(_widened(kept, _WIDEN), [_SMOOTH] * 4, mode="replicate"), 2 * _SMOOTH + 1, stride=1
    )
    return smooth[0, 0].clamp(0.0, 1.0)


def find_face_mask(teacher: CharacterTeacher, poses: Tensor) -> Tensor:
    """The mask (128, 128) of a teacher's character; some hundred ``poses`` (n, 45) tell it well."""
    return mask_of_variation(measure_variation(teacher, poses))


def read_face_mask(path: Path) -> Tensor:
    """A mask painted by hand, 512x512, white where the face moves and black elsewhere: (128, 128) of 0 and 1.

    Raises DistillationError, a sentence for each of the format's rules (DISTILLATION.md A.8).
    """
    if path.suffix.lower() != ".png":
        raise DistillationError(f"{path}: a face mask is a PNG; save it with a name that ends in .png.")
    if not path.is_file():
        raise DistillationError(f"{path} does not exist; give the face mask's file, or none to have it found.")
    data = read_bounded(path, MAX_PNG_BYTES)
    try:
        # What is not pixels, and may be large, is left out.
        pixels_alone = split_png(data).pixels if data.startswith(SIGNATURE) else data
        picture = Image.open(io.BytesIO(pixels_alone), formats=("PNG",))
        size, mode = picture.size, picture.mode
        if size != (PICTURE_SIZE, PICTURE_SIZE):
            raise DistillationError(
                f"{path} is {size[0]}x{size[1]} pixels; a face mask lies over the drawing and must be 512x512."
            )
        if mode != "RGB":
            raise DistillationError(f"{path} is of mode {mode}; save the face mask as plain RGB, without alpha.")
        pixels = np.array(picture)
    except PngError as error:
        raise DistillationError(f"{path} {error}") from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise DistillationError(f"{path} is not a PNG file, or it is damaged; save it again.") from None
    if not np.isin(pixels, (0, 255)).all():
        raise DistillationError(
            f"{path} has other colours than pure black and white; paint it without soft edges, 0 or 255 everywhere."
        )
    box = pixels[FACE_TOP : FACE_TOP + FACE_EDGE, FACE_LEFT : FACE_LEFT + FACE_EDGE, 0]
    if not box.any():
        raise DistillationError(
            f"{path} has nothing white in the face box (columns 192 to 319, rows 80 to 207); paint eyes, brows and"
            " mouth white."
        )
    return torch.from_numpy(box / np.float32(255.0))


def _widened(mask: Tensor, pixels: int) -> Tensor:
    """(1, 1, H, W), the largest value within so many rows and columns."""
    return functional.max_pool2d(mask, 2 * pixels + 1, stride=1, padding=pixels)
