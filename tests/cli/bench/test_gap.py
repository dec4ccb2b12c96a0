from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cbir.bench.synthetic import two_cones
from tests.cli.conftest import Cbir


def test_gap(cbir: Cbir, tmp_path: Path) -> None:
    images, captions = two_cones(400, 75)
    np.savez(tmp_path / "pairs.npz", image=images, text=captions)
    said = cbir("bench", "gap", "--pairs", tmp_path / "pairs.npz", "--json")
    assert said.document["angle"] == pytest.approx(75, abs=3)
    assert said.document["text_recall"] < said.document["image_recall"]
    told = cbir("bench", "gap", "--pairs", tmp_path / "pairs.npz").out
    assert "° apart" in told
    assert "words" in told
    assert cbir("bench", "gap", "--pairs", tmp_path / "gone.npz").status == 1
    assert cbir("bench", "gap").status == 2
