"""What is known of a cast's characters between runs, and while machines come and go."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tha4_core.distill.cast import read_cast
from tha4_core.distill.cast_records import DONE, Record, key_of, load_record, save_record
from tha4_core.distill.errors import DistillationError
from tha4_core.distill.report_pictures import Comparison

PICTURE = "data:image/webp;base64,AAAA"
RECORD = Record(DONE, "key", "run", "text", "here", 0.5, 30.0, None, 1, 9, (Comparison("p", *[PICTURE] * 3, 20.0),))


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert load_record(tmp_path / "progress" / "hero.json") is None
    save_record(tmp_path / "progress" / "hero.json", RECORD)
    assert load_record(tmp_path / "progress" / "hero.json") == RECORD
    assert RECORD.worst_psnr == 20.0
    assert replace(RECORD, worst=()).worst_psnr == float("inf")


@pytest.mark.parametrize(
    "change",
    [
        {"state": "asleep"},
        {"text": 3},
        {"psnr": "good"},
        {"psnr": float("nan")},
        {"lost": -1},
        {"resumed": 1.5},
        {"another": 1},
        {"worst": [{"name": "p"}]},
        {"worst": [dict(zip(Comparison._fields, ("p", PICTURE, PICTURE, "https://elsewhere", 2.0), strict=True))]},
        {"worst": [dict(zip(Comparison._fields, ("p", PICTURE, PICTURE, PICTURE + '" onload="', 2.0), strict=True))]},
    ],
)
def test_anything_else_is_one_sentence(change: dict[str, object], tmp_path: Path) -> None:
    path = tmp_path / "hero.json"
    save_record(path, RECORD)
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(DistillationError, match=r"hero.json is damaged; delete it"):
        load_record(path)


def test_what_changes_a_character_changes_its_key(tmp_path: Path) -> None:
    def key(settings: str) -> str:
        (tmp_path / "cast.yaml").write_text(f"hero: {{character_image_file_name: hero.png, {settings}}}")
        return key_of(read_cast(tmp_path / "cast.yaml", tmp_path)[0])

    (tmp_path / "hero.png").write_bytes(b"one")
    before = key("minutes: 3")
    assert key("minutes: 3, threads: 2, snapshot_seconds: 5") == before
    assert key("minutes: 4") != before
    (tmp_path / "hero.png").write_bytes(b"another")
    assert key("minutes: 3") != before
