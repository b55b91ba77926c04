"""An interpreter of pickles that knows plain values and a few names, and runs nothing.

A pickle is a program for a small stack machine. What PyTorch writes for tensors, numbers, texts, lists, tuples and
dictionaries takes some forty of its instructions; these are here, and anything else is refused. A name in a pickle is
looked up in a table of the caller's, never imported.
"""

from __future__ import annotations

import struct
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

#: Bytes and instructions of one pickle, each of which makes one small object at most. Our largest network, of 466
#: tensors, takes 60 KB and 30,000.
MAX_BYTES: Final = 4 << 20
MAX_INSTRUCTIONS: Final = 250_000
#: Of a value, lists in lists; and values in all, those counted again that stand in several places.
_MAX_DEPTH: Final = 32
_MAX_VALUES: Final = 250_000
_MAX_NAME: Final = 200
_MAX_WHOLE_BYTES: Final = 16
#: Whole numbers as keys count things; Python's longer ones can be made to collide in a dictionary.
_MAX_KEY: Final = 1 << 31


class PickleError(Exception):
    """A pickle that is damaged, cut short, or larger than any of ours."""


class ForeignObjectError(PickleError):
    """A pickle of something that is no plain value; the text is its name, or empty."""


@dataclass(frozen=True)
class Name:
    """A name of the caller's table, as a value in a pickle."""

    text: str


#: What a name makes of its arguments; None: it stands for itself. Names are "module name".
Names: TypeAlias = Mapping[str, Callable[..., object] | None]


def read_pickle(data: bytes, names: Names, persistent: Callable[[object], object]) -> tuple[object, int]:
    """The value of the pickle at the start of ``data``, and where it ends.

    names: those that may occur, besides ``collections OrderedDict``. persistent: what an external reference stands
    for. The value is a tree of numbers, texts, None, lists, tuples, dictionaries with texts or numbers as keys, and
    what the two return. Raises PickleError, and what ``names`` and ``persistent`` raise.
    """
    machine = _Machine(data, {**names, _ORDERED: _ordered}, persistent)
    try:
        value = machine.run()
    except (IndexError, struct.error, UnicodeDecodeError):
        raise PickleError("the pickle is damaged or cut short") from None
    _count(value, 0, {})
    return value, machine.place


_ORDERED: Final = "collections OrderedDict"
_MARK: Final = object()


def _ordered(pairs: object = ()) -> OrderedDict[Any, object]:
    result: OrderedDict[Any, object] = OrderedDict()
    _require(isinstance(pairs, (list, tuple)))
    for pair in pairs:  # type: ignore[attr-defined]
        _require(isinstance(pair, (list, tuple)) and len(pair) == 2)
        result[_key(pair[0])] = pair[1]
    return result


def _count(value: object, depth: int, known: dict[int, int]) -> int:
    """How many values there are in a value. Raises PickleError when there are too many, or it holds itself."""
    if not isinstance(value, (list, tuple, dict)):
        return 1
    _require(depth < _MAX_DEPTH)
    if id(value) not in known:
        parts = value.values() if isinstance(value, dict) else value
        count = 1 + sum(_count(part, depth + 1, known) for part in parts)
        _require(count <= _MAX_VALUES)
        known[id(value)] = count
    return known[id(value)]


def _require(condition: bool) -> None:
    if not condition:
        raise PickleError("the pickle is damaged")


def _key(value: object) -> str | int:
    _require(isinstance(value, str) or (isinstance(value, int) and abs(value) <= _MAX_KEY))
    assert isinstance(value, (str, int))
    return value


