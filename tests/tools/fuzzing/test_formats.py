from __future__ import annotations

import io
import zipfile
from random import Random

import numpy as np

from tha4_core.picture.color import encode_png
from tools.fuzzing.formats import broken_zip, png_chunks, png_of
from tools.fuzzing.mutation import broken_bytes, broken_document


def test_a_png_comes_back_from_its_chunks() -> None:
    data = encode_png(np.zeros((4, 4, 4), np.uint8))
    assert [kind for kind, _ in png_chunks(data)] == [b"IHDR", b"IDAT", b"IEND"]
    assert png_of(png_chunks(data)) == data


def test_bytes_and_documents_are_broken_most_of_the_time() -> None:
    data, document = bytes(range(200)), {"a": [1, 2, {"b": "c"}]}
    assert sum(broken_bytes(data, Random(seed)) != data for seed in range(100)) > 90
    assert sum(broken_document(document, Random(seed)) != document for seed in range(40, 80)) > 30
    assert document == {"a": [1, 2, {"b": "c"}]}


def test_some_broken_zips_can_still_be_opened_and_some_cannot() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.json", b"{}")
        archive.writestr("b.bin", bytes(3000))
    opened = 0
    for seed in range(100):
        broken = broken_zip(buffer.getvalue(), Random(seed), {".json": lambda _, random: random.randbytes(3)})
        opened += zipfile.is_zipfile(io.BytesIO(broken))
    assert 30 < opened < 100
