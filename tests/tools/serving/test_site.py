from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest

from tha4_core.built_in import ALL_NAMES, built_in_path
from tools.serving.pages import PageError, page_html
from tools.serving.site import POLICY, content_bytes, policy_of, site


def test_the_site_has_pages_engine_characters_and_what_is_generated() -> None:
    files = site()
    assert {"index.html", "shared/theme.css", "licence.txt", "data/expressions.json"} <= set(files)
    assert not [address for address in files if "tsconfig" in address or "/." in address]
    for name in ALL_NAMES:
        assert files[f"built_in/{name}.tha4"] == built_in_path(name)
    data = files["data/expressions.json"]
    assert isinstance(data, bytes)
    assert json.loads(data)["joy"]["mouth_delta"] == {"value": 0.65, "weight": 1.0}


def test_the_pages_are_told_which_face_models_there_are(tmp_path: Path) -> None:
    assert site()["data/models.json"] == b"[]"
    files = site({"models/b.task": tmp_path, "models/a.js": b""})
    assert files["data/models.json"] == b'["models/a.js","models/b.task"]'
    assert files["models/b.task"] == tmp_path


@pytest.mark.parametrize("page", ["index.html", "mimic/index.html", "poser/index.html"])
def test_a_page_names_its_policy_itself_for_hosts_that_send_none(page: str) -> None:
    text = content_bytes(site()[page]).decode()
    found = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert found is not None
    assert html.unescape(found[1]) == policy_of(page)
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|https?://", text), "no inline code, no other host"


def test_a_page_is_whole_and_says_where_it_is() -> None:
    files = site()
    assert not [address for address in files if address.startswith("parts/")]
    text = content_bytes(files["poser/index.html"]).decode()
    assert "<!-- part" not in text
    assert 'href="../shared/theme.css"' in text
    assert '<a href="../poser/" aria-current="page">' in text
    assert '<a href="../mimic/">' in text
    assert 'href="shared/theme.css"' in content_bytes(files["index.html"]).decode()


def test_a_part_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    page = tmp_path / "page" / "index.html"
    page.parent.mkdir()
    page.write_text("<!doctype html>\n<!-- part: nothing -->\n")
    with pytest.raises(PageError, match="there is no part 'nothing' in"):
        page_html(page, "page/index.html", "")


def test_only_the_page_of_the_face_model_may_compile_what_others_wrote() -> None:
    assert "'unsafe-eval'" not in POLICY
    relaxed = policy_of("mimic/index.html")
    assert relaxed.replace("'unsafe-eval' ", "", 1).replace("worker-src 'self' blob:", "worker-src 'self'") == POLICY
    assert policy_of("poser/index.html") == policy_of("mimic/mimic.js") == POLICY
