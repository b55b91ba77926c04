"""The command lines of tools/train_teacher.py, and the settings and data that they name."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final

from tha4_core.files.reading import FileError, read_file
from tha4_core.files.yaml_documents import Value, parse_settings
from tha4_core.teacher_training.errors import TrainingError
from tha4_core.teacher_training.examples import EDGES, TEST, TRAIN, Examples, FolderExamples
from tha4_core.teacher_training.settings import EDITOR, PRECISIONS, ROTATOR, SYSTEMS, Settings, checked

#: Data that is drawn while it trains, and how many characters.
RIGS: Final = "rigs:"
_POSES: Final = 16
_MAX_CONFIG_BYTES: Final = 64 << 10
_MOST_CHARACTERS: Final = 100_000
_EXPORT: Final = "export"
_LISTS: Final = ("channels", "examples")


def parser(about: str) -> argparse.ArgumentParser:
    """The command lines: rotator, editor, export."""
    top = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = top.add_subparsers(dest="command", required=True)
    for network in (ROTATOR, EDITOR):
        command = commands.add_parser(network, help=f"train the {network}")
        _add_training(command)
        if network == EDITOR:
            command.add_argument("--rotator", type=Path, metavar="FOLDER", help="a trained one, which it learns from")
    export = commands.add_parser(_EXPORT, help="write a teacher's five files")
    export.add_argument("rotator", type=Path, help="the folder of a rotator's training")
    export.add_argument("editor", type=Path, help="the folder of an editor's training")
    export.add_argument("--faces", type=Path, required=True, metavar="FOLDER", help="a teacher with the face networks")
    export.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER", help="where the files go")
    return top


def settings_of(options: argparse.Namespace) -> Settings:
    """The file's settings, and over them those of the command line. Raises TrainingError, YamlError."""
    values: dict[str, Any] = {}
    source = "the command line"
    if options.config is not None:
        source = str(options.config)
        try:
            data = read_file(options.config, _MAX_CONFIG_BYTES, "no file of settings is")
        except FileError as error:
            raise TrainingError(str(error)) from None
        values |= _plain(parse_settings(data, source, _MAX_CONFIG_BYTES), source)
        checked({**values, "network": options.command}, source)
        source = f"{source} and the command line"
    for text in options.set:
        name, equals, value = text.partition("=")
        if not equals:
            raise TrainingError(f"--set {text}: give a setting and its value, as --set beta_1=0.5.")
        values |= _plain(parse_settings(f"{name}: {value}".encode(), f"--set {text}", _MAX_CONFIG_BYTES), source)
    for name in ("system", "size", "channels", "examples", "batch", "precision"):
        value = getattr(options, name)
        if value is not None:
            values |= _plain({name: value}, source)
    values["network"] = options.command
    return checked(values, source)


def data_of(name: str, settings: Settings) -> tuple[Examples, Examples]:
    """Examples to train with and to test with. Raises TrainingError."""
    if not name.startswith(RIGS):
        folder = Path(name)
        return FolderExamples(folder, TRAIN, settings.edge), FolderExamples(folder, TEST, settings.edge)
    count = name.removeprefix(RIGS)
    if not count.isdecimal() or not 0 < int(count[:9]) <= _MOST_CHARACTERS:
        raise TrainingError(
            f"{name}: give {RIGS}N with a number of characters from 1 to {_MOST_CHARACTERS}, as {RIGS}200, or a folder."
        )
    if settings.edge > EDGES[-2]:
        raise TrainingError(f"{name}: characters are drawn at {EDGES[-2]} pixels at most; give a smaller size.")
    # Skia comes with an extra of its own.
    from tha4_core.rig.errors import RigError

    try:
        from tha4_core.teacher_training.rig_examples import FIRST_TEST_SEED, RigExamples
    except RigError as error:
        raise TrainingError(str(error)) from None
    tested = -(-settings.samples // 2)
    return (
        RigExamples(0, int(count), _POSES, settings.edge),
        RigExamples(FIRST_TEST_SEED, tested, 2, settings.edge),
    )


def _plain(values: dict[str, Value], source: str) -> dict[str, Any]:
    """Lists are written as texts, ``32,64,128``."""
    plain: dict[str, Any] = dict(values)
    for name in _LISTS:
        if name in plain:
            texts = str(plain[name]).split(",")
            if not all(text.strip().isdecimal() and len(text) < 15 for text in texts):
                raise TrainingError(f"{source}: {name} must be whole numbers with commas between, as 32,64,128.")
            plain[name] = tuple(int(text) for text in texts)
    return plain


def _add_training(command: argparse.ArgumentParser) -> None:
    command.add_argument("data", metavar="DATA", help=f"a folder of examples, or {RIGS}N: N characters drawn meanwhile")
    command.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER", help="of the training")
    command.add_argument("--vgg", type=Path, metavar="FILE", help="VGG16's weights; default: in torch's own folder")
    command.add_argument("--config", type=Path, metavar="FILE.yaml", help="settings")
    command.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="any setting")
    command.add_argument("--system", choices=SYSTEMS, help="default tha4")
    command.add_argument("--size", type=int, choices=EDGES, help="of its pictures; default 256, an editor's 512")
    command.add_argument("--channels", metavar="N,N,...", help="at each resolution; default: the released network's")
    command.add_argument("--examples", metavar="N,N,...", help="of each phase; default: the paper's")
    command.add_argument("--batch", type=int, help="default 16")
    command.add_argument("--precision", choices=PRECISIONS, help="of convolutions; default float32")
    command.add_argument("--minutes", type=float, help="of training; the same command goes on later")
    command.add_argument("--snapshot-seconds", type=float, default=60.0, metavar="S", help="default 60")
    command.add_argument("--threads", type=int, metavar="N", help="of the processor")
    command.add_argument("--device", help="torch's name of a device")
