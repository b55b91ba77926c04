"""ZeroMQ addresses as people write them."""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple

from tha4_core.errors import UserError

_FORM = re.compile(r"tcp://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.*-]+):(?P<port>\*|[0-9]{1,5})", re.ASCII)


class AddressError(UserError):
    """An address that has not the form ``tcp://HOST:PORT``, or that cannot be listened on."""


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
        """Whether only this machine can reach it."""
        try:
            return ipaddress.ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return self.host == "lo"


def parse_address(text: str) -> Address:
    """``tcp://HOST:PORT``; ``localhost`` becomes 127.0.0.1, since a socket binds to an address. Raises AddressError."""
    match = _FORM.fullmatch(text)
    if match is None or (match["port"] != "*" and not 1 <= int(match["port"]) <= 65535):
        raise AddressError(
            f"{text!r:.200} is not an address; write tcp://HOST:PORT, as tcp://127.0.0.1:5747, with a port from 1 to"
            " 65535 or * for a free one."
        )
    host = "127.0.0.1" if match["host"].lower() == "localhost" else match["host"]
    return Address(host, match["port"])
