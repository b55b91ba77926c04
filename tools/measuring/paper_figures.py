"""The paper's own figures (arXiv 2311.17409), as far as its text gives them; tables 2, 4, 6 and 7 are images there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: Table 1: PSNR in dB, SSIM, LPIPS of body rotators on 10,000 test examples.
ROTATORS: Final[Mapping[str, str]] = {
    "THA3": "22.369 / 0.9094 / 0.0480",
    "THA4": "22.962 / 0.9195 / 0.0336",
}
#: Table 2: weights in MiB. THA3's is by the rule that gives the others.
SIZES: Final[Mapping[str, str]] = {"THA3": "517", "THA4": "627", "student": "1.8"}
#: Table 4: milliseconds of a frame, from the text, on GPUs of 2017 to 2022.
TIMES: Final[Mapping[str, str]] = {
    "THA3": "about 33 on the strongest GPU",
    "THA4": "up to 150; under 10 frames/s on the strongest GPU",
    "student": "at most 30 on a consumer's GPU",
}
#: Table 5: PSNR in dB of three students against their teacher, 1,000 poses.
STUDENTS: Final = ("36.156", "36.048", "34.543")
#: Table 6: from the text.
ARCHITECTURES: Final[Mapping[str, str]] = {
    "plain SIREN": "-",
    "one resolution": "slightly better, about twice the time",
    "as published": "the baseline",
}
#: Table 7: from the text. The letters' order is ours: A to G are the subsets of three phases.
PHASES: Final[Mapping[str, str]] = {
    "A: phase 1 only": "about 38 dB, local artefacts",
    "B: phase 2 only": "clearly worse",
    "C: phase 3 only": "clearly worse",
    "D: phases 1 and 2": "about 38 dB, local artefacts",
    "E: phases 1 and 3": "about 38 dB, local artefacts",
    "F: phases 2 and 3": "clearly worse",
    "G: all phases": "the best",
}
