"""A pen that fills curves: anti-aliased, supersampled, in linear light, on Skia's raster canvas.

Colours are written as sRGB hexadecimal, ``#rrggbb`` or ``#rrggbbaa``; everything is blended in linear light.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tha4_core.picture.region import Region
from tha4_core.rig.curves import Curve, tapered
from tha4_core.rig.errors import RigError

try:
    import skia
except ImportError as error:
    raise RigError(
        f"characters cannot be drawn here ({error}); install this project's extra 'rig', and on Linux the packages"
        " libegl1 and libgl1."
    ) from None

#: Samples along each axis of a pixel, on top of Skia's own anti-aliasing.
SUPERSAMPLING: Final = 4


class Gradient(NamedTuple):
    """Colours along the straight line from ``start`` to ``stop``; evenly spaced without ``places`` (0 to 1)."""

    start: tuple[float, float]
    stop: tuple[float, float]
    colours: tuple[str, ...]
    places: tuple[float, ...] | None = None


class Glow(NamedTuple):
    """Colours from ``centre`` outwards to ``radius``; evenly spaced without ``places`` (0 to 1)."""

    centre: tuple[float, float]
    radius: float
    colours: tuple[str, ...]
    places: tuple[float, ...] | None = None


Ink = str | Gradient | Glow


def with_alpha(colour: str, alpha: float) -> str:
    """A colour, ``alpha`` (0 to 1) times as opaque."""
    own = int(colour[7:9], 16) if len(colour) == 9 else 255
    return f"{colour[:7]}{round(own * alpha):02x}"


class Pen:
    """Draws on a transparent rectangle of the picture; coordinates are the picture's.

    scale: samples along each axis of a pixel. finer: pixels drawn along each axis of one of the picture's, each of so
    many samples.
    """

    def __init__(self, box: Region, scale: int = SUPERSAMPLING, finer: int = 1) -> None:
        self._box, self._samples_a_pixel = Region(*(finer * number for number in box)), scale
        scale *= finer
        self._samples = np.zeros((box.height * scale, box.width * scale, 4), dtype=np.float16)
        info = skia.ImageInfo.Make(
            box.width * scale,
            box.height * scale,
            skia.kRGBA_F16_ColorType,
            skia.kPremul_AlphaType,
            skia.ColorSpace.MakeSRGBLinear(),
        )
        self._surface = skia.Surface.MakeRasterDirect(info, self._samples, self._samples.strides[0])
        self._canvas = self._surface.getCanvas()
        self._canvas.scale(scale, scale)
        self._canvas.translate(-box.x, -box.y)

    def fill(self, curve: Curve, ink: Ink, *, opacity: float = 1.0, blur: float = 0.0) -> None:
        """Fill a closed curve. blur: standard deviation of a soft edge, in pixels."""
        self._canvas.drawPath(_path(curve), _paint(ink, opacity, blur))

    def stroke(
        self,
        curve: Curve,
        width: float,
        ink: Ink,
        *,
        start: float = 0.0,
        stop: float = 0.0,
        peak: float = 0.5,
        opacity: float = 1.0,
        blur: float = 0.0,
    ) -> None:
        """A line that tapers; see :func:`tha4_core.rig.curves.tapered`."""
        self.fill(tapered(curve, width, start, stop, peak), ink, opacity=opacity, blur=blur)

    def ellipse(
        self, x: float, y: float, rx: float, ry: float, ink: Ink, *, opacity: float = 1.0, blur: float = 0.0
    ) -> None:
        """Fill an upright ellipse around (x, y)."""
        self._canvas.drawOval(skia.Rect.MakeLTRB(x - rx, y - ry, x + rx, y + ry), _paint(ink, opacity, blur))

    @contextmanager
    def inside(self, *curves: Curve) -> Iterator[None]:
        """Within this block only what lies inside any of the closed curves is drawn."""
        path = skia.Path()
        for curve in curves:
            # One direction for all: with mixed ones, overlaps would cancel each other out.
            x, y = curve.T
            area = float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))
            path.addPath(_path(curve if area >= 0 else curve[::-1]))
        self._canvas.save()
        self._canvas.clipPath(path, skia.ClipOp.kIntersect, True)
        try:
            yield
        finally:
            self._canvas.restore()

    @contextmanager
    def faded(self, opacity: float) -> Iterator[None]:
        """What is drawn within this block is put down as one, ``opacity`` (0 to 1) times as opaque."""
        self._canvas.saveLayerAlpha(None, round(opacity * 255))
        try:
            yield
        finally:
            self._canvas.restore()

    def pixels(self) -> NDArray[np.float32]:
        """The drawing: linear light, premultiplied, in [0, 1], float32 (4, finer * height, finer * width)."""
        self._surface.flushAndSubmit()
        box, scale = self._box, self._samples_a_pixel
        samples = self._samples.reshape(box.height, scale, box.width, scale, 4)
        mean = samples.mean(axis=(1, 3), dtype=np.float32)  # (h, w, 4)
        return np.ascontiguousarray(mean.transpose(2, 0, 1).clip(0.0, 1.0))


def _path(curve: Curve) -> skia.Path:
    return skia.Path.Polygon([skia.Point(x, y) for x, y in curve.tolist()], True)


def _paint(ink: Ink, opacity: float, blur: float) -> skia.Paint:
    paint = skia.Paint(AntiAlias=True)
    if isinstance(ink, str):
        red, green, blue, alpha = _rgba(ink)
        paint.setColor4f(skia.Color4f(red, green, blue, alpha * opacity))
    else:
        colours = [skia.Color4f(*_rgba(colour)).toColor() for colour in ink.colours]
        places = list(ink.places) if ink.places else None
        if isinstance(ink, Gradient):
            shader = skia.GradientShader.MakeLinear([ink.start, ink.stop], colours, places)
        else:
            shader = skia.GradientShader.MakeRadial(ink.centre, ink.radius, colours, places)
        paint.setShader(shader)
        paint.setAlphaf(opacity)
    if blur > 0.0:
        paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
    return paint


def _rgba(colour: str) -> tuple[float, float, float, float]:
    numbers = [int(colour[i : i + 2], 16) / 255 for i in range(1, len(colour), 2)]
    return numbers[0], numbers[1], numbers[2], numbers[3] if len(numbers) == 4 else 1.0
