"""The class reference that the editor shows: the engine writes it from the addon's comments."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.godot.engine import ADDON_PROJECT, Godot

ADDON = ADDON_PROJECT / "addons" / "anime_character"
#: Scripts without a name of their own whose members users of the named classes see.
BASES = (
    "addons--anime_character--anime_character_parameters.gd",
    "addons--anime_character--layered_character.gd",
    "addons--anime_character--life--pose_source.gd",
)


@pytest.fixture(scope="module")
def reference(godot: Godot, tmp_path_factory: pytest.TempPathFactory) -> dict[str, ElementTree.Element]:
    """The pages of the classes that users of the addon see, by name."""
    folder = tmp_path_factory.mktemp("reference")
    godot.run("--doctool", str(folder), "--gdscript-docs", "res://addons/anime_character").check()
    return {
        path.stem: ElementTree.parse(path).getroot()
        for path in folder.glob("*.xml")
        if path.stem in BASES or "--" not in path.stem
    }


def names(addon: Path) -> set[str]:
    lines = [line for path in addon.rglob("*.gd") for line in path.read_text(encoding="utf-8").splitlines()]
    return {line.split()[1] for line in lines if line.startswith("class_name ")}


def test_every_named_class_has_a_page(reference: dict[str, ElementTree.Element]) -> None:
    assert len(names(ADDON)) > 10
    assert set(reference) == names(ADDON) | set(BASES)


def test_everything_public_is_described(reference: dict[str, ElementTree.Element]) -> None:
    missing = []
    for name, page in reference.items():
        if not (page.findtext("brief_description") or "").strip():
            missing.append(name)
        for kind in ("method", "member", "signal", "constant"):
            for entry in page.iter(kind):
                # A preloaded script is no matter of the user's.
                is_ours = entry.get("name", "_").startswith("_") or entry.get("value", "").startswith("<Object>")
                text = entry.findtext("description") or entry.text or ""
                if not is_ours and not text.strip():
                    missing.append(f"{name}.{entry.get('name')}")
    assert not missing
