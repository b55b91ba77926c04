"""Writes a character as an ONNX model: ``python3 tools/export_onnx.py hero.tha4 -o hero.onnx``.

For Unity, Unreal, web pages, Python and whatever else runs ONNX models: a pose of 45 numbers in, a picture of 512x512
RGBA out. docs/ONNX.md says how to use one. Before it is written the model is played once with ONNX Runtime and held
against the project's own engine.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment, has_native_engine

    enter_environment("onnx", draws=True)
    if not has_native_engine():
        enter_environment("onnx", "torch")  # the slower engine needs it

import numpy as np

from tha4_core.built_in import character_path
from tha4_core.character import Character, load_character
from tha4_core.console import make_output_safe
from tha4_core.engines import create_engine
from tha4_core.errors import UserError
from tha4_core.onnx_export import OnnxError, OnnxForm, export_onnx, save_onnx
from tha4_core.onnx_export.trial import OnnxPlayer
from tha4_core.pose import PARAMETERS
from tools.output.picture_files import check_place

#: What a model must be like its character's engine, in dB; engines that compute in 16 bits are 57 and more.
LEAST_LIKENESS = 50.0


def write_onnx(character: Character, target: Path, form: OnnxForm, *, overwrite: bool = False) -> float:
    """Write a character's model, once it has shown what the character's engine shows; how alike, in dB.

    Raises a UserError.
    """
    if target.suffix.lower() != ".onnx":
        raise OnnxError(f"{target}: other programs know a model by its suffix; give a name that ends in .onnx.")
    check_place(target)
    if target.exists() and not overwrite:
        raise OnnxError(f"{target} exists already; choose another name, or give --overwrite.")
    model = export_onnx(character, form)
    # All parameters half way up.
    pose = np.array([parameter.maximum / 2.0 for parameter in PARAMETERS], np.float32)
    player = OnnxPlayer(model.SerializeToString(), character, form)
    likeness = player.likeness(create_engine(character), pose)
    if not likeness >= LEAST_LIKENESS:
        raise OnnxError(
            f"{target} was not written: ONNX Runtime shows another picture than the character's engine"
            f" ({likeness:.0f} dB alike, {LEAST_LIKENESS:.0f} are needed); try another version of onnxruntime."
        )
    save_onnx(model, target)
    return likeness


def main(arguments: list[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    parser = argparse.ArgumentParser(prog="export_onnx.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "character", help="a .tha4 file, an official character directory, or a name of ours, as yunagi or kohaku_light"
    )
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="the model, FILE.onnx")
    parser.add_argument(
        "--drawing",
        choices=["baked", "input"],
        default="baked",
        help="whether the drawing is part of the model, or given with each pose (to change clothes); default baked",
    )
    parser.add_argument(
        "--colors",
        choices=["straight", "premultiplied"],
        default="straight",
        help="whether colours that come out are multiplied by alpha; default straight",
    )
    parser.add_argument(
        "--type",
        choices=["float32", "uint8"],
        default="float32",
        help="of pictures: numbers from 0 to 1, which every graphics card takes, or bytes; default float32",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace the file if it exists")
    options = parser.parse_args(arguments)
    form = OnnxForm(options.drawing == "input", options.colors == "premultiplied", options.type == "uint8")
    try:
        character = load_character(character_path(options.character))
        likeness = write_onnx(character, options.output, form, overwrite=options.overwrite)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    size = options.output.stat().st_size / 1e6
    print(f"{options.output} written ({size:.1f} MB); its picture is {likeness:.0f} dB alike to the engine's")
    for credit in character.info.credits:
        print(f"Whoever gets it is to be told of: {credit.line()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
