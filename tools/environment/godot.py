"""The Godot engine and a screen for it: found on the machine, or fetched into the project's cache."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tha4_core.errors import UserError
from tools.environment.bootstrap import ROOT, debian_install

CACHE = ROOT / ".cache" / "godot"
#: The oldest engine that the addon is written for.
OLDEST = (4, 4)
#: What the engine calls its template of a release for Linux.
TEMPLATE_NAME = "linux_release.x86_64"
#: How often an editor that aborts at its start is started.
STARTS = 5
# What C++ says when Godot's editor joins a thread whose std::thread is not yet in its place.
_START_ABORT = "terminate called after throwing an instance of 'std::system_error'"


def find_godot() -> Path | None:
    """The engine that ``GODOT`` names, else the one in the project's cache, else one on the PATH; None without one.

    Exits with one sentence when ``GODOT`` names no Godot that is new enough.
    """
    named = os.environ.get("GODOT")
    if named:
        path = shutil.which(named)
        if path is None or not is_new_enough(Path(path)):
            oldest = ".".join(map(str, OLDEST))
            sys.exit(f"error: GODOT names {named!r}, which is no Godot {oldest} or newer; set it to one, or unset it.")
        return Path(path)
    candidates = [CACHE / "godot", *(Path(path) for name in ("godot", "godot4") if (path := shutil.which(name)))]
    return next((path for path in candidates if path.exists() and is_new_enough(path)), None)


def is_new_enough(godot: Path) -> bool:
    """Whether the program is a Godot that runs here and is new enough."""
    try:
        done = subprocess.run(
            [godot, "--version"], capture_output=True, encoding="utf-8", errors="replace", timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    match = re.match(r"(\d+)\.(\d+)", done.stdout)
    return match is not None and (int(match[1]), int(match[2])) >= OLDEST


def find_export_template(godot: Path) -> Path | None:
    """The engine's template of a release for Linux (x86-64): beside an engine in a cache of ours, or where the editor
    puts those that it downloads. None without one."""
    beside = godot.parent / "root" / "usr" / "bin" / "godot-template-release"
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    downloaded = data / "godot" / "export_templates" / template_version(godot) / TEMPLATE_NAME
    return next((path for path in (beside, downloaded) if path.is_file()), None)


def template_version(godot: Path) -> str:
    """The folder in which an engine looks for its export templates, as ``4.6.3.stable``."""
    version = subprocess.run(
        [godot, "--version"], capture_output=True, encoding="utf-8", errors="replace", check=True
    ).stdout
    match = re.match(r"\d+(?:\.\d+)+\.[a-z]+\d*", version)
    return match[0] if match else version.strip()


def with_drivers(godot: Path) -> list[str]:
    """What comes before the command line of an exported game, so that it finds the drivers of an engine in a cache."""
    wrapper = godot.parent / "with-drivers"
    return [str(wrapper)] if wrapper.is_file() else []


def ensure_godot(*, export_template: bool = False) -> Path | None:
    """:func:`find_godot`, else Debian's engine fetched into the project's cache (x86-64). None if neither works.

    export_template: an engine in the cache gets the templates for exporting games, too.
    """
    found = find_godot()
    lacks_template = export_template and found == CACHE / "godot" and not find_export_template(found)
    if found and not lacks_template:
        return found
    if not (sys.platform == "linux" and shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return found
    size = 820 if export_template else 660
    print(f"fetching Godot into {CACHE.relative_to(ROOT)} ({size} MB, once) ...", file=sys.stderr, flush=True)
    script = ROOT / "tools" / "install_godot.sh"
    environment = os.environ | {"GODOT_EXPORT": "1" if export_template else os.environ.get("GODOT_EXPORT", "0")}
    done = subprocess.run(
        ["bash", script, CACHE], capture_output=True, encoding="utf-8", errors="replace", check=False, env=environment
    )
    if done.returncode:
        print("\n".join((done.stdout + done.stderr).splitlines()[-10:]), file=sys.stderr)
        return None
    return find_godot()


def aborted_at_start(code: int, output: str) -> bool:
    """Whether a run of the editor with a window ended in a fault of the engine (4.5 to 4.7), before it did anything.

    The editor reads all scripts' documentation on one thread, whose last step a second one takes, which first waits
    for the first (``EditorHelp::_finish_regen_script_doc_thread``). On a busy machine the second may come to that
    before ``Thread::start`` has put the first where it is looked for. Starting again is all that helps.
    """
    return code != 0 and _START_ABORT in output


def run_godot(
    command: Sequence[str | Path], environment: Mapping[str, str], timeout_s: float
) -> subprocess.CompletedProcess[str]:
    """Run Godot to its end, and once more when it :func:`aborted_at_start`. stdout has all that it wrote.

    Raises subprocess.TimeoutExpired, or OSError when there is no such program.
    """
    for _ in range(STARTS):
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
        if not aborted_at_start(done.returncode, done.stdout):
            break
    return done


def ensure_xvfb() -> Path | None:
    """Xvfb, a screen in memory; installed with apt-get where that is allowed. None if there is none."""
    if not shutil.which("Xvfb"):
        debian_install("xvfb")
    path = shutil.which("Xvfb")
    return Path(path) if path else None


def require_godot(otherwise: str = "") -> Path:
    """:func:`ensure_godot`, or UserError. otherwise: what can be done without, as ``, or give --no-godot``."""
    godot = ensure_godot()
    if godot is None:
        raise UserError(
            f"there is no Godot {'.'.join(map(str, OLDEST))} or newer; set GODOT to the engine's program{otherwise}."
        )
    return godot


def require_screen(otherwise: str = "") -> None:
    """See that :func:`virtual_display` can be had, before work is done that needs one. Raises UserError.

    otherwise: as of :func:`require_godot`.
    """
    ensure_xvfb()
    try:
        with virtual_display():
            pass
    except UserError as error:
        raise UserError(f"{str(error).removesuffix('.')}{otherwise}.") from None


def has_display() -> bool:
    """Whether a window can be shown to somebody."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@contextlib.contextmanager
def virtual_display(size: str = "1280x720x24") -> Iterator[str]:
    """A screen in memory for as long as a ``with`` block; its name, as ``:7``. Raises UserError without Xvfb."""
    xvfb = shutil.which("Xvfb")
    if xvfb is None:
        raise UserError("there is no display and no Xvfb to make one; install the package xvfb.")
    read, write = os.pipe()
    # Xvfb chooses a number that is free itself, and writes it to the pipe when it is ready.
    command = [xvfb, "-displayfd", str(write), "-screen", "0", size, "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        os.close(write)
        with os.fdopen(read) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise UserError("Xvfb did not start; run it by hand to see why.")
        yield f":{number}"
    finally:
        process.terminate()
        process.wait()
