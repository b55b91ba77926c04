"""ZeroMQ addresses as people write them."""

from __future__ import annotations

import ipaddress
import re
import socket
from typing import Final, NamedTuple

from tha4_core.errors import UserError

#: The network interface that leads nowhere else, as Linux and macOS call it.
_LOOPBACK_INTERFACES: Final = ("lo", "lo0")
_FORM: Final = re.compile(r"tcp://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.*-]+):(?P<port>\*|[0-9]{1,5})", re.ASCII)


class AddressError(UserError):
    """An address that has not the form ``tcp://HOST:PORT``, or that cannot be listened on."""


class AddressInUseError(AddressError):
    """Another program listens there already."""


class Address(NamedTuple):
    """host: a name, an IPv4 address, an IPv6 address in brackets, or ``*``. port: digits, or ``*`` for a free one."""

    host: str
    port: str

    def __str__(self) -> str:
        return f"tcp://{self.host}:{self.port}"

    @property
    def ipv6(self) -> bool:
        return self.host.startswith("[")

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it. Of a name that has to be looked up nobody knows: no."""
        number = _number(self.host)
        return self.host in _LOOPBACK_INTERFACES if number is None else number.is_loopback


def parse_address(text: str) -> Address:
    """``tcp://HOST:PORT``; a host that is a number becomes its usual spelling (``127.1`` is 127.0.0.1).

    ``localhost`` becomes 127.0.0.1, since a socket binds to an address. Raises AddressError.
    """
    match = _FORM.fullmatch(text)
    if match is None or (match["port"] != "*" and not 1 <= int(match["port"]) <= 65535):
        raise _no_address(text)
    try:
        number = _number("127.0.0.1" if match["host"].lower() == "localhost" else match["host"])
    except UnicodeError:  # a part of the name is empty or too long for any name
        raise _no_address(text) from None
    if number is None:
        return Address(match["host"], match["port"])
    return Address(f"[{number}]" if number.version == 6 else str(number), match["port"])


def cannot_listen(address: Address, reason: str, *, in_use: bool) -> AddressError:
    """What to raise when nobody can listen there. reason: the system's. in_use: another program does."""
    if in_use:
        return AddressInUseError(
            f"another program, perhaps another bridge, listens on {address} already; use that one, stop it, or"
            " choose another port with --address."
        )
    return AddressError(f"cannot listen on {address}: {reason.lower()}.")


def _no_address(text: str) -> AddressError:
    return AddressError(
        f"{text!r:.200} is not an address; write tcp://HOST:PORT, as tcp://127.0.0.1:5747, with a port from 1 to"
        " 65535 or * for a free one."
    )


def _number(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The IP address that a host spells, read as sockets read it; None for a name."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), None, flags=socket.AI_NUMERICHOST)
    except OSError:
        return None
    number = ipaddress.ip_address(found[0][4][0])
    # ::ffff:127.0.0.1 and 127.0.0.1 are one place.
    return (number.ipv4_mapped if number.version == 6 else None) or number
