"""The native engine with networks of other shapes than the published ones, against torch."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from tha4_core.metrics import psnr
from tha4_core.picture.color import to_rgba8_straight
from tha4_core.student import OMEGA, position_and_pose, upsampled, warp

library = pytest.importorskip("tha4_core.engines.native.library", reason="no compiler built the native engine")


@dataclass(frozen=True)
class Shape:
    """A network's sizes. face, levels: the outputs of the sine layers, of each level."""

    edge: int
    pose: int
    face_pose: int
    face_box: tuple[int, int, int]  # left, top, edge
    face: tuple[int, ...]
    levels: tuple[tuple[int, ...], ...]
    summed: bool = False


SHAPES = {
    "narrow": Shape(64, 5, 3, (9, 21, 32), (16, 22), ((40, 14), (20, 8, 4))),
    "one level": Shape(48, 1, 0, (0, 0, 48), (12, 6), ((26, 12),)),
    "four levels": Shape(192, 9, 9, (100, 3, 40), (32, 32, 32), ((64, 64, 32), (32, 20), (20, 16), (16, 10))),
    "wide": Shape(32, 60, 20, (8, 8, 16), (64, 64), ((512, 500), (258, 64))),
    "odd widths": Shape(64, 5, 3, (9, 21, 32), (17, 23), ((33, 15), (21, 11, 5))),
    "some levels of one layer": Shape(64, 5, 3, (9, 21, 32), (18,), ((30,), (20, 18), (9,))),
    "summed": Shape(64, 5, 3, (9, 21, 32), (16, 22), ((40, 14), (21, 8, 5), (24,)), summed=True),
    "summed and wide": Shape(32, 60, 20, (8, 8, 16), (64, 64), ((64, 500), (512, 64)), summed=True),
}
#: In fixed point the last hidden layer is not the first.
FLOAT_ONLY = {"one layer each": Shape(64, 5, 3, (9, 21, 32), (18,), ((30,), (20,)))}
Layers = list[tuple[Tensor, Tensor]]


def random_layers(widths: list[int], seed: int, *, linear: bool) -> Layers:
    """Weights and biases as a SIREN starts."""
    random = torch.Generator().manual_seed(seed)
    layers = []
    for number, (inputs, outputs) in enumerate(pairwise(widths)):
        last = linear and number == len(widths) - 2
        bound = 0.5 * inputs**-0.5 if last else (6 / inputs) ** 0.5 / OMEGA
        weight, bias = (
            bound * (2 * torch.rand(size, generator=random) - 1) for size in ((outputs, inputs), (outputs,))
        )
        layers.append((weight, bias))
    return layers


