"""Comparison with golden/teacher.npz (TEACHER.md sections 12.2 to 12.4)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from torch import Tensor


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
        if name.endswith(("upscaler_warped", "upscaler_merged")):
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
