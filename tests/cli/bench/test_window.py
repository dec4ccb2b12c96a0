from __future__ import annotations

from collections.abc import Callable
from unittest.mock import Mock

import pytest

from cbir.bench.window import WindowBench
from tests.cli.conftest import Cbir


def test_the_window_is_measured(cbir: Cbir, monkeypatch: pytest.MonkeyPatch) -> None:
    figures = {"median": 1.25, "p99": 2.5, "greatest": 1500.0}

    def measured(records: int, say: Callable[[str], None]) -> WindowBench:
        say("Working the window …")
        return WindowBench(records, 2.0, 0.5, *[figures] * 5)

    monkeypatch.setattr("cbir.cli.bench.window.measure_window_use", measured)
    said = cbir("bench", "window", "--records", 500, "--json")
    assert said.status == 0 and "Working" in said.err
    assert said.document["records"] == 500 and said.document["scroll"] == figures
    assert said.document["opening_seconds"] == 0.5 and said.document["machine"]
    told = cbir("bench", "window").out
    assert "100,000 records: the grid is painted 0.50 s after" in told
    assert "1.25 ms" in told and "1,500 ms" in told
    assert cbir("bench", "window", "--records", 0).status == 2


def test_a_window_that_cannot_be_opened_is_told(
    cbir: Cbir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":no")
    for slow in ("fill", "make_files", "Mixture"):
        monkeypatch.setattr(f"cbir.bench.window.{slow}", lambda *given: Mock())
    said = cbir("bench", "window", "--records", 3)
    assert (said.status, said.out) == (1, "")
    assert "could not be measured" in said.err
