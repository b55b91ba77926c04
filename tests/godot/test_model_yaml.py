"""The addon's reader of ``character_model.yaml`` against the library's: the same texts are accepted, and read alike."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.godot.engine import SCENARIOS, Godot
from tests.tha4_core.character.test_model_yaml import CASES, KEYS
from tha4_core.character.model_yaml import named_files
from tha4_core.errors import UserError

PIECES = ("#", " #", ":", ": ", "'", '"', "\\", "\n", " ", "\t", "{", "}", ",", "-", "- ", "?", "[", "x", "\r\n", "猫")


def damaged(text: str, source: random.Random) -> str:
    """A text with a few pieces put in or left out."""
    for _ in range(source.randint(1, 2)):
        at = source.randint(0, len(text))
        text = text[:at] + source.choice(PIECES) + text[at + source.randint(0, 2) :]
    return text


def through_godot(godot: Godot, folder: Path, texts: Sequence[str]) -> list[dict[str, Any]]:
    (folder / "cases.json").write_text(json.dumps([base64.b64encode(text.encode()).decode() for text in texts]))
    run = godot.run_scenario(SCENARIOS / "yaml_cases.gd", {"cases": str(folder / "cases.json")}).check()
    return [json.loads(line) for line in (run.folder / "answers").read_text().splitlines()]


def in_python(text: str) -> list[str] | None:
    """The files that a text names, or nothing when it is refused."""
    try:
        return [str(name) for name in named_files(text.encode(), KEYS, "model.yaml").values()]
    except UserError:
        return None


def test_both_readers_accept_and_refuse_the_same_texts(godot: Godot, tmp_path: Path) -> None:
    accepted, refused = CASES["accepted"], CASES["refused"]
    source = random.Random(14)
    others = [damaged(case["text"], source) for case in accepted for _ in range(30)]
    texts = [case["text"] for case in accepted + refused] + others
    answers = through_godot(godot, tmp_path, texts)
    assert len(answers) == len(texts)
    for case, answer in zip(accepted, answers, strict=False):
        assert answer == {"error": "", "files": [case["image"], "face.pt", "body.pt"]}, case["name"]
    for case, answer in zip(refused, answers[len(accepted) :], strict=False):
        assert answer["error"].endswith("."), case["name"]
        assert case["says"] in answer["error"], case["name"]
    read = [(text, in_python(text)) for text in others]
    assert sum(files is not None for _, files in read) > 60, "some are only slightly damaged"
    differences = [
        (text, files, answer)
        for (text, files), answer in zip(read, answers[-len(others) :], strict=True)
        if files != (None if answer["error"] else [str(Path(name)) for name in answer["files"]])
    ]
    assert not differences