class _Machine:
    """The stack, the memo, and a method for each instruction."""

    def __init__(self, data: bytes, names: Names, persistent: Callable[[object], object]) -> None:
        self.place = 0
        self._data = data
        self._names = names
        self._persistent = persistent
        self._stack: list[object] = []
        self._memo: dict[int, object] = {}

    def run(self) -> object:
        for _ in range(MAX_INSTRUCTIONS):
            code = self._take(1)[0]
            if code == _STOP:
                _require(len(self._stack) == 1)
                return self._pop()
            instruction = _INSTRUCTIONS.get(code)
            if instruction is None:
                raise ForeignObjectError("") if code in _FOREIGN else PickleError("an unknown instruction")
            instruction(self)
        raise PickleError("the pickle has too many instructions")

    # Reading

    def _take(self, count: int) -> bytes:
        end = self.place + count
        if end > min(len(self._data), MAX_BYTES):
            raise PickleError("the pickle is cut short or too long")
        taken = self._data[self.place : end]
        self.place = end
        return taken

    def _number(self, form: str) -> Any:
        return struct.unpack(form, self._take(struct.calcsize(form)))[0]

    def _line(self) -> str:
        end = self._data.find(b"\n", self.place, self.place + _MAX_NAME)
        _require(end >= 0)
        return self._take(end + 1 - self.place)[:-1].decode("utf-8")

    # The stack

    def _push(self, value: object) -> None:
        self._stack.append(value)

    def _pop(self) -> object:
        value = self._stack.pop()
        _require(value is not _MARK)
        return value

    def _top(self) -> object:
        return self._stack[-1]

    def _pop_to_mark(self) -> list[object]:
        values: list[object] = []
        while (value := self._stack.pop()) is not _MARK:
            values.append(value)
        return values[::-1]

    # Instructions

    def protocol(self) -> None:
        _require(2 <= self._number("<B") <= 5)

    def frame(self) -> None:
        self._take(8)

    def mark(self) -> None:
        self._push(_MARK)

    def whole(self) -> None:
        length = self._number("<B")
        _require(length <= _MAX_WHOLE_BYTES)
        self._push(int.from_bytes(self._take(length), "little", signed=True))

    def put(self, form: str) -> None:
        _require(self._top() is not _MARK)
        self._memo[self._number(form)] = self._top()

    def memoize(self) -> None:
        _require(self._top() is not _MARK)
        self._memo[len(self._memo)] = self._top()

    def get(self, form: str) -> None:
        number = self._number(form)
        _require(number in self._memo)
        self._push(self._memo[number])

    def text(self, form: str) -> None:
        self._push(self._take(self._number(form)).decode("utf-8"))

    def tuple_of(self, count: int) -> None:
        self._push(tuple([self._pop() for _ in range(count)][::-1]))

    def tuple_to_mark(self) -> None:
        self._push(tuple(self._pop_to_mark()))

    def append(self) -> None:
        self._extend([self._pop()])

    def appends(self) -> None:
        self._extend(self._pop_to_mark())

    def _extend(self, values: list[object]) -> None:
        target = self._top()
        _require(isinstance(target, list))
        target.extend(values)  # type: ignore[attr-defined]

    def set_item(self) -> None:
        value = self._pop()
        self._set_items([self._pop(), value])

    def set_items(self) -> None:
        self._set_items(self._pop_to_mark())

    def _set_items(self, flat: list[object]) -> None:
        target = self._top()
        _require(isinstance(target, dict) and len(flat) % 2 == 0)
        for key, value in zip(flat[::2], flat[1::2], strict=True):
            target[_key(key)] = value  # type: ignore[index]

    def global_name(self) -> None:
        module = self._line()
        self._name(f"{module} {self._line()}")

    def stack_global(self) -> None:
        name, module = self._pop(), self._pop()
        _require(isinstance(name, str) and isinstance(module, str))
        self._name(f"{module} {name}")

    def _name(self, text: str) -> None:
        if text not in self._names:
            raise ForeignObjectError(text.replace(" ", "."))
        self._push(Name(text))

    def reference(self) -> None:
        self._push(self._persistent(self._pop()))

    def reduce(self) -> None:
        arguments, name = self._pop(), self._pop()
        _require(isinstance(name, Name) and isinstance(arguments, tuple))
        assert isinstance(name, Name)
        assert isinstance(arguments, tuple)
        call = self._names[name.text]
        _require(call is not None)
        assert call is not None
        try:
            made = call(*arguments)
        except TypeError:  # too few or too many arguments
            raise PickleError("the pickle is damaged") from None
        self._push(made)

    def build(self) -> None:
        # A network's state dict has attributes (_metadata), which nobody needs.
        _require(isinstance(self._pop(), dict) and isinstance(self._top(), OrderedDict))


def _number(form: str) -> Callable[[_Machine], None]:
    return lambda machine: machine._push(machine._number(form))


def _new(make: Callable[[], object]) -> Callable[[_Machine], None]:
    return lambda machine: machine._push(make())


_STOP: Final = ord(".")
_INSTRUCTIONS: Final[Mapping[int, Callable[[_Machine], None]]] = {
    0x80: _Machine.protocol,
    0x95: _Machine.frame,
    ord("("): _Machine.mark,
    ord("N"): _new(lambda: None),
    0x88: _new(lambda: True),
    0x89: _new(lambda: False),
    ord("K"): _number("<B"),
    ord("M"): _number("<H"),
    ord("J"): _number("<i"),
    ord("G"): _number(">d"),
    0x8A: _Machine.whole,
    ord("U"): lambda machine: machine.text("<B"),
    ord("T"): lambda machine: machine.text("<I"),
    0x8C: lambda machine: machine.text("<B"),
    ord("X"): lambda machine: machine.text("<I"),
    ord("]"): _new(list),
    ord("}"): _new(dict),
    ord(")"): _new(tuple),
    0x85: lambda machine: machine.tuple_of(1),
    0x86: lambda machine: machine.tuple_of(2),
    0x87: lambda machine: machine.tuple_of(3),
    ord("t"): _Machine.tuple_to_mark,
    ord("a"): _Machine.append,
    ord("e"): _Machine.appends,
    ord("s"): _Machine.set_item,
    ord("u"): _Machine.set_items,
    ord("q"): lambda machine: machine.put("<B"),
    ord("r"): lambda machine: machine.put("<I"),
    0x94: _Machine.memoize,
    ord("h"): lambda machine: machine.get("<B"),
    ord("j"): lambda machine: machine.get("<I"),
    ord("c"): _Machine.global_name,
    0x93: _Machine.stack_global,
    ord("Q"): _Machine.reference,
    ord("R"): _Machine.reduce,
    ord("b"): _Machine.build,
}
#: These make instances of classes, sets, bytes and buffers.
_FOREIGN: Final = frozenset(b"ioBC\x81\x82\x83\x84\x8e\x8f\x90\x91\x92\x96\x97\x98")
