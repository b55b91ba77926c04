"""A pose's face parameters under their names, for the parts of the face that read them."""

from __future__ import annotations

from collections.abc import Sequence

from tha4_core.pose import FACE_SIZE, NAMES, PARAMETERS

#: The character's own left is on the right of the picture.
LEFT, RIGHT = "left", "right"


class Expression:
    """Face parameters by name: ``expression["mouth_aaa"]``, ``expression["eye_wink", LEFT]``; each within its range."""

    def __init__(self, values: Sequence[float]) -> None:
        """values: the first 39 numbers of a pose."""
        self._values = {
            parameter.name: min(max(float(value), parameter.minimum), parameter.maximum)
            for parameter, value in zip(PARAMETERS[:FACE_SIZE], values[:FACE_SIZE], strict=True)
        }

    def __getitem__(self, key: str | tuple[str, str]) -> float:
        return self._values[key if isinstance(key, str) else "_".join(key)]


#: Nothing expressed.
REST = Expression([0.0] * len(NAMES))
