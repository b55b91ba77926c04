"""``character_model.yaml``: the cases that the Godot addon is tested with, too (tests/godot/test_model_yaml.py)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tha4_core.character import load_character, save_character
from tha4_core.character.model import Character
from tha4_core.character.model_yaml import named_files
from tha4_core.errors import UserError

CASES = json.loads((ROOT / "tests" / "yaml_cases.json").read_text(encoding="utf-8"))
KEYS = ("character_image_file_name", "face_morpher_file_name", "body_morpher_file_name")


@pytest.mark.parametrize("case", CASES["accepted"], ids=lambda case: case["name"])
def test_it_is_accepted(case: dict[str, str]) -> None:
    files = named_files(case["text"].encode(), KEYS, "model.yaml")
    assert [str(files[key]) for key in KEYS] == [str(Path(case["image"])), "face.pt", "body.pt"]


@pytest.mark.parametrize("case", CASES["refused"], ids=lambda case: case["name"])
def test_it_is_refused_in_one_sentence(case: dict[str, str]) -> None:
    with pytest.raises(UserError) as caught:
        named_files(case["text"].encode(), KEYS, "model.yaml")
    sentence = str(caught.value)
    assert case["says"] in sentence
    assert sentence.startswith("model.yaml")
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_a_character_whose_yaml_has_backslashes_loads(character: Character, tmp_path: Path) -> None:
    save_character(character, tmp_path)
    (tmp_path / "nets").mkdir()
    (tmp_path / "face_morpher.pt").rename(tmp_path / "nets" / "face_morpher.pt")
    model = tmp_path / "character_model.yaml"
    model.write_text(model.read_text().replace("face_morpher.pt", r"nets\face_morpher.pt # moved"))
    assert load_character(tmp_path).digest == character.digest
