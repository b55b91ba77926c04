"""Tries of the web engine's readers, in one Node that is ended when a try takes too long."""

from __future__ import annotations

import json
import queue
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import IO, Any, Final

from tha4_core.built_in import built_in_path, default_character
from tha4_core.character import save_character
from tha4_core.errors import UserError
from tools.environment.web import ensure_node
from tools.fuzzing.formats import broken_png, broken_zip
from tools.fuzzing.kinds import json_again
from tools.fuzzing.mutation import broken_yaml
from tools.fuzzing.trial import HANGS_AFTER_S, Tally, flaw_of, random_of

#: What ``tools/fuzz.py`` calls it.
WEB: Final = "web"
_SCRIPT: Final = Path(__file__).with_name("read_characters.mjs")
_SPEAKS_EVERY_S: Final = 1.0


def require_node() -> str:
    """The path of Node. Raises UserError."""
    node = ensure_node()
    if node is None:
        raise UserError("Node was not found; install it, 20 or newer (Debian: apt install nodejs).")
    return node


class WebTrial:
    """Makes broken characters, and has Node read them. Raises UserError without Node, or without PyTorch."""

    def __init__(self) -> None:
        self._command = [require_node(), str(_SCRIPT)]
        self._single = built_in_path("yunagi").read_bytes()
        with tempfile.TemporaryDirectory() as folder:
            save_character(default_character(), Path(folder))
            self._directory = {path.name: path.read_bytes() for path in Path(folder).iterdir()}
        self._node: subprocess.Popen[bytes] | None = None
        self._answers: queue.Queue[bytes] = queue.Queue()

    def __enter__(self) -> WebTrial:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def attempt(self, seed: int, number: int, tally: Tally) -> dict[str, Any]:
        """Try number ``number``, counted; what Node said of it."""
        files = self._broken(random_of(WEB, seed, number))
        answer = self._answer(files)
        tally.tries += 1
        tally.seconds += answer["seconds"]
        if answer["seconds"] > tally.slowest_s:
            tally.slowest_s, tally.slowest = answer["seconds"], number
        if tally.peak and answer["resident"] - tally.peak > tally.grown:
            tally.grown, tally.grown_at = answer["resident"] - tally.peak, number
        tally.peak = max(tally.peak, answer["resident"])
        fault = answer["fault"]
        if answer["taken"]:
            tally.taken += 1
        elif not fault:
            tally.refused += 1
            flaw = flaw_of(answer["refused"])
            fault = f"{flaw}: {answer['refused'][:80]!r}" if flaw else ""
        if fault:
            tally.faults.setdefault(fault, number)
        return answer

    def _broken(self, random: Random) -> dict[str, bytes]:
        """Files of one broken character, by name."""
        if random.random() < 0.6:
            breakers = {".json": json_again, ".png": broken_png}
            return {"hero.tha4": broken_zip(self._single, random, breakers)}
        files = dict(self._directory)
        name = random.choice(sorted(files))
        content = files.pop(name)
        if random.random() < 0.9:
            match Path(name).suffix:
                case ".json":
                    files[name] = json_again(content, random)
                case ".png":
                    files[name] = broken_png(content, random)
                case ".pt":
                    files[name] = broken_zip(content, random, {})
                case _:
                    files[name] = broken_yaml(content.decode(), random)
        return files

    def _answer(self, files: dict[str, bytes]) -> dict[str, Any]:
        node = self._node or self._start()
        stdin = node.stdin
        assert stdin is not None
        head = json.dumps([[name, len(content)] for name, content in files.items()]).encode()
        try:
            stdin.write(b"\n".join((head, b"".join(files.values()))))
            stdin.flush()
            line = self._answers.get(timeout=HANGS_AFTER_S)
        except queue.Empty:
            self._end()
            return _fault(f"takes more than {HANGS_AFTER_S:.0f} s", HANGS_AFTER_S)
        except BrokenPipeError:
            line = b""
        if not line:
            self._end()
            return _fault("Node ended", 0.0)
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        node = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._node, self._answers = node, queue.Queue()
        assert node.stdout is not None
        threading.Thread(target=_pass_on, args=(node.stdout, self._answers), daemon=True).start()
        return node

    def _end(self) -> None:
        if self._node is not None:
            self._node.kill()
            self._node.communicate()
            self._node = None


def web_tried(seed: int, seconds: float) -> Iterator[Tally]:
    """Make tries for so long; what all have shown so far, each second. Raises UserError."""
    tally = Tally(WEB)
    deadline = time.monotonic() + seconds
    spoken = 0.0
    with WebTrial() as trial:
        while time.monotonic() < deadline:
            trial.attempt(seed, tally.tries, tally)
            if time.monotonic() - spoken > _SPEAKS_EVERY_S:
                spoken = time.monotonic()
                yield tally
    yield tally


def _pass_on(lines: IO[bytes], answers: queue.Queue[bytes]) -> None:
    for line in lines:
        answers.put(line)
    answers.put(b"")


def _fault(what: str, seconds: float) -> dict[str, Any]:
    return {"taken": False, "refused": "", "fault": what, "seconds": seconds, "resident": 0}
