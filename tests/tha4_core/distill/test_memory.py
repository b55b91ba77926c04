"""What a step frees is there for the next one."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from tests.conftest import ROOT

_FAULTS = """
import resource
from tha4_core.distill.memory import keep_freed_memory

assert keep_freed_memory()
for _ in range(2):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        bytearray(10 << 20)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")
def test_large_pieces_are_not_given_back_to_the_system() -> None:
    """Twenty times ten megabytes would be 50,000 pages to get anew."""
    done = subprocess.run([sys.executable, "-c", _FAULTS], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 1000
