from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cbir.bench.gap import measure_gap, read_pairs
from cbir.bench.synthetic import two_cones
from cbir.errors import CbirError


def test_words_find_less_than_pictures_at_the_same_budget() -> None:
    images, captions = two_cones(1500, 75)
    bench = measure_gap(images, captions)
    assert bench.angle == pytest.approx(75, abs=2)
    assert (bench.indexed, bench.queries) == (1200, 300)
    assert bench.image_recall > 0.93
    assert bench.text_recall < bench.image_recall - 0.1
    assert bench.text_share > bench.image_share


def test_without_a_gap_both_find_the_same() -> None:
    images, _ = two_cones(1000, 75)
    bench = measure_gap(images, images)
    assert bench.angle == pytest.approx(0, abs=0.1)
    assert bench.text_recall == bench.image_recall
    assert bench.text_share == bench.image_share


def test_pairs_are_read_and_others_refused(tmp_path: Path) -> None:
    images, captions = two_cones(60, 75)
    np.savez(tmp_path / "good.npz", image=images.astype(np.float64), text=captions)
    read = read_pairs(str(tmp_path / "good.npz"))
    np.testing.assert_array_equal(read[1], captions)
    assert read[0].dtype == np.float32
    broken = images.copy()
    broken[3, 3] = np.nan
    np.savez(tmp_path / "lone.npz", image=images)
    np.savez(tmp_path / "uneven.npz", image=images, text=captions[:9])
    np.savez(tmp_path / "narrow.npz", image=images[:, :9], text=captions[:, :9])
    np.savez(tmp_path / "broken.npz", image=broken, text=captions)
    np.save(tmp_path / "array.npy", images)
    (tmp_path / "words.npz").write_text("nothing")
    for name in ("lone", "uneven", "narrow", "broken", "words", "gone"):
        with pytest.raises(CbirError, match=f"{name}.npz"):
            read_pairs(str(tmp_path / f"{name}.npz"))
    with pytest.raises(CbirError, match=r"array\.npy"):
        read_pairs(str(tmp_path / "array.npy"))
    with pytest.raises(CbirError, match="too few"):
        measure_gap(images[:40], captions[:40])
