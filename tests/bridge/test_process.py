"""``python -m bridge`` as people and games start it: a process with a real engine and a real character."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest

from bridge.client import BridgeClient, BridgeError
from bridge.protocol import SERVER
from tests.bridge.conftest import PATIENCE
from tha4_core.built_in import built_in_path, default_character
from tha4_core.character import Character, load_character, save_character
from tha4_core.engines import create_engine
from tha4_core.picture.edges import fill_edges
from tools.make_curve_keys import make_client_keys, make_server_keys

ROOT = Path(__file__).parents[2]
#: Importing PyTorch on a busy machine takes its time.
START_PATIENCE = 60.0

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")


class Process:
    """A bridge process; ``ready`` is its first line on standard output."""

    def __init__(self, *options: str, cwd: Path) -> None:
        self.popen = start(*options, cwd=cwd)
        assert self.popen.stdout is not None
        guard = threading.Timer(START_PATIENCE, self.popen.kill)
        guard.start()
        self.ready = self.popen.stdout.readline()
        guard.cancel()
        match = re.fullmatch(r"bridge ready: address=(\S+) engine=(\S+) device=(\S+) pid=(\d+)\n", self.ready)
        assert match, (self.ready, self.popen.communicate(timeout=PATIENCE))
        self.address, self.engine, self.device, self.pid = match[1], match[2], match[3], int(match[4])

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal; the exit status and what was written to standard error."""
        self.popen.send_signal(number)
        _, errors = self.popen.communicate(timeout=PATIENCE)
        return self.popen.returncode, errors


def start(*options: str, cwd: Path) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "bridge", *options]
    return subprocess.Popen(
        command, cwd=cwd, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def refused(*options: str, cwd: Path) -> tuple[int, list[str]]:
    """Exit status and lines on standard error of a bridge that cannot start."""
    process = start(*options, cwd=cwd)
    output, errors = process.communicate(timeout=START_PATIENCE)
    assert output == ""
    return process.returncode, errors.strip().splitlines()


def alike(picture: np.ndarray, other: np.ndarray) -> bool:
    """Whether two processes' pictures are one: threads may sum in another order, and what is not seen be left out."""
    seen = np.maximum(picture[..., 3], other[..., 3]) >= 32
    return bool(np.abs(picture[seen].astype(int) - other[seen]).max() <= 1)


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    processes: list[Process] = []

    def make(*options: str) -> Process:
        processes.append(Process("--address", "tcp://127.0.0.1:*", *options, cwd=tmp_path))
        return processes[-1]

    yield make
    for process in processes:
        process.popen.kill()
        process.popen.communicate()


def test_a_real_characters_frames_are_the_engines_own(launch: Callable[..., Process], lambda_00: Path) -> None:
    process = launch("--root", str(lambda_00.parent), "--engine", "reference")
    engine = create_engine(load_character(lambda_00), "reference")
    pose = np.linspace(0.0, 1.0, 45, dtype=np.float32)
    with BridgeClient(process.address, timeout=START_PATIENCE) as client:
        assert (client.welcome.engine, client.welcome.pid) == (process.engine, process.pid)
        character = client.load("lambda_00")
        head = client.render(character, pose, region=character.head_view)
        expected = engine.render(pose, character.head_view)
        fill_edges(expected)
        assert np.array_equal(head, expected)
        full, expected = client.render(character, pose), engine.render(pose)
        assert alike(full, expected)
        # In a picture of half the size, the mean colour over black is the same.
        half = client.render(character, pose, scale=0.5).astype(float)
        means = [(image[..., :3] * image[..., 3:] / 255.0).mean() for image in (full.astype(float), half)]
        assert abs(means[0] - means[1]) < 0.5


def test_the_projects_own_characters_can_be_loaded_by_name_alone(launch: Callable[..., Process]) -> None:
    process = launch()
    with BridgeClient(process.address, timeout=START_PATIENCE) as client:
        assert client.load("yunagi.tha4").digest == default_character().digest


def test_on_the_native_engine_it_loads_no_torch_and_takes_less_than_200_megabytes(
    launch: Callable[..., Process], tmp_path: Path, character: Character
) -> None:
    pytest.importorskip("tha4_core.engines.native.library", reason="no compiler built the native engine")
    save_character(character, tmp_path / "hero.tha4")
    process = launch("--character", "hero.tha4", "--engine", "native")
    with BridgeClient(process.address, timeout=START_PATIENCE) as client:
        client.render(client.load("hero.tha4"), [0.3] * 45)
        memory = psutil.Process(process.pid)
        assert memory.memory_info().rss < 200e6
        if sys.platform == "linux":
            libraries = [area.path for area in memory.memory_maps()]
            assert any("tha4_engine" in path for path in libraries)
            assert not any("torch" in path for path in libraries)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(
    launch: Callable[..., Process], tmp_path: Path, character: object, number: int
) -> None:
    save_character(character, tmp_path / "blob.tha4")  # type: ignore[arg-type]
    file = tmp_path / "connection.json"
    process = launch("--connection-file", str(file), "--character", "blob.tha4", "--log-level", "warning")
    assert json.loads(file.read_text()) == {
        "address": process.address,
        "engine": process.engine,
        "device": process.device,
        "pid": process.popen.pid,
        "protocol": 1,
        "server": SERVER,
    }
    with BridgeClient(process.address) as client:
        (hosted,) = client.characters()
        client.request_frame(hosted, [0.0] * 45)
        status, errors = process.end(number)
    assert (status, errors) == (0, "")
    assert not file.exists()


def test_a_client_goes_on_with_the_bridge_that_follows_a_killed_one(
    launch: Callable[..., Process], tmp_path: Path, character: Character
) -> None:
    save_character(character, tmp_path / "hero.tha4")
    first = launch()
    with BridgeClient(first.address, timeout=START_PATIENCE) as client, ThreadPoolExecutor(1) as thread:
        by_path, by_bytes = client.load("hero.tha4"), client.load_bytes(built_in_path().read_bytes())
        pictures = [client.render(each, [0.2] * 45) for each in (by_path, by_bytes)]
        # It takes the requests, and dies before it answers.
        first.popen.send_signal(signal.SIGSTOP)
        stream = client.request_frame(by_bytes, [0.2] * 45, pose_number=7)
        waiting = thread.submit(client.render, by_path, [0.2] * 45)
        first.popen.kill()
        second = Process("--address", first.address, cwd=tmp_path)
        try:
            assert alike(waiting.result(START_PATIENCE), pictures[0])
            frame = client.poll_frame(START_PATIENCE)
            assert frame is not None
            assert (frame.request, frame.character, frame.pose_number) == (stream, by_bytes.character, 7)
            assert alike(frame.pixels, pictures[1])
            assert (client.welcome.pid, client.reconnections) == (second.pid, 1)
        finally:
            second.popen.kill()
            second.popen.communicate()


def test_a_real_bridge_refuses_files_that_are_no_characters(launch: Callable[..., Process], tmp_path: Path) -> None:
    (tmp_path / "text.tha4").write_text("not a character")
    (tmp_path / "empty").mkdir()
    process = launch()
    with BridgeClient(process.address, timeout=PATIENCE) as client:
        for name in ("text.tha4", "empty"):
            with pytest.raises(BridgeError) as caught:
                client.load(name)
            assert caught.value.code == "bad_character"
        with pytest.raises(BridgeError) as caught:
            client.load("/etc/passwd")
        assert caught.value.code == "path_not_allowed"


def test_a_second_bridge_on_a_port_says_so_in_one_sentence(launch: Callable[..., Process], tmp_path: Path) -> None:
    process = launch()
    status, lines = refused("--address", process.address, cwd=tmp_path)
    assert status == 1
    assert len(lines) == 1
    assert f"listens on {process.address} already" in lines[0]
    with BridgeClient(process.address) as client:
        assert client.ping() > 0


def test_it_ends_by_itself_when_nobody_is_there(tmp_path: Path) -> None:
    process = Process("--address", "tcp://127.0.0.1:*", "--exit-when-idle", "0.2", cwd=tmp_path)
    process.popen.communicate(timeout=PATIENCE)
    assert process.popen.returncode == 0


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--address", "5747"], "is not an address"),
        (["--root", "nowhere"], "--root nowhere is not a directory"),
        (["--address", "tcp://127.0.0.1:*", "--character", "nobody.tha4"], "nobody.tha4 does not exist"),
        (["--client-timeout", "0"], "is not a number of seconds above 0"),
        (["--threads", "none"], "is not a whole number from 1"),
        (["--engine", "magic"], "invalid choice: 'magic'"),
        (["--address", "tcp://0.0.0.0:*", "--curve-keys", "nowhere"], "there is no key file nowhere"),
        (["--curve-keys", "keys", "--insecure"], "not allowed with argument"),
        (["--address", "tcp://127.0.0.1:*", "--device", "toaster"], "toaster"),
    ],
)
def test_a_mistake_in_the_options_is_one_sentence(tmp_path: Path, options: list[str], sentence: str) -> None:
    status, lines = refused(*options, "--log-level", "error", cwd=tmp_path)
    assert status == 2
    assert sentence in lines[-1]
    assert not any("Traceback" in line for line in lines)


