"""Addresses as people write them."""

from __future__ import annotations

import pytest

from bridge.address import AddressError, parse_address


@pytest.mark.parametrize(
    ("text", "loopback"),
    [
        ("tcp://127.0.0.1:5747", True),
        ("tcp://127.0.0.1:*", True),
        ("tcp://127.0.0.2:5747", True),
        ("tcp://[::1]:1", True),
        ("tcp://[::2]:5747", False),
        ("tcp://lo:5747", True),
        ("tcp://0.0.0.0:5747", False),
        ("tcp://*:5747", False),
        ("tcp://192.168.1.2:65535", False),
        ("tcp://my-machine.example:5747", False),
        ("tcp://127.0.0.1.example:5747", False),
    ],
)
def test_an_address_and_who_can_reach_it(text: str, loopback: bool) -> None:
    address = parse_address(text)
    assert str(address) == text
    assert address.loopback == loopback


@pytest.mark.parametrize(
    ("host", "usual"),
    [
        ("localhost", "127.0.0.1"),
        ("LocalHost", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("127.2", "127.0.0.2"),
        ("[0:0:0:0:0:0:0:1]", "[::1]"),
        ("[::ffff:127.0.0.1]", "127.0.0.1"),
    ],
)
def test_whatever_spells_loopback_is_loopback(host: str, usual: str) -> None:
    address = parse_address(f"tcp://{host}:5747")
    assert str(address) == f"tcp://{usual}:5747"
    assert address.loopback


@pytest.mark.parametrize("host", ["0", "0x0", "3232235778", "10.1"])
def test_numbers_that_only_look_as_short_are_not(host: str) -> None:
    assert not parse_address(f"tcp://{host}:5747").loopback


@pytest.mark.parametrize(
    "text",
    ["", "5747", "127.0.0.1:5747", "tcp://127.0.0.1", "tcp://127.0.0.1:", "tcp://127.0.0.1:0", "tcp://h:65536",
     "udp://127.0.0.1:5747", "tcp://127.0.0.1:5747/", "tcp://a b:5747", "tcp://::1:5747", "tcp://h:\u0661",
     "tcp://a..b:5747", f"tcp://{'x' * 64}.example:5747"],
)  # fmt: skip
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(AddressError, match=r"write tcp://HOST:PORT, as tcp://127\.0\.0\.1:5747"):
        parse_address(text)
