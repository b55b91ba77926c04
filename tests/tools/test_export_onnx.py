from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image

from tests.conftest import ROOT
from tests.synthetic import random_networks, synthetic_character
from tha4_core.character import save_character
from tha4_core.onnx_export import trial
from tools.export_onnx import main


@pytest.fixture
def source(tmp_path: Path) -> str:
    path = tmp_path / "blob.tha4"
    save_character(synthetic_character(networks=random_networks(3)), path)
    return str(path)


def test_a_character_is_written_as_it_was_asked_for(
    source: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "blob.onnx"
    form = ["--drawing", "input", "--colors", "premultiplied", "--type", "uint8"]
    assert main([source, "-o", str(target), *form]) == 0
    assert capsys.readouterr().out.startswith(f"{target} written (")
    model = onnx.load(target)
    assert [value.name for value in model.graph.input] == ["pose", "drawing"]
    assert model.graph.output[0].type.tensor_type.elem_type == onnx.TensorProto.UINT8
    assert {entry.key: entry.value for entry in model.metadata_props}["colors"] == "premultiplied"


@pytest.mark.parametrize(
    ("character", "target", "problem"),
    [
        ("{source}", "hero.bin", "other programs know a model by its suffix; give a name that ends in .onnx"),
        ("{source}", "there.onnx", "exists already; choose another name, or give --overwrite"),
        ("{source}", "there.onnx/hero.onnx", "is no folder; give another place"),
        ("{folder}/there.onnx", "hero.onnx", "there.onnx"),
        ("{folder}/missing.tha4", "hero.onnx", "missing.tha4"),
        ("yunagy", "hero.onnx", "yunagi"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_nothing_is_written(
    source: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], character: str, target: str, problem: str
) -> None:
    (tmp_path / "there.onnx").write_bytes(b"precious")
    assert main([character.format(source=source, folder=tmp_path), "-o", str(tmp_path / target)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert problem in error
    assert error.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["blob.tha4", "there.onnx"]
    assert (tmp_path / "there.onnx").read_bytes() == b"precious"


def test_the_documents_python_works(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main([source, "-o", str(tmp_path / "hero.onnx")]) == 0
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "ONNX.md").read_text(encoding="utf-8")
    exec(text.split("```python\n")[1].split("```")[0], {})
    with Image.open(tmp_path / "ah.png") as picture:
        assert picture.size == (512, 512)


def test_a_file_is_replaced_when_told(source: str, tmp_path: Path) -> None:
    target = tmp_path / "hero.onnx"
    target.write_bytes(b"old")
    assert main([source, "-o", str(target), "--overwrite"]) == 0
    onnx.checker.check_model(onnx.load(target))


def test_a_runtime_that_shows_something_else_is_an_error(
    source: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial.OnnxPlayer, "render", lambda _self, _pose: np.zeros((512, 512, 4), np.float32))
    assert main([source, "-o", str(tmp_path / "hero.onnx")]) == 2
    assert "was not written: ONNX Runtime shows another picture" in capsys.readouterr().err
    assert not (tmp_path / "hero.onnx").exists()
