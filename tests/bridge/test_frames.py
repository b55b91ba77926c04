"""Memory of frames, and reduction."""

from __future__ import annotations

import weakref

import numpy as np
import pytest

from bridge.frames import BufferPool, frame_size, shrink
from tha4_core.picture.region import FULL_PICTURE, Region


class Tracker:
    done = False


def test_a_buffer_is_used_again_only_when_it_has_been_sent() -> None:
    pool, tracker = BufferPool(), Tracker()
    first = pool.take(1000)
    pool.give_back(first, tracker)  # type: ignore[arg-type]
    assert pool.take(1000) is not first
    tracker.done = True
    assert pool.take(1000) is first


def test_a_buffer_that_was_not_sent_is_free_at_once() -> None:
    pool = BufferPool()
    first = pool.take(1000)
    pool.give_back(first)
    assert pool.take(1000) is first


@pytest.mark.parametrize("side", [512, 1024, 2048])
def test_larger_frames_have_buffers_of_their_own_size(side: int) -> None:
    pool = BufferPool()
    small = pool.take(1)
    pool.give_back(small)
    buffer = pool.take(4 * side * side)
    assert (buffer.pixels(side, side).shape, buffer.size) == ((side, side, 4), 4 * side * side)
    pool.give_back(buffer)
    assert pool.take(4 * side * side - 1) is buffer
    assert side == 512 or pool.take(1) is small


def test_large_buffers_that_nobody_wants_any_more_leave_memory() -> None:
    pool = BufferPool()
    large = weakref.ref(taken := pool.take(16 << 20))
    pool.give_back(taken)
    del taken
    for _ in range(200):
        pool.give_back(pool.take(1))
    assert large() is None


@pytest.mark.parametrize(
    ("region", "scale", "size"),
    [
        (FULL_PICTURE, 1.0, (512, 512)),
        (FULL_PICTURE, 0.5, (256, 256)),
        (Region(0, 0, 3, 100), 0.01, (1, 1)),
        (Region(0, 0, 192, 96), 0.3, (58, 29)),
        (FULL_PICTURE, 4.0, (2048, 2048)),
    ],
)
def test_the_size_of_a_scaled_frame(region: Region, scale: float, size: tuple[int, int]) -> None:
    assert frame_size(region, scale) == size


@pytest.mark.parametrize("side", [1, 32, 50, 63])
def test_reduced_edges_keep_their_colour_and_transparent_pixels_have_none(side: int) -> None:
    pixels = np.zeros((64, 64, 4), dtype=np.uint8)
    pixels[:, 20:45] = (250, 120, 40, 255)
    reduced = np.full((side, side, 4), 77, dtype=np.uint8)
    shrink(pixels, out=reduced)
    opaque_enough = reduced[..., 3] >= 32
    assert np.abs(reduced[opaque_enough][:, :3].astype(int) - (250, 120, 40)).max() <= 4
    assert not reduced[reduced[..., 3] == 0].any()
