from __future__ import annotations

import subprocess
import sys

import pytest

from tha4_core.character import Character
from tha4_core.engines import EngineError, create_engine, engine_names


def test_auto_gives_an_engine_that_works(character: Character) -> None:
    engine = create_engine(character)
    assert engine.name in engine_names()
    assert engine.render([0.0] * 45, (0, 0, 8, 8)).shape == (8, 8, 4)


def test_an_unknown_engine_is_refused_with_the_known_ones(character: Character) -> None:
    with pytest.raises(EngineError, match="no engine named 'warp'; choose auto or one of reference"):
        create_engine(character, "warp")


def test_no_threads_is_refused(character: Character) -> None:
    with pytest.raises(EngineError, match="at least one thread, not 0"):
        create_engine(character, threads=0)


@pytest.mark.parametrize("device", ["toaster", "cuda:99", "meta:x"])
def test_a_device_that_is_not_there_is_refused(character: Character, device: str) -> None:
    with pytest.raises(EngineError, match=f"cannot use device '{device}'"):
        create_engine(character, "reference", device=device)


def test_importing_the_package_imports_no_torch() -> None:
    program = "import sys, tha4_core.engines; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_without_torch_the_sentence_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['torch'] = None\n"
        "from tests.synthetic import synthetic_character\n"
        "from tha4_core.engines import EngineError, create_engine\n"
        "try: create_engine(synthetic_character())\n"
        "except EngineError as error: assert 'pip install torch' in str(error), error\n"
        "else: raise AssertionError\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
