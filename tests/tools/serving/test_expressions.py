from __future__ import annotations

from pathlib import Path

import pytest

from tools.serving.expressions import FOLDER, ExpressionError, read_expressions

HEAD = '[gd_resource type="Resource" script_class="AnimePose" format=3]\n\n[resource]\nscript = ExtResource("1")\n'


def test_the_addons_expressions_are_read_as_godot_reads_them() -> None:
    expressions = read_expressions()
    assert sorted(expressions) == sorted(path.stem for path in FOLDER.iterdir() if path.suffix == ".tres")
    assert expressions["neutral"] == {}
    assert expressions["joy"]["mouth_delta"] == {"value": 0.65, "weight": 1.0}
    assert expressions["shy"]["head_x"] == {"value": -0.3, "weight": 1.0}


def test_weights_are_read_in_either_order(tmp_path: Path) -> None:
    (tmp_path / "odd.tres").write_text(f"{HEAD}head_x = -1\nweights/head_x = 0.25\n", encoding="utf-8")
    assert read_expressions(tmp_path) == {"odd": {"head_x": {"value": -1.0, "weight": 0.25}}}


@pytest.mark.parametrize("line", ["head_q = 1.0", "head_x = inf", "metadata/note = 1.0"])
def test_what_is_no_parameter_is_said(tmp_path: Path, line: str) -> None:
    (tmp_path / "odd.tres").write_text(f"{HEAD}{line}\n", encoding="utf-8")
    with pytest.raises(ExpressionError, match=r"^odd\.tres: .* sets no pose parameter"):
        read_expressions(tmp_path)
