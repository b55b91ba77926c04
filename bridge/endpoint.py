"""Where clients connect: messages in and out, neither ever waiting for a client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import zmq
from numpy.typing import NDArray

from bridge.address import parse_address
from bridge.curve import ServerKeys
from bridge.curve_front import CurveFront
from bridge.door import Door, Leaving, UnreadError
from bridge.front import Front
from bridge.protocol import Header, encode_header
from bridge.zmtp import Message, Part

#: What is kept for a client that does not read; PROTOCOL.md has it.
UNREAD_BYTES: Final = 4 << 20
#: How long the last answers may take to leave when the bridge ends.
_LINGER_S: Final = 0.5


class Endpoint:
    """Listens when made. door: who is connected. poller: for whatever else ``wait`` is to wake up for.

    keys: encrypt, and let in only clients with an allowed key; None lets in all who can reach the address. may_go,
    limit, patience: as ``Front`` has them. Raises AddressError, AddressInUseError, KeyFileError.
    """

    def __init__(
        self, address: str, keys: ServerKeys | None, *, may_go: Callable[[bytes], bool], limit: int, patience: float
    ) -> None:
        self.poller = zmq.Poller()
        place = parse_address(address)
        door = (
            Front(place, self.poller, may_go=may_go, limit=limit, patience=patience)
            if keys is None
            else CurveFront(place, self.poller, keys)
        )
        self.address = str(door.address)
        self.door: Door = door
        # The frame of each client that is on its way and larger than what is kept otherwise, and its size.
        self._large: dict[bytes, tuple[Leaving, int]] = {}

    def wait(self, milliseconds: int) -> None:
        """Wait for something to happen, and do what has to be done about connections."""
        self.door.serve(dict(self.poller.poll(0 if self.door.holds_messages else milliseconds)))

    def receive(self) -> tuple[bytes, Message] | None:
        """The identity of a client and the parts of its message; None when none is there."""
        return self.door.receive()

    def send(self, client: bytes, header: Header, pixels: NDArray[np.uint8] | None = None) -> Leaving | None:
        """What is on its way, which reads from ``pixels`` until it is done; None for who has left.

        Raises UnreadError.
        """
        leaving, large = self._large.get(client, (None, 0))
        if self.door.unread(client) > UNREAD_BYTES + (0 if leaving is None or leaving.done else large):
            raise UnreadError
        parts: list[Part] = [encode_header(header)]
        if pixels is not None:
            parts.append(pixels.data.cast("B"))
        sent = self.door.send(client, parts)
        if pixels is not None and sent is not None and pixels.nbytes >= UNREAD_BYTES:
            self._large = {other: each for other, each in self._large.items() if not each[0].done}
            self._large[client] = sent, pixels.nbytes
        return sent

    def flush(self) -> None:
        """Give the last answers some time to leave."""
        self.door.flush(_LINGER_S)

    def close(self) -> None:
        self.door.close()
