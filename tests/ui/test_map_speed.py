"""What is measured of the map is what it did."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import ttkbootstrap as ttk

from cbir.bench.map import pca_seconds
from cbir.bench.pictures import repeat
from cbir.bench.stand_in import StandInModels
from cbir.bench.window import fill, make_files
from cbir.config import Settings
from cbir.records import DIMENSION
from cbir.ui.map_speed import NEW, MapUse
from cbir.ui.window import Window
from cbir.work.engine import Engine
from tests.ui.conftest import WaitUntil, is_alive


def test_the_map_is_worked_and_measured(
    root: ttk.App, wait_until: WaitUntil, tmp_path: Path
) -> None:
    vectors = np.random.default_rng(3).standard_normal((40, DIMENSION), np.float32)
    fill(tmp_path / "window.npz", make_files(tmp_path, 40), vectors)
    repeat(sorted(map(str, (tmp_path / "sources").iterdir())), tmp_path / NEW, 5)
    engine = Engine(Settings(tmp_path, tmp_path / "window.npz"), models=StandInModels(None, "cpu"))
    use = MapUse(Window(root, engine), time.time() - 1, share=0.01)
    use.start()
    wait_until(lambda: not is_alive(root), 60)
    assert use.error is None
    for name in ("first_draw", "hover", "recolour", "update"):
        figures = use.found[name]
        assert isinstance(figures, dict) and figures.keys() == {"median", "p99", "greatest"}
    assert use.found["first_draw"]["median"] > 0  # type: ignore[index]
    assert pca_seconds(vectors) > 0
