"""A whole distillation with the fast teacher: seconds, at an eighth of the resolution."""

from __future__ import annotations

import errno
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.moving_teacher import MovingTeacher
from tests.synthetic import larger_picture, synthetic_character
from tha4_core.character import load_character
from tha4_core.character.larger_drawing import packed
from tha4_core.character.networks import NAMED, PUBLISHED
from tha4_core.distill import inputs, report, run
from tha4_core.distill.config import Config
from tha4_core.distill.distributed import World, alone
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.evaluate import ENDS, GROUPS
from tha4_core.distill.run import Outcome, distill, finish, left_off
from tha4_core.distill.run_directory import character_in, config_of, locked
from tha4_core.distill.stopping import TrainingInterruptedError
from tha4_core.distill.teachers import OpenedTeacher
from tha4_core.distill.training_loop import Progress
from tha4_core.engines.reference import ReferenceEngine
from tha4_core.key_poses import EXPRESSIONS, ROTATIONS
from tha4_core.metrics import MetricError
from tha4_core.published_teachers import THA3


class Listener:
    def __init__(self) -> None:
        self.said: list[str] = []
        self.steps: list[Progress] = []
        self.compared: list[tuple[int, int]] = []
        self.answers: list[int] = []

    def say(self, text: str) -> None:
        self.said.append(text)

    def progress(self, progress: Progress) -> None:
        self.steps.append(progress)

    def asked(self, count: int) -> None:
        self.answers.append(count)

    def evaluated(self, done: int, total: int) -> None:
        self.compared.append((done, total))


@pytest.fixture(autouse=True, scope="module")
def _fast() -> Iterator[None]:
    """A teacher that takes no time, and few whole pictures to compute: each takes a core most of a second."""

    def opened(*_: Any) -> OpenedTeacher:
        picture = synthetic_character().image_png
        return OpenedTeacher(MovingTeacher(), picture, 1e9, 5e9, (THA3,), author="Who drew it", licence="CC BY 4.0")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inputs, "open_teacher", opened)
        patch.setattr(run, "_FACE_MEASURED", 2)
        patch.setattr(run, "_BODY_MEASURED", 1)
        patch.setattr(report, "EXPRESSIONS", {"laughter": EXPRESSIONS["laughter"]})
        patch.setattr(report, "ROTATIONS", {"all at once": ROTATIONS["all at once"]})
        yield


def config(folder: Path) -> Config:
    return Config(
        output=folder / "blob.tha4",
        teacher="the fast one",
        preset="paper",
        face_examples=16,
        body_examples=8,
        resolution=64,
        held_out_poses=2,
        networks="light",  # a ninth of the published work a picture
        measure_visible=False,
        name="Blob",
        author="Nobody",
    )


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Listener]:
    listener = Listener()
    outcome = distill(config(tmp_path_factory.mktemp("out")), alone(), lambda: False, listener)
    assert outcome is not None
    return outcome, listener


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """With networks of the published shape, which have an official form."""
    settings = replace(config(tmp_path_factory.mktemp("official")), networks="published")
    outcome = distill(settings, alone(), lambda: False, Listener())
    assert outcome is not None
    return outcome


def test_the_character_loads_and_is_rendered_in_both_forms(official: Outcome) -> None:
    assert official.directory is not None
    file, directory = load_character(official.target), load_character(official.directory)
    assert file.digest == directory.digest == official.character.digest
    assert ReferenceEngine(file).render([0.0] * 45, (0, 0, 16, 16)).shape == (16, 16, 4)


def test_the_official_form_has_exactly_the_official_tensors(official: Outcome) -> None:
    assert official.directory is not None
    for name, shapes in (("face_morpher.pt", PUBLISHED.face_shapes), ("body_morpher.pt", PUBLISHED.body_shapes)):
        state = torch.load(official.directory / name, weights_only=True)
        assert {key: tuple(tensor.shape) for key, tensor in state.items()} == dict(shapes)
        assert list(state) == list(shapes)
        assert {tensor.dtype for tensor in state.values()} == {torch.float32}


def test_networks_of_another_shape_are_kept_as_a_single_file(done: tuple[Outcome, Listener]) -> None:
    outcome, settings = done[0], config(done[0].target.parent)
    assert outcome.directory is None
    kept = character_in(settings.run_directory)
    assert kept is not None
    for path in (outcome.target, kept):
        character = load_character(path)
        assert character.networks == NAMED["light"]
        assert character.info.provenance["training"]["networks"] == "light"
    assert "<b>light</b>, these" in outcome.report.read_text()
    with pytest.raises(DistillationError, match="another networks"):
        distill(replace(settings, networks="published"), alone(), lambda: False, Listener())


