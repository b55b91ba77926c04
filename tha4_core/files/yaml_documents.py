"""YAML from strangers: settings, one ``key: value`` each, and nothing else of what YAML can do.

:func:`parse_sections` reads one level more: settings under headings, and no deeper.

Keys are texts; values are texts, numbers, true, false or null, plain or in quotes, on lines of their own or in
``{braces}``. Whole and decimal numbers are what they look like (1e-4 is a number, 0123 is 123); dates and times are
texts. Lists, nested settings, anchors, aliases, merge keys and tags are refused, so that no document can grow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from functools import partial
from typing import Any, Final, TypeAlias, TypeVar

import yaml

from tha4_core.errors import UserError

Value: TypeAlias = str | int | float | bool | None
#: What stands under a heading: settings, or one value alone.
Section: TypeAlias = dict[str, Value] | Value
_Read = TypeVar("_Read")

#: Longer whole numbers are of no use to anybody, and Python converts them slowly or not at all.
_MAX_DIGITS: Final = 100
_WHOLE: Final = re.compile(r"[-+]?[0-9][0-9_]*")
_DECIMAL: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE: Final = re.compile(r"[-+]?\.(inf|Inf|INF)")
_NOT_A_NUMBER: Final = (".nan", ".NaN", ".NAN")
_NULL: Final = ("", "~", "null", "Null", "NULL")
_SWITCHES: Final = {
    spelling: value
    for word, value in (("true", True), ("yes", True), ("on", True), ("false", False), ("no", False), ("off", False))
    for spelling in (word, word.capitalize(), word.upper())
}


class YamlError(UserError):
    """A document that is no settings in YAML; the sentence says where, why, and what they look like."""


def parse_settings(
    data: bytes, source: str, limit: int, look: Callable[[yaml.ScalarEvent], None] | None = None
) -> dict[str, Value]:
    """The settings in the bytes of a YAML file, in their order; an empty file has none.

    source: what messages call the file. limit: bytes that it may have. look: is shown each key and value as it is
    written, in their order. Raises YamlError.
    """
    return _read(data, source, limit, partial(_settings, look=look))


def parse_sections(data: bytes, source: str, limit: int) -> dict[str, Section]:
    """What stands under each heading of a YAML file, in their order: settings, or one value.

    Settings under a heading are as a file's to :func:`parse_settings`. source, limit: as there. Raises YamlError.
    """
    return _read(data, source, limit, _sections)


def _read(data: bytes, source: str, limit: int, read: Callable[[str, str], _Read]) -> _Read:
    if len(data) > limit:
        size = f"{limit >> 10} KiB" if limit >= 1024 else f"{limit} bytes"
        raise YamlError(f"{source} is larger than {size}; no file of its kind is.")
    try:
        return read(data.decode("utf-8-sig"), source)
    except UnicodeDecodeError:
        raise YamlError(f"{source} is no UTF-8 text; save it as UTF-8.") from None
    except yaml.MarkedYAMLError as error:
        problem = (error.problem or "it cannot be read").splitlines()[0]
        raise _refusal(source, error.problem_mark, f"this is not valid YAML ({problem})") from None
    except (yaml.YAMLError, ValueError, OverflowError):
        # ReaderError: characters that YAML does not allow; the others: escapes of numbers that are no characters.
        raise YamlError(f"{source} holds characters that no text has; write it anew.") from None


def _settings(text: str, source: str, *, look: Callable[[yaml.ScalarEvent], None] | None = None) -> dict[str, Value]:
    settings: dict[str, Value] = {}
    key: str | None = None
    depth = 0
    for event in _events(text, source):
        if isinstance(event, yaml.MappingStartEvent) and not depth:
            depth = 1
        elif isinstance(event, yaml.MappingEndEvent):
            depth = 0
        elif isinstance(event, yaml.CollectionStartEvent):
            raise _refusal(
                source, event.start_mark, "lists and nested settings are not read; each value is one text or number"
            )
        elif isinstance(event, yaml.ScalarEvent):
            if look is not None:
                look(event)
            if not depth:
                _nothing(event, source)
            elif key is None:
                key = _key(event, settings, source)
            else:
                settings[key], key = _scalar(event, source), None
    return settings


def _sections(text: str, source: str) -> dict[str, Section]:
    sections: dict[str, Section] = {}
    heading: str | None = None
    settings: dict[str, Value] = {}  # of the heading, once its settings have begun
    key: str | None = None
    depth = 0
    for event in _events(text, source):
        if isinstance(event, yaml.MappingStartEvent) and (not depth or (depth == 1 and heading is not None)):
            depth += 1
            if depth == 2:
                assert heading is not None
                settings = sections[heading] = {}
        elif isinstance(event, yaml.MappingEndEvent):
            depth -= 1
            heading = None
        elif isinstance(event, yaml.CollectionStartEvent):
            raise _refusal(
                source,
                event.start_mark,
                "lists, and settings nested more than once, are not read; under a heading each value is one text or"
                " number",
            )
        elif isinstance(event, yaml.ScalarEvent):
            if not depth:
                _nothing(event, source)
            elif heading is None:
                heading = _key(event, sections, source)
            elif depth == 1:
                sections[heading], heading = _scalar(event, source), None
            elif key is None:
                key = _key(event, settings, source)
            else:
                settings[key], key = _scalar(event, source), None
    return sections


def _events(text: str, source: str) -> Iterator[Any]:
    """What a document consists of, without what is never read. Events come one after the other, without recursion,
    however deep a document nests."""
    documents = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _refusal(source, event.start_mark, "a second document begins here, but there may be one only")
        elif isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise _refusal(
                source, event.start_mark, "anchors (&) and aliases (*) are not read; write the value itself, in quotes"
            )
        elif tag := getattr(event, "tag", None):
            raise _refusal(source, event.start_mark, f"tags such as {tag!r:.40} are not read; write the value alone")
        yield event


def _nothing(event: yaml.ScalarEvent, source: str) -> None:
    """Refuse a whole document that is a value and no settings, unless it is an empty one."""
    if _scalar(event, source) is not None:
        raise _refusal(source, event.start_mark, "this is no setting")


def _key(event: yaml.ScalarEvent, settings: Container[str], source: str) -> str:
    name = _text(event, source)
    if name == "<<" and event.style is None:
        raise _refusal(source, event.start_mark, "merge keys (<<) are not read; write the settings themselves")
    if name in settings:
        raise _refusal(source, event.start_mark, f"{name!r:.80} is there a second time; leave one of them")
    return name


def _scalar(event: yaml.ScalarEvent, source: str) -> Value:
    """What a plain or quoted value stands for."""
    text = _text(event, source)
    if event.style is not None:
        return text
    if text in _NULL:
        return None
    if text in _SWITCHES:
        return _SWITCHES[text]
    if _WHOLE.fullmatch(text):
        if len(text) > _MAX_DIGITS:
            raise _refusal(source, event.start_mark, f"a number of {len(text)} digits is too long")
        return int(text.replace("_", ""))
    if _DECIMAL.fullmatch(text):
        return float(text)
    if _INFINITE.fullmatch(text):
        return float(text.replace(".", "").lower())
    return float("nan") if text in _NOT_A_NUMBER else text


def _text(event: yaml.ScalarEvent, source: str) -> str:
    text = str(event.value)
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise _refusal(source, event.start_mark, "half of a surrogate pair is no character; write the character itself")
    return text


def _refusal(source: str, mark: Any, problem: str) -> YamlError:
    line = "" if mark is None else f", line {mark.line + 1}"
    return YamlError(f"{source}{line}: {problem}; it must have lines such as 'name: value'.")
