from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from tha4_core.character import Character
from tha4_core.engines import EngineError, create_engine, engine_names
from tha4_core.engines.engine import OutputError


def test_auto_gives_an_engine_that_works(character: Character) -> None:
    engine = create_engine(character)
    assert engine.name in engine_names()
    assert engine.render([0.0] * 45, (0, 0, 8, 8)).shape == (8, 8, 4)


def test_an_unknown_engine_is_refused_with_the_known_ones(character: Character) -> None:
    with pytest.raises(EngineError, match="no engine named 'warp'; choose auto or one of cuda, native, reference"):
        create_engine(character, "warp")


def test_no_threads_is_refused(character: Character) -> None:
    with pytest.raises(EngineError, match="at least one thread, not 0"):
        create_engine(character, threads=0)


@pytest.mark.parametrize("name", ["auto", "native", "reference"])
@pytest.mark.parametrize(
    ("threads", "sentence"),
    [
        (-1, "at least one thread, not -1"),
        (1025, "at most 1024 threads"),
        (10**400, "at most 1024 threads"),
        (-(10**400), "at least one thread"),
        ("4", "threads is a whole number, not '4'"),
        (2.5, "threads is a whole number, not 2.5"),
        (True, "threads is a whole number, not True"),
    ],
)
def test_a_number_of_threads_that_cannot_be_is_one_sentence(
    character: Character, name: str, threads: object, sentence: str
) -> None:
    with pytest.raises(EngineError, match=sentence):
        create_engine(character, name, threads=threads)  # type: ignore[arg-type]


@pytest.mark.parametrize("device", [0, b"cpu", "", ["cpu"]])
def test_a_device_that_is_no_name_is_refused(character: Character, device: object) -> None:
    for name in ("auto", "native", "reference"):
        with pytest.raises(EngineError, match=r"a device is a name as 'cpu' or 'cuda:0', not"):
            create_engine(character, name, device=device)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [None, 3, ["native"], "x" * 1000])
def test_a_name_that_no_engine_can_have_is_refused(character: Character, name: object) -> None:
    with pytest.raises(EngineError, match="choose auto or one of") as caught:
        create_engine(character, name)  # type: ignore[arg-type]
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("out", [[0], np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8, 4)), "picture"])
def test_a_place_for_the_picture_that_does_not_fit_is_one_sentence(character: Character, out: object) -> None:
    for name in ("auto", "reference"):
        with pytest.raises(OutputError, match=r"out must be a writable C-contiguous uint8 array of shape \(8, 8, 4\)"):
            create_engine(character, name).render([0.0] * 45, (0, 0, 8, 8), out=out)  # type: ignore[arg-type]


@pytest.mark.parametrize("device", ["toaster", "cuda:99", "meta:x"])
def test_a_device_that_is_not_there_is_refused(character: Character, device: str) -> None:
    with pytest.raises(EngineError, match=f"cannot use device '{device}'"):
        create_engine(character, "reference", device=device)


def test_importing_the_package_imports_no_torch() -> None:
    program = "import sys, tha4_core.engines; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.fixture
def unbuilt(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where no compiler built the native engine."""
    import tha4_core.engines.native

    monkeypatch.delattr(tha4_core.engines.native, "library", raising=False)
    monkeypatch.setitem(sys.modules, "tha4_core.engines.native.library", None)


@pytest.mark.usefixtures("unbuilt")
def test_without_the_native_engine_the_reference_serves_and_says_what_is_lost(
    character: Character, caplog: pytest.LogCaptureFixture
) -> None:
    assert create_engine(character).name == "reference"
    (record,) = caplog.records
    assert "reference engine serves, many times slower than the native one" in record.message
    assert "install a C++ compiler" in record.message


@pytest.mark.usefixtures("unbuilt")
def test_without_the_native_engine_asking_for_it_says_what_to_install(character: Character) -> None:
    with pytest.raises(EngineError, match=r"was not built; install a C\+\+ compiler"):
        create_engine(character, "native")


@pytest.mark.usefixtures("unbuilt")
def test_without_torch_either_the_sentence_says_what_to_install(
    character: Character, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "tha4_core.engines.reference", raising=False)
    with pytest.raises(EngineError, match=r"no engine works here: .* install a C\+\+ compiler .* pip install torch"):
        create_engine(character)
