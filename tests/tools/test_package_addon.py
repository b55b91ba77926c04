"""The addon as a zip for Godot's Asset Library."""

from __future__ import annotations

import io
import posixpath
import re
import shutil
import zipfile
from pathlib import Path

import pytest

from tha4_core.errors import UserError
from tools.package_addon import ADDON, PackageError, addon_version, main, pack_addon


def names(package: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        assert archive.testzip() is None
        return archive.namelist()


def test_it_holds_the_addon_with_its_documents_and_nothing_else() -> None:
    packed = names(pack_addon())
    assert all(name.startswith("addons/anime_character/") for name in packed)
    inside = {name.removeprefix("addons/anime_character/") for name in packed}
    assert {"README.md", "LICENSE", "icon.svg", "plugin.cfg", "plugin.gd", "expressions/joy.tres"} <= inside
    assert {path.relative_to(ADDON).as_posix() for path in ADDON.rglob("*.gd")} <= inside


def test_every_link_of_its_documents_leads_to_a_file_of_the_package() -> None:
    with zipfile.ZipFile(io.BytesIO(pack_addon())) as archive:
        packed = set(archive.namelist())
        documents = [name for name in packed if name.endswith(".md")]
        texts = {name: archive.read(name).decode() for name in documents}
    assert set(documents) == {
        f"addons/anime_character/{name}" for name in ("README.md", "docs/BRIDGE.md", "docs/TUTORIAL.md")
    }
    for name, text in texts.items():
        links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
        assert len(links) > 1, name
        for link in links:
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), link))
            assert target in packed, f"{name} links to {link}"
    # Godot imports no picture of a folder with that file.
    assert "addons/anime_character/docs/.gdignore" in packed


@pytest.mark.parametrize(
    ("link", "what"), [("nowhere.md", "not there"), ("../../../pyproject.toml", "neither in the addon nor in docs")]
)
def test_a_link_that_cannot_go_along_is_one_sentence(tmp_path: Path, link: str, what: str) -> None:
    copy = tmp_path / ADDON.name
    shutil.copytree(ADDON, copy)
    with (copy / "README.md").open("a", encoding="utf-8") as readme:
        readme.write(f"[more]({link})\n")
    with pytest.raises(UserError, match=what):
        pack_addon(copy)


def test_the_same_files_make_the_same_bytes(tmp_path: Path) -> None:
    copy = tmp_path / ADDON.name
    shutil.copytree(ADDON, copy, copy_function=shutil.copyfile)
    assert pack_addon(copy) == pack_addon()


def test_hidden_files_stay_at_home(tmp_path: Path) -> None:
    copy = tmp_path / ADDON.name
    shutil.copytree(ADDON, copy)
    (copy / ".secret").write_text("mine")
    (copy / ".git").mkdir()
    (copy / ".git" / "config").write_text("mine")
    assert names(pack_addon(copy)) == names(pack_addon())


def test_no_addon_leaves_without_its_licence(tmp_path: Path) -> None:
    copy = tmp_path / ADDON.name
    shutil.copytree(ADDON, copy)
    (copy / "LICENSE").unlink()
    with pytest.raises(PackageError, match="has no LICENSE"):
        pack_addon(copy)


def test_the_command_writes_it_and_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "new" / "addon.zip"
    assert main(["-o", str(target)]) == 0
    assert target.read_bytes() == pack_addon()
    assert str(target) in capsys.readouterr().out


def test_the_version_is_the_plugins() -> None:
    assert f'version="{addon_version()}"' in (ADDON / "plugin.cfg").read_text(encoding="utf-8")
