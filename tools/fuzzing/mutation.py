"""Breaking things at random: bytes, values of documents, text. Each takes its chance from a seeded ``Random``."""

from __future__ import annotations

from random import Random
from typing import Any, Final

#: Numbers at which sizes, offsets and counts go wrong.
_EDGES: Final = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
_MAX_EDITS: Final = 6
#: Most formats say in their first bytes how the rest is to be read.
_HEAD: Final = 4096
_DEEP: Final = 3000

#: Values that JSON, msgpack or YAML may hold where another was expected.
_ODD_VALUES: Final[tuple[Any, ...]] = (
    None,
    True,
    False,
    0,
    -1,
    10**25,
    -(10**400),
    1e308,
    -0.0,
    float("nan"),
    float("inf"),
    "",
    "\0",
    "\ud800",
    "no such thing",
    "é" * 5000,
    [],
    {},
    [[]],
    {"": {}},
)

_ODD_KEYS: Final = ("", "\0", "\ud800", "v", "name", "Mouth_AAA", "é" * 300, "__proto__", "x" * 5000)

#: Pieces of YAML that readers take in different ways, or that make them do much.
_YAML_PIECES: Final = (
    "a: &a [x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a]\nc: [*b, *b, *b, *b, *b, *b]\n",
    "<<: {preset: fast}\n",
    "<<: [{a: 1}, {a: 2}]\n",
    "!!python/object/apply:os.system [true]\n",
    "!!float x",
    "!!int x",
    "!!binary =",
    "!!timestamp 99",
    "2026-13-45",
    "2026-11-28T99:99:99",
    "!!set {a, b}",
    "1" * 5000,
    "0x" + "f" * 3000,
    "1:2:3:4:5:99",
    ".inf",
    ".nan",
    '"\\ud800"',
    '"\\xZZ"',
    "'unfinished",
    "? [complex, key]\n: value\n",
    "[" * 200,
    "{" * 200 + "}" * 200,
    "---\na: 1\n---\nb: 2\n",
    "%YAML 9.9\n---\n",
    "\ufeff",
    "\t",
    "#",
    "|\n  text\n",
    "*nobody",
    "~",
    "key :",
    "'quoted key': x",
)


def broken_bytes(data: bytes, random: Random) -> bytes:
    """``data`` with a few edits: bits, edge numbers, cuts, repeated or moved pieces; about as long."""
    broken = bytearray(data)
    for _ in range(random.randint(1, _MAX_EDITS)):
        if not broken:
            return random.randbytes(random.randint(0, 64))
        reach = min(len(broken), _HEAD) if random.random() < 0.6 else len(broken)
        at = random.randrange(reach)
        match random.randrange(8):
            case 0:
                broken[at] ^= 1 << random.randrange(8)
            case 1:
                broken[at] = random.randrange(256)
            case 2:
                size = random.choice((1, 2, 4, 8))
                number = random.choice(_EDGES) & ((1 << 8 * size) - 1)
                broken[at : at + size] = number.to_bytes(size, random.choice(("little", "big")))
            case 3:
                del broken[at:]
            case 4:
                del broken[at : at + random.randint(1, 64)]
            case 5:
                broken[at:at] = random.randbytes(random.randint(1, 64))
            case 6:
                piece = broken[at : at + random.randint(1, 256)]
                broken[at:at] = piece * random.randint(1, 8)
            case _:
                source = random.randrange(len(broken))
                broken[at : at + 16] = broken[source : source + 16]
    return bytes(broken)


def odd_value(random: Random) -> Any:
    """Something that a document may hold but hardly should."""
    if random.random() < 0.05:
        value: Any = "deep"
        for _ in range(random.choice((50, _DEEP))):
            value = [value] if random.random() < 0.5 else {"x": value}
        return value
    if random.random() < 0.2:
        return random.choice((1, -1)) * random.choice(_EDGES)
    return random.choice(_ODD_VALUES)


def broken_document(document: Any, random: Random) -> Any:
    """A copy of what JSON or msgpack holds, with one value or key somewhere in it replaced, gone or added."""
    if isinstance(document, dict) and document and random.random() < 0.9:
        copy = dict(document)
        key = random.choice(list(copy))
        match random.randrange(6):
            case 0:
                del copy[key]
            case 1:
                copy[random.choice(_ODD_KEYS)] = copy[key]
            case 2:
                copy[key.swapcase() if isinstance(key, str) else "x"] = copy.pop(key)
            case _:
                copy[key] = broken_document(copy[key], random)
        return copy
    if isinstance(document, list) and document and random.random() < 0.9:
        copied = list(document)
        at = random.randrange(len(copied))
        match random.randrange(5):
            case 0:
                del copied[at]
            case 1:
                copied = copied * random.choice((2, 50))
            case _:
                copied[at] = broken_document(copied[at], random)
        return copied
    return odd_value(random)


def broken_yaml(text: str, random: Random) -> bytes:
    """Lines of YAML with odd pieces among them or in place of values; now and then with bytes that are no text."""
    lines = text.splitlines(keepends=True)
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(lines) + 1)
        piece = random.choice(_YAML_PIECES)
        match random.randrange(5):
            case 0:
                lines.insert(at, piece + "\n")
            case 1 if at < len(lines):
                key = lines[at].split(":", 1)[0]
                lines[at] = f"{key}: {piece}\n"
            case 2 if at < len(lines):
                lines[at] = " " * random.randrange(4) + lines[at]
            case 3 if at < len(lines):
                lines[at] = lines[at].rstrip("\n") + random.choice((" # said", "\r\n", "\\", " :", ",", "\u2028"))
            case _:
                random.shuffle(lines)
    data = "".join(lines).encode("utf-8", "surrogatepass")
    return broken_bytes(data, random) if random.random() < 0.2 else data
