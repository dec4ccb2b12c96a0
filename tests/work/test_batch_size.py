from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cbir.work.batch_size import BatchSize


def run(size: BatchSize, fixed: float, each: float, batches: int = 60) -> list[int]:
    """The sizes of batches that take ``fixed`` and ``each`` picture's seconds."""
    sizes = []
    for _ in range(batches):
        sizes.append(size.size)
        size.took(size.size, fixed + each * size.size)
    return sizes


@pytest.mark.parametrize(
    ("fixed", "each", "expected"),
    [(0.0, 0.02, 3), (0.0, 0.5, 1), (0.03, 0.005, 8), (0.0, 0.0001, 16), (0.0, 0.0, 16)],
)
def test_the_size_becomes_what_fits_the_time(fixed: float, each: float, expected: int) -> None:
    sizes = run(BatchSize(0.07, 16), fixed, each)
    assert sizes[0] == 1
    assert expected - 1 <= sizes[-1] <= expected


@given(st.floats(0, 0.05), st.floats(0, 0.2), st.integers(1, 64))
def test_no_batch_takes_much_longer_than_it_may(fixed: float, each: float, most: int) -> None:
    for size in run(BatchSize(0.07, most), fixed, each):
        assert 1 <= size <= most
        assert size == 1 or fixed + each * size <= 0.07 * 1.2


def test_it_shrinks_when_batches_become_slow_and_grows_again() -> None:
    size = BatchSize(0.07, 16)
    assert run(size, 0.0, 0.005)[-1] >= 12
    assert run(size, 0.0, 0.03)[-1] <= 2
    assert run(size, 0.0, 0.005, 400)[-1] >= 10


def test_one_slow_batch_changes_little() -> None:
    size = BatchSize(0.07, 16)
    before = run(size, 0.0, 0.01)[-1]
    size.took(size.size, 0.08)
    assert size.size >= before - 2
    assert run(size, 0.0, 0.01)[-1] >= before - 1


def test_a_partial_batch_says_nothing_of_larger_ones() -> None:
    size = BatchSize(0.07, 16)
    run(size, 0.0, 0.01)
    before = size.size
    size.took(1, 0.001)
    assert size.size == before
