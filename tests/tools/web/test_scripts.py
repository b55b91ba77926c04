"""The scripts of the pages that need no browser, in Node; and the types of all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.node import check_types, run_node_tests
from tools.serving.site import PAGES

HERE = Path(__file__).parent


@pytest.mark.parametrize("folder", ["shared", "poser"])
def test_scripts_that_need_no_browser(folder: str, site_folder: Path) -> None:
    run_node_tests((HERE / folder).glob("*.test.js"), SITE=str(site_folder))


def test_types() -> None:
    check_types(PAGES)
