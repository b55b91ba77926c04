"""What a training frees is there for its next step; what a bridge frees is the system's again."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from tests.conftest import ROOT

_FAULTS = """
import resource
from tha4_core.memory import keep_freed_memory

assert keep_freed_memory()
for _ in range(2):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(3):
        bytearray(70 << 20)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


#: A megabyte stays between pieces that go, as what a bridge keeps does.
_RESIDENT = """
import psutil
from tha4_core.memory import return_large_pieces

assert return_large_pieces()
bytearray(b"x") * (30 << 20)
before = psutil.Process().memory_info().rss
pieces = [bytearray(b"x") * size for _ in range(10) for size in (8 << 20, 1 << 20)]
pieces = pieces[1::2]
print((psutil.Process().memory_info().rss - before) >> 20)
"""

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")


def test_large_pieces_are_not_given_back_to_the_system() -> None:
    """Three times seventy megabytes, as a teacher's activations have, would be 50,000 pages to get anew."""
    done = subprocess.run([sys.executable, "-c", _FAULTS], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 1000


def test_large_pieces_are_given_back_though_smaller_ones_stay() -> None:
    """Eighty megabytes go, and ten stay."""
    done = subprocess.run([sys.executable, "-c", _RESIDENT], cwd=ROOT, capture_output=True, text=True, check=True)
    assert 8 <= int(done.stdout) <= 15
