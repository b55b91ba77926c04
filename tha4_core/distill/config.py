"""What a distillation is told: our fields and the original's in one YAML file, checked field by field.

The original's fields (DISTILLATION.md A.8) mean what they mean there, so its files work unchanged. Relative paths are
relative to the working directory, as there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

from tha4_core.character.networks import NAMED
from tha4_core.character.single_file import SUFFIX
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.resolutions import RESOLUTIONS
from tha4_core.errors import did_you_mean, shown
from tha4_core.files.reading import FileError, read_file
from tha4_core.files.yaml_documents import YamlError, parse_settings

#: Of the folder in which a training keeps what it needs to go on.
RUN_SUFFIX: Final = ".distill"
#: A year; what is planned for longer than that is nothing that anybody waits for.
_MOST_MINUTES: Final = 366 * 24 * 60
#: More than any machine has; PyTorch fails at far larger numbers without saying why.
_MOST_THREADS: Final = 4096
#: Presets, and what each is for.
PRESETS: Final[Mapping[str, str]] = {
    "draft": "a first impression in minutes",
    "standard": "our recipe: the best picture for the time",
    "paper": "the published recipe, faithfully: hours on a strong GPU, days to weeks on a CPU",
}
_MAX_CONFIG_BYTES: Final = 64 << 10
_SAMPLE_INTERVALS: Final = (10_000, 100_000, 1_000_000)


@dataclass(frozen=True)
class Config:
    """Everything that can be set. Fields of the original first, in its order and with its defaults.

    prefix: an existing folder to work in; None: a folder beside ``output``. character_image_file_name: the drawing;
    None: the teacher's own, where it has one. face_mask_image_file_name: a mask painted by hand; None: it is found.
    face_morpher_random_seed_0, body_...: of first weights and poses. ..._random_seed_1, num_training_examples_...,
    num_cpu_workers: checked, and without effect: they choose and time the original's sample pictures, whose place
    the report takes, and count loaders of poses, which are not needed here. ..._batch_size: examples of a step, of
    the paper's recipe. num_gpus: processes, as started with torchrun; None: as many as there are.

    output: the ``.tha4`` file. teacher: a folder, "student:PATH" or "rig:NAME". preset: of PRESETS. start_from: a
    character whose networks to begin with. networks: what the two are, by a name of
    :data:`tha4_core.character.networks.NAMED`. body_sees_face: whether our recipe's body takes the 39 face parameters,
    too. pose_dataset: the official file; None: believable poses from the seed. minutes: for both networks together;
    None: as long as the recipe goes. target_psnr: dB at which a network is good enough. face_examples, body_examples:
    examples shown by the paper's recipe, its schedule shortened to them; None: all. resolution: edge of the picture
    that the paper's recipe trains on; None: all of it. snapshot_seconds: between snapshots. held_out_poses: how many of
    them the final evaluation takes. accept_drawing: train even if the drawing has problems. measure_visible: find out
    what can ever be seen of the character, so that engines leave out the rest. name, author, licence: of the character.
    threads: of the processor; None: all. device: torch's name of one; None: a GPU where there is one.
    """

    prefix: Path | None = None
    character_image_file_name: Path | None = None
    face_mask_image_file_name: Path | None = None
    face_morpher_random_seed_0: int = 12771885812175595441
    face_morpher_random_seed_1: int = 14367217090963479175
    face_morpher_num_training_examples_per_sample_output: int | None = 10_000
    face_morpher_batch_size: int = 8
    body_morpher_random_seed_0: int = 2892221210020292507
    body_morpher_random_seed_1: int = 9998918537095922080
    body_morpher_num_training_examples_per_sample_output: int | None = 10_000
    body_morpher_batch_size: int = 8
    num_cpu_workers: int = 1
    num_gpus: int | None = None
    output: Path | None = None
    teacher: str | None = None
    preset: str = "standard"
    start_from: Path | None = None
    networks: str = "published"
    body_sees_face: bool = False
    pose_dataset: Path | None = None
    minutes: float | None = None
    target_psnr: float | None = None
    face_examples: int | None = None
    body_examples: int | None = None
    resolution: int | None = None
    snapshot_seconds: float = 60.0
    held_out_poses: int = 100
    accept_drawing: bool = False
    measure_visible: bool = True
    name: str = ""
    author: str = ""
    licence: str = ""
    threads: int | None = None
    device: str | None = None

    @property
    def target(self) -> Path:
        """Where the character goes."""
        if self.output is not None:
            return self.output
        image = self.character_image_file_name
        if self.prefix is None or image is None:
            raise DistillationError("nothing says where the character goes; give -o NAME.tha4, or output in the file.")
        return self.prefix / f"{image.stem}{SUFFIX}"

    @property
    def run_directory(self) -> Path:
        """Where the training keeps what it needs to go on: ``prefix``, or ``NAME.distill`` beside ``NAME.tha4``."""
        return self.prefix if self.prefix is not None else self.target.with_suffix(RUN_SUFFIX)


def read_config(path: Path) -> Config:
    """A configuration file. Raises DistillationError, one sentence for what is wrong with it first."""
    try:
        data = read_file(path, _MAX_CONFIG_BYTES, "no file of settings is")
        settings = parse_settings(data, str(path), _MAX_CONFIG_BYTES)
    except (FileError, YamlError) as error:
        raise DistillationError(str(error)) from None
    if not settings:
        raise DistillationError(f"{path} has no settings; it must have lines such as 'preset: standard'.")
    return changed(Config(), settings, str(path))


def changed(config: Config, values: Mapping[Any, Any], source: str) -> Config:
    """``config`` with some fields set anew, checked. source: names in errors where they come from.

    Raises DistillationError.
    """
    names = [field.name for field in fields(Config)]
    checked: dict[str, Any] = {}
    for name, value in values.items():
        if name not in names:
            hint = did_you_mean(name, names) or "docs/DISTILLATION.md lists what there is."
            raise DistillationError(f"{source}: there is no setting named {shown(name)}; {hint}")
        try:
            checked[name] = _RULES[name](value)
        except ValueError as error:
            raise DistillationError(f"{source}: {name} must be {error}, not {shown(value)}.") from None
    return replace(config, **checked)


def to_document(config: Config) -> dict[str, Any]:
    """Plain numbers and texts, which :func:`changed` takes back."""
    values = {field.name: getattr(config, field.name) for field in fields(Config)}
    return {name: str(value) if isinstance(value, Path) else value for name, value in values.items()}


_Rule = Callable[[Any], Any]


def _whole(low: int, high: int | None = None, *, none: bool = False) -> _Rule:
    def check(value: Any) -> int | None:
        if value is None and none:
            return None
        if type(value) is not int or value < low or (high is not None and value > high):
            raise ValueError(f"a whole number from {low}" + (f" to {high}" if high is not None else ""))
        return value

    return check


def _positive(value: Any) -> float | None:
    if value is None:
        return None
    try:
        if type(value) in (int, float) and 0.0 < value < float("inf"):
            return float(value)
    except OverflowError:  # a whole number beyond all floating-point ones
        pass
    raise ValueError("a number greater than 0")


def _minutes(value: Any) -> float | None:
    minutes = _positive(value)
    if minutes is not None and minutes > _MOST_MINUTES:
        raise ValueError(f"a number up to {_MOST_MINUTES}, a year")
    return minutes


def _interval(value: Any) -> float:
    seconds = _positive(value)
    if seconds is None:
        raise ValueError("a number greater than 0")
    return seconds


def _choice(choices: Mapping[Any, Any] | tuple[Any, ...], *, none: bool = False) -> _Rule:
    def check(value: Any) -> Any:
        if value is None and none:
            return None
        if not isinstance(value, (str, int)) or isinstance(value, bool) or value not in choices:
            *others, last = [str(choice) for choice in choices]
            raise ValueError(f"{', '.join(others)} or {last}")
        return value

    return check


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a text")
    if any("\ud800" <= character <= "\udfff" for character in value):
        # From a command line in another encoding; nothing of a character could be written with it.
        raise ValueError("a text in UTF-8")
    return value


def _optional_text(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ValueError("a text")
    return value


def _path(value: Any) -> Path | None:
    if value is None:
        return None
    if not isinstance(value, (str, Path)) or not str(value) or "\0" in str(value):
        raise ValueError("a path")
    try:
        os.fsencode(value)
    except UnicodeEncodeError:  # characters that no file name can have here
        raise ValueError("a path") from None
    return Path(value)


def _folder(value: Any) -> Path | None:
    path = _path(value)
    try:
        there = path is None or path.is_dir()
    except OSError:  # no name for this system, or none of our business
        there = False
    if not there:
        raise ValueError("an existing folder")
    return path


def _output(value: Any) -> Path | None:
    path = _path(value)
    if path is not None and path.suffix.lower() != SUFFIX:
        raise ValueError(f"a file name that ends in {SUFFIX}")
    return path


_SEED: Final = _whole(0, 2**64 - 1)
_SAMPLES: Final = _choice(_SAMPLE_INTERVALS, none=True)
_RULES: Final[Mapping[str, _Rule]] = {
    "prefix": _folder,
    "character_image_file_name": _path,
    "face_mask_image_file_name": _path,
    "face_morpher_random_seed_0": _SEED,
    "face_morpher_random_seed_1": _SEED,
    "face_morpher_num_training_examples_per_sample_output": _SAMPLES,
    "face_morpher_batch_size": _whole(1, 8),
    "body_morpher_random_seed_0": _SEED,
    "body_morpher_random_seed_1": _SEED,
    "body_morpher_num_training_examples_per_sample_output": _SAMPLES,
    "body_morpher_batch_size": _whole(1, 8),
    "num_cpu_workers": _whole(1),
    "num_gpus": _whole(1, none=True),
    "output": _output,
    "teacher": _optional_text,
    "preset": _choice(PRESETS),
    "start_from": _path,
    "networks": _choice(NAMED),
    "body_sees_face": _switch,
    "pose_dataset": _path,
    "minutes": _minutes,
    "target_psnr": _positive,
    "face_examples": _whole(1, none=True),
    "body_examples": _whole(1, none=True),
    "resolution": _choice(RESOLUTIONS, none=True),
    "snapshot_seconds": _interval,
    "held_out_poses": _whole(1, 10_000),
    "accept_drawing": _switch,
    "measure_visible": _switch,
    "name": _text,
    "author": _text,
    "licence": _text,
    "threads": _whole(1, _MOST_THREADS, none=True),
    "device": _optional_text,
}
