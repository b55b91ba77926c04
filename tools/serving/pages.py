"""The pages' HTML: their own, with the parts that they share in place of the comments that name them.

``<!-- part: bar -->`` stands for ``tools/web/parts/bar.html``. In a part, ``{policy}`` is what the page may do, and
``{root}`` leads to the site's first page.
"""

from __future__ import annotations

import html
import re
from pathlib import Path, PurePosixPath
from typing import Final

from tha4_core.errors import UserError

#: Where the parts lie, beside the pages.
PARTS: Final = "parts"

_PART: Final = re.compile(r"^( *)<!-- part: ([\w-]+) -->\n", re.MULTILINE)


class PageError(UserError):
    """A page, or a part of one, that names what is not there."""


def page_html(page: Path, address: str, policy: str) -> bytes:
    """The whole text of a page at ``address``. Raises PageError."""
    folders = len(PurePosixPath(address).parts) - 1
    parts = page.parents[folders] / PARTS

    def part(found: re.Match[str]) -> str:
        path = parts / f"{found[2]}.html"
        if not path.is_file():
            raise PageError(f"{page}: there is no part {found[2]!r} in {parts}.")
        text = path.read_text(encoding="utf-8").replace("{policy}", html.escape(policy, quote=False))
        return "".join(f"{found[1]}{line}\n" for line in text.replace("{root}", "../" * folders).splitlines())

    text = _PART.sub(part, page.read_text(encoding="utf-8"))
    here = f'<a href="../{PurePosixPath(address).parent}/"'
    return text.replace(f"{here}>", f'{here} aria-current="page">').encode()
