"""The window's delays are those of its event loop."""

from __future__ import annotations

import time

import ttkbootstrap as ttk

from cbir.ui.liveliness import Delays, Ticker
from tests.ui.conftest import WaitUntil


def test_a_loop_that_is_held_up_is_late(root: ttk.App, wait_until: WaitUntil) -> None:
    ticker = Ticker(root)
    ticker.start()
    root.after(20, lambda: time.sleep(0.2))
    ends = time.monotonic() + 0.4
    wait_until(lambda: time.monotonic() > ends)
    delays = ticker.delays()
    assert delays.greatest > 150
    assert delays.median < 100


def test_delays_are_told_in_milliseconds() -> None:
    delays = Delays.of([0.01] * 99 + [0.5])
    assert delays.median == 10 and delays.greatest == 500
    assert 10 <= delays.p99 <= 500
