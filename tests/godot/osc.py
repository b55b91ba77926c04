"""Writes Open Sound Control 1.0, as performers of VMC send it."""

from __future__ import annotations

import struct


def osc_text(text: str | bytes) -> bytes:
    raw = text.encode() if isinstance(text, str) else text
    return raw + bytes(4 - len(raw) % 4)


def osc_message(address: str, *arguments: object) -> bytes:
    """An OSC 1.0 message."""
    tags, data = ",", b""
    for argument in arguments:
        match argument:
            case True | False | None:
                tags += {True: "T", False: "F", None: "N"}[argument]
            case int():
                wide = not -(2**31) <= argument < 2**31
                tags += "h" if wide else "i"
                data += struct.pack(">q" if wide else ">i", argument)
            case float():
                tags += "f"
                data += struct.pack(">f", argument)
            case str():
                tags += "s"
                data += osc_text(argument)
            case bytes():
                tags += "b"
                data += struct.pack(">i", len(argument)) + argument + bytes(-len(argument) % 4)
    return osc_text(address) + osc_text(tags) + data


def osc_bundle(*elements: bytes) -> bytes:
    return osc_text("#bundle") + bytes(8) + b"".join(struct.pack(">i", len(element)) + element for element in elements)