class RandomCharacter:
    """A character of a shape: for the engine, and drawn with torch."""

    def __init__(self, shape: Shape, flow: float = 0.1) -> None:
        self.shape = shape
        random = np.random.default_rng(3)
        self.picture = random.uniform(-1, 1, (4, shape.edge, shape.edge)).astype(np.float32)
        self.picture[3] = 1
        self.face = random_layers([2 + shape.face_pose, *shape.face, 4], 1, linear=True)
        self.levels: list[Layers] = []
        self.heads: Layers = []
        features = 0
        for number, widths in enumerate(shape.levels):
            last = number == len(shape.levels) - 1
            inputs = features + 2 + shape.pose
            self.levels.append(random_layers([inputs, *widths, *([7] if last else [])], 2 + number, linear=last))
            features = widths[-1]
            if shape.summed and not last:
                self.heads += random_layers([features, 7], 20 + number, linear=True)
        weight, bias = self.levels[-1][-1]
        scale = torch.tensor([flow, flow, 0.3, 1, 1, 1, 1])
        self.levels[-1][-1] = (weight * scale[:, None], bias * scale + torch.tensor([0.0] * 6 + [0.9]))
        self.heads = [(weight * scale[:, None], bias * scale) for weight, bias in self.heads]

    def edge_of(self, level: int) -> int:
        return self.shape.edge >> (len(self.shape.levels) - 1 - level)

    def numbers(self) -> library.CharacterNumbers:
        """For the engine; they point into this object."""
        shape = self.shape
        levels = [self._level(layers, self.edge_of(number)) for number, layers in enumerate(self.levels)]
        levels[-1].layer_count -= 1
        left, top, face_edge = shape.face_box
        face = self._level(self.face, face_edge)
        face.layer_count -= 1
        heads = self._level(self.heads, 0)
        return library.CharacterNumbers(
            picture=self.picture.ctypes.data,
            picture_count=self.picture.size,
            picture_edge=shape.edge,
            pose_size=shape.pose,
            lean_parameters=(-1, -1),
            face_left=left,
            face_top=top,
            face_pose_size=shape.face_pose,
            level_count=len(levels),
            face=face,
            face_output=face.layers[face.layer_count],
            levels=(library.Level * len(levels))(*levels),
            body_output=levels[-1].layers[levels[-1].layer_count],
            heads=heads.layers,
            head_count=heads.layer_count,
        )

    def _level(self, layers: Layers, edge: int) -> library.Level:
        structures = [
            library.Layer(weight.data_ptr(), bias.data_ptr(), weight.numel(), bias.numel(), *weight.shape[::-1])
            for weight, bias in layers
        ]
        return library.Level((library.Layer * len(structures))(*structures), len(structures), edge)

    def outputs(self, pose: np.ndarray) -> tuple[Tensor, Tensor]:
        """What the face and the body morpher put out by torch, in double precision, (1, 4, h, w) and (1, 7, H, W)."""
        values = torch.from_numpy(pose).double()[None]
        face_edge = self.shape.face_box[2]
        face = applied(self.face, position_and_pose(face_edge, values[:, : self.shape.face_pose]), linear=True)
        features, answer = None, torch.zeros(1, 7, self.edge_of(0) // 2, self.edge_of(0) // 2, dtype=torch.double)
        for number, layers in enumerate(self.levels):
            x = position_and_pose(self.edge_of(number), values)
            if features is not None:
                x = torch.cat((upsampled(features), x), dim=1)
            features = applied(layers, x, linear=number == len(self.levels) - 1)
            answer = upsampled(answer)
            if number < len(self.heads):
                answer = answer + applied(self.heads[number : number + 1], features, linear=True)
        assert features is not None
        return face, features + answer

    def expected(self, pose: np.ndarray) -> np.ndarray:
        """The picture by torch, in double precision."""
        left, top, face_edge = self.shape.face_box
        image = torch.from_numpy(self.picture).double()[None].clone()
        face, raw = self.outputs(pose)
        image[:, :, top : top + face_edge, left : left + face_edge] = face
        flow, alpha, direct = torch.split(raw, [2, 1, 4], dim=1)
        final = (1 - alpha) * warp(image, flow) + alpha * direct
        return to_rgba8_straight(final[0].numpy().astype(np.float32))


def applied(layers: Layers, x: Tensor, *, linear: bool) -> Tensor:
    for number, (weight, bias) in enumerate(layers):
        x = functional.conv2d(x, weight.double()[..., None, None], bias.double())
        if not (linear and number == len(layers) - 1):
            x = torch.sin(OMEGA * x)
    return x


def kernels() -> list[tuple[str, str]]:
    isas = library.supported()
    return [(isa, "FLOAT32") for isa in isas] + [(isa, "FIXED16") for isa in isas if isa.startswith("avx")]


def random_pose(size: int) -> np.ndarray:
    return np.random.default_rng(size).uniform(-1, 1, size).astype(np.float32)


def drawn(renderer: library.Renderer, pose: np.ndarray, region: tuple[int, int, int, int]) -> np.ndarray:
    pixels = np.empty((region[3], region[2], 4), np.uint8)
    renderer.render(pose, region, pixels)
    return pixels


@pytest.mark.parametrize("name", [*SHAPES, *FLOAT_ONLY])
@pytest.mark.parametrize(("isa", "precision"), kernels())
def test_any_shape_is_drawn_as_torch_draws_it(name: str, isa: str, precision: str) -> None:
    if precision == "FIXED16" and name in FLOAT_ONLY:
        pytest.skip("of this shape there is no fixed point")
    character = RandomCharacter({**SHAPES, **FLOAT_ONLY}[name])
    options = library.Options(isa=isa.encode(), precision=library.Precision[precision], threads=2)
    renderer = library.Renderer(character.numbers(), options)
    assert renderer.fixed16 == (precision == "FIXED16")
    edge, pose = character.shape.edge, random_pose(character.shape.pose)
    full = drawn(renderer, pose, (0, 0, edge, edge))
    assert full[..., 3].std() > 5
    assert psnr(full, character.expected(pose)) > (70 if precision == "FLOAT32" else 55)
    drawn(renderer, -pose, (0, 0, 1, 1))
    np.testing.assert_array_equal(drawn(renderer, pose, (5, 3, 17, 20)), full[3:23, 5:22])


@pytest.mark.parametrize("name", [*SHAPES, *FLOAT_ONLY])
@pytest.mark.parametrize("isa", library.supported())
def test_what_the_networks_put_out_is_what_torch_says(name: str, isa: str) -> None:
    character = RandomCharacter({**SHAPES, **FLOAT_ONLY}[name])
    options = library.Options(isa=isa.encode(), precision=library.Precision.FLOAT32, threads=2)
    renderer = library.Renderer(character.numbers(), options)
    edge, face_edge, pose = character.shape.edge, character.shape.face_box[2], random_pose(character.shape.pose)
    body, part = np.empty((7, edge, edge), np.float32), np.empty((7, 20, 17), np.float32)
    face = np.empty((4, face_edge, face_edge), np.float32)
    # The picture before and after: neither leaves the other half done.
    before = drawn(renderer, pose, (0, 0, edge, edge))
    renderer.face_outputs(-pose, face)
    renderer.face_outputs(pose, face)
    renderer.body_outputs(-pose, (0, 0, edge, edge), body)
    renderer.body_outputs(pose, (5, 3, 17, 20), part)
    renderer.body_outputs(pose, (0, 0, edge, edge), body)
    expected_face, expected_body = character.outputs(pose)
    np.testing.assert_allclose(face, expected_face[0], atol=2e-5, rtol=0)
    np.testing.assert_allclose(body, expected_body[0], atol=2e-5, rtol=0)
    np.testing.assert_array_equal(part, body[:, 3:23, 5:22])
    drawn(renderer, -pose, (0, 0, 8, 8))
    np.testing.assert_array_equal(drawn(renderer, pose, (0, 0, edge, edge)), before)


def test_what_cannot_be_seen_puts_out_nothing() -> None:
    renderer = library.Renderer(RandomCharacter(SHAPES["narrow"]).numbers(), library.Options())
    tiles = np.zeros((8, 8), np.uint8)
    tiles[3, 2] = 1
    renderer.set_visibility(tiles)
    body = np.ones((7, 64, 64), np.float32)
    renderer.body_outputs(random_pose(5), (0, 0, 64, 64), body)
    assert np.all(body[:, 24:32, 16:24] != 0)
    body[:, 24:32, 16:24] = 0
    assert not body.any()


def test_room_of_another_size_is_refused() -> None:
    renderer = library.Renderer(RandomCharacter(SHAPES["narrow"]).numbers(), library.Options())
    for room in (np.empty((7, 8, 9), np.float32), np.empty((7, 8, 8)), np.empty((7, 8, 16), np.float32)[..., ::2]):
        with pytest.raises(ValueError, match=r"contiguous and writable float32 \(7, 8, 8\)"):
            renderer.body_outputs(random_pose(5), (0, 0, 8, 8), room)
    with pytest.raises(ValueError, match="takes 4 x 32 x 32 numbers"):
        renderer.face_outputs(random_pose(5), np.empty((4, 32, 31), np.float32))


@pytest.mark.parametrize("name", FLOAT_ONLY)
def test_fixed_point_is_refused_where_no_level_has_more_than_one_layer(name: str) -> None:
    character = RandomCharacter(FLOAT_ONLY[name])
    with pytest.raises(library.UnsupportedError, match="fixed16 is not to be had with"):
        library.Renderer(character.numbers(), library.Options(precision=library.Precision.FIXED16))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell a thread's priority")
def test_the_threads_of_a_background_pool_count_less_than_the_callers_and_do_not_take_its_core_as_they_wake() -> None:
    pool = ctypes.c_void_p()
    assert library._LIBRARY.tha4_pool_create(3, 1, ctypes.byref(pool)) == library.Status.OK
    renderer = library.Renderer(RandomCharacter(SHAPES["narrow"]).numbers(), library.Options(pool=pool))
    library._LIBRARY.tha4_pool_destroy(pool)
    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    def less_important() -> int:
        others = [int(task.name) for task in Path("/proc/self/task").iterdir()]
        return sum(
            os.getpriority(os.PRIO_PROCESS, thread) > own and os.sched_getscheduler(thread) == os.SCHED_BATCH
            for thread in others
        )

    before = less_important()
    drawn(renderer, random_pose(5), (0, 0, 64, 64))
    deadline = time.monotonic() + 60
    while less_important() != before + 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert less_important() == before + 2
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == own
    assert os.sched_getscheduler(0) == os.SCHED_OTHER


def test_without_a_trial_auto_is_float32() -> None:
    assert not library.Renderer(RandomCharacter(SHAPES["narrow"]).numbers(), library.Options()).fixed16
