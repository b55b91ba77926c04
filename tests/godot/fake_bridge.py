"""A bridge that speaks bridge/PROTOCOL.md and renders one colour, with faults that a real one rarely shows."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import msgpack
import numpy as np
import zmq
from PIL import Image

Header = dict[str, Any]
Answer = tuple[Header, list[bytes]] | None

HEAD_VIEW = (160, 48, 192, 192)
BLUE, GREEN = (0, 0, 255, 255), (0, 255, 0, 255)


def write_character(folder: Path, expressions: object = None, head_view: tuple[int, int, int, int] = HEAD_VIEW) -> Path:
    """A character directory without weights: blue, with a green head."""
    folder.mkdir(parents=True)
    pixels = np.empty((512, 512, 4), np.uint8)
    pixels[:] = BLUE
    x, y, width, height = HEAD_VIEW
    pixels[y : y + height, x : x + width] = GREEN
    Image.fromarray(pixels).save(folder / "picture.png")
    (folder / "character_model.yaml").write_bytes(
        b"character_image_file_name: picture.png\r\nface_morpher_file_name: face_morpher.pt\r\n"
        b"body_morpher_file_name: body_morpher.pt"
    )
    describe_character(folder, expressions, head_view)
    return folder


def describe_character(
    folder: Path, expressions: object = None, head_view: tuple[int, int, int, int] = HEAD_VIEW
) -> None:
    """Writes what a character directory may hold beside the official files."""
    description = {"format": "tha4-character", "version": 1, "name": "Fake", "head_view": head_view}
    (folder / "character.json").write_text(json.dumps(description), encoding="utf-8")
    (folder / "expressions.json").write_text(json.dumps(expressions or {}), encoding="utf-8")


def colour_of(pose: bytes) -> bytes:
    """The colour that the fake bridge renders for a pose: red follows mouth_aaa (26), green breathing (44)."""
    values = np.frombuffer(pose, "<f4")
    return bytes([round(float(values[26]) * 255), round(float(values[44]) * 255), 7, 255])


class FakeBridge:
    """Serves on a thread until the ``with`` block ends.

    requests: every header received, in order. files: every file received with a load, in order. answer_with: per type,
    a function that gives another answer than the usual one; None answers nothing. silent: answers nothing at all.
    delay_s: time a frame takes.
    """

    def __init__(self, port: int | None = None) -> None:
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.ROUTER)
        self._socket.linger = 0
        if port is None:
            port = self._socket.bind_to_random_port("tcp://127.0.0.1")
        else:
            self._socket.bind(f"tcp://127.0.0.1:{port}")
        self.port = port
        self.address = f"tcp://127.0.0.1:{port}"
        self.requests: list[Header] = []
        self.files: list[bytes] = []
        self.clients: set[bytes] = set()
        self.answer_with: dict[str, Callable[[Header], Answer]] = {}
        self.silent = False
        self.delay_s = 0.0
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> FakeBridge:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Closes the socket at once, as a killed process would."""
        self._ending.set()
        self._thread.join()
        self._context.destroy(linger=0)

    def of_type(self, kind: str) -> list[Header]:
        return [header for header in list(self.requests) if header["type"] == kind]

    def wait_for(self, kind: str, count: int = 1, timeout_s: float = 60.0) -> None:
        deadline = time.monotonic() + timeout_s
        while len(self.of_type(kind)) < count:
            assert time.monotonic() < deadline, f"{count} requests {kind} did not come; there are {self.requests}"
            time.sleep(0.01)

    def _serve(self) -> None:
        poller = zmq.Poller()
        poller.register(self._socket, zmq.POLLIN)
        while not self._ending.is_set():
            if not poller.poll(20):
                continue
            client, raw, *parts = self._socket.recv_multipart()
            header = msgpack.unpackb(raw)
            if header["type"] == "load":
                self.files += parts
            self.clients.add(client)
            self.requests.append(header)
            if self.silent:
                continue
            answer = self.answer_with.get(header["type"], self._answer)(header)
            if answer is not None:
                fields, parts = answer
                message = {"v": 1, "id": header["id"]} | fields
                self._socket.send_multipart([client, msgpack.packb(message), *parts])
        self._socket.close(linger=0)

    def _answer(self, header: Header) -> Answer:
        match header["type"]:
            case "hello":
                return {"type": "welcome", "server": "fake 1", "versions": [1], "engine": "fake", "device": "cpu"}, []
            case "load" if "sha256" in header and header["sha256"] not in map(_sum, self.files):
                return error("send_file", "the file is needed.")(header)
            case "load":
                description = {"character": "c1", "name": "Fake", "width": 512, "height": 512}
                return {"type": "loaded", "head_view": list(HEAD_VIEW)} | description, []
            case "render":
                return self.frame(header)
            case "ping":
                return {"type": "pong"}, []
            case "unload":
                return {"type": "unloaded"}, []
        return None

    def frame(self, header: Header) -> Answer:
        time.sleep(self.delay_s)
        region = header.get("region") or [0, 0, 512, 512]
        width, height = (max(1, round(side * header["scale"])) for side in region[2:])
        fields = {
            "type": "frame",
            "character": header["character"],
            "stream": header["stream"],
            "pose_number": header["pose_number"],
            "region": region,
            "width": width,
            "height": height,
            "format": "rgba8",
            "queued_ms": 0.0,
            "render_ms": self.delay_s * 1000.0,
        }
        return fields, [colour_of(header["pose"]) * (width * height)]


def _sum(file: bytes) -> str:
    return hashlib.sha256(file).hexdigest()


def error(code: str, message: str) -> Callable[[Header], Answer]:
    """An answer function that refuses."""
    return lambda header: ({"type": "error", "code": code, "message": message, "request": header["type"]}, [])


def main() -> None:
    """Stands in for ``python -m bridge``: notes its process id and arguments, and serves until it is killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--note", type=Path, required=True)
    known, _ = parser.parse_known_args()
    known.note.write_text("\n".join([str(os.getpid()), *sys.argv[1:]]))
    with FakeBridge(int(known.address.rpartition(":")[2])):
        threading.Event().wait()


if __name__ == "__main__":
    main()
