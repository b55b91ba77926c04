from __future__ import annotations

import math
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.stand_ins import STAND_INS
from tha4_core.metrics import MetricError, lpips, psnr, signal_to_noise, ssim
from tha4_core.metrics.perceptual import ALEXNET_FILE, LINEAR_FILE, distance
from tha4_core.picture import color


def network_picture(value: float, edge: int = 16) -> np.ndarray:
    """All four channels the same, given in [0, 1]."""
    return np.full((4, edge, edge), 2.0 * value - 1.0, dtype=np.float32)


def noise(seed: int, edge: int = 16) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, (4, edge, edge)).astype(np.float32)


def test_a_tenth_of_the_range_off_everywhere_is_20_db() -> None:
    assert psnr(network_picture(0.5), network_picture(0.6)) == pytest.approx(20.0, abs=1e-4)


def test_equal_pictures_are_infinitely_alike() -> None:
    assert psnr(noise(0), noise(0)) == math.inf


def test_an_error_in_alpha_alone_counts_as_one_channel_of_four() -> None:
    other = network_picture(0.5)
    other[3] += 0.2
    assert psnr(network_picture(0.5), other) == pytest.approx(20.0 + 10 * math.log10(4), abs=1e-4)


def test_what_engines_would_clip_is_clipped_before_it_is_compared() -> None:
    assert psnr(network_picture(1.0), network_picture(1.5)) == math.inf


def test_the_colour_of_transparent_bytes_does_not_count() -> None:
    one, other = np.zeros((16, 16, 4), np.uint8), np.full((16, 16, 4), 200, np.uint8)
    other[..., 3] = 0
    assert psnr(one, other) == math.inf


def test_the_colour_of_half_transparent_bytes_counts_by_half() -> None:
    one = np.full((16, 16, 4), 100, np.uint8)
    other = one.copy()
    one[..., 3] = other[..., 3] = 51  # a fifth
    other[..., 0] += 10
    assert psnr(one, other) == pytest.approx(10 * math.log10(255**2 / (2.0**2 / 4)))


def test_a_batch_has_one_error_over_all_of_it() -> None:
    a = np.stack([network_picture(0.5), network_picture(0.5)])
    b = np.stack([network_picture(0.6), network_picture(0.5)])
    assert psnr(a, b) == pytest.approx(20.0 + 10 * math.log10(2), abs=1e-4)


def test_tensors_are_measured_as_arrays_are() -> None:
    a, b = noise(1), noise(2)
    assert psnr(torch.from_numpy(a), torch.from_numpy(b)) == psnr(a, b)
    assert ssim(torch.from_numpy(a).requires_grad_(), torch.from_numpy(b)) == ssim(a, b)


@given(arrays(np.uint8, (12, 13, 4)), arrays(np.uint8, (12, 13, 4)))
@settings(max_examples=30)
def test_measures_are_symmetric_and_in_their_range(a: np.ndarray, b: np.ndarray) -> None:
    assert psnr(a, b) == psnr(b, a) >= 0
    assert ssim(a, b) == pytest.approx(ssim(b, a), abs=1e-12)
    assert -1.0 <= ssim(a, b) <= 1.0
    assert ssim(a, a) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (noise(0), noise(0, edge=17)),
        (noise(0), np.zeros((16, 16, 4), np.uint8)),
        (np.zeros((3, 16, 16), np.float32), np.zeros((3, 16, 16), np.float32)),
        (np.zeros((16, 16), np.float32), np.zeros((16, 16), np.float32)),
        (np.zeros((4, 16, 16), np.int64), np.zeros((4, 16, 16), np.int64)),
    ],
    ids=["shapes", "kinds", "three channels", "no channels", "whole numbers"],
)
def test_what_is_no_pair_of_pictures_is_refused(one: np.ndarray, other: np.ndarray) -> None:
    with pytest.raises(ValueError, match="picture"):
        psnr(one, other)


def test_plain_values_are_not_weighed() -> None:
    one, other = np.zeros((5, 4), np.uint8), np.zeros((5, 4), np.uint8)
    other[:, 0] = 255
    assert signal_to_noise(one, other, peak=255) == pytest.approx(10 * math.log10(4))
    with pytest.raises(ValueError, match="shapes"):
        signal_to_noise(one, other[:4], peak=255)


@given(st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=30)
def test_ssim_of_even_pictures_is_their_luminance_term(a: float, b: float) -> None:
    expected = (2 * a * b + 0.01**2) / (a * a + b * b + 0.01**2)
    assert ssim(network_picture(a), network_picture(b)) == pytest.approx(expected, abs=1e-4)


def test_ssim_of_one_window_is_the_formula_of_wang_et_al() -> None:
    a, b = noise(3, edge=11), noise(4, edge=11)
    x, y = (a.astype(float) + 1) / 2, (b.astype(float) + 1) / 2
    steps = np.arange(-5, 6)
    gauss = np.exp(-(steps**2) / (2 * 1.5**2))
    window = np.outer(gauss, gauss) / gauss.sum() ** 2
    mean_x, mean_y = (x * window).sum((1, 2)), (y * window).sum((1, 2))
    variance_x = (x * x * window).sum((1, 2)) - mean_x**2
    variance_y = (y * y * window).sum((1, 2)) - mean_y**2
    covariance = (x * y * window).sum((1, 2)) - mean_x * mean_y
    c1, c2 = 0.01**2, 0.03**2
    values = ((2 * mean_x * mean_y + c1) * (2 * covariance + c2)) / (
        (mean_x**2 + mean_y**2 + c1) * (variance_x + variance_y + c2)
    )
    assert ssim(a, b) == pytest.approx(values.mean(), abs=1e-9)


