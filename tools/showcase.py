"""Makes the README's moving picture: ``python3 tools/showcase.py [CHARACTER...] [-o docs/showcase.webp]``.

The characters, side by side, each a .tha4 file, go through the loop of ``preview_motion``, rendered by an engine as a
game would see them, one a little after the other.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment

    enter_environment(draws=True)

from PIL import Image

from tha4_core.built_in import NAMES, character_path
from tha4_core.character import load_character
from tha4_core.console import make_output_safe
from tha4_core.engines import Engine, create_engine
from tha4_core.errors import UserError
from tha4_core.picture.region import Region
from tools.environment.bootstrap import ROOT
from tools.output.picture_files import check_output, write_animation
from tools.poses.preview_motion import preview_poses

OUTPUT = ROOT / "docs" / "showcase.webp"
FRAMES = 60
FRAMES_PER_SECOND = 12
#: Of WebP: a page with the picture should still load at once.
_QUALITY = 60
#: What of the picture is shown: the figure without the empty sides.
VIEW = Region(x=96, y=36, width=320, height=420)
#: Alphas below this are what networks leave where nothing is: nobody sees them, but they are hard to compress.
_SHIMMER: Final = 4
#: How far the next character lags behind, as a share of the loop.
_LAG = 0.37


def main(arguments: list[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    parser = argparse.ArgumentParser(prog="showcase.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "characters",
        nargs="*",
        default=NAMES,
        metavar="CHARACTER",
        help="default: those that come with the project",
    )
    parser.add_argument("-o", "--output", type=Path, default=OUTPUT, metavar="FILE.webp", help="default %(default)s")
    options = parser.parse_args(arguments)
    try:
        check_output(options.output, animated=True)
        engines = [create_engine(load_character(character_path(text))) for text in options.characters]
        write_animation(options.output, list(_frames(engines)), FRAMES_PER_SECOND, _QUALITY)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{options.output} written")
    return 0


def _frames(engines: Sequence[Engine]) -> Iterator[Image.Image]:
    """The loop's pictures, RGBA, characters from left to right."""
    poses = preview_poses(FRAMES)
    for frame in range(FRAMES):
        picture = Image.new("RGBA", (VIEW.width * len(engines), VIEW.height))
        for place, engine in enumerate(engines):
            pose = poses[(frame - round(place * _LAG * FRAMES)) % FRAMES]
            pixels = engine.render(pose, VIEW)
            pixels[pixels[..., 3] < _SHIMMER] = 0
            picture.paste(Image.fromarray(pixels), (place * VIEW.width, 0))
        yield picture


if __name__ == "__main__":
    sys.exit(main())
