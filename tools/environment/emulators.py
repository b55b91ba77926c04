"""Programs of other systems run on this one: Windows' by Wine, those of Linux on arm64 by QEMU."""

from __future__ import annotations

import shutil
import subprocess
import sys

from tools.environment.bootstrap import ROOT, debian_install

CACHE = ROOT / ".cache" / "arm64"
#: Debian's package of arm64's C library; unpacked, since installing it changes what this machine's linker finds.
_LIBRARIES = "libc6-arm64-cross"


def ensure_wine() -> list[str] | None:
    """What comes before a Windows program; installed with apt-get where that is allowed. None if there is none."""
    if sys.platform == "linux" and not shutil.which("wine"):
        debian_install("wine", "wine64")
    path = shutil.which("wine")
    return [path] if path else None


def ensure_arm64() -> list[str] | None:
    """What comes before a program of Linux on arm64, as :func:`ensure_wine`."""
    if sys.platform != "linux":
        return None
    if not shutil.which("qemu-aarch64-static"):
        debian_install("qemu-user-static")
    path = shutil.which("qemu-aarch64-static")
    root = CACHE / "usr" / "aarch64-linux-gnu"
    if path and not (root / "lib").is_dir() and shutil.which("apt-get"):
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", _LIBRARIES], cwd=CACHE, capture_output=True, check=False)
        for package in CACHE.glob(f"{_LIBRARIES}*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, CACHE], capture_output=True, check=False)
    return [path, "-L", str(root)] if path and (root / "lib").is_dir() else None
