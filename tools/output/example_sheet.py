"""Held-out examples beside what a network makes of them: a row each, at rest, made, as it should be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from PIL import Image
from torch import Tensor

from tha4_core.picture.color import to_rgba8_straight
from tha4_core.teacher_training.examples import Example

_PAPER: Final = (238, 238, 242, 255)
_GAP: Final = 4
_SHOWN: Final = 256


def example_sheet(examples: Sequence[Example], made: Sequence[Sequence[Tensor]]) -> Image.Image:
    """made: for each column between the first and the last one its pictures, (4, S, S), by example."""
    columns = [[example.rest for example in examples], *made, [example.posed for example in examples]]
    edge = min(_SHOWN, examples[0].rest.shape[-1])
    step = edge + _GAP
    sheet = Image.new("RGBA", (len(columns) * step + _GAP, len(examples) * step + _GAP), _PAPER)
    for column, pictures in enumerate(columns):
        for row, picture in enumerate(pictures):
            pixels = to_rgba8_straight(np.asarray(picture.float().cpu()))
            cell = Image.fromarray(pixels).resize((edge, edge), Image.Resampling.LANCZOS)
            sheet.alpha_composite(cell, (_GAP + column * step, _GAP + row * step))
    return sheet
