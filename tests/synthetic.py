"""A made-up character for tests: a drawn blob and SIREN weights from a seed, free of anybody's rights."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tha4_core.built_in import built_in_path
from tha4_core.character import Character, CharacterInfo, load_character, save_character
from tha4_core.character.networks import PUBLISHED, Level, Networks, Shapes
from tha4_core.character.weights import Weights


def _narrower(level: Level) -> Level:
    return replace(level, widths=tuple(width // 6 for width in level.widths))


#: The published form, a sixth as wide: where widths prove nothing.
NARROW = replace(PUBLISHED, face=_narrower(PUBLISHED.face), body=tuple(map(_narrower, PUBLISHED.body)))


def synthetic_character(seed: int = 7, name: str = "Blob", networks: Networks = PUBLISHED) -> Character:
    """Weights as a SIREN starts, output layers scaled so that flows are of some pixels and alphas of some tenths."""
    return Character(
        image_png=_picture(),
        face_morpher=_weights(networks.face_shapes, np.full(4, 0.3), seed),
        body_morpher=_weights(networks.body_shapes, np.array([0.02, 0.02, 0.3, 1, 1, 1, 1]), seed + 1),
        info=CharacterInfo(name=name, author="Nobody", licence="CC0-1.0", networks=networks),
    )


def built_in_without_larger_drawing(name: str, folder: Path) -> bytes:
    """One of our own characters as a file of the first version, for tests of what its parts say."""
    path = folder / f"{name}_plain.tha4"
    save_character(replace(load_character(built_in_path(name)), drawing_hd_png=None), path)
    return path.read_bytes()


def random_networks(seed: int, *, summed: bool | None = None) -> Networks:
    """Small networks of any shape within bounds: odd widths, levels of one layer and other numbers of them included."""
    random = np.random.default_rng(seed)

    def widths(most: int) -> list[int]:
        return random.integers(1, most + 1, random.integers(1, 4)).tolist()

    count = int(random.integers(1, 5))
    body = [{"grid": 512 >> (count - 1 - i), "widths": widths(40 if i + 1 < count else 20)} for i in range(count)]
    heads = ["sines", "summed"][int(random.integers(2)) if summed is None else summed]
    return Networks.from_json({"face": [{"grid": 128, "widths": widths(40)}], "body": body, "heads": heads})


def _weights(shapes: Shapes, output_scale: np.ndarray, seed: int) -> Weights:
    random = np.random.default_rng(seed)
    weights: dict[str, np.ndarray] = {}
    for name, shape in shapes.items():
        layer = name.rsplit(".", 1)[0]
        inputs = shapes[f"{layer}.weight"][1]
        if not layer.endswith(".linear"):  # a head
            scale = output_scale.reshape((-1,) + (1,) * (len(shape) - 1)) * np.sqrt(2.0 / inputs)
            values = random.normal(size=shape) * scale
        else:
            first = inputs in (41, 47)
            bound = 1.0 / inputs if first else np.sqrt(6.0 / inputs) / 30.0
            values = random.uniform(-bound, bound, size=shape)
        weights[name] = values.astype(np.float32)
    return weights


def larger_picture(edge: int) -> NDArray[np.uint8]:
    """The picture of every synthetic character, drawn at another size: straight-alpha uint8 (edge, edge, 4)."""
    # Reduced from a larger one, so that its edges are half transparent as a drawing's are.
    drawn = 4096 if edge > 512 else 2048
    picture = Image.new("RGBA", (drawn, drawn), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)

    def ellipse(box: tuple[int, int, int, int], fill: tuple[int, int, int, int]) -> None:
        draw.ellipse([number * drawn // 2048 for number in box], fill=fill)

    ellipse((640, 900, 1408, 2600), (60, 90, 160, 255))
    ellipse((768, 320, 1280, 860), (250, 220, 200, 255))
    for x in (910, 1080):
        ellipse((x, 560, x + 60, 660), (40, 40, 90, 255))
    return np.array(picture.resize((edge, edge), Image.Resampling.LANCZOS))


@cache
def _picture() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(larger_picture(512)).save(buffer, format="PNG")
    return buffer.getvalue()
