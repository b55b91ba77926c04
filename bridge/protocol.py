"""The messages of PROTOCOL.md in Python: headers to bytes and back, and requests as checked dataclasses.

Nothing in a header is trusted. Decoding bounds its size, and every field is checked for its exact type, so that what
reaches the rest of the bridge is plain and small.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import msgpack  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import NDArray

from tha4_core import __version__
from tha4_core.character.single_file import MAX_FILE_BYTES
from tha4_core.errors import UserError
from tha4_core.picture.region import FULL_PICTURE, PICTURE_SIZE, Region, RegionError, as_region
from tha4_core.pose import NAMES, SIZE, Pose, PoseError, as_pose

VERSION: Final = 1
DEFAULT_ADDRESS: Final = "tcp://127.0.0.1:5747"
SERVER: Final = f"anime-character-bridge {__version__}"
PIXEL_FORMAT: Final = "rgba8"
#: Scales above 1 at which frames are drawn; any other is at most 1.
LARGER_SCALES: Final = (2, 4)
#: The longest message part that a client may send, a character's file; libzmq closes the connection of who sends a
#: longer one.
MAX_PART_BYTES: Final = MAX_FILE_BYTES
#: A header is far smaller than a part may be: decoding one must not hold up the other clients.
MAX_HEADER_BYTES: Final = 64 << 10
#: Entries of any array or map in a header. msgpack sets an array's memory aside before it reads the entries, so
#: without this a few nested arrays that claim to be huge would cost gigabytes.
MAX_ENTRIES: Final = 256
MAX_ID: Final = 2**53
MAX_PATH_LENGTH: Final = 4096
POSE_BYTES: Final = 4 * SIZE
_SHA256: Final = re.compile("[0-9a-f]{64}")

ErrorCode = Literal[
    "version",
    "bad_message",
    "unknown_type",
    "bad_field",
    "bad_pose",
    "bad_region",
    "unknown_character",
    "bad_character",
    "path_not_allowed",
    "send_file",
    "too_many",
    "internal",
]
Header = dict[str, Any]


class ProtocolError(UserError):
    """What an ``error`` answer says. code: for programs. str(error): one sentence for people."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code


def encode_header(header: Mapping[str, object]) -> bytes:
    """A header as msgpack. Text that is not valid Unicode (from odd file names) is sent with ``?`` in its place."""
    data: bytes = msgpack.packb(dict(header), unicode_errors="replace")
    return data


def decode_header(data: bytes, max_bytes: int = MAX_HEADER_BYTES, max_entries: int = MAX_ENTRIES) -> Header:
    """The header in a message's first part, its fields still unchecked. Raises ProtocolError (``bad_message``)."""
    if len(data) > max_bytes:
        raise ProtocolError("bad_message", f"the header has {len(data)} bytes; at most {max_bytes} are read.")
    try:
        header = msgpack.unpackb(
            data,
            raw=False,
            strict_map_key=False,  # fields that are not known may hold any map
            max_array_len=max_entries,
            max_map_len=max_entries,
        )
    except (ValueError, TypeError, OverflowError, RecursionError, msgpack.UnpackException):
        raise ProtocolError(
            "bad_message", f"the first part is not msgpack with at most {max_entries} entries in a map or an array."
        ) from None
    if not isinstance(header, dict) or not all(isinstance(key, str) for key in header):
        raise ProtocolError("bad_message", "the first part is not a msgpack map with string keys.")
    return header


@dataclass(frozen=True)
class Hello:
    id: int
    client: str


@dataclass(frozen=True)
class List:
    id: int


@dataclass(frozen=True)
class LoadPath:
    """Load what lies on the bridge's machine."""

    id: int
    path: str


@dataclass(frozen=True)
class LoadFile:
    """Load the ``.tha4`` file of this SHA-256 (64 hex digits). The message's second part, if any, is the file."""

    id: int
    sha256: str


@dataclass(frozen=True)
class Unload:
    id: int
    character: str


@dataclass(frozen=True, eq=False)
class Render:
    """pose: float32 (45,), in range. region: inside the picture. scale: 0 < scale <= 1, or one of LARGER_SCALES."""

    id: int
    character: str
    pose: Pose
    region: Region
    scale: float
    stream: int
    pose_number: int


@dataclass(frozen=True)
class Ping:
    id: int


@dataclass(frozen=True)
class Stats:
    id: int


@dataclass(frozen=True)
class Bye:
    id: int


Request = Hello | List | LoadPath | LoadFile | Unload | Render | Ping | Stats | Bye


def parse_request(header: Header) -> Request:
    """A client's decoded header as a request. Raises ProtocolError."""
    number = readable_id(header)
    if number is None:
        raise ProtocolError("bad_message", f'"id" must be a whole number from 0 to {MAX_ID}.')
    type_name, version = header.get("type"), header.get("v")
    if not isinstance(type_name, str) or not _is_integer(version):
        raise ProtocolError("bad_message", '"v" must be a whole number and "type" a string.')
    if type_name == "hello":
        return _parse_hello(header, number)
    if version != VERSION:
        raise ProtocolError("version", _version_sentence([version]))
    match type_name:
        case "list":
            return List(number)
        case "load":
            return _parse_load(header, number)
        case "unload":
            return Unload(number, _string(header, "character"))
        case "render":
            return Render(
                number,
                character=_string(header, "character"),
                pose=_parse_pose(header),
                region=_parse_region(header),
                scale=_parse_scale(header),
                stream=_integer(header, "stream"),
                pose_number=_integer(header, "pose_number"),
            )
        case "ping":
            return Ping(number)
        case "stats":
            return Stats(number)
        case "bye":
            return Bye(number)
    raise ProtocolError("unknown_type", f"this bridge knows no request {type_name!r:.60}; PROTOCOL.md lists them.")


