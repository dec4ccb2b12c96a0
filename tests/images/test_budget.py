from __future__ import annotations

import threading

import pytest

from cbir.images.budget import Budget


def _taker(budget: Budget, needed: int, log: list[str], name: str) -> threading.Thread:
    def take() -> None:
        with budget.hold(needed):
            log.append(name)

    thread = threading.Thread(target=take)
    thread.start()
    return thread


def _waiting(budget: Budget, count: int) -> None:
    while len(budget._queue) < count:
        pass


def test_those_that_fit_go_at_once_and_one_may_exceed_all() -> None:
    budget = Budget(10)
    with budget.hold(4), budget.hold(6):
        pass
    with budget.hold(1000):
        pass


def test_what_does_not_fit_waits_in_turn() -> None:
    budget, log = Budget(10), []
    with budget.hold(5):
        large = _taker(budget, 99, log, "large")
        _waiting(budget, 1)
        small = _taker(budget, 1, log, "small")  # it would fit, and does not overtake
        _waiting(budget, 2)
        assert log == []
    large.join(10)
    small.join(10)
    assert log == ["large", "small"]


def test_the_smallest_never_wait() -> None:
    budget = Budget(1000)
    with budget.hold(1000), budget.hold(9):
        pass


def test_memory_is_given_back_whatever_happens() -> None:
    budget = Budget(10)
    with pytest.raises(ValueError, match="broken"), budget.hold(10):
        raise ValueError("broken")
    with budget.hold(10):
        pass
