"""What a character says of its networks, and what is refused."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.synthetic import random_networks, synthetic_character
from tha4_core.character import CharacterError, CharacterInfo, load_character, save_character
from tha4_core.character.networks import MOST_MULTIPLY_ADDS, NAMED, PUBLISHED, Level, Networks, NetworksError

CASES = json.loads(Path(__file__).parents[2].joinpath("networks_cases.json").read_text())["refused"]


@given(st.integers(0, 2**32 - 1))
def test_a_description_says_all(seed: int) -> None:
    networks = random_networks(seed)
    assert Networks.from_json(json.loads(json.dumps(networks.to_json()))) == networks


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["says"][:40])
def test_a_malformed_description_gives_one_sentence(case: dict[str, Any]) -> None:
    with pytest.raises(NetworksError) as caught:
        Networks.from_json(case["networks"])
    sentence = str(caught.value)
    assert case["says"] in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_the_cost_is_that_of_the_layers_after_the_first() -> None:
    networks = Networks(Level(128, (5, 7)), (Level(256, (2, 3)), Level(512, (11,))))
    assert networks.face_multiply_adds == 128**2 * (5 * 7 + 7 * 4)
    assert networks.body_multiply_adds == 256**2 * (2 * 3 + 3 * 11) + 512**2 * 11 * 7
    summed = replace(networks, summed=True)
    assert summed.body_multiply_adds - networks.body_multiply_adds == 256**2 * 3 * 7


def test_named_networks_cost_what_their_names_promise() -> None:
    costs = {name: networks.face_multiply_adds + networks.body_multiply_adds for name, networks in NAMED.items()}
    assert costs["published"] < MOST_MULTIPLY_ADDS
    assert costs["balanced"] <= costs["published"] / 4
    assert costs["light"] <= costs["published"] / 8


@pytest.mark.parametrize("name", ["light", "balanced"])
def test_smaller_networks_are_small_files(name: str) -> None:
    shapes = [*NAMED[name].face_shapes.values(), *NAMED[name].body_shapes.values()]
    assert sum(4 * math.prod(shape) for shape in shapes) <= 500_000


def test_published_networks_are_written_in_the_first_version_and_others_in_the_second() -> None:
    first = CharacterInfo().to_json()
    assert (first["version"], "networks" in first) == (1, False)
    second = CharacterInfo(networks=NAMED["light"]).to_json()
    assert second["version"] == 2
    assert CharacterInfo.from_json(second, None, "x").networks == NAMED["light"]
    assert CharacterInfo.from_json(first | {"version": 2}, None, "x").networks == PUBLISHED


def test_the_first_version_has_no_description_of_networks() -> None:
    document = CharacterInfo(networks=NAMED["light"]).to_json() | {"version": 1}
    with pytest.raises(CharacterError, match=r'^x: "networks" needs "version" 2, and has version 1\.$'):
        CharacterInfo.from_json(document, None, "x")


def test_a_character_keeps_its_networks_in_a_single_file(tmp_path: Path) -> None:
    character = synthetic_character(networks=random_networks(3))
    save_character(character, tmp_path / "a.tha4")
    loaded = load_character(tmp_path / "a.tha4")
    assert loaded.networks == character.networks
    assert loaded.digest == character.digest


def test_an_official_directory_holds_the_published_networks_alone(tmp_path: Path) -> None:
    with pytest.raises(CharacterError, match=r"holds the published networks alone, .*; save a \.tha4 file"):
        save_character(synthetic_character(networks=random_networks(3)), tmp_path / "hero")
    assert not (tmp_path / "hero").exists()
    save_character(synthetic_character(), tmp_path / "hero")
    description = CharacterInfo(networks=NAMED["light"]).to_json()
    (tmp_path / "hero" / "character.json").write_text(json.dumps(description))
    with pytest.raises(CharacterError, match=r"describes other networks than the published ones, .*; take the"):
        load_character(tmp_path / "hero")


def test_the_same_numbers_of_other_networks_are_another_character() -> None:
    character = synthetic_character(networks=random_networks(3))
    other = replace(character, info=replace(character.info, networks=random_networks(4)))
    assert character.look != other.look
