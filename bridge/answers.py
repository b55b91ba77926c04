"""Messages to clients: sent, dropped and counted, refused."""

from __future__ import annotations

import logging

import numpy as np
from numpy.typing import NDArray

from bridge.door import Leaving, UnreadError
from bridge.endpoint import Endpoint
from bridge.protocol import Header, ProtocolError, error_answer
from bridge.statistics import Statistics
from tha4_core.engines import EngineError

log = logging.getLogger("bridge")


class Answers:
    """Gives answers without ever waiting for a client; what somebody leaves unread is dropped beyond a bound."""

    def __init__(self, endpoint: Endpoint, statistics: Statistics) -> None:
        self._endpoint = endpoint
        self._statistics = statistics

    def send(self, client: bytes, header: Header, pixels: NDArray[np.uint8] | None = None) -> Leaving | None:
        """What is on its way, which reads from ``pixels`` until it is done; None when nothing is."""
        try:
            return self._endpoint.send(client, header, pixels)
        except UnreadError:
            self._statistics.dropped += 1
        return None

    def refuse(self, client: bytes, error: ProtocolError, header: Header) -> None:
        """Answer the request in ``header``, as far as it was readable, with what is wrong."""
        self._statistics.errors += 1
        log.debug("refused: %s: %s", error.code, error)
        self.send(client, error_answer(error, header))


def internal(error: Exception, doing: str) -> ProtocolError:
    """The answer to a fault that is not the client's; its trace goes to the log."""
    log.error("A fault in %s", doing, exc_info=error)
    if isinstance(error, EngineError):
        return ProtocolError("internal", str(error))
    return ProtocolError("internal", f"the bridge failed at {doing} ({type(error).__name__}); its log says more.")
