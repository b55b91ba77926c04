"""Settings in YAML: what people write is read, and what could grow, run or mean two things is one sentence."""

from __future__ import annotations

import math

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from tha4_core.errors import UserError
from tha4_core.files.yaml_documents import Value, YamlError, parse_sections, parse_settings

LIMIT = 4096


def settings(text: str | bytes) -> dict[str, object]:
    return dict(parse_settings(text.encode() if isinstance(text, str) else text, "some.yaml", LIMIT))


def refusal(text: str | bytes) -> str:
    with pytest.raises(YamlError) as caught:
        settings(text)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.startswith("some.yaml")
    assert sentence.endswith(".")
    return sentence


def test_an_official_file_with_windows_line_ends_is_read() -> None:
    assert settings("character_image_file_name: character.png\r\nface_morpher_file_name: face_morpher.pt") == {
        "character_image_file_name": "character.png",
        "face_morpher_file_name": "face_morpher.pt",
    }


@pytest.mark.parametrize(
    "text",
    [
        "a: x y",
        "a: x y # a comment",
        "# a comment\n\na:   x y  \n",
        "---\na: x y\n...\n",
        "a : x y",
        "'a': x y",
        '"a": "x y"',
        "{a: x y}",
        "{ 'a' : 'x y' }\n",
        "  a: x y\n",
        "a:\n  x\n  y\n",
        "\ufeffa: x y",
        '"\\u0061": "x\\x20y"',
    ],
)
def test_every_way_to_write_a_text_is_read(text: str) -> None:
    assert settings(text) == {"a": "x y"}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12", 12),
        ("-3", -3),
        ("1_000", 1000),
        ("0123", 123),
        ("1.5", 1.5),
        ("1e-4", 1e-4),
        (".5", 0.5),
        ("1e999", math.inf),
        ("-.inf", -math.inf),
        ("true", True),
        ("Yes", True),
        ("off", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("''", ""),
        ("'12'", "12"),
        ("2024-13-45", "2024-13-45"),
        ("1:30", "1:30"),
        ("2024-01-01 25:00:00", "2024-01-01 25:00:00"),
        ("=", "="),
        (r"C:\characters\hero.png", r"C:\characters\hero.png"),
        ("猫", "猫"),
    ],
)
def test_a_value_is_what_it_looks_like(written: str, value: object) -> None:
    found = settings(f"a: {written}")["a"]
    assert found == value
    assert type(found) is type(value)


def test_not_a_number_is_told_apart_by_who_asks() -> None:
    found = settings("a: .nan")["a"]
    assert isinstance(found, float)
    assert math.isnan(found)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a: &x 1", "anchors"),
        ("a: 1\nb: *x", "line 2: anchors (&) and aliases (*) are not read"),
        ("<<: {a: 1}", "merge keys"),
        ("<<: [*a, *a]", "merge keys"),
        ("a: !!float x", "tags such as"),
        ("!!python/object/apply:os.mkdir [owned]", "tags such as"),
        ("a: !x 1", "tags such as"),
        ("- a", "lists and nested settings"),
        ("a: 1\nb:\n  c: 1", "line 3: lists and nested settings"),
        ("a: [1, 2]", "lists and nested settings"),
        ("? [a]\n: 1", "lists and nested settings"),
        ("[" * 4000, "lists and nested settings"),
        ("{" * 4000, "lists and nested settings"),
        ("just words", "no setting"),
        ("a: 1\na: 2", "line 2: 'a' is there a second time"),
        ("a: 1\n---\nb: 2", "a second document"),
        ("a: " + "9" * 401, "a number of 401 digits is too long"),
        ("{a: 1", "not valid YAML"),
        ("a: 'x", "not valid YAML"),
        ("\ta: 1", "not valid YAML"),
        ("a: b: c", "not valid YAML"),
        ('a: "\\ud800"', "half of a surrogate pair"),
        ('a: "\\UFFFFFFFF"', "characters that no text has"),
        ("a: \x00", "characters that no text has"),
        (b"\xff\xfea\x00", "no UTF-8 text"),
        (b"a: \xed\xa0\x80", "no UTF-8 text"),
        (b"a: " + bytes(LIMIT), "larger than 4 KiB"),
    ],
)
def test_what_is_no_plain_setting_is_one_sentence(text: str | bytes, part: str) -> None:
    assert part in refusal(text)


