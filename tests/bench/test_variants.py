from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cbir.bench.variants import CHANGES, measure_variants
from cbir.config import Settings
from cbir.errors import CbirError
from cbir.records import DUPLICATE_LEVELS

SAMPLES = Path(__file__).parents[2] / "sample_images"
SOME = ("balloon_rainbow_01.jpg", "car_yellow_taxi_02.jpg", "fruit_grapes_03.jpg")


def test_what_is_found_at_each_level(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "some"
    folder.mkdir()
    for name in SOME:
        shutil.copy(SAMPLES / name, folder)
    (folder / "bad.jpg").write_bytes(b"no picture")
    said: list[str] = []
    bench = measure_variants(settings, str(folder), "classic", said.append)
    assert (bench.space, bench.pictures, len(said)) == ("classic", 3, 2 + len(CHANGES))
    recall = {(quality.change, quality.level): quality.recall for quality in bench.qualities}
    assert len(recall) == len(CHANGES) * len(DUPLICATE_LEVELS)
    assert recall["copied", "identical"] == 1
    for change in ("recompressed, quality 75", "half the size", "watermarked"):
        assert (recall[change, "identical"], recall[change, "same"]) == (0, 1)
    assert recall["cropped by 10 %", "alike"] == 1
    assert all(quality.precision == 1 and quality.pairs == 3 for quality in bench.qualities)
    assert not settings.library.exists()


def test_a_folder_without_pictures(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(CbirError, match="no pictures"):
        measure_variants(settings, str(tmp_path), "classic", lambda sentence: None)
