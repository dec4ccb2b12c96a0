from __future__ import annotations

import threading
import time

import pytest

from cbir.work.pool import DecodePool


@pytest.fixture
def pool() -> DecodePool:
    return DecodePool(3)


def test_results_come_in_the_order_of_the_items(pool: DecodePool) -> None:
    futures = pool.map_ahead(lambda n: n * n, range(100), lambda: 7)
    assert [future.result(timeout=60) for future in futures] == [n * n for n in range(100)]


def test_no_more_than_the_window_is_taken_ahead(pool: DecodePool) -> None:
    taken: list[int] = []

    def items() -> object:
        for n in range(100):
            taken.append(n)
            yield n

    futures = pool.map_ahead(lambda n: n, items(), lambda: 5)
    next(futures).result(timeout=60)
    assert len(taken) == 5
    next(futures).result(timeout=60)
    assert len(taken) == 6


def test_one_item_that_fails_fails_alone(pool: DecodePool) -> None:
    def halve(n: int) -> float:
        return 10 / n

    first, second, third = pool.map_ahead(halve, [1, 0, 2], lambda: 3)
    assert first.result(timeout=60) == 10
    assert isinstance(second.exception(timeout=60), ZeroDivisionError)
    assert third.result(timeout=60) == 5


def test_closing_the_iterator_cancels_what_has_not_begun() -> None:
    pool = DecodePool(1)
    gate = threading.Event()
    ran: list[int] = []

    def wait(n: int) -> None:
        gate.wait(60)
        ran.append(n)

    futures = pool.map_ahead(wait, range(10), lambda: 10)
    first = next(futures)
    futures.close()
    gate.set()
    first.result(timeout=60)
    assert next(pool.map_ahead(str, [1], lambda: 1)).result(timeout=60) == "1"
    assert ran == [0]


def test_a_paused_pool_begins_nothing_and_awaits_what_it_is_doing() -> None:
    pool = DecodePool(2)
    began, finish, done = threading.Event(), threading.Event(), []

    def work(number: int) -> int:
        if number == 0:
            began.set()
            assert finish.wait(60)
        done.append(number)
        return number

    futures = pool.map_ahead(work, range(6), lambda: 6)
    first = next(futures)
    assert began.wait(60)
    threading.Timer(0.05, finish.set).start()
    with pool.paused():
        assert first.done()  # it was awaited
        held = len(done)
        time.sleep(0.05)
        assert len(done) == held
        with pool.paused():  # another job's pause within this one
            pass
        time.sleep(0.05)
        assert len(done) == held
    assert [future.result(60) for future in futures] == [1, 2, 3, 4, 5]
    pool.stop()
