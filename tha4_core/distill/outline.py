"""Where a distilled character can be seen: where its student shows anything and its teacher ever does.

A student that learned from some hundred pictures leaves faint specks far from the figure in poses that it was not
shown. Where its teacher is never to be seen, they are cut off, and no engine spends time on them. A teacher of networks
leaves some, too, with head and body at their ends: what it shows apart from all that is drawn is none of the figure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from tha4_core.character import Character
from tha4_core.distill.evaluate import teacher_picture
from tha4_core.distill.stopping import end_if
from tha4_core.engines.engine import EngineError
from tha4_core.engines.native import masks
from tha4_core.engines.native.renderer import new_renderer
from tha4_core.picture.color import to_rgba8_straight
from tha4_core.pose import Pose
from tha4_core.teacher import CharacterTeacher
from tha4_core.visibility import LEANS, Visibility, measure_visibility, tiles_of

#: All extremes of the rotations and of breathing, and some poses between them: a teacher is slow.
_POSES: Final = 96
#: Pixels; wider than a student's own mask, as fewer poses were looked at.
_MARGIN: Final = 8
#: The alpha, of 255, from which a part of the drawing is drawn; what is left of a background is fainter.
_DRAWN: Final = 32


def with_outline(character: Character, teacher: CharacterTeacher, threads: int, stop: Callable[[], bool]) -> Character:
    """The character with a mask of what can be seen of it; as it is where the native engine was not built.

    Raises TrainingInterruptedError when ``stop`` says so.
    """

    def shown(pose: Pose) -> NDArray[np.uint8]:
        end_if(stop)
        return to_rgba8_straight(teacher_picture(teacher, pose))[..., 3]

    try:
        new_renderer(character, threads)  # before the slow teacher is asked for what nobody could use
    except EngineError:
        return character
    teachers = measure_visibility(shown, character.look, poses=_POSES, margin=_MARGIN)
    drawn = to_rgba8_straight(character.network_image)[..., 3] >= _DRAWN
    outline = of_the_figure(teachers, drawn)
    # The student is only looked at where that is: it is asked for hundreds of poses.
    students = masks.measure(replace(character, visibility=outline), threads, lambda: end_if(stop))
    return replace(character, visibility=students.within(outline))


def of_the_figure(shown: Visibility, drawn: NDArray[np.bool_]) -> Visibility:
    """Only those connected parts of a mask in which anything is ``drawn``, bool (512, 512), at rest.

    A part that lies apart from the figure, a ribbon or a halo, is drawn somewhere in what it moves over.
    """
    at_rest = tiles_of(drawn)
    kept = np.zeros_like(shown.tiles)
    for lean in range(LEANS):
        parts, _ = ndimage.label(shown.tiles >> lean & 1, structure=np.ones((3, 3)))
        kept |= (np.isin(parts, parts[at_rest]) & (parts > 0)).astype(np.uint8) << lean
    return replace(shown, tiles=kept)
