"""Each term of the paper's losses against the formula, written out once more in the plainest way."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.tha4_core.teacher_training.memory_examples import made_up_vgg, made_up_weights
from tha4_core.files.state_dict_files import dump_state_dict
from tha4_core.teacher_training.errors import TrainingError
from tha4_core.teacher_training.losses import Made, Perceptual, Weights, editor_loss, rotator_loss
from tha4_core.teacher_training.vgg import load_vgg

WEIGHTS = Weights(1.0, 0.2)


def pictures(seed: int, size: int = 16) -> Tensor:
    return torch.rand(2, 4, size, size, generator=torch.Generator().manual_seed(seed)) * 2.0 - 1.0


TARGET = pictures(0)
MADE = Made(pictures(1), pictures(2), pictures(3))


def plain_features(picture: Tensor) -> list[Tensor]:
    """torchvision's VGG16 up to its index 15, as the facts list it."""
    weights = made_up_weights()
    layers: list[nn.Module] = []
    for inputs, outputs, pooled in (
        (3, 64, False), (64, 64, False), (64, 128, True), (128, 128, False), (128, 256, True), (256, 256, False),
        (256, 256, False),
    ):  # fmt: skip
        if pooled:
            layers.append(nn.MaxPool2d(2, 2))
        convolution = nn.Conv2d(inputs, outputs, 3, padding=1)
        place = len(layers)
        convolution.weight.data = weights[f"features.{place}.weight"]
        assert convolution.bias is not None
        convolution.bias.data = weights[f"features.{place}.bias"]
        layers += [convolution, nn.ReLU()]
    x = (picture + 1.0) / 2.0
    for channel, (mean, deviation) in enumerate(((0.485, 0.229), (0.456, 0.224), (0.406, 0.225))):
        x = x.clone()
        x[:, channel] = (x[:, channel] - mean) / deviation
    features = []
    for place, layer in enumerate(layers):
        x = layer(x)
        if place in (3, 8, 15):
            features.append(x.detach())
    return features


def plain_part(wanted: Tensor, made: Tensor) -> float:
    """sum_i |phi_i(I) - phi_i(J)|_1 / components of phi_i, the mean of the batch."""
    pairs = zip(plain_features(wanted), plain_features(made), strict=True)
    return sum(float(np.abs((a - b).numpy()).sum() / a[0].numel() / len(a)) for a, b in pairs)


def plain_phi(wanted: Tensor, made: Tensor) -> float:
    aaa = [torch.cat([picture[:, 3:]] * 3, dim=1) for picture in (wanted, made)]
    return plain_part(wanted[:, :3], made[:, :3]) + plain_part(*aaa)


def plain_l1(wanted: Tensor, made: Tensor) -> float:
    return float(np.abs((wanted - made).numpy()).sum() / wanted.numel())


def whole(vgg_phi: Perceptual) -> Perceptual:
    """With Phi itself in the place of what a coin chooses."""
    vgg_phi.__class__ = type("Whole", (Perceptual,), {"__call__": Perceptual.whole})
    return vgg_phi


def flips(values: list[bool]) -> Perceptual:
    coins: Iterator[bool] = cycle(values)
    return Perceptual(made_up_vgg(), lambda: next(coins))


def test_phi_is_the_formula() -> None:
    phi = flips([True])
    assert float(phi.whole(TARGET, MADE.direct)) == pytest.approx(plain_phi(TARGET, MADE.direct), rel=1e-5)


def test_a_coin_chooses_colours_or_alpha_each_so_much_stronger_as_it_is_rarer() -> None:
    phi = flips([True, False])
    colours, alpha = float(phi(TARGET, MADE.direct)), float(phi(TARGET, MADE.direct))
    aaa = [picture[:, 3:].repeat(1, 3, 1, 1) for picture in (TARGET, MADE.direct)]
    assert colours == pytest.approx(4 / 3 * plain_part(TARGET[:, :3], MADE.direct[:, :3]), rel=1e-5)
    assert alpha == pytest.approx(4 * plain_part(*aaa), rel=1e-5)
    assert 0.75 * colours + 0.25 * alpha == pytest.approx(plain_phi(TARGET, MADE.direct), rel=1e-5)


