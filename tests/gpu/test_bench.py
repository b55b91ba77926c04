from __future__ import annotations

import pytest

from tools.bench import main


def test_the_engine_on_the_gpu_is_measured_against_the_eager_student(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only-gpu", "--frames", "2"]) == 0
    output = capsys.readouterr().out
    for row in ("eager student on the GPU, full picture (baseline)", "cuda engine, half, head view 192x192"):
        assert f"| {row} |" in output


@pytest.mark.slow
def test_the_teacher_is_measured_on_the_gpu(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--teacher", "--device", "cuda", "--frames", "1", "--precisions", "float16"]) == 0
    assert "| a pose, picture known" in capsys.readouterr().out
