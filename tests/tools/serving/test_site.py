from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest

from tha4_core.built_in import NAMES, built_in_path
from tools.serving.site import PAGES, POLICY, policy_of, site


def test_the_site_has_pages_engine_characters_and_what_is_generated() -> None:
    files = site()
    assert {"index.html", "shared/theme.css", "licence.txt", "data/expressions.json"} <= set(files)
    assert not [address for address in files if "tsconfig" in address or "/." in address]
    for name in NAMES:
        assert files[f"built_in/{name}.tha4"] == built_in_path(name)
    data = files["data/expressions.json"]
    assert isinstance(data, bytes)
    assert json.loads(data)["joy"]["mouth_delta"] == {"value": 0.65, "weight": 1.0}


@pytest.mark.parametrize("page", sorted(PAGES.rglob("*.html")), ids=lambda page: page.relative_to(PAGES).as_posix())
def test_a_page_names_its_policy_itself_for_hosts_that_send_none(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    found = re.search(r'<meta\s+http-equiv="Content-Security-Policy"\s+content="([^"]*)"', text)
    assert found is not None
    assert html.unescape(found[1]) == policy_of(page.relative_to(PAGES).as_posix())
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|https?://", text), "no inline code, no other host"


def test_only_the_page_of_the_face_model_may_compile_what_others_wrote() -> None:
    assert "'unsafe-eval'" not in POLICY
    relaxed = policy_of("mimic/index.html")
    assert relaxed.replace("'unsafe-eval' ", "", 1) == POLICY
    assert policy_of("poser/index.html") == policy_of("mimic/mimic.js") == POLICY
