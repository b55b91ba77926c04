"""Converts a character between its two forms: ``python3 tools/convert.py SOURCE TARGET``.

SOURCE: a ``.tha4`` file, or an official directory (or the ``.yaml`` in it). TARGET: a name ending in ``.tha4``
makes a single file, any other an official directory. A ``.tha4`` file that another program has zipped again, with
compression or in a folder, is read, too, and written as it should be.

``--drawing-hd FILE`` gives the character its picture drawn larger, 1024 or 2048 pixels a side with the same framing, so
that engines draw it sharp at those sizes (docs/HD.md); ``none`` takes it away, and ``rig:yunagi`` draws one of our own
characters at 2048 pixels.

A character that does not know yet which parts of its picture can ever be seen is measured on the way (up to half a
minute), so that the native engine need not compute the others.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment

    enter_environment("torch")

from tha4_core.character import Character, CharacterError, load_character, save_character
from tha4_core.character.larger_drawing import check_alike, packed
from tha4_core.console import make_output_safe
from tha4_core.drawing.larger import read_larger
from tha4_core.engines.native import masks
from tha4_core.engines.native.renderer import default_threads
from tha4_core.errors import UserError
from tha4_core.picture.color_spaces import ColorError, space_of_png
from tha4_core.picture.png import split_png
from tha4_core.picture.region import RegionError, as_region

#: Before the name of one of our own characters.
_RIG = "rig:"


def convert(
    source: Path,
    target: Path,
    *,
    overwrite: bool = False,
    measure_visible: bool = True,
    drawing_hd: str | None = None,
    **changes: str | None,
) -> str:
    """Load ``source``, apply ``changes`` to what is known of it, save as ``target``; its digest.

    measure_visible: find out what can be seen of it, if that is not known and the native engine is there.
    drawing_hd: the file of its larger drawing, "rig:NAME" to have it drawn, "none" to have none, None to leave it.
    changes: name, author, licence, head_view ("x,y,width,height"); None leaves as it is. Raises a UserError.
    """
    character = load_character(source, zipped_again=True)
    colors = _other_colors(character.image_png)
    if colors is not None:
        print(
            f"warning: the picture's colours are of {colors}, and are shown as sRGB, since its networks were trained on"
            " them as they are; for the true ones distill again from the drawing.",
            file=sys.stderr,
        )
    if target.exists() and not overwrite and (target.is_file() or any(target.iterdir())):
        raise CharacterError(f"{target} exists already; choose another name, or give --overwrite.")
    given = {key: value for key, value in changes.items() if value is not None}
    head_view = given.pop("head_view", None)
    info = replace(character.info, **given)  # type: ignore[arg-type]
    if head_view is not None:
        try:
            numbers = [int(number) for number in head_view.split(",")]
        except ValueError:
            raise RegionError(f"--head-view is four whole numbers x,y,width,height, not {head_view!r}.") from None
        info = replace(info, head_view=as_region(numbers))
    character = replace(character, info=info)
    if drawing_hd is not None:
        character = replace(character, drawing_hd_png=_larger_drawing(drawing_hd, character))
    if measure_visible:
        character = masks.with_visibility(character, default_threads())
    save_character(character, target)
    # What was written is what will be read: a conversion that loses anything is an error now, not in the game.
    written = load_character(target)
    if written.digest != character.digest:
        raise CharacterError(f"{target} does not hold what {source} does; is the disk full or failing?")
    return written.digest


def _larger_drawing(wanted: str, character: Character) -> bytes | None:
    """The PNG that ``--drawing-hd`` asks for. Raises a UserError."""
    if wanted == "none":
        return None
    if not wanted.startswith(_RIG):
        return read_larger(Path(wanted), character)
    from tha4_core.rig.characters import load_design
    from tha4_core.rig.layers import draw

    pixels = draw(load_design(wanted.removeprefix(_RIG)), finer=4)
    check_alike(pixels, character.image, wanted)
    return packed(pixels, wanted)


def _other_colors(png: bytes) -> str | None:
    """What a character's PNG says of its colours where it means others than sRGB's."""
    try:
        space = space_of_png(split_png(png).showing)
    except ColorError:
        return None
    return None if space is None or space.is_srgb else space.name


def main(arguments: list[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    parser = argparse.ArgumentParser(prog="convert.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("source", type=Path, help="a .tha4 file or an official character directory")
    parser.add_argument("target", type=Path, help="a .tha4 file, or a directory for the official form")
    parser.add_argument("--name", help="the character's name")
    parser.add_argument("--author", help="who drew it")
    parser.add_argument("--licence", help="what others may do with it")
    parser.add_argument("--head-view", metavar="X,Y,WIDTH,HEIGHT", help="what a head view shows")
    parser.add_argument(
        "--drawing-hd",
        metavar="FILE",
        help="its picture drawn larger, 1024 or 2048 pixels a side; rig:NAME draws one of ours; none: without",
    )
    parser.add_argument(
        "--no-measure",
        action="store_false",
        dest="measure_visible",
        help="do not find out what can be seen; the native engine will, while it plays",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace the target if it exists")
    options = vars(parser.parse_args(arguments))
    source, target = options.pop("source"), options.pop("target")
    try:
        digest = convert(source, target, **options)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{target} written (character {digest[:16]})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
