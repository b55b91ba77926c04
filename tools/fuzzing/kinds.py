"""What is fuzzed in a process of its own: for each kind of input, how a broken one is made and who reads it."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final

import msgpack  # type: ignore[import-untyped]
import torch
from PIL import Image

from bridge.address import parse_address
from bridge.protocol import decode_header, parse_request
from tha4_core.built_in import built_in_path, default_character
from tha4_core.character import load_character, save_character
from tha4_core.distill.config import read_config
from tha4_core.drawing.reading import read_drawing
from tha4_core.files.state_dict_files import parse_state_dict
from tha4_core.picture.region import as_region
from tha4_core.pose import NAMES, PARAMETERS
from tools.fuzzing.formats import broken_png, broken_zip
from tools.fuzzing.mutation import broken_bytes, broken_document, broken_yaml, odd_value
from tools.poses.pose_files import parse_assignments, read_poses

#: Has one input read; UserError where that refuses it.
Read = Callable[[], object]
#: Makes one broken input, which takes a while of its own.
Try = Callable[[Random], Read]
#: Prepares samples, and gives the tries; the folder is for the inputs that are read from disk, the last one stays.
Prepare = Callable[[Path], Try]

_CONFIG: Final = (
    "preset: standard\noutput: hero.tha4\nteacher: rig:yunagi\nminutes: 20\nface_examples: 100\nresolution: 128\n"
    "num_cpu_workers: 1\nthreads: 2\ntarget_psnr: 36.5\nbody_sees_face: false\nname: Hero\nlicence: CC0-1.0\n"
)
_REQUESTS: Final[tuple[dict[str, Any], ...]] = (
    {"v": 1, "type": "hello", "id": 1, "client": "fuzz 1", "versions": [1, 2]},
    {"v": 1, "type": "load", "id": 2, "path": "yunagi.tha4"},
    {"v": 1, "type": "load", "id": 3, "sha256": "0" * 64},
    {"v": 1, "type": "unload", "id": 4, "character": "nobody"},
    {
        "v": 1, "type": "render", "id": 5, "character": "nobody", "pose": [0.0] * len(NAMES),
        "region": [0, 0, 8, 8], "scale": 1.0, "stream": 0, "pose_number": 1,
    },
    {"v": 1, "type": "render", "id": 6, "character": "nobody", "pose": bytes(4 * len(NAMES))},
    {"v": 1, "type": "ping", "id": 7},
    {"v": 1, "type": "stats", "id": 8},
    {"v": 1, "type": "list", "id": 9},
    {"v": 1, "type": "bye", "id": 10},
)  # fmt: skip


def broken_header(random: Random) -> bytes:
    """The first part of a message to a bridge: a request with something wrong in it, or bytes that are none."""
    request: Any = random.choice(_REQUESTS)
    for _ in range(random.randint(0, 2)):
        request = broken_document(request, random)
    try:
        data: bytes = msgpack.packb(request, unicode_errors="surrogatepass")
    except (OverflowError, ValueError, RecursionError):
        data = random.choice((b"\x91", b"\x81\xa1x", b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff")) * 2000
    return broken_bytes(data, random) if random.random() < 0.3 else data


def broken_json(document: Any, random: Random) -> bytes:
    """A document as JSON with something wrong in it."""
    for _ in range(random.randint(1, 2)):
        document = broken_document(document, random)
    try:
        data = json.dumps(document).encode()
    except (RecursionError, ValueError):
        data = b"[" * 5000
    if random.random() < 0.1:
        data = random.choice((b"\xef\xbb\xbf", b"\xff\xfe", b" ")) + data
    return broken_bytes(data, random) if random.random() < 0.2 else data


def json_again(data: bytes, random: Random) -> bytes:
    """JSON with something wrong in it."""
    return broken_json(json.loads(data), random)


def _from_disk(folder: Path, name: str, make: Callable[[Random], bytes], read: Callable[[Path], object]) -> Try:
    path = folder / name

    def once(random: Random) -> Read:
        path.write_bytes(make(random))
        return partial(read, path)

    return once


def _character_files(folder: Path) -> Try:
    data = built_in_path("yunagi").read_bytes()
    breakers = {".json": json_again, ".png": broken_png}
    return _from_disk(folder, "hero.tha4", lambda random: broken_zip(data, random, breakers), load_character)


def _drawings(folder: Path) -> Try:
    picture = Image.fromarray(default_character().image).resize((96, 96))
    samples: list[tuple[str, bytes]] = []
    for kind, mode in (("PNG", "RGBA"), ("PNG", "P"), ("PNG", "LA"), ("WEBP", "RGBA"), ("JPEG", "RGB"), ("BMP", "RGBA"),
                       ("TIFF", "RGBA"), ("JPEG", "CMYK")):  # fmt: skip
        buffer = io.BytesIO()
        picture.convert(mode).save(buffer, kind)
        samples.append((kind, buffer.getvalue()))

    def make(random: Random) -> bytes:
        kind, data = random.choice(samples)
        return broken_png(data, random) if kind == "PNG" else broken_bytes(data, random)

    return _from_disk(folder, "drawing.png", make, read_drawing)


def _checkpoints(folder: Path) -> Try:
    samples: list[bytes] = []
    for legacy in (False, True):
        buffer = io.BytesIO()
        whole = torch.arange(60, dtype=torch.float32).reshape(5, 12)
        state = {"first.weight": whole, "first.bias": whole[0], "turned": whole.t(), "one": torch.tensor(1.0)}
        torch.save(state, buffer, _use_new_zipfile_serialization=not legacy)
        samples.append(buffer.getvalue())

    def make(random: Random) -> bytes:
        zipped, legacy = samples
        return broken_bytes(legacy, random) if random.random() < 0.3 else broken_zip(zipped, random, {})

    def read(path: Path) -> object:
        return parse_state_dict(path.read_bytes(), str(path))

    return _from_disk(folder, "network.pt", make, read)


def _pose_files(folder: Path) -> Try:
    samples = [
        {"joy": {"mouth_aaa": 0.7, "eye_happy_wink": 1.0}, "rest": [0.0] * len(NAMES)},
        {parameter.name: parameter.maximum for parameter in PARAMETERS},
        [0.5] * len(NAMES),
    ]

    def read(path: Path) -> object:
        return read_poses(path, str)  # whatever it warns of

    return _from_disk(folder, "pose.json", lambda random: broken_json(random.choice(samples), random), read)


def _configs(folder: Path) -> Try:
    return _from_disk(folder, "run.yaml", partial(broken_yaml, _CONFIG), read_config)


def _directories(folder: Path) -> Try:
    """An official directory with one file of it broken, gone, or no file at all."""
    character = default_character()
    sound = folder / "sound"
    save_character(character, sound)
    names = sorted(path.name for path in sound.iterdir())
    hero = folder / "hero"

    def once(random: Random) -> Read:
        shutil.rmtree(hero, ignore_errors=True)
        shutil.copytree(sound, hero, copy_function=os.link)
        name = random.choice(names)
        path = hero / name
        path.unlink()
        _put_in_place(path, (sound / name).read_bytes(), random)
        return partial(load_character, hero)

    return once


def _put_in_place(path: Path, data: bytes, random: Random) -> None:
    if random.random() < 0.25:
        match random.randrange(6):
            case 0 if hasattr(os, "mkfifo"):
                os.mkfifo(path)
            case 1:
                path.symlink_to(random.choice(("/dev/zero", "/etc/hostname", "../sound/character.png", path.name)))
            case 2:
                path.mkdir()
            case 3:
                path.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
            case 4:
                path.write_bytes(b"<!DOCTYPE html><html><body>Not found</body></html>")
        return  # or the file is missing
    breakers: dict[str, Callable[[bytes, Random], bytes]] = {
        ".json": json_again,
        ".png": broken_png,
        ".pt": lambda content, chance: broken_zip(content, chance, {}),
        ".yaml": lambda content, chance: broken_yaml(content.decode(), chance),
    }
    path.write_bytes(breakers[path.suffix](data, random))


def _messages(_folder: Path) -> Try:
    def once(random: Random) -> Read:
        header = broken_header(random)
        return lambda: parse_request(decode_header(header))

    return once


def _words(_folder: Path) -> Try:
    """What people type: addresses, regions, assignments."""
    texts = ("tcp://127.0.0.1:5747", "tcp://[::1]:*", "tcp://*:80", "mouth_aaa=0.5", "Head_Y=-1", "0,0,512,512")

    def once(random: Random) -> Read:
        text = broken_bytes(random.choice(texts).encode(), random).decode("utf-8", "surrogateescape")
        match random.randrange(3):
            case 0:
                return partial(parse_address, text)
            case 1:
                return partial(parse_assignments, [text], str)
            case _:
                region: Any = [0, 0, 512, 512]
                region[random.randrange(4)] = odd_value(random)
                return partial(as_region, region if random.random() < 0.9 else odd_value(random))

    return once


KINDS: Final[dict[str, Prepare]] = {
    "messages": _messages,
    "words": _words,
    "poses": _pose_files,
    "configs": _configs,
    "checkpoints": _checkpoints,
    "drawings": _drawings,
    "characters": _character_files,
    "directories": _directories,
}
