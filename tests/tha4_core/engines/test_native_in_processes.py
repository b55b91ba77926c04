"""The native engine in interpreters of their own: what it imports, its threads, and processes that fork."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("tha4_core.engines.native.library", reason="no compiler built the native engine")


def run(program: str) -> None:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


def test_nothing_on_its_path_imports_torch() -> None:
    run(
        "import sys; sys.modules['torch'] = None\n"
        "from tests.synthetic import synthetic_character\n"
        "from tha4_core.engines import create_engine\n"
        "engine = create_engine(synthetic_character())\n"
        "assert engine.name == 'native'\n"
        "assert engine.render([0.0] * 45, (0, 0, 64, 64)).any()\n"
        "assert not any(name.split('.')[0] == 'torch' and module for name, module in sys.modules.items())\n"
    )


def test_another_thread_that_renders_at_once_is_refused_and_the_interpreter_goes_on_meanwhile() -> None:
    run(
        "import threading\n"
        "from tests.synthetic import synthetic_character\n"
        "from tha4_core.engines.native.engine import NativeEngine\n"
        "engine = NativeEngine(synthetic_character(), threads=1, isa='portable')\n"
        "def draw():\n"
        "    while True:\n"
        "        try: return engine.render([0.5] * 45)\n"
        "        except RuntimeError: pass  # the main thread was first\n"
        "thread = threading.Thread(target=draw)\n"
        "thread.start()\n"
        "refused = 0\n"
        "while thread.is_alive():\n"
        "    try: engine.render([0.1] * 45, (0, 0, 8, 8))\n"
        "    except RuntimeError as error: refused += 1; assert 'one thread at a time' in str(error)\n"
        "assert refused\n"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not fork")
def test_a_forked_process_renders_the_same() -> None:
    run(
        "import os\n"
        "from tests.synthetic import synthetic_character\n"
        "from tha4_core.engines.native.engine import NativeEngine\n"
        "engine = NativeEngine(synthetic_character(), threads=3)\n"
        "expected = engine.render([0.5] * 45, (0, 0, 100, 100)).tobytes()\n"
        "child = os.fork()\n"
        "engine.render([0.1] * 45, (0, 0, 100, 100))\n"
        "same = engine.render([0.5] * 45, (0, 0, 100, 100)).tobytes() == expected\n"
        "if child == 0: os._exit(0 if same else 1)\n"
        "assert same and os.waitpid(child, 0)[1] == 0\n"
    )
