"""The site as a host has it, for tests in Node and in Chromium."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.serving.folder import write_site
from tools.serving.site import site


@pytest.fixture(scope="session")
def site_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages and the engine's scripts in one folder, where each import finds what it names."""
    folder = tmp_path_factory.mktemp("web") / "site"
    write_site(site(), folder)
    # What Node takes ".js" for; browsers do not ask.
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    return folder
