"""A library in numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cbir.library import Library
from cbir.records import Embeddings, ImageFile
from cbir.work.statistics import library_statistics


def test_a_space_that_the_program_does_not_know_is_told_of_too(tmp_path: Path) -> None:
    file = ImageFile("/p/1.jpg", 1, 1, f"{1:032x}", 4, 3)
    vector = np.ones((1, 512), np.float32)
    with Library.open(tmp_path / "library.npz") as library:
        library.add([file], {"dino": Embeddings(vector, "one"), "clip": Embeddings(vector, "two")})
        found = library_statistics(library)
    assert [space.space for space in found.spaces] == ["clip", "dino"]
