"""The main job: a character's file in, a moving character out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import ROOT
from tha4_core.built_in import default_character
from tha4_core.character import save_character
from tha4_core.engines import create_engine
from tha4_core.metrics import psnr
from tha4_core.pose import NAMES
from tools import play
from tools.poses.preview_motion import preview_poses


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save_character(default_character(), tmp_path / "blob.tha4")
    return tmp_path / "blob.tha4"


def test_without_a_display_a_moving_preview_is_written(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(play, "PREVIEW_FRAMES", 4)
    monkeypatch.setattr(play, "DEFAULT_PREVIEW", tmp_path / "new folder" / "preview.webp")
    assert play.main(["--character", str(path)]) == 0
    assert str(tmp_path / "new folder" / "preview.webp") in capsys.readouterr().out
    with Image.open(tmp_path / "new folder" / "preview.webp") as animation:
        assert (animation.size, animation.n_frames) == ((512, 512), 4)
        frames = []
        for index in range(4):
            animation.seek(index)
            frames.append(np.array(animation.convert("RGBA")))
    assert frames[0][0, 0, 3] <= 1
    assert np.abs(frames[0].astype(int) - frames[1]).max() > 20


def test_who_names_nobody_sees_the_default_character(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(play, "PREVIEW_FRAMES", 2)
    assert play.main(["--preview", str(tmp_path / "preview.webp")]) == 0
    with Image.open(tmp_path / "preview.webp") as animation:
        first = np.array(animation.convert("RGBA"))
    expected = create_engine(default_character()).render(preview_poses(2)[0])
    # WebP is lossy.
    assert psnr(first, expected) > 25.0


@pytest.mark.skipif(sys.platform == "win32", reason="the engine that only writes down its arguments is a shell script")
@pytest.mark.parametrize(
    ("arguments", "has_library", "expected"),
    [
        ([], True, "--engine=auto"),
        (["--engine", "cpu"], True, "--engine=cpu"),
        (["--engine", "gpu"], False, "--engine=gpu"),
        (["--engine", "bridge"], True, "--address=tcp://127.0.0.1:"),
        ([], False, "--address=tcp://127.0.0.1:"),
    ],
)
@pytest.mark.parametrize("given", [True, False])
def test_with_a_display_a_given_character_opens_the_gallery_and_none_the_menu(
    path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    given: bool,
    arguments: list[str],
    has_library: bool,
    expected: str,
) -> None:
    engine = tmp_path / "godot"
    engine.write_text(f'#!/bin/sh\necho "$@" >> "{tmp_path / "arguments"}"\n')
    engine.chmod(0o755)
    monkeypatch.setattr(play, "ensure_godot", lambda: engine)
    monkeypatch.setattr(play, "has_display", lambda: True)
    monkeypatch.setattr(play, "ensure_host_extension", lambda: has_library)
    assert play.main((["--character", str(path)] if given else []) + arguments) == 0
    shown = (tmp_path / "arguments").read_text().splitlines()[-1]
    assert expected in shown
    assert ("--address" in shown) is (expected == "--address=tcp://127.0.0.1:")
    assert ("forward_plus" in shown) is ("gpu" in arguments)
    assert (f"--character={path}" in shown) is (play.GALLERY in shown) is given


@pytest.mark.parametrize("content", [None, b"not a character"])
def test_a_bad_character_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    path = tmp_path / "bad.tha4"
    if content is not None:
        path.write_bytes(content)
    assert play.main(["--character", str(path)]) == 2
    message = capsys.readouterr().err
    assert message.startswith(f"error: {path} ")
    assert message.count("\n") == 1


def test_the_preview_is_a_seamless_loop_that_uses_face_and_body() -> None:
    poses = preview_poses(48)
    steps = np.abs(np.diff(np.vstack([poses, poses[:1]]), axis=0)).max(axis=1)
    assert steps[-1] <= steps.max()
    moved = {NAMES[index] for index in np.flatnonzero(np.ptp(poses, axis=0) > 0.3)}
    assert {"eye_wink_left", "mouth_aaa", "head_y", "neck_z", "breathing", "iris_rotation_y"} <= moved


def test_it_runs_as_a_script_from_anywhere(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "play.py", "--help"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert "--character" in done.stdout
