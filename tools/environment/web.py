"""What the tests of web pages run in: Node, its packages, and Chromium."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from filelock import FileLock

from tools.environment.bootstrap import ROOT, debian_install

#: Where the packages are described (package.json, package-lock.json), and installed (node_modules).
PACKAGES: Final = ROOT / "tests"
_CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")


def ensure_node() -> str | None:
    """Node's program; installed with apt-get where that is allowed. None if there is none."""
    if not (shutil.which("node") and shutil.which("npm")):
        debian_install("nodejs", "npm")
    return shutil.which("node")


def ensure_chromium() -> str | None:
    """Chromium's program: what ``CHROMIUM`` names, or one of this machine's, as :func:`ensure_node`."""
    if named := os.environ.get("CHROMIUM"):
        return named
    found = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if found is None and debian_install("chromium"):
        found = shutil.which("chromium")
    return found


def ensure_node_packages() -> Path | None:
    """The folder ``node_modules`` with what package-lock.json says, installed when it is not; None if npm cannot."""
    npm = shutil.which("npm")
    modules, lock = PACKAGES / "node_modules", PACKAGES / "package-lock.json"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = modules / ".installed"
    with FileLock(PACKAGES / ".node_modules.lock"):
        if stamp.is_file() and stamp.read_text() == wanted:
            return modules
        if npm is None:
            return None
        environment = {**os.environ, "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD": "1"}  # Debian's is used
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        if subprocess.run(command, cwd=PACKAGES, env=environment, capture_output=True, check=False).returncode:
            return None
        stamp.write_text(wanted)
    return modules
