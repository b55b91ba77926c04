"""A user's face_landmarker.task on its way to the pages."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.conftest import tasks_vision_or_skip
from tools import web
from tools.serving.face_models import LANDMARKER_ADDRESS, TASKS_VISION, FaceModelError, landmarker_file

MEMBERS = ("face_detector.tflite", "face_landmarks_detector.tflite", "face_blendshapes.tflite")


def write_task(path: Path, members: tuple[str, ...] = MEMBERS) -> Path:
    """A file of the same form, whose networks are nothing."""
    with zipfile.ZipFile(path, "w") as archive:
        for name in members:
            archive.writestr(name, b"nothing")
    return path


def test_it_belongs_to_the_site_where_it_lies(tmp_path: Path) -> None:
    task = write_task(tmp_path / "mine.task")
    assert landmarker_file(task) == {LANDMARKER_ADDRESS: task}


def test_what_is_none_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "page.task").write_text("<!doctype html>")
    (tmp_path / "text.task").write_text("text")
    for path, problem in (
        (tmp_path / "page.task", "page.task is a web page"),
        (tmp_path / "text.task", "text.task is no face landmarker: it is damaged or cut short; give Google's"),
        (tmp_path / "absent.task", "absent.task"),
        (
            write_task(tmp_path / "old.task", MEMBERS[:2]),
            "no face landmarker with blendshapes: it lacks face_blendshapes.tflite",
        ),
    ):
        with pytest.raises(FaceModelError) as caught:
            landmarker_file(path)
        assert problem in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_folder_for_hosts_holds_it_and_what_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THA4_CACHE_DIR", str(tasks_vision_or_skip().parents[1]))
    task = write_task(tmp_path / "mine.task")
    built = tmp_path / "site"
    assert web.main(["--build", str(built), TASKS_VISION.option, str(task)]) == 0
    assert (built / LANDMARKER_ADDRESS).read_bytes() == task.read_bytes()
    assert {path.name for path in (built / TASKS_VISION.address).iterdir()} >= set(TASKS_VISION.files)
    assert LANDMARKER_ADDRESS in (built / "data" / "models.json").read_text()
