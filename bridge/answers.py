"""Messages to clients: sent, dropped and counted, refused."""

from __future__ import annotations

import logging
from typing import Final

import numpy as np
import zmq
from numpy.typing import NDArray

from bridge.clients import Clients
from bridge.endpoint import Endpoint, GoneError, UnreadError
from bridge.protocol import Header, ProtocolError, error_answer
from bridge.statistics import Statistics
from tha4_core.engines import EngineError

#: Frames kept for a client that does not read; PROTOCOL.md has it.
UNREAD_FRAMES: Final = 16

log = logging.getLogger("bridge")


class Answers:
    """Gives answers without ever waiting for a client. gone: clients that were found to have left."""

    def __init__(self, endpoint: Endpoint, clients: Clients, statistics: Statistics) -> None:
        self._endpoint = endpoint
        self._clients = clients
        self._statistics = statistics
        self.gone: set[bytes] = set()

    def send(self, client: bytes, header: Header, pixels: NDArray[np.uint8] | None = None) -> zmq.MessageTracker | None:
        """Returns a tracker if ZeroMQ now reads from ``pixels``."""
        try:
            return self._endpoint.send(client, header, pixels)
        except UnreadError:
            self._statistics.dropped += 1
        except GoneError:
            self.gone.add(client)
        return None

    def send_frame(self, identity: bytes, header: Header, pixels: NDArray[np.uint8]) -> zmq.MessageTracker | None:
        """Send a frame, unless the client has left or too many wait for it. Returns a tracker as ``send``."""
        client = self._clients.get(identity)
        if client is None:
            return None
        client.leaving = [tracker for tracker in client.leaving if not tracker.done]
        if len(client.leaving) >= UNREAD_FRAMES:
            self._statistics.dropped += 1
            return None
        tracker = self.send(identity, header, pixels)
        if tracker is not None:
            client.leaving.append(tracker)
        return tracker

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
