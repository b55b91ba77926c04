"""A client's connection to a bridge: its socket, and what ZeroMQ says of the other end."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from typing import Final

import zmq
from zmq.utils.monitor import parse_monitor_message

from bridge.address import Address
from bridge.curve import ClientKeys
from tha4_core.errors import UserError

_MAX_UNREAD: Final = 16
_LINGER_MS: Final = 500
#: A bridge that starts again is found this soon, at the most.
_RECONNECT_MS: Final = 20
_LONGEST_RECONNECT_MS: Final = 100
#: A bridge's machine that vanishes closes no connection.
_HEARTBEAT_MS: Final = 5_000
_HEARTBEAT_TIMEOUT_MS: Final = 20_000
#: How long ZeroMQ may need to see that a connection, which its monitor told of, can be sent to.
_ATTACH_MS: Final = 100
_EVENTS: Final = (
    zmq.EVENT_HANDSHAKE_SUCCEEDED
    | zmq.EVENT_HANDSHAKE_FAILED_AUTH
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
    | zmq.EVENT_DISCONNECTED
)


class BridgeUnavailable(UserError):  # noqa: N818 - it names a state, which a program waits out
    """No bridge answers."""


class Connection:
    """A DEALER socket that connects again by itself, for one thread.

    opened: how many connections have come about; to the bridge each is a new client. is_open: whether one stands.
    trouble: what hindered the last attempt, as the end of a sentence; empty when nothing is known but silence.
    Nothing is sent to another connection than the one that stands when ``send`` is called.
    """

    def __init__(self, address: Address, keys: ClientKeys | None) -> None:
        self._address = address
        self._keys = keys
        self.opened = 0
        self.is_open = False
        self.trouble = ""
        self._socket: zmq.Socket[bytes] | None = None
        self._monitor: zmq.Socket[bytes] | None = None

    @property
    def _connected_socket(self) -> zmq.Socket[bytes]:
        if self._socket is None:
            self._connect()
        assert self._socket is not None
        return self._socket

    def look(self) -> None:
        """Take note of what has happened since. Raises BridgeUnavailable when the bridge does not let this client in.

        Whoever calls again after that tries anew.
        """
        _ = self._connected_socket
        while self._monitor is not None and self._monitor.poll(0):
            event = parse_monitor_message(self._monitor.recv_multipart())
            self._note(event["event"], event["value"])

    def send(self, parts: Sequence[bytes]) -> bool:
        """Send a message; False when there is no connection, or it takes no more."""
        if not self.is_open:
            return False
        socket = self._connected_socket
        for _ in range(2):
            with contextlib.suppress(zmq.Again):
                socket.send_multipart(parts, zmq.NOBLOCK)
                return True
            if not socket.poll(_ATTACH_MS, zmq.POLLOUT):
                break
        return False

    def receive(self, deadline: float) -> list[zmq.Frame] | None:
        """The next message; None at ``deadline`` (monotonic seconds), or when a connection has come or gone.

        Raises BridgeUnavailable as ``look``.
        """
        socket = self._connected_socket
        poller = zmq.Poller()
        poller.register(socket, zmq.POLLIN)
        poller.register(self._monitor, zmq.POLLIN)
        state = (self.opened, self.is_open)
        while True:
            ready = dict(poller.poll(max(0, round((deadline - time.monotonic()) * 1000))))
            if socket in ready:
                return socket.recv_multipart(copy=False)
            if not ready:
                return None
            self.look()
            if state != (self.opened, self.is_open):
                return None

    def close(self) -> None:
        """Closing twice is fine; what was sent still leaves."""
        self._disconnect(_LINGER_MS)

    def _connect(self) -> None:
        socket: zmq.Socket[bytes] = zmq.Context.instance().socket(zmq.DEALER)
        self._socket = socket
        socket.setsockopt(zmq.RCVHWM, _MAX_UNREAD)
        # Otherwise what is meant for one bridge would wait for the next.
        socket.setsockopt(zmq.IMMEDIATE, 1)
        socket.setsockopt(zmq.RECONNECT_IVL, _RECONNECT_MS)
        socket.setsockopt(zmq.RECONNECT_IVL_MAX, _LONGEST_RECONNECT_MS)
        socket.setsockopt(zmq.HEARTBEAT_IVL, _HEARTBEAT_MS)
        socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, _HEARTBEAT_TIMEOUT_MS)
        socket.setsockopt(zmq.IPV6, int(self._address.ipv6))
        if self._keys is not None:
            socket.setsockopt(zmq.CURVE_SERVERKEY, self._keys.server)
            socket.setsockopt(zmq.CURVE_PUBLICKEY, self._keys.public)
            socket.setsockopt(zmq.CURVE_SECRETKEY, self._keys.secret)
        self._monitor = socket.get_monitor_socket(_EVENTS)
        socket.connect(str(self._address))

    def _disconnect(self, linger_ms: int) -> None:
        self.is_open = False
        if self._socket is not None and self._monitor is not None:
            self._socket.disable_monitor()
            self._monitor.close(0)
            self._socket.close(linger_ms)
        self._socket = self._monitor = None

    def _note(self, event: int, value: int) -> None:
        match event:
            case zmq.EVENT_HANDSHAKE_SUCCEEDED:
                self.opened += 1
                self.is_open = True
                self.trouble = ""
            case zmq.EVENT_DISCONNECTED:
                self.is_open = False
            case zmq.EVENT_HANDSHAKE_FAILED_AUTH:
                self._refused(
                    "does not know this client's key; make it one where the bridge runs:"
                    " python3 tools/make_curve_keys.py DIR --client NAME."
                )
            case zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL if value != zmq.PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH:
                self._refused("does not speak ZeroMQ as a bridge does; is that its address?")
            case zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL if self._keys is None:
                self._refused(
                    "lets in only clients with keys; give curve_keys the folder that tools/make_curve_keys.py --client"
                    " made for this one."
                )
            case zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL:
                self._refused(
                    "asks for no keys and does not encrypt; start it with --curve-keys DIR, or leave curve_keys out."
                )
            case _ if self._keys is not None:
                self.trouble = (
                    "ends every connection before it has come about; is it another than the one whose server.key lies"
                    " in the folder of curve_keys?"
                )
            case _:
                self.trouble = "ends every connection before it has come about; does a bridge run behind that address?"

    def _refused(self, reason: str) -> None:
        # ZeroMQ does not try again after that by itself.
        self._disconnect(0)
        raise BridgeUnavailable(f"the bridge at {self._address} {reason}")