@pytest.mark.parametrize("address", ["tcp://0.0.0.0:*", "tcp://*:5747", "tcp://[::]:*", "tcp://0:*"])
def test_an_address_that_others_can_reach_is_refused_without_keys(tmp_path: Path, address: str) -> None:
    status, lines = refused("--address", address, cwd=tmp_path)
    assert status == 2
    assert len(lines) == 1
    assert "other machines could reach" in lines[0]
    for way in ("--curve-keys DIR", "tools/make_curve_keys.py", "ssh -L", "--insecure"):
        assert way in lines[0]


def test_such_an_address_is_served_to_all_when_told_so(tmp_path: Path) -> None:
    process = Process("--address", "tcp://0.0.0.0:*", "--insecure", cwd=tmp_path)
    status, errors = process.end()
    assert status == 0
    assert "serves all who ask" in errors


def test_with_keys_such_an_address_is_served_to_those_who_have_one(tmp_path: Path) -> None:
    make_server_keys(tmp_path / "keys")
    make_client_keys(tmp_path / "keys", "mimi")
    process = Process("--address", "tcp://0.0.0.0:*", "--curve-keys", "keys", "--log-level", "warning", cwd=tmp_path)
    status, errors = process.end()
    assert (status, errors) == (0, "")


@pytest.mark.parametrize("address", ["tcp://127.1:*", "tcp://0x7f.1:*", "tcp://localhost:*"])
def test_however_loopback_is_spelt_it_needs_no_keys(tmp_path: Path, address: str) -> None:
    process = Process("--address", address, "--log-level", "warning", cwd=tmp_path)
    assert process.address.startswith("tcp://127.0.0.1:")
    assert process.end() == (0, "")
