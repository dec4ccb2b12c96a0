from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from cbir.errors import LibraryDamaged
from cbir.library.building import build, measure
from cbir.library.exact import rank_all, rank_rows
from cbir.library.lsh import LshIndex
from cbir.library.tuning import Effort, Tuning
from cbir.library.vector_table import VectorTable
from cbir.records import METRICS, Int64Array, Metric
from tests.library.helpers import mixture, table_of, vectors_of

DATA = mixture(3100)
QUERIES, VECTORS = DATA[:100], DATA[100:]
TARGETS = (0.5, 0.8, 0.9, 0.95, 0.99)


@cache
def built(metric: Metric) -> tuple[VectorTable, LshIndex]:
    table = table_of(VECTORS)
    return table, build(table, metric)


@cache
def neighbours(metric: Metric, k: int) -> list[Int64Array]:
    table, _ = built(metric)
    return [rank_all(table, None, query, metric, k).ids for query in QUERIES]


@cache
def measured_recall(metric: Metric, k: int, target: float) -> tuple[float, float, float]:
    """On the held-out queries: recall, sketches looked at and vectors compared, for each query."""
    table, index = built(metric)
    effort = index.tuning.effort(k, target)
    found, scanned, compared = 0, 0, 0
    for query, true in zip(QUERIES, neighbours(metric, k), strict=True):
        candidates = index.candidates(query, None, effort, k)
        best = rank_rows(table, candidates.rows, query, metric, k).ids
        found += len(np.intersect1d(best, true))
        scanned += candidates.scanned
        compared += len(candidates.rows)
    return found / (k * len(QUERIES)), scanned / len(QUERIES), compared / len(QUERIES)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("k", [10, 100])
@pytest.mark.parametrize("target", [0.9, 0.95, 0.99])
def test_the_recall_told_is_the_recall_found(metric: Metric, k: int, target: float) -> None:
    told = built(metric)[1].tuning.effort(k, target).recall
    found, _, _ = measured_recall(metric, k, target)
    assert told is not None
    assert target - 0.01 <= told <= 1
    assert found == pytest.approx(told, abs=0.03)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("k", [1, 10])
def test_a_search_finds_what_was_asked_for(metric: Metric, k: int) -> None:
    for target in TARGETS:
        assert measured_recall(metric, k, target)[0] >= target - 0.02


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("k", [1, 10, 100])
def test_more_recall_is_told_and_costs_more(metric: Metric, k: int) -> None:
    tuning = built(metric)[1].tuning
    efforts = [tuning.effort(k, target) for target in (0.1, *TARGETS, 0.999)]
    for less, more in pairwise(efforts):
        assert less.recall is not None
        assert more.recall is not None
        assert less.recall <= more.recall
        assert more.reach >= less.reach or more.keep > less.keep
        assert more.keep >= less.keep or more.reach > less.reach


@pytest.mark.parametrize("metric", METRICS)
def test_more_recall_is_found_by_looking_at_more(metric: Metric) -> None:
    outcomes = np.array([measured_recall(metric, 10, target) for target in TARGETS])
    # Which of sketches and vectors is cheaper to look at more of may change on the way.
    found, scanned, compared = outcomes.T
    assert (np.diff(found) >= -0.01).all()
    assert found[-1] > found[0] + 0.05
    assert compared[-1] > compared[0]
    assert scanned[-1] > scanned[0]


def test_more_hits_keep_more() -> None:
    tuning = built("cosine")[1].tuning
    keeps = [tuning.effort(k, 0.95).keep for k in (1, 5, 10, 50, 100, 200, 1000)]
    assert keeps == sorted(keeps)
    assert all(keep >= 2 * k for keep, k in zip(keeps, (1, 5, 10, 50, 100), strict=False))


def test_beyond_what_was_measured_no_recall_is_told_and_more_is_kept() -> None:
    tuning = built("cosine")[1].tuning
    most = tuning.effort(100, 0.95)
    beyond = tuning.effort(250, 0.95)
    assert most.recall is not None
    assert beyond == Effort(most.reach, math.ceil(most.keep * 2.5))
    assert tuning.effort(101, 0.95).recall is None


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("count", [1, 2, 3, 9, 100, 101])
def test_small_libraries_are_found_whole(metric: Metric, count: int) -> None:
    table = table_of(VECTORS[:count])
    index = build(table, metric)
    tuning = index.tuning
    assert tuning.total == count
    assert tuning.gaps.shape == tuning.ranks.shape
    assert tuning.gaps.shape == ((0, 0) if count == 1 else (count, min(100, count - 1)))
    for k in {1, max(count - 1, 1), count, count + 1}:
        effort = tuning.effort(k, 0.95)
        # A query's own row is no neighbour, so as many hits as there are vectors go unmeasured.
        assert (effort.recall is None) == (k >= min(count, 101))
        rows = index.candidates(VECTORS[0], None, effort, min(k, count)).rows
        assert len(rows) >= min(k, count)
        assert 0 in rows