def test_the_character_says_how_it_came_to_be_and_how_good_it_is(done: tuple[Outcome, Listener]) -> None:
    info = load_character(done[0].target).info
    assert (info.name, info.author) == ("Blob", "Nobody")
    assert info.provenance["teacher"] == "a formula"
    assert info.provenance["training"]["preset"] == "paper"
    assert info.provenance["training"]["body"]["examples"] == 8
    assert info.quality["held_out_poses"] == 2
    assert info.quality["psnr_worst"] <= info.quality["psnr_mean"]
    assert set(info.quality["psnr_by_group"]) == {*GROUPS, ENDS}


def test_the_character_and_the_report_name_who_made_the_teacher(done: tuple[Outcome, Listener]) -> None:
    info = load_character(done[0].target).info
    assert info.credits == (THA3,)
    page = done[0].report.read_text(encoding="utf-8")
    assert "Pramook Khungurn, CC BY 4.0 (commercial use is allowed; name him as their creator)" in page
    assert f'<a href="{THA3.link}">' in page


def test_of_the_teachers_drawing_is_said_what_the_teacher_knows(done: tuple[Outcome, Listener]) -> None:
    info = load_character(done[0].target).info
    assert (info.author, info.licence) == ("Nobody", "CC BY 4.0"), "what is given wins"


def test_the_listener_hears_of_both_trainings_in_order(done: tuple[Outcome, Listener]) -> None:
    _, listener = done
    assert [step.examples for step in listener.steps] == [8, 16, 8]
    assert [step.network for step in listener.steps] == ["face", "face", "body"]
    assert listener.compared[-1] == (3 + len(GROUPS), 3 + len(GROUPS))
    assert listener.said == [
        "finding out what moves in the face",
        "training the face",
        "training the body",
        "comparing with the teacher",
        "writing the report",
    ]


def test_the_report_needs_nothing_from_elsewhere(done: tuple[Outcome, Listener]) -> None:
    # A reader may follow the link to the teacher's author; the page itself loads nothing.
    page = done[0].report.read_text().replace(f'<a href="{THA3.link}">', "")
    sources = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert len(sources) == 1 + 3 * 4
    assert all(source.startswith("data:image/webp;base64,") for source in sources)
    assert "http" not in re.sub(r"data:[^\"]*", "", page)
    assert "url(" not in page
    assert page.count("<svg") == 2
    for text in ("laughter", "all at once", "The worst 2", "published recipe", "prefers-color-scheme: dark"):
        assert text in page


def test_an_interrupted_distillation_goes_on_to_the_same_character(
    done: tuple[Outcome, Listener], tmp_path: Path
) -> None:
    settings = config(tmp_path)
    first = Listener()
    with pytest.raises(TrainingInterruptedError):
        distill(settings, alone(), lambda: first.steps != [], first)
    listener = Listener()
    outcome = distill(config_of(settings.run_directory), alone(), lambda: False, listener)
    assert outcome is not None
    assert [step.examples for step in first.steps] == [8]
    assert [step.examples for step in listener.steps] == [16, 8]
    assert outcome.character.digest == done[0].character.digest


def test_a_character_can_be_written_before_the_end_with_the_drawing_that_was_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "kept_larger", lambda _: packed(larger_picture(1024), "it"))
    settings = replace(config(tmp_path), body_examples=80)
    with pytest.raises(DistillationError, match="holds no training"):
        config_of(settings.run_directory)
    steps = Listener()
    with pytest.raises(TrainingInterruptedError):
        distill(settings, alone(), lambda: len(steps.steps) == 3, steps)
    opened, trained, recipe = left_off(settings, alone(), lambda: False, Listener())
    outcome = finish(settings, opened, trained, recipe, lambda: False, Listener())
    written = load_character(outcome.target)
    assert written.info.provenance["training"]["body"]["examples"] == 8
    assert written.drawing_hd is not None
    assert len(written.drawing_hd) == 1024


def test_the_evaluation_can_be_interrupted_and_begins_again(tmp_path: Path) -> None:
    settings, listener = config(tmp_path), Listener()
    with pytest.raises(TrainingInterruptedError):
        distill(settings, alone(), lambda: bool(listener.compared), listener)
    assert listener.compared == [(1, 3 + len(GROUPS))]
    again = Listener()
    with pytest.raises(TrainingInterruptedError):
        distill(settings, alone(), lambda: True, again)
    assert again.steps == []


