from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from tests.stand_ins import PAGE, POINTER
from tha4_core.distill.config import Config, changed, read_config, to_document
from tha4_core.distill.errors import DistillationError

#: As the original ships its examples: batch sizes and sample intervals left out.
OFFICIAL = """\
prefix: {prefix}
character_image_file_name: {prefix}/character.png
face_mask_image_file_name: {prefix}/mask.png
face_morpher_random_seed_0: 12771885812175595441
face_morpher_random_seed_1: 14367217090963479175
body_morpher_random_seed_0: 2892221210020292507
body_morpher_random_seed_1: 9998918537095922080
num_cpu_workers: 1
num_gpus: 1
"""


def test_the_originals_file_works_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(OFFICIAL.format(prefix=tmp_path))
    config = read_config(path)
    assert config.face_morpher_random_seed_0 == 12771885812175595441
    assert config.face_morpher_batch_size == config.body_morpher_batch_size == 8
    assert config.character_image_file_name == tmp_path / "character.png"
    assert config.run_directory == tmp_path
    assert config.target == tmp_path / "character.tha4"


def test_ours_and_the_originals_fields_go_together(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        OFFICIAL.format(prefix=tmp_path) + "preset: paper\nminutes: 90\noutput: hero.tha4\nteacher: models\n"
    )
    config = read_config(path)
    assert (config.preset, config.minutes, config.target, config.teacher) == (
        "paper",
        90.0,
        Path("hero.tha4"),
        "models",
    )


def test_a_run_directory_lies_beside_the_output() -> None:
    assert Config(output=Path("out/hero.tha4")).run_directory == Path("out/hero.distill")


def test_defaults_are_the_originals() -> None:
    config = Config()
    assert config.body_morpher_random_seed_1 == 9998918537095922080
    assert config.face_morpher_num_training_examples_per_sample_output == 10_000
    assert config.num_cpu_workers == 1


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("charakter_image_file_name: a.png", "did you mean character_image_file_name"),
        ("qqqq: 1", "docs/DISTILLATION.md lists"),
        ("prefix: no/such/folder", "prefix must be an existing folder"),
        ("face_morpher_batch_size: 9", "must be a whole number from 1 to 8, not 9"),
        ("face_morpher_batch_size: true", "must be a whole number from 1 to 8"),
        ("body_morpher_random_seed_0: 18446744073709551616", "must be a whole number from 0 to 18446744073709551615"),
        ("body_morpher_random_seed_0: -1", "must be a whole number"),
        ("face_morpher_num_training_examples_per_sample_output: 5", "must be 10000, 100000 or 1000000"),
        ("preset: best", "must be draft, standard or paper, not 'best'"),
        ("body_sees_face: 1", "must be true or false"),
        ("resolution: 100", "must be 64, 128, 256 or 512"),
        ("minutes: 0", "must be a number greater than 0"),
        ("minutes: .nan", "must be a number greater than 0"),
        ("snapshot_seconds: null", "must be a number greater than 0"),
        ("output: hero.png", r"must be a file name that ends in \.tha4"),
        ("name: 5", "must be a text"),
        ("minutes: 600000", "must be a number up to 527040, a year"),
        ("threads: 1000000", "must be a whole number from 1 to 4096"),
        ("accept_drawing: 1", "must be true or false"),
        ("teacher: false", "must be a text"),
    ],
)
def test_a_wrong_setting_is_one_sentence_that_names_file_and_field(line: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(line + "\n")
    with pytest.raises(DistillationError, match=sentence) as caught:
        read_config(path)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"- 1\n- 2", "line 1: lists and nested settings are not read"),
        (b"teacher: [a]", "line 1: lists and nested settings are not read"),
        (b"{preset: draft", "not valid YAML"),
        (b"\xff\xfe", "no UTF-8 text"),
        (b"", "it must have lines such as 'preset: standard'"),
        (b"!!python/object:os.system {}", "tags such as"),
        (b"minutes: !!float x", "tags such as"),
        (b"minutes: 2024-13-45", "minutes must be a number greater than 0, not '2024-13-45'"),
        (b"body_morpher_random_seed_0: " + b"9" * 5000, "a number of 5000 digits is too long"),
        (b"minutes: 1e999", "minutes must be a number greater than 0"),
        (b'name: "\\ud800"', "half of a surrogate pair"),
        (b"a: &a [1]\nb: *a", "anchors"),
        (b"# " + bytes(70_000), "larger than 64 KiB"),
        (b"prefix: " + b"x" * 5000, "prefix must be an existing folder"),
        (POINTER, "is a Git LFS pointer"),
        (PAGE, "is a web page"),
    ],
)
def test_what_is_no_configuration_is_one_sentence(content: bytes, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(content)
    with pytest.raises(DistillationError, match=r"\A[^\n]+\.\Z") as caught:
        read_config(path)
    assert sentence in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "config.yaml")
    with pytest.raises(DistillationError, match="it is a pipe, socket or device"):
        read_config(tmp_path / "config.yaml")


def test_numbers_and_paths_that_cannot_be_are_one_sentence_wherever_they_come_from() -> None:
    for values in ({"minutes": 10**400}, {"minutes": -(10**5000)}, {"preset": ["draft"]}, {"output": "\ud800.tha4"}):
        with pytest.raises(DistillationError, match="must be"):
            changed(Config(), values, "notes")


def test_a_name_in_no_encoding_is_refused_before_hours_are_spent() -> None:
    for field in ("name", "author", "licence"):
        with pytest.raises(DistillationError, match=f"{field} must be a text in UTF-8"):
            changed(Config(), {field: "caf\udce9"}, "the command line")


def test_null_means_no_sample_pictures(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("face_morpher_num_training_examples_per_sample_output: null\n")
    assert read_config(path).face_morpher_num_training_examples_per_sample_output is None


def test_a_configuration_survives_being_written_down(tmp_path: Path) -> None:
    config = Config(prefix=tmp_path, preset="paper", minutes=1.5, teacher="student:x", resolution=128)
    assert changed(Config(), yaml.safe_load(yaml.safe_dump(to_document(config))), "test") == config


def test_where_the_character_goes_must_be_known() -> None:
    with pytest.raises(DistillationError, match="give -o"):
        _ = Config().target
