from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator, Sequence

import pytest

from cbir.work.batching import Batches

QUIET, LONGEST = 0.1, 0.4


class Taken:
    """What was handed on, and when."""

    def __init__(self) -> None:
        self.queue: queue.Queue[Sequence[str]] = queue.Queue()

    def next(self) -> list[str]:
        return sorted(self.queue.get(timeout=60))


@pytest.fixture
def taken() -> Taken:
    return Taken()


@pytest.fixture
def batches(taken: Taken) -> Iterator[Batches]:
    made = Batches(taken.queue.put, quiet=QUIET, longest=LONGEST)
    yield made
    made.stop()


def test_a_burst_is_one_batch_after_it_became_quiet(batches: Batches, taken: Taken) -> None:
    begun = time.monotonic()
    for number in range(20):
        batches.add([f"{number:02}", "again"])
    assert len(taken.next()) == 21
    assert time.monotonic() - begun >= QUIET


def test_no_batch_comes_before_the_last_was_dealt_with(batches: Batches, taken: Taken) -> None:
    batches.add(["a"])
    assert taken.next() == ["a"]
    batches.add(["b"])
    batches.add(["c"])
    time.sleep(3 * QUIET)
    assert taken.queue.empty()
    batches.ready()
    assert taken.next() == ["b", "c"]


def test_a_file_that_is_still_written_waits_while_others_are_handed_on(
    batches: Batches, taken: Taken
) -> None:
    batches.add(["done"])
    begun, first = time.monotonic(), None
    while time.monotonic() - begun < 2 * LONGEST:
        batches.add(["growing"])
        if first is None and not taken.queue.empty():
            first = taken.next()
            batches.ready()
        time.sleep(QUIET / 10)
    assert first == ["done"]  # within the longest time, although it never became quiet
    assert taken.next() == ["growing"]


def test_the_thread_sleeps_and_ends() -> None:
    ended = threading.Event()
    batches = Batches(lambda _: None, ended=ended.set)
    waits: list[float | None] = []
    wait = batches._condition.wait
    batches._condition.wait = (  # type: ignore[method-assign]
        lambda timeout=None: (waits.append(timeout), wait(timeout))[1]
    )
    batches.ready()  # wakes it; it goes back to sleep without an end
    deadline = time.monotonic() + 60
    while not waits and time.monotonic() < deadline:
        time.sleep(0.005)
    assert waits == [None]
    batches.stop()
    assert ended.wait(60)


def test_nothing_is_kept_after_the_stop(taken: Taken) -> None:
    batches = Batches(taken.queue.put, quiet=QUIET, longest=LONGEST)
    batches.stop()
    batches.add(["a"])
    assert not batches._pending and taken.queue.empty()
