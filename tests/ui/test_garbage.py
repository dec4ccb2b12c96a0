"""Cyclic garbage ends on the main thread."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest

from cbir.ui.garbage import Garbage


@pytest.fixture
def garbage() -> Iterator[Garbage]:
    made = Garbage()
    made.start()
    yield made
    made.stop()


class Cycle:
    """Notes on which thread it ends; held by itself alone."""

    def __init__(self, ended: list[str]) -> None:
        self.itself = self
        self._ended = ended

    def __del__(self) -> None:
        self._ended.append(threading.current_thread().name)


def litter() -> None:
    """What would have Python collect, several times over."""
    for _ in range(20 * gc.get_threshold()[0]):
        cycle: list[object] = []
        cycle.append(cycle)


def test_a_worker_collects_nothing_and_a_tick_does(garbage: Garbage) -> None:
    ended: list[str] = []
    Cycle(ended)
    worker = threading.Thread(target=litter, name="worker")
    worker.start()
    worker.join()
    assert ended == []
    garbage.tick()
    assert ended == ["MainThread"]


def test_python_collects_again_afterwards() -> None:
    assert gc.isenabled()
    garbage = Garbage()
    garbage.start()
    assert not gc.isenabled()
    garbage.stop()
    assert gc.isenabled()
