"""Comparison with golden/teacher.npz (TEACHER.md sections 12.2 to 12.4) and THA3's golden data (THA3.md section 11)."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

#: (name, channels, edge, amplitude) of each network's pictures, and how many numbers its pose has (section 12.3).
INPUTS: dict[str, tuple[list[tuple[str, int, int, float]], int]] = {
    "eyebrow_decomposer": ([("image", 4, 128, 0.9)], 0),
    "eyebrow_morphing_combiner": ([("background_layer", 4, 128, 0.9), ("eyebrow_layer", 4, 128, 0.9)], 12),
    "face_morpher": ([("image", 4, 192, 0.9)], 27),
    "body_morpher": ([("image", 4, 256, 0.9)], 6),
    "upscaler": (
        [("rest_image", 4, 512, 0.9), ("coarse_posed_image", 4, 512, 0.9), ("coarse_grid_change", 2, 512, 0.05)],
        6,
    ),
    "two_algo_face_body_rotator": ([("image", 4, 256, 0.9)], 6),
    "editor": (
        [
            ("input_original_image", 4, 512, 0.9),
            ("input_warped_image", 4, 512, 0.9),
            ("input_grid_change", 2, 512, 0.05),
        ],
        6,
    ),
}
#: Those whose pose may be negative.
_BODY_NETWORKS = ("body_morpher", "upscaler", "two_algo_face_body_rotator", "editor")


def network_inputs(network: str, prefix: str = "") -> list[Tensor]:
    """Pictures and pose for a network alone; prefix: "tha3/" for THA3's."""
    pictures, pose_size = INPUTS[network]
    inputs = [_wave(f"{prefix}input/{network}/{name}", *rest) for name, *rest in pictures]
    if pose_size:
        pose = np.random.RandomState(zlib.crc32(f"{prefix}input/{network}/pose".encode())).random_sample(pose_size)
        if network in _BODY_NETWORKS:
            pose = 2 * pose - 1
        inputs.append(torch.from_numpy(pose.astype(np.float32))[None])
    return inputs


def _wave(key: str, channels: int, edge: int, amplitude: float) -> Tensor:
    """A picture-like input, (1, channels, edge, edge)."""
    random = np.random.RandomState(zlib.crc32(key.encode()))
    centres = (np.arange(edge) + 0.5) / edge
    planes = []
    for _ in range(channels):
        x, y, phase = random.randint(1, 6), random.randint(1, 6), random.random_sample()
        planes.append(amplitude * np.sin(2 * np.pi * (x * centres[None, :] + y * centres[:, None] + phase)))
    return torch.from_numpy(np.stack(planes).astype(np.float32))[None]


def assert_matches(
    outputs: Sequence[Tensor], golden: dict[str, np.ndarray], prefix: str, *, most: float, mean: float
) -> None:
    """Every output, samples and patch, against ``prefix/<index>_<name>``; the sheet's greater bound for the editor's
    warped and merged pictures of the chain.
    """
    names = sorted(
        (key for key in golden if key.startswith(f"{prefix}/") and key.count("/") == prefix.count("/") + 1),
        key=lambda key: int(key.rsplit("/", 1)[1].split("_")[0]),
    )
    assert len(names) == len(outputs)
    for name, output in zip(names, outputs, strict=True):
        full = output[0].detach().numpy()
        deviation = golden[f"{name}/stat"][1]
        limit, bound = most, min(most, max(1e-3 * deviation, 1e-6))
        if name.endswith(("upscaler_warped", "upscaler_merged", "editor_warped", "editor_color_changed")):
            # They sample noise through a flow: single pixels differ from one processor's rounding to another's.
            limit = bound = 5e-3
        errors = np.concatenate(
            [
                np.abs(full[:, ::8, ::8] - golden[name]).ravel(),
                np.abs(full[:, -16:, -16:] - golden[f"{name}/patch"]).ravel(),
            ]
        )
        assert errors.max() <= bound, name
        assert errors.mean() <= mean, name
        expected = golden[f"{name}/stat"][:4]
        values = full.astype(np.float64)
        np.testing.assert_allclose([values.mean(), values.std()], expected[:2], atol=1e-6, err_msg=name)
        np.testing.assert_allclose([values.min(), values.max()], expected[2:], atol=limit, err_msg=name)
