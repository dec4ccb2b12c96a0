"""What is measured of the window is what it did."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import ttkbootstrap as ttk

from cbir.bench.stand_in import FINGERPRINT, StandInModels
from cbir.bench.window import fill, make_files
from cbir.config import Settings
from cbir.library import Library
from cbir.records import DIMENSION
from cbir.ui.smoothness import Use
from cbir.ui.window import Window
from cbir.work.engine import Engine
from tests.ui.conftest import WaitUntil, is_alive


def test_a_window_is_worked_and_measured(
    root: ttk.App, wait_until: WaitUntil, tmp_path: Path
) -> None:
    vectors = np.random.default_rng(3).standard_normal((40, DIMENSION), np.float32)
    fill(tmp_path / "window.npz", make_files(tmp_path, 40), vectors)
    with Library.open(tmp_path / "window.npz", read_only=True) as library:
        assert len(library) == 40
        assert library.spaces()["clip"].fingerprint == FINGERPRINT
        assert all(Path(record.path).exists() for record in library)
    engine = Engine(Settings(tmp_path, tmp_path / "window.npz"), models=StandInModels(None, "cpu"))
    use = Use(Window(root, engine), time.time() - 1, share=0.01)
    use.start()
    wait_until(lambda: not is_alive(root), 60)
    assert use.error is None
    found = use.found
    assert found["process_seconds"] > 1 and found["opening_seconds"] > 0  # type: ignore[operator]
    for name in ("scroll", "jump", "page", "theme", "search"):
        figures = found[name]
        assert isinstance(figures, dict) and figures.keys() == {"median", "p99", "greatest"}
        assert 0 < figures["median"] <= figures["p99"] <= figures["greatest"]
