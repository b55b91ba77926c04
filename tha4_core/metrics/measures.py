"""PSNR, SSIM and LPIPS of pictures with alpha; the package says which pictures they take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tha4_core.metrics.errors import MetricError
from tha4_core.picture.color import linear_to_srgb

if TYPE_CHECKING:
    from torch import Tensor

Picture: TypeAlias = "NDArray[Any] | Tensor"

#: Wang et al. 2004: the window's standard deviation, and where it is cut off (11x11).
_SSIM_SIGMA: Final = 1.5
_SSIM_WINDOW: Final = 11
_SSIM_K1: Final = 0.01
_SSIM_K2: Final = 0.03


def signal_to_noise(one: NDArray[Any], other: NDArray[Any], peak: float) -> float:
    """PSNR in dB of two arrays of one shape, ``10 log10(peak^2 / mean squared error)``; infinite when they are equal.

    No value is weighed: for plain RGB, or parts of pictures. Pictures with alpha are for :func:`psnr`.
    Raises ValueError when the shapes differ.
    """
    if one.shape != other.shape:
        raise ValueError(f"arrays of shapes {one.shape} and {other.shape} cannot be compared")
    error = float(np.mean((one.astype(np.float64) - other.astype(np.float64)) ** 2))
    return float("inf") if error == 0.0 else float(10.0 * np.log10(peak**2 / error))


def psnr(one: Picture, other: Picture) -> float:
    """Peak signal-to-noise ratio in dB over all four channels; infinite when the pictures are equal.

    Network pictures: scaled to [0, 1], linear, premultiplied, peak 1. Bytes: sRGB levels multiplied by alpha (not
    rounded) and alpha's own, peak 255. The two kinds give different figures for the same pictures, since sRGB spreads
    dark colours. A batch has one mean squared error over all of it; the paper's tables are means of the PSNR of
    single pictures, so call this for each to compare with them.
    Raises ValueError when the pictures are not of one kind and shape.
    """
    return signal_to_noise(*_unit_pair(one, other), peak=1.0)


def ssim(one: Picture, other: Picture) -> float:
    """Structural similarity (Wang et al. 2004), at most 1; the mean over the four channels and all pictures.

    Gaussian windows of 11x11 with sigma 1.5, K1 = 0.01, K2 = 0.03, range 1, and only windows that lie wholly inside
    the picture. Each channel is compared by itself, in the values that :func:`psnr` takes. Computed by scikit-image.
    Raises MetricError without it, ValueError when the pictures differ in kind or shape or are smaller than a window.
    """
    try:
        from skimage.metrics import structural_similarity
    except ModuleNotFoundError:
        raise MetricError(
            'SSIM needs scikit-image, which is not installed: pip install "scikit-image>=0.24".'
        ) from None
    a, b = _unit_pair(one, other)
    if min(a.shape[-2:]) < _SSIM_WINDOW:
        raise ValueError(f"SSIM needs pictures of at least {_SSIM_WINDOW}x{_SSIM_WINDOW} pixels")
    planes = zip(a.reshape(-1, *a.shape[-2:]), b.reshape(-1, *b.shape[-2:]), strict=True)
    values = [
        structural_similarity(
            x,
            y,
            data_range=1.0,
            gaussian_weights=True,
            sigma=_SSIM_SIGMA,
            use_sample_covariance=False,
            K1=_SSIM_K1,
            K2=_SSIM_K2,
        )
        for x, y in planes
    ]
    return float(np.mean(values))


def lpips(one: Picture, other: Picture) -> float:
    """Learned perceptual distance (Zhang et al. 2018, v0.1, AlexNet), 0 for equal pictures; the mean of a batch.

    Its network knows photographs: opaque sRGB. So both pictures are laid over black and over white, and the mean of
    the two distances is taken: a difference in alpha shows over at least one of them. Computed by
    :mod:`tha4_core.metrics.perceptual`, on the CPU.
    Raises MetricError without torch or the weights, saying what to download; ValueError when the pictures differ in
    kind or shape or are smaller than 64x64.
    """
    try:
        from tha4_core.metrics.perceptual import distance
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise MetricError("LPIPS needs PyTorch, which is not installed: pip install torch.") from None
    a, b = _unit_pair(one, other)
    linear = not _is_bytes(_array(one))
    return float(np.mean([distance(_over(a, shade, linear), _over(b, shade, linear)) for shade in (0.0, 1.0)]))


def _over(picture: NDArray[np.float64], shade: float, linear: bool) -> NDArray[np.float32]:
    """Premultiplied (n, 4, h, w) over a grey, as sRGB in [-1, 1]: (n, 3, h, w). ``linear``: else it is sRGB already."""
    blended = picture[:, :3] + (1.0 - picture[:, 3:]) * shade
    blended = np.clip(blended, 0.0, 1.0)
    return (2.0 * (linear_to_srgb(blended) if linear else blended) - 1.0).astype(np.float32)


def _unit_pair(one: Picture, other: Picture) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both as premultiplied (n, 4, h, w) in [0, 1]."""
    a, b = _array(one), _array(other)
    if a.shape != b.shape or _is_bytes(a) != _is_bytes(b):
        raise ValueError(f"{a.dtype} {a.shape} and {b.dtype} {b.shape} are not pictures of one kind and shape")
    return _unit(a), _unit(b)


def _array(picture: Picture) -> NDArray[Any]:
    if isinstance(picture, np.ndarray):
        return picture
    return picture.detach().cpu().numpy()


def _is_bytes(picture: NDArray[Any]) -> bool:
    return picture.dtype == np.uint8


def _unit(picture: NDArray[Any]) -> NDArray[np.float64]:
    """Any picture as premultiplied (n, 4, h, w) in [0, 1]."""
    channels = -1 if _is_bytes(picture) else -3
    if picture.ndim < 3 or picture.shape[channels] != 4 or picture.dtype.kind not in "uf":
        raise ValueError(
            f"{picture.dtype} {picture.shape} is no picture: floats (..., 4, height, width) or bytes"
            " (..., height, width, 4) are"
        )
    values: NDArray[np.float64]
    if not _is_bytes(picture):
        values = (picture.reshape(-1, *picture.shape[-3:]).astype(np.float64) + 1.0) / 2.0
        return np.asarray(np.clip(values, 0.0, 1.0))
    values = picture.reshape(-1, *picture.shape[-3:]).astype(np.float64) / 255.0  # (n, h, w, 4)
    values[..., :3] *= values[..., 3:]
    return np.moveaxis(values, -1, -3)