def test_other_settings_do_not_go_on_with_a_training(done: tuple[Outcome, Listener]) -> None:
    settings = config(done[0].target.parent)
    for change, name in (({"body_examples": 16}, "body_examples"), ({"preset": "draft"}, "preset")):
        with pytest.raises(DistillationError, match=f"with another {name}"):
            distill(replace(settings, **change), alone(), lambda: False, Listener())  # type: ignore[arg-type]


def test_what_takes_long_before_the_training_can_be_interrupted(tmp_path: Path) -> None:
    settings = config(tmp_path)
    for begun, left in (("finding out what moves", []), ("training the face", ["face_mask_found.png"])):
        listener = Listener()
        with pytest.raises(TrainingInterruptedError):
            distill(settings, alone(), lambda: any(begun in said for said in listener.said), listener)  # noqa: B023
        assert listener.steps == []
        kept = sorted(path.name for path in settings.run_directory.glob("[a-z]*"))
        assert kept == ["distillation.json", *left]


def test_finding_the_pace_and_writing_the_report_can_be_interrupted(
    tmp_path: Path,
) -> None:
    paced, listener = replace(config(tmp_path / "paced"), preset="draft", minutes=5.0, face_examples=None), Listener()
    paced = replace(paced, body_examples=None, resolution=None)
    with pytest.raises(TrainingInterruptedError):
        distill(paced, alone(), lambda: any("can be learned" in said for said in listener.said), listener)
    assert not (paced.run_directory / "pace.json").exists()
    again = Listener()
    with pytest.raises(TrainingInterruptedError):
        distill(config(tmp_path), alone(), lambda: "writing the report" in again.said, again)
    assert not config(tmp_path).target.exists()


def test_a_full_disk_at_the_end_says_that_the_same_command_goes_on(
    done: tuple[Outcome, Listener], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(done[0].target.with_suffix(".distill"), tmp_path / "blob.distill")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tha4_core.character.single_file.write_atomically", full)
    with pytest.raises(
        DistillationError, match=r"No space left on device; free some space.* the same command goes on from here\.$"
    ):
        distill(config_of(tmp_path / "blob.distill"), alone(), lambda: False, Listener())


def test_a_refused_distillation_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = config(tmp_path / "new" / "folder")
    several = alone()._replace(size=3)
    for preset, sentence in (("draft", "train in one process, but 3 were started"), ("paper", "cannot be shared by 3")):
        with pytest.raises(DistillationError, match=sentence):
            distill(replace(settings, preset=preset), several, lambda: False, Listener())
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(DistillationError, match="file cannot be written to: Not a directory"):
        distill(
            replace(settings, output=tmp_path / "file" / "a.tha4", prefix=tmp_path), alone(), lambda: False, Listener()
        )
    (tmp_path / "file").unlink()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tha4_core.distill.run_directory.write_atomically", full)
    with pytest.raises(DistillationError, match="No space left on device; give another output"):
        distill(settings, alone(), lambda: False, Listener())
    assert list(tmp_path.iterdir()) == []


def test_what_the_end_needs_is_looked_for_at_the_beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skimage.metrics", None)
    with pytest.raises(MetricError, match="SSIM needs scikit-image"):
        distill(config(tmp_path), alone(), lambda: False, Listener())
    assert list(tmp_path.iterdir()) == []


def test_exporting_what_has_learned_nothing_yet_finds_nothing_out(tmp_path: Path) -> None:
    settings = replace(config(tmp_path), preset="draft", face_examples=None, body_examples=None, resolution=None)
    with pytest.raises(TrainingInterruptedError):
        distill(settings, alone(), lambda: True, Listener())
    with pytest.raises(DistillationError, match="holds no snapshot yet"):
        left_off(settings, alone(), lambda: False, Listener())
    assert [path.name for path in settings.run_directory.glob("[a-z]*")] == ["distillation.json"]


def test_all_processes_are_interrupted_when_the_leading_one_is() -> None:
    class Following(World):
        def agree(self, number: float) -> float:
            assert number == 0.0
            return 1.0

    with pytest.raises(TrainingInterruptedError):
        run._by_leader(Following(1, 2, torch.device("cpu")), lambda: pytest.fail("this one does not lead"))


def test_two_distillations_do_not_share_a_folder(tmp_path: Path) -> None:
    settings = config(tmp_path)
    settings.run_directory.mkdir()
    with (
        locked(settings.run_directory),
        pytest.raises(DistillationError, match="another process is training"),
    ):
        distill(settings, alone(), lambda: False, Listener())


def test_too_little_room_on_the_disk_is_said_before_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 100 << 20})())
    with pytest.raises(DistillationError, match="only 100 MiB are free"):
        distill(config(tmp_path), alone(), lambda: False, Listener())
    assert list(tmp_path.iterdir()) == []