def test_comparing_alpha_moves_alpha_alone() -> None:
    made = MADE.direct.clone().requires_grad_()
    flips([False])(TARGET, made).backward()  # type: ignore[no-untyped-call]
    assert made.grad is not None
    assert float(made.grad[:, :3].abs().max()) == 0.0
    assert float(made.grad[:, 3].abs().max()) > 0.0


def test_the_rotators_loss_has_six_terms_each_of_the_formula() -> None:
    terms = rotator_loss(TARGET, MADE, WEIGHTS, whole(flips([True])))
    by_name = {"W": MADE.warped, "D": MADE.direct, "B": MADE.blended}
    assert set(terms) == {f"{kind}({name})" for kind in ("L1", "Phi") for name in by_name}
    for name, picture in by_name.items():
        assert picture is not None
        assert float(terms[f"L1({name})"]) == pytest.approx(plain_l1(TARGET, picture), rel=1e-5)
        assert float(terms[f"Phi({name})"]) == pytest.approx(0.2 * plain_phi(TARGET, picture), rel=1e-5)
    assert set(rotator_loss(TARGET, MADE, Weights(1.0, 0.0), flips([True]))) == {"L1(W)", "L1(D)", "L1(B)"}
    assert set(rotator_loss(TARGET, MADE, WEIGHTS, None)) == {"L1(W)", "L1(D)", "L1(B)"}
    # THA3's rotator blends nothing.
    two = rotator_loss(TARGET, MADE._replace(blended=None), WEIGHTS, flips([True]))
    assert set(two) == {"L1(W)", "L1(D)", "Phi(W)", "Phi(D)"}


def test_the_editors_third_phase_compares_halves_and_quadrants_of_what_is_painted_and_blended() -> None:
    terms = editor_loss(TARGET, MADE, WEIGHTS, whole(flips([True])))
    assert set(terms) == {"L1(W)", "L1(D)", "L1(B)", "half(D)", "half(B)", "quad(D)", "quad(B)"}

    def half(picture: Tensor) -> Tensor:
        return nn.functional.interpolate(picture, scale_factor=0.5, mode="bilinear", align_corners=False)

    def quarters(picture: Tensor) -> list[Tensor]:
        middle = picture.shape[-1] // 2
        cuts = (slice(0, middle), slice(middle, None))
        return [picture[..., rows, columns] for rows in cuts for columns in cuts]

    for name, picture in (("D", MADE.direct), ("B", MADE.blended)):
        assert picture is not None
        expected = 0.2 * plain_phi(half(TARGET), half(picture))
        assert float(terms[f"half({name})"]) == pytest.approx(expected, rel=1e-5)
        expected = 0.2 * sum(plain_phi(a, b) for a, b in zip(quarters(TARGET), quarters(picture), strict=True))
        assert float(terms[f"quad({name})"]) == pytest.approx(expected, rel=1e-5)
    for name, picture in MADE.terms().items():
        assert float(terms[f"L1({name})"]) == pytest.approx(plain_l1(TARGET, picture), rel=1e-5)


def test_vggs_weights_are_a_file_of_the_users_whose_lack_is_named(tmp_path: Path) -> None:
    path = tmp_path / "vgg.pth"
    with pytest.raises(TrainingError, match=r"could not be read.*It is at https://.*vgg16-397923af\.pth"):
        load_vgg(path)
    path.write_bytes(b"nothing of PyTorch's")
    with pytest.raises(TrainingError, match=r"damaged or no weights; download it again"):
        load_vgg(path)
    weights = made_up_weights()
    path.write_bytes(dump_state_dict({**weights, "classifier.0.weight": torch.zeros(3)}))
    for one, other in zip(load_vgg(path)(TARGET[:, :3]), plain_features(TARGET[:, :3]), strict=True):
        torch.testing.assert_close(one, other)
    del weights["features.14.bias"]
    path.write_bytes(dump_state_dict(weights))
    with pytest.raises(TrainingError, match=r"lacks features\.14\.bias of shape \(256,\)"):
        load_vgg(path)
