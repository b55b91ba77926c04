"""Ways to draw with Vulkan, by software here: what Godot is given on its command line."""

from __future__ import annotations

from typing import Final

from tests.godot.engine import Run

FORWARD_PLUS: Final = ("--rendering-driver", "vulkan", "--rendering-method", "forward_plus")
MOBILE: Final = ("--rendering-driver", "vulkan", "--rendering-method", "mobile")
#: What draws is a thread of its own.
SEPARATE: Final = (*MOBILE, "--render-thread", "separate")
WAYS: Final = {"forward_plus": FORWARD_PLUS, "mobile": MOBILE, "separate": SEPARATE}


def unexpected_errors(run: Run) -> list[str]:
    """What a run complained about, but for what an engine with a render thread of its own always says as it ends."""
    return [error for error in run.errors if "(finalize) can only be called from the render thread" not in error]
