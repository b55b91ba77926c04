"""Large blocks that are freed serve again, in place of new ones from the system."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

#: Page faults of writing 64 MiB for the second time, in a process of its own: what is kept stays kept.
PROGRAM = """
import resource
import numpy as np
from tha4_core.kept_memory import keep_large_blocks
if {kept}:
    assert keep_large_blocks()
np.ones(64 << 20, np.uint8)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
np.ones(64 << 20, np.uint8)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc gives large blocks back at once")
def test_a_large_block_is_not_fetched_again() -> None:
    fresh, kept = (
        int(subprocess.run([sys.executable, "-c", PROGRAM.format(kept=kept)], capture_output=True, check=True).stdout)
        for kept in (False, True)
    )
    assert kept < fresh / 4
