"""Gives the command lines what they need on a fresh machine. Uses nothing but Python's own library.

A tool calls :func:`enter_environment` before it imports anything else of the project. Where the running Python lacks
a package, the tool goes on in the project's own virtual environment, ``.venv``, made on the way.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from ctypes.util import find_library
from pathlib import Path

from tools.environment.interruption import end_in_a_line_when_interrupted, run_through

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
# Tested with this one; a looser pin would fetch whatever is newest, and that is gigabytes.
TORCH = "torch==2.13.0"

_RUN_MODULES = ("numpy", "PIL", "msgpack", "zmq", "safetensors", "yaml", "filelock")
_EXTRA_MODULES = {
    "torch": ("torch",),
    "tools": ("scipy", "skimage"),
    "distill": ("rich", "scipy", "skimage", "psutil"),
    "rig": ("skia",),
    "binaries": ("ziglang", "lief"),
    "onnx": ("onnx", "onnxruntime"),
    "cast": ("ray",),
    "dev": ("pytest", "xdist", "hypothesis", "ruff", "mypy", "gdtoolkit", "psutil"),
}


# Set for a command that was started once more, since this Python did not see what had been installed under it.
_STARTED_AGAIN = "ANIME_CHARACTER_STARTED_AGAIN"


def enter_environment(*extras: str, draws: bool = False) -> None:
    """Return if this Python has the packages of the project and its ``extras``: keys of ``_EXTRA_MODULES``.

    Otherwise install them into ``.venv`` and run the same command line there; then this does not return, unless this
    Python is that of ``.venv`` and sees what was installed.

    From here on, Ctrl-C ends the command in a line, while it imports its packages as well.

    draws: the command computes pictures, so a ``.venv`` that somebody else made gets the native engine as well.
    """
    if sys.version_info < (3, 10):  # noqa: UP036 - this is where older ones are told
        sys.exit(f"error: Python 3.10 or newer is needed, this is {sys.version.split()[0]}; run it with a newer one.")
    end_in_a_line_when_interrupted()
    modules = [*_RUN_MODULES, *(module for extra in extras for module in _EXTRA_MODULES[extra])]
    stamp = VENV / ".installed"
    own = Path(sys.prefix).resolve() == VENV.resolve()
    started_again = os.environ.pop(_STARTED_AGAIN, None) is not None
    # `pip install .` builds the engine into its own copy of the project; commands run the clone's.
    unbuilt = draws and own and not stamp.exists() and not has_native_engine()
    missing = _missing(modules)
    if not (missing or unbuilt):
        return
    if own and missing and not started_again:
        stamp.unlink(missing_ok=True)  # whatever it says, packages are gone
    python = ensure_environment(extras)
    if own:
        # What was not there when Python looked into a folder, it does not look for there again by itself.
        importlib.invalidate_caches()
        missing = _missing(modules)
        if not missing:
            return
        if started_again:
            wanted = f"[{','.join(extras)}]" if extras else ""
            sys.exit(
                f"error: {VENV} still lacks {', '.join(missing)}, though pip has just installed all packages; see why"
                f' with: "{python}" -m pip install --force-reinstall --editable "{ROOT}{wanted}"'
            )
        os.environ[_STARTED_AGAIN] = "1"
    command = [str(python), *sys.argv]
    if os.name == "posix":
        os.execv(command[0], command)
    sys.exit(run_through(command))


def _missing(modules: Sequence[str]) -> list[str]:
    """Those that this Python does not find."""
    return [module for module in modules if importlib.util.find_spec(module) is None]


def has_native_engine() -> bool:
    """Whether the clone's own was built."""
    # setup.py names it; before there are packages nothing of the engine's can be imported.
    folder = ROOT / "tha4_core" / "engines" / "native"
    return any((folder / name).exists() for name in ("libtha4_engine.so", "libtha4_engine.dylib", "tha4_engine.dll"))


def ensure_environment(extras: tuple[str, ...]) -> Path:
    """Make ``.venv`` hold the project and its ``extras``; its Python. Does nothing when it does already."""
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = VENV / ".installed"
    installed = stamp.read_text().split() if stamp.exists() else []
    builds = b"".join((ROOT / name).read_bytes() for name in ("pyproject.toml", "setup.py"))
    recipe = hashlib.sha256(builds + TORCH.encode()).hexdigest()
    wanted = sorted({*extras, *(installed[1:] if installed[:1] == [recipe] else [])})
    if python.exists() and installed == [recipe, *wanted]:
        return python
    if not python.exists():
        _say(f"making the virtual environment {VENV.name} ...")
        _make_venv()
    stamp.unlink(missing_ok=True)
    _ensure_pip(python)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if "torch" in wanted:
        _say("installing PyTorch (a large package) ...")
        _run([*pip, TORCH], "PyTorch could not be installed")
    if not any(shutil.which(compiler) for compiler in ("c++", "g++", "clang++", "cl")):
        # Not needed, but without one the native engine is left out.
        debian_install("g++")
    if "rig" in wanted and sys.platform == "linux" and not (find_library("EGL") and find_library("GL")):
        # Skia's library is linked with them, though it draws without.
        debian_install("libegl1", "libgl1")
    _say("installing the project and its packages ...")
    extras_wanted = f"[{','.join(wanted)}]" if wanted else ""
    _run([*pip, "--editable", f"{ROOT}{extras_wanted}"], "the project's packages could not be installed")
    stamp.write_text("\n".join([recipe, *wanted]))
    return python


def debian_install(*packages: str) -> bool:
    """Install Debian packages if this is a Debian machine and we may; whether that worked."""
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    _say(f"installing {', '.join(packages)} with apt-get ...")
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-q"], install):
        if subprocess.run(command, capture_output=True, env=environment, check=False).returncode:
            return False
    return True


def _make_venv() -> None:
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    # Debian's python3 comes without ensurepip, in a package of its own.
    if not importlib.util.find_spec("ensurepip") and not debian_install("python3-venv"):
        sys.exit(
            "error: this Python cannot make virtual environments; install the package python3-venv, then try again."
        )
    _run(command, f"the virtual environment {VENV} could not be made")


def _ensure_pip(python: Path) -> None:
    """An environment of somebody else (``uv venv``), or one whose Python was renewed, may come without."""
    command = [str(python), "-m", "pip", "--version"]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        _run([str(python), "-m", "ensurepip"], f"{VENV} has no pip, and it could not be put there")


def _run(command: list[str], problem: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        print("\n".join(lines[-15:]), file=sys.stderr)
        sys.exit(f"error: {problem}; the lines above say why (is there a network?).")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