def test_only_whole_windows_count_for_ssim() -> None:
    one = network_picture(0.5, edge=21)
    other = one.copy()
    other[:, 0, 0] = 1.0  # seen by the one window in that corner, at a weight of exp(-25/2.25)
    assert ssim(one, other) > 0.999
    with pytest.raises(ValueError, match="11x11"):
        ssim(one[:, :10], other[:, :10])


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Made-up weights of LPIPS where it looks for them; the folder."""
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    random = np.random.default_rng(3)
    backbone, linear = {}, {}
    shapes = ((64, 3, 11, 0), (192, 64, 5, 3), (384, 192, 3, 6), (256, 384, 3, 8), (256, 256, 3, 10))
    for level, (outputs, inputs, kernel, place) in enumerate(shapes):
        weight = random.normal(size=(outputs, inputs, kernel, kernel)) * (2 / (inputs * kernel**2)) ** 0.5
        backbone[f"features.{place}.weight"] = torch.from_numpy(weight.astype(np.float32))
        backbone[f"features.{place}.bias"] = torch.from_numpy((random.normal(size=outputs) * 0.1).astype(np.float32))
        channels = random.uniform(0, 1, size=(1, outputs, 1, 1)).astype(np.float32)
        linear[f"lin{level}.model.1.weight"] = torch.from_numpy(channels)
    torch.save(backbone, folder / ALEXNET_FILE)
    torch.save(linear, folder / LINEAR_FILE)
    return folder


@pytest.mark.usefixtures("weights")
def test_lpips_is_what_the_library_lpips_0_1_4_gives() -> None:
    random = np.random.default_rng(5)
    a = random.uniform(-1, 1, size=(2, 3, 96, 80)).astype(np.float32)
    b = np.clip(a + random.normal(size=a.shape) * 0.3, -1, 1).astype(np.float32)
    # The library, given the same made-up weights, says so.
    assert distance(a, b) == pytest.approx(0.149288, abs=1e-5)


@pytest.mark.usefixtures("weights")
def test_lpips_sees_alpha_against_black_and_white() -> None:
    white, nothing = np.full((64, 64, 4), 255, np.uint8), np.zeros((64, 64, 4), np.uint8)
    black = white.copy()
    black[..., :3] = 0
    assert lpips(white, white) == 0.0
    # Over white a white picture is like an empty one, over black it is not; a black one the other way round.
    assert lpips(white, nothing) == pytest.approx(lpips(black, nothing), rel=1e-4)
    assert lpips(white, black) == pytest.approx(2 * lpips(white, nothing), rel=1e-4)


@pytest.mark.usefixtures("weights")
def test_lpips_of_network_pictures_is_that_of_their_bytes() -> None:
    random = np.random.default_rng(6)
    one, other = (random.integers(0, 256, (64, 64, 4), dtype=np.uint8) for _ in range(2))
    one[..., 3] = other[..., 3] = 255  # over half transparent pixels linear and sRGB blending differ
    assert lpips(color.to_network(one), color.to_network(other)) == pytest.approx(lpips(one, other), rel=1e-4)


def test_without_weights_lpips_says_what_to_download_and_where_to_put_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    with pytest.raises(MetricError) as raised:
        lpips(noise(0, edge=64), noise(1, edge=64))
    message = str(raised.value)
    for part in ("https://download.pytorch.org/", "https://github.com/", str(tmp_path / "checkpoints" / LINEAR_FILE)):
        assert part in message


@pytest.mark.parametrize("content", [b"", b"not weights", None], ids=["empty", "other bytes", "another network's"])
def test_damaged_weights_of_lpips_are_refused(weights: Path, content: bytes | None) -> None:
    if content is None:
        torch.save({"features.0.weight": torch.zeros(1)}, weights / ALEXNET_FILE)
    else:
        (weights / ALEXNET_FILE).write_bytes(content)
    with pytest.raises(MetricError, match="download it again"):
        lpips(noise(0, edge=64), noise(1, edge=64))


@pytest.mark.parametrize("content", STAND_INS)
def test_what_a_failed_download_leaves_is_named(weights: Path, content: bytes) -> None:
    (weights / ALEXNET_FILE).write_bytes(content)
    with pytest.raises(MetricError, match=r"not the file itself: download it again.* https://download"):
        lpips(noise(0, edge=64), noise(1, edge=64))


def test_weights_in_the_old_form_are_read(weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LPIPS's own file is of 2018."""
    expected = lpips(noise(0, edge=64), noise(1, edge=64))
    old = tmp_path / "old" / "checkpoints"
    shutil.copytree(weights, old)
    linear = torch.load(weights / LINEAR_FILE, weights_only=True)
    torch.save(linear, old / LINEAR_FILE, _use_new_zipfile_serialization=False)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(old.parent))
    assert lpips(noise(0, edge=64), noise(1, edge=64)) == expected


def test_pickled_code_among_the_weights_is_not_run(weights: Path, tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (Path(tmp_path / "sprung"),))  # type: ignore[return-value]

    torch.save({"features.0.weight": Trap()}, weights / ALEXNET_FILE)
    with pytest.raises(MetricError):
        lpips(noise(0, edge=64), noise(1, edge=64))
    assert not (tmp_path / "sprung").exists()
