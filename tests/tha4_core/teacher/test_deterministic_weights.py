from __future__ import annotations

import pytest
import torch

from tha4_core.teacher.networks import Networks

#: Sum, sum of squares, the first tensor's first three values (TEACHER.md section 12.1).
CHECKS = {
    "eyebrow_decomposer": (6830.002937, 14689.0378, (-0.1863809, -0.1382788, 0.1533328)),
    "eyebrow_morphing_combiner": (6984.291910, 14633.3341, (-0.01301806, -0.1661792, 0.04726797)),
    "face_morpher": (7021.458117, 14669.6641, (0.1761898, 0.1635318, -0.05579593)),
    "body_morpher": (14485.958614, 57663.9114, (-0.0621909, 0.1852782, -0.1127033)),
    "upscaler": (14808.721780, 59313.8276, (0.0321832, 0.02545087, 0.282281)),
}


@pytest.mark.parametrize("name", CHECKS)
def test_the_rule_gives_the_documented_values(networks: Networks, name: str) -> None:
    tensors = list(networks.get_submodule(name).state_dict().values())
    total, squares, first = CHECKS[name]
    assert sum(tensor.double().sum().item() for tensor in tensors) == pytest.approx(total, abs=1e-5)
    assert sum(tensor.double().square().sum().item() for tensor in tensors) == pytest.approx(squares, abs=1e-3)
    torch.testing.assert_close(tensors[0].flatten()[:3], torch.tensor(first), rtol=1e-6, atol=0)
