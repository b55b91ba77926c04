"""What a bridge adds to its engine: from a request to a frame, for one character and for several at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import psutil
from numpy.typing import NDArray

from bridge.client import BridgeClient
from tha4_core.character import Character
from tha4_core.picture.region import DEFAULT_HEAD_VIEW
from tools.environment.bridge_process import hosting, running_bridge
from tools.measuring.bench_rows import Row, measure
from tools.measuring.soak import save_cast

#: How many characters at once.
_CAST: Final = (2, 4)


def bridge_rows(path: Path, frames: int) -> Iterator[Row]:
    """Request to frame in a client, less the engine's own time; and how a bridge starts."""
    start = time.perf_counter()
    with running_bridge(*hosting(path)) as bridge:
        yield Row("bridge, start to ready line with one character", [time.perf_counter() - start])
        with BridgeClient(bridge.address, timeout=60.0) as client:
            hosted = client.load(path)
            for name, region in (("full picture", None), ("head view 192x192", DEFAULT_HEAD_VIEW)):
                overheads: list[float] = []

                def ask(
                    pose: NDArray[np.float32],
                    region: tuple[int, int, int, int] | None = region,
                    overheads: list[float] = overheads,
                ) -> None:
                    begun = time.perf_counter()
                    client.request_frame(hosted, pose, region)
                    frame = client.poll_frame(60.0)
                    assert frame is not None
                    overheads.append(time.perf_counter() - begun - frame.render_ms / 1000.0)

                total = measure(f"Python client, {name}, request to frame", ask, frames)
                yield total
                yield Row(f"Python client, {name}, without the engine's time", overheads[1:])
            yield measure("Python client, ping", lambda _: client.ping(), 200)
        memory = psutil.Process(bridge.pid).memory_info().rss
        yield Row("bridge, resident memory", [], f"{memory / 2**20:.0f} MiB")


def characters_rows(character: Character, folder: Path, frames: int) -> Iterator[Row]:
    """Head views of several characters on one bridge, asked for at once: from the first request to the last frame."""
    paths = save_cast(character, folder, max(_CAST))
    with running_bridge("--root", str(folder)) as bridge, BridgeClient(bridge.address, timeout=60.0) as client:
        cast = [client.load(path) for path in paths]
        for count in _CAST:

            def ask(pose: NDArray[np.float32], count: int = count) -> None:
                for stream, one in enumerate(cast[:count]):
                    client.request_frame(one, pose, DEFAULT_HEAD_VIEW, stream=stream)
                for _ in range(count):
                    assert client.poll_frame(60.0) is not None

            row = measure(f"Python client, head views of {count} characters at once", ask, frames)
            yield replace(row, note=f"{count / row.median:.0f} frames a second")