def readable_id(header: Header) -> int | None:
    """The request's number, None when it cannot be read."""
    number = header.get("id")
    return number if type(number) is int and 0 <= number <= MAX_ID else None


def answer(type_name: str, number: int, **fields: object) -> Header:
    """An answer's header."""
    return {"v": VERSION, "type": type_name, "id": number, **fields}


def welcome(number: int, engine: str, device: str, pid: int) -> Header:
    return answer(
        "welcome",
        number,
        server=SERVER,
        versions=[VERSION],
        engine=engine,
        device=device,
        pid=pid,
        width=PICTURE_SIZE,
        height=PICTURE_SIZE,
        parameters=list(NAMES),
        pixel_formats=[PIXEL_FORMAT],
        scales=list(LARGER_SCALES),
    )


def frame(request: Render, width: int, height: int, queued_ms: float, render_ms: float) -> Header:
    return answer(
        "frame",
        request.id,
        character=request.character,
        stream=request.stream,
        pose_number=request.pose_number,
        region=list(request.region),
        width=width,
        height=height,
        format=PIXEL_FORMAT,
        queued_ms=queued_ms,
        render_ms=render_ms,
    )


def superseded(request: Render) -> Header:
    return answer("superseded", request.id, stream=request.stream, pose_number=request.pose_number)


def error_answer(error: ProtocolError, header: Header) -> Header:
    """The ``error`` for the request in ``header``, with what of it was readable."""
    fields: Header = {"code": error.code, "message": str(error)}
    type_name = header.get("type")
    if isinstance(type_name, str):
        fields["request"] = type_name
    if type_name == "render":
        fields |= {key: header.get(key, 0) for key in ("stream", "pose_number") if _is_integer(header.get(key, 0))}
    return answer("error", readable_id(header) or 0, **fields)


def _parse_hello(header: Header, number: int) -> Hello:
    versions = header.get("versions", [header["v"]])
    if not isinstance(versions, list) or not all(_is_integer(version) for version in versions):
        raise ProtocolError("bad_field", '"versions" must be an array of whole numbers.')
    if VERSION not in versions:
        raise ProtocolError("version", _version_sentence(versions))
    client = header.get("client", "")
    if not isinstance(client, str):
        raise ProtocolError("bad_field", '"client" must be a string.')
    return Hello(number, client)


def _version_sentence(versions: list[Any]) -> str:
    spoken = ", ".join(str(version) for version in versions[:8]) or "none"
    return f"the client speaks protocol version {spoken}, this bridge {VERSION}; update the older of the two."


def _parse_load(header: Header, number: int) -> LoadPath | LoadFile:
    if ("path" in header) == ("sha256" in header):
        raise ProtocolError("bad_field", 'a load request needs either "path" or "sha256".')
    if "path" in header:
        return LoadPath(number, _parse_path(header))
    sha256 = _string(header, "sha256")
    if not _SHA256.fullmatch(sha256):
        raise ProtocolError("bad_field", '"sha256" must be 64 lower-case hexadecimal digits.')
    return LoadFile(number, sha256)


def _parse_path(header: Header) -> str:
    path = _string(header, "path")
    if not path or "\0" in path or len(path) > MAX_PATH_LENGTH:
        raise ProtocolError("bad_field", f'"path" must have 1 to {MAX_PATH_LENGTH} characters, none of them NUL.')
    return path


def _parse_pose(header: Header) -> Pose:
    pose = _present(header, "pose")
    if isinstance(pose, bytes):
        if len(pose) != POSE_BYTES:
            raise ProtocolError(
                "bad_pose", f"a binary pose has {POSE_BYTES} bytes ({SIZE} float32, little-endian), not {len(pose)}."
            )
        values: NDArray[np.float32] | list[float] = np.frombuffer(pose, dtype="<f4")
    elif isinstance(pose, list):
        if len(pose) != SIZE:
            raise ProtocolError("bad_pose", f"a pose is {SIZE} numbers, but this one has {len(pose)}.")
        if not all(_is_number(value) for value in pose):
            raise ProtocolError("bad_pose", f"a pose is {SIZE} numbers, but this one holds something else.")
        values = pose
    else:
        raise ProtocolError("bad_pose", f'"pose" must be {POSE_BYTES} bytes or an array of {SIZE} numbers.')
    try:
        return as_pose(values)
    except PoseError as error:
        raise ProtocolError("bad_pose", str(error)) from None


def _parse_region(header: Header) -> Region:
    region = header.get("region")
    if region is None:
        return FULL_PICTURE
    try:
        return as_region(region)
    except RegionError as error:
        raise ProtocolError("bad_region", str(error)) from None


def _parse_scale(header: Header) -> float:
    scale = header.get("scale", 1.0)
    if not _is_number(scale) or not (0.0 < scale <= 1.0 or scale in LARGER_SCALES):  # NaN is none of these
        raise ProtocolError("bad_field", '"scale" must be a number above 0 and at most 1, or 2, or 4.')
    return float(scale)


def _present(header: Header, key: str) -> Any:
    if key not in header:
        raise ProtocolError("bad_field", f'a {header["type"]} request needs "{key}".')
    return header[key]


def _string(header: Header, key: str) -> str:
    value = _present(header, key)
    if not isinstance(value, str):
        raise ProtocolError("bad_field", f'"{key}" must be a string.')
    return value


def _integer(header: Header, key: str) -> int:
    value = header.get(key, 0)
    if not _is_integer(value):
        raise ProtocolError("bad_field", f'"{key}" must be a whole number.')
    return int(value)


def _is_integer(value: object) -> bool:
    return type(value) is int  # a bool is an int to isinstance


def _is_number(value: object) -> bool:
    return type(value) in (int, float)
