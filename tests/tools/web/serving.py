"""A served site for tests in a browser, and characters that are drawn at once."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from typing import Final

from tha4_core.character.networks import Networks
from tools.serving.server import open_server
from tools.serving.site import Content

#: So small that each picture is there at once.
TINY: Final = Networks.from_json(
    {"face": [{"grid": 128, "widths": [8]}], "body": [{"grid": 512, "widths": [8]}], "heads": "sines"}
)


@contextlib.contextmanager
def serving(files: Mapping[str, Content]) -> Iterator[str]:
    """Serve ``files`` on a free port; where, with a slash at its end."""
    with open_server(files, 0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.url
        finally:
            server.shutdown()
            thread.join()