@pytest.mark.parametrize("text", ["", "# nothing", "---", "{}", "null"])
def test_a_file_without_settings_has_none(text: str) -> None:
    assert settings(text) == {}


def read_or_sentence(data: bytes) -> dict[str, Value] | str:
    try:
        return parse_settings(data, "some.yaml", LIMIT)
    except UserError as error:
        return str(error)


@given(st.binary(max_size=200) | st.text("ab:-'\"{}[]&*!<>#|?%@,. \n\t\\01ux~", max_size=60).map(str.encode))
@example(b"%YAML 1.3\n---\na: 1")
@example(b"%TAG ! tag:x,2000:\n---\na: !y 1")
def test_anything_is_read_or_refused_in_a_sentence(data: bytes) -> None:
    found = read_or_sentence(data)
    if isinstance(found, str):
        assert "\n" not in found
    else:
        assert all(isinstance(value, (str, int, float, bool, type(None))) for value in found.values())


@given(
    st.dictionaries(
        st.from_regex("[a-z_]{1,20}", fullmatch=True),
        st.integers(-(2**64), 2**64) | st.booleans() | st.none() | st.text("abc 'ä\\:#-猫\n", max_size=20),
        max_size=5,
    )
)
def test_what_a_yaml_library_writes_is_read_as_it_was(document: dict[str, object]) -> None:
    assert parse_settings(yaml.safe_dump(document, allow_unicode=True).encode(), "some.yaml", 1 << 16) == document


def test_settings_stand_under_headings_one_level_deep() -> None:
    text = "all: {a: 1, b: 'x'}\nhero: hero.png\nother:\n  a: 2\n  c: true\nlast:\nempty: {}\n"
    assert parse_sections(text.encode(), "some.yaml", LIMIT) == {
        "all": {"a": 1, "b": "x"},
        "hero": "hero.png",
        "other": {"a": 2, "c": True},
        "last": None,
        "empty": {},
    }
    assert parse_sections(b"", "some.yaml", LIMIT) == {}


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a: {b: {c: 1}}", "line 1: lists, and settings nested more than once, are not read"),
        ("a: [1]", "lists, and settings nested more than once"),
        ("a:\n  b: [1]", "line 2: lists"),
        ("? {a: 1}\n: 2", "lists, and settings nested more than once"),
        ("a: {? {b: 1} : 2}", "lists, and settings nested more than once"),
        ("- a", "lists, and settings nested more than once"),
        ("a: {b: 1}\na: {c: 1}", "'a' is there a second time"),
        ("a: {b: 1, b: 2}", "'b' is there a second time"),
        ("a: &x {b: 1}\nc: *x", "anchors"),
        ("a: !!map {b: 1}", "tags"),
        ("a: {<<: 1}", "merge keys"),
        ("a", "this is no setting"),
        ("---\na: 1\n---\nb: 1", "a second document"),
    ],
)
def test_what_is_no_section_is_one_sentence(text: str, part: str) -> None:
    with pytest.raises(YamlError, match=part):
        parse_sections(text.encode(), "some.yaml", LIMIT)


@given(st.one_of(st.binary(max_size=200), st.text("ab:{}[]&*!<#-?|>'\"\n ,1", max_size=60).map(str.encode)))
@example(b"[" * 2000)
@example(b"a: {" * 900)
def test_sections_are_read_or_refused_in_a_sentence(data: bytes) -> None:
    def read() -> object:
        try:
            return parse_sections(data, "some.yaml", LIMIT)
        except YamlError as error:
            return str(error)

    result = read()
    if isinstance(result, dict):
        assert all(isinstance(section, (dict, str, int, float, type(None))) for section in result.values())
    else:
        assert "\n" not in str(result)
