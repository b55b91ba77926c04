"""Films for Chromium's fake camera: a head at rest, one that leans and turns, a mouth that opens, nobody, and two.

Made by warping scikit-image's picture of an astronaut (Eileen Collins, by NASA, in the public domain), which is data of
that package. The fake camera reads its file anew for each frame: a test changes the scene by writing another over it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import map_coordinates
from skimage.data import astronaut

Picture = NDArray[np.float64]

WIDTH: Final = 320
HEIGHT: Final = 240
RATE: Final = 3
#: Where the face, and the middle of its mouth, are in a frame.
_FACE: Final = (160.0, 115.0)
_MOUTH: Final = (161.5, 148.5)
_NECK: Final = (160.0, 175.0)
_MOUTH_COLOUR: Final = (50.0, 15.0, 20.0)


def _astronaut() -> Picture:
    """The head and its surroundings, ``float64[HEIGHT, WIDTH, 3]`` of 0 to 255."""
    picture: Picture = astronaut()[:HEIGHT, 64 : 64 + WIDTH].astype(np.float64)
    return picture


def warped(*, lean: float = 0.0, turn: float = 0.0, mouth: float = 0.0) -> Picture:
    """A frame. lean: degrees to the face's left. turn: pixels that the nose goes there. mouth: pixels that it opens."""
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float64)
    angle = np.radians(lean)
    dx, dy = x - _NECK[0], y - _NECK[1]
    x = np.cos(angle) * dx + np.sin(angle) * dy + _NECK[0]
    y = -np.sin(angle) * dx + np.cos(angle) * dy + _NECK[1]
    # As an ellipsoid turns: what stands out most goes furthest.
    depth = np.sqrt(np.clip(1.0 - ((x - _FACE[0]) / 65.0) ** 2 - ((y - _FACE[1]) / 85.0) ** 2, 0.0, 1.0))
    x = x - turn * depth
    gap = mouth * np.clip(1.0 - ((x - _MOUTH[0]) / 22.5) ** 2, 0.0, 1.0)
    inside = (y > _MOUTH[1]) & (y < _MOUTH[1] + gap)
    # The chin goes down with the lip, and less below it.
    chin = y - gap * np.clip(1.0 - (y - _MOUTH[1] - gap) / 75.0, 0.0, 1.0)
    y = np.where(inside, _MOUTH[1], np.where(y > _MOUTH[1], chin, y))
    source = _astronaut()
    frame = np.stack([map_coordinates(source[..., c], [y, x], order=1, mode="nearest") for c in range(3)], axis=-1)
    frame[inside] = _MOUTH_COLOUR
    return frame


def scenes() -> dict[str, Picture]:
    """What the camera can see, by name."""
    rest = warped()
    half = rest[:, 80:240]
    return {
        "rest": rest,
        "aside": warped(lean=12.0, turn=14.0),
        "open": warped(mouth=22.0),
        "nobody": np.full_like(rest, 90.0),
        "two": np.concatenate([half, half], axis=1),
    }


def write_scenes(folder: Path) -> None:
    """A film of each scene as YUV4MPEG2, all of one length: ``rest.y4m`` and so on."""
    for name, picture in scenes().items():
        (folder / f"{name}.y4m").write_bytes(b"".join(_y4m([picture] * 2)))


def _y4m(frames: Iterable[Picture]) -> Iterable[bytes]:
    yield f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{RATE}:1 Ip A1:1 C420jpeg\n".encode()
    for frame in frames:
        parts = np.asarray(Image.fromarray(frame.clip(0, 255).astype(np.uint8)).convert("YCbCr"))
        halves = parts[..., 1:].reshape(HEIGHT // 2, 2, WIDTH // 2, 2, 2).mean(axis=(1, 3)).astype(np.uint8)
        yield b"FRAME\n" + parts[..., 0].tobytes() + halves[..., 0].tobytes() + halves[..., 1].tobytes()


def write_voice(path: Path) -> None:
    """A voice for Chromium's fake microphone: a second of silence, a second that sings "ah" (16-bit mono WAV)."""
    rate = 48000
    seconds = np.arange(rate) / rate
    formants = np.array([780.0, 1200.0, 2600.0]) * 1.15
    widths = np.array([90.0, 110.0, 150.0]) / 2.0
    sung = np.zeros(rate)
    for harmonic in range(1, 32):
        frequency = 150.0 * harmonic
        resonances = (formants**2 + widths**2) / np.sqrt(
            ((frequency - formants) ** 2 + widths**2) * ((frequency + formants) ** 2 + widths**2)
        )
        sung += resonances.prod() / frequency * np.sin(2.0 * np.pi * frequency * seconds + harmonic**2)
    samples = np.concatenate([np.zeros(rate), sung / np.abs(sung).max() * 0.6])
    data = (samples * 32767.0).astype("<i2").tobytes()
    header = b"RIFF" + (36 + len(data)).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    header += b"\x01\x00\x01\x00" + rate.to_bytes(4, "little") + (2 * rate).to_bytes(4, "little")
    header += b"\x02\x00\x10\x00" + b"data" + len(data).to_bytes(4, "little")
    path.write_bytes(header + data)