def test_without_measurement_it_looks_everywhere() -> None:
    assert Tuning.none(7).effort(3, 0.5) == Effort(math.inf, 6)
    assert Tuning.none(7).nbytes == 0


@pytest.mark.parametrize("metric", METRICS)
def test_dead_rows_are_neither_sample_nor_neighbours(metric: Metric) -> None:
    doubled = np.repeat(VECTORS[:400], 2, axis=0)  # every dead row is nearest to a living one
    table = table_of(doubled).drop(range(2, 801, 2))
    with_dead = measure(build(table, metric), table)
    alone = table_of(VECTORS[:400])
    without = measure(build(alone, metric), alone)
    assert with_dead.total == without.total == 400
    np.testing.assert_allclose(with_dead.gaps, without.gaps, rtol=1e-3, atol=1e-4)
    assert np.mean(with_dead.ranks == without.ranks) > 0.99


def test_what_was_measured_is_as_it_is_described() -> None:
    tuning = built("cosine")[1].tuning
    assert tuning.total == 3000
    assert tuning.gaps.shape == tuning.ranks.shape == (256, 100)
    assert [tuning.gaps.dtype.name, tuning.ranks.dtype.name] == ["float32", "int32"]
    assert tuning.gaps.min() >= 0
    assert tuning.ranks.min() >= 0
    assert (np.diff(tuning.reaches) > 0).all()
    assert (np.diff(tuning.pools) >= 0).all()
    assert tuning.reaches.shape == tuning.pools.shape
    assert 0 < tuning.pools[-1] <= 3000
    assert tuning.exact_seconds > 0
    assert tuning.nbytes > 256 * 100 * 8


@pytest.mark.parametrize("metric", METRICS)
def test_thousands_of_identical_vectors_are_not_all_kept(metric: Metric) -> None:
    crowd = np.repeat(VECTORS[:1], 4000, axis=0)
    table = table_of(np.concatenate([crowd, VECTORS[:500]]))
    tuning = build(table, metric).tuning
    bound = math.ceil(4 * math.sqrt(4500))
    for k in (1, 10, 100):
        for target in (*TARGETS, 0.9999):
            assert tuning.effort(k, target).keep <= max(bound, 2 * k)


def test_the_keep_is_bounded_where_estimates_tell_nothing() -> None:
    near = VECTORS[:1] + vectors_of(3000) * np.float32(1e-4)  # nothing but noise beside a point
    tuning = build(table_of(near), "euclidean").tuning
    effort = tuning.effort(10, 0.999)
    assert effort.keep <= math.ceil(4 * math.sqrt(3000))
    assert effort.recall is not None
    assert effort.recall < 0.999  # and that is told


def test_what_was_asked_before_does_not_show() -> None:
    table, index = built("cosine")
    asked = [(k, target) for k in (1, 10, 100, 300) for target in TARGETS]
    first, second = (measure(index, table) for _ in range(2))
    forward = {key: first.effort(*key) for key in asked}
    backward = {key: second.effort(*key) for key in reversed(asked)}
    assert forward == backward
    assert {key: first.effort(*key) for key in asked} == forward


def test_a_copy_with_other_numbers_does_not_remember_the_first_ones_efforts() -> None:
    tuning = replace(built("cosine")[1].tuning)
    effort = tuning.effort(10, 0.95)
    wider = replace(tuning, gaps=tuning.gaps * 2, reaches=tuning.reaches * 2)
    assert wider.effort(10, 0.95) == replace(effort, reach=effort.reach * 2)


def test_a_damaged_vector_is_told() -> None:
    vectors = VECTORS[:50].copy()
    index = build(table_of(vectors), "cosine")
    vectors[49, 3] = np.nan
    with pytest.raises(LibraryDamaged):
        measure(index, table_of(vectors))
