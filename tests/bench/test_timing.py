from __future__ import annotations

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from cbir.bench.timing import Timed, each, machine, one_thread, timed


def test_figures_are_milliseconds() -> None:
    assert Timed.of([0.001, 0.002, 0.003]).median == pytest.approx(2)
    assert Timed.of([0.001] * 99 + [1.0]).p99 > 1


def test_each_query_is_answered_in_order_and_timed() -> None:
    queries = np.arange(8, dtype=np.float32)[:, None]
    answers, took = each(lambda query: float(query[0]), queries)
    assert answers == list(range(8))
    assert 0 < took.median <= took.p99
    assert timed(lambda: 7)[0] == 7


def test_one_thread_is_one_thread() -> None:
    with one_thread():
        assert {pool["num_threads"] for pool in threadpool_info()} == {1}


def test_the_machine_is_told() -> None:
    assert f"numpy {np.__version__}" in machine()
    assert "cores" in machine()
