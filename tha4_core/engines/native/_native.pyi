from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

def supported() -> list[str]: ...

class Renderer:
    def __new__(
        cls,
        face: Sequence[NDArray[np.float32]],
        body: Sequence[NDArray[np.float32]],
        picture: NDArray[np.float32],
        isa: str,
        fixed16: bool,
        threads: int,
    ) -> Renderer: ...
    def render(self, pose: NDArray[np.float32], region: tuple[int, int, int, int], out: NDArray[np.uint8]) -> None: ...
    def set_visibility(self, mask: NDArray[np.uint8]) -> None: ...
    @property
    def isa(self) -> str: ...
    @property
    def fixed16(self) -> bool: ...
    @property
    def threads(self) -> int: ...
