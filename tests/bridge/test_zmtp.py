"""ZMTP's server side: what it reads it reads in any pieces, and what it refuses."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import zmtp
from bridge.protocol import MAX_PART_BYTES
from bridge.zmtp import MAX_MESSAGE_BYTES, MAX_PARTS, Decoder, StreamError
from tests.bridge.conftest import GREETING, ready

INTRODUCTION = GREETING + ready()
messages = st.lists(st.lists(st.binary(max_size=600), min_size=1, max_size=MAX_PARTS), min_size=1, max_size=5)


def wire(message: list[bytes]) -> bytes:
    return b"".join(bytes(piece) for piece in zmtp.encode(message))


def decoder(said: list[bytes] | None = None) -> Decoder:
    made = Decoder(said.append if said is not None else lambda _: None)
    assert made.feed(memoryview(INTRODUCTION)) == []
    return made


@given(messages, st.data())
def test_messages_come_out_as_they_went_in_whatever_the_pieces(sent: list[list[bytes]], data: st.DataObject) -> None:
    stream = INTRODUCTION + b"".join(map(wire, sent))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    said: list[bytes] = []
    reader, received = Decoder(said.append), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        received += reader.feed(memoryview(stream[start:end]))
    assert received == sent
    assert reader.ready
    assert said == [zmtp.READY]


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_or_refused(noise: bytes) -> None:
    for start in (b"", GREETING, INTRODUCTION):
        with contextlib.suppress(StreamError):
            assert isinstance(Decoder(lambda _: None).feed(memoryview(start + noise)), list)


def test_pixels_are_not_copied() -> None:
    pixels = memoryview(bytes(1000))
    head, last = zmtp.encode([b"header", pixels])
    assert last is pixels
    assert head == b"\x01\x06header\x02" + (1000).to_bytes(8, "big")


def test_a_ping_is_answered_with_its_context() -> None:
    said: list[bytes] = []
    decoder(said).feed(memoryview(b"\x04\x0a\x04PING\x00\x64abc"))
    assert said == [zmtp.READY, b"\x04\x08\x04PONGabc"]


def test_a_ping_between_the_parts_of_a_message_is_no_part_of_it() -> None:
    stream = b"\x01\x01a" + zmtp.PING + b"\x00\x01b"
    assert decoder().feed(memoryview(stream)) == [[b"a", b"b"]]


def frame(size: int, flags: int = 1) -> bytes:
    return bytes([flags | 2]) + size.to_bytes(8, "big")


@pytest.mark.parametrize(
    ("stream", "sentence"),
    [
        (b"\x01\x00" * (MAX_PARTS + 1), "more than 16 parts"),
        (frame(MAX_PART_BYTES + 1, flags=0), "a part of its message has 16777217 bytes"),
        ((frame(60000) + bytes(60000)) * (MAX_PARTS - 1) + frame(MAX_PART_BYTES, flags=0), "bytes; at most|more than"),
        (frame(2**64 - 1), "a part of its message"),
        (frame(5000, flags=4), "a command of 5000 bytes"),
        (b"\x04\x00", "a command without a name"),
        (b"\x04\x02\xffX", "a command without a name"),
        (b"\x04\x05\x04PING", "malformed PING"),
        (b"\x04\x18\x04PING" + bytes(19), "malformed PING"),
        (b"\xf8\x01x", "no known kind"),
    ],
)
def test_what_is_too_large_or_malformed_is_refused_at_its_header(stream: bytes, sentence: str) -> None:
    with pytest.raises(StreamError, match=sentence):
        decoder().feed(memoryview(stream))


@pytest.mark.parametrize(
    ("stream", "sentence"),
    [
        (b"GET / HTTP/1.1\r\n", "does not speak ZMTP 3"),
        (b"\xff" + bytes(8) + b"\x7f\x01", "does not speak ZMTP 3"),
        (GREETING.replace(b"NULL\0", b"CURVE"), "another mechanism than NULL"),
        (GREETING + b"\x00\x01x", "before it was ready"),
        (GREETING + ready().replace(b"DEALER", b"SUBSCR"), "is a DEALER"),
        (GREETING + zmtp.PING, "is a DEALER"),
        (GREETING + b"\x04\x08\x05READY\x09x", "READY is malformed"),
    ],
)
def test_who_does_not_introduce_itself_is_refused(stream: bytes, sentence: str) -> None:
    with pytest.raises(StreamError, match=sentence):
        Decoder(lambda _: None).feed(memoryview(stream))


def test_a_message_of_the_largest_size_is_read() -> None:
    message = [bytes(MAX_MESSAGE_BYTES - MAX_PART_BYTES), bytes(MAX_PART_BYTES)]
    assert decoder().feed(memoryview(wire(message))) == [message]
