"""Where a distilled character can be seen: where its student shows anything and its teacher ever does.

A student that learned from some hundred pictures leaves faint specks far from the figure in poses that it was not
shown. Where its teacher is never to be seen, they are cut off, and no engine spends time on them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tha4_core.character import Character
from tha4_core.distill.evaluate import teacher_picture
from tha4_core.distill.stopping import end_if
from tha4_core.engines.native import masks
from tha4_core.picture.color import to_rgba8_straight
from tha4_core.pose import Pose
from tha4_core.teacher import CharacterTeacher
from tha4_core.visibility import measure_visibility

#: All extremes of the rotations and of breathing, and some poses between them: a teacher is slow.
_POSES: Final = 96
#: Pixels; wider than a student's own mask, as fewer poses were looked at.
_MARGIN: Final = 8


def with_outline(character: Character, teacher: CharacterTeacher, threads: int, stop: Callable[[], bool]) -> Character:
    """The character with a mask of what can be seen of it; as it is where the native engine was not built.

    Raises TrainingInterruptedError when ``stop`` says so.
    """

    def shown(pose: Pose) -> NDArray[np.uint8]:
        end_if(stop)
        return to_rgba8_straight(teacher_picture(teacher, pose))[..., 3]

    character = masks.with_visibility(character, threads, lambda: end_if(stop))
    if character.visibility is None:
        return character
    teachers = measure_visibility(shown, character.look, poses=_POSES, margin=_MARGIN)
    return replace(character, visibility=character.visibility.within(teachers))
