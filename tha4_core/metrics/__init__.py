"""How alike two pictures of a character are: PSNR, SSIM, LPIPS, over four channels.

Two kinds of pictures are taken, told apart by their type; both of a comparison must be of one kind and shape:

- *network pictures*, float32 or float64, (..., 4, height, width): linear light, premultiplied, [-1, 1];
- *bytes*, uint8, (..., height, width, 4): straight-alpha sRGB RGBA8, as engines render.

They may be NumPy arrays or torch tensors (of any device). Leading dimensions are pictures of one batch.

Colours are always compared premultiplied by alpha: what cannot be seen does not count, what is faint counts little.
The paper (arXiv 2311.17409) reports PSNR, SSIM and LPIPS of RGBA pictures, and does not say over which channels, in
which range, linear or sRGB. We take what its networks are trained on: all four channels, linear, premultiplied, with
[-1, 1] scaled to [0, 1]. Values outside are clipped first, as every engine does before anybody sees them.
"""

from __future__ import annotations

from tha4_core.metrics.errors import MetricError
from tha4_core.metrics.measures import Picture, lpips, psnr, signal_to_noise, ssim

__all__ = ["MetricError", "Picture", "lpips", "psnr", "signal_to_noise", "ssim"]
