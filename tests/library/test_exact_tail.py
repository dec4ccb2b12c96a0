"""Ranking chosen rows together with a tail that is compared whole, and very short vectors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cbir.library.exact import Ranking, rank_all, rank_rows
from cbir.library.vector_table import BLOCK, Mask, VectorTable
from cbir.records import DIMENSION, METRICS, Float32Array, Int64Array, Metric
from tests.library.helpers import mixture, table_of, vectors_of

VECTORS = mixture(400)


def true_score(vector: Float32Array, query: Float32Array, metric: Metric) -> float:
    """In float64, summed without loss, of numbers brought to a size that cannot vanish."""
    a, b = vector.astype(np.float64), query.astype(np.float64)
    if metric == "euclidean":
        size = float(np.abs(a - b).max())
        return size * math.sqrt(math.fsum(((a - b) / size) ** 2)) if size else 0.0
    if not a.any() or not b.any():
        return 0.0
    a, b = a / np.abs(a).max(), b / np.abs(b).max()
    return math.fsum(a * b) / math.sqrt(math.fsum(a * a) * math.fsum(b * b))


def check(
    ranking: Ranking, table: VectorTable, rows: Int64Array, query: Float32Array, metric: Metric
) -> None:
    """The nearest of ``rows``, all of them where there are fewer; near-equal ones in any order."""
    scores = {
        int(table.ids[row]): true_score(table.vector(row), query, metric) for row in rows.tolist()
    }
    best = sorted(scores.values(), reverse=metric == "cosine")[: len(ranking.ids)]
    tolerance = 1e-12 * max(1.0, *map(abs, best)) if metric == "cosine" and best else 0.0
    np.testing.assert_allclose(ranking.scores, best, rtol=1e-9, atol=tolerance)
    found = ranking.ids.tolist()
    assert len(set(found)) == len(found)
    told = [scores[id] for id in found]  # a KeyError: a row that may not be there
    np.testing.assert_allclose(ranking.scores, told, rtol=1e-9, atol=tolerance)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("tail", [0, 1, 250, 399, 400])
@pytest.mark.parametrize("k", [1, 10, 500])
def test_rows_and_tail_equal_brute_force(metric: Metric, tail: int, k: int) -> None:
    table = table_of(VECTORS[:200])
    table = table.put(np.arange(201, 401), VECTORS[200:], "float32").drop(range(5, 400, 17))
    rows = np.flatnonzero(table.alive[:tail])[::3]
    behind = np.flatnonzero(table.alive[tail:]) + tail
    ranking = rank_rows(table, rows, vectors_of(1, 3)[0], metric, k, tail=tail, allowed=table.alive)
    both = np.concatenate([rows, behind])
    assert len(ranking.ids) == min(k, len(both))
    check(ranking, table, both, vectors_of(1, 3)[0], metric)


@settings(max_examples=40)
@given(
    count=st.integers(1, 60),
    tail=st.integers(0, 60),
    k=st.integers(1, 70),
    metric=st.sampled_from(METRICS),
    share=st.sampled_from([0.0, 0.3, 1.0, None]),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_tail_any_mask(
    count: int, tail: int, k: int, metric: Metric, share: float | None, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    table = table_of(vectors_of(count, seed % 1000))
    tail = min(tail, count)
    allowed: Mask | None = None if share is None else rng.random(count) < share
    usable = np.ones(count, np.bool_) if allowed is None else allowed
    rows = np.flatnonzero(usable[:tail] & (rng.random(tail) < 0.5))
    both = np.concatenate([rows, np.flatnonzero(usable[tail:]) + tail])
    query = table.vector(int(rng.integers(count)))
    ranking = rank_rows(table, rows, query, metric, k, tail=tail, allowed=allowed)
    assert len(ranking.ids) == min(k, len(both))
    check(ranking, table, both, query, metric)


def test_a_mask_says_nothing_of_the_rows_without_a_tail() -> None:
    table = table_of(VECTORS)
    rows = np.array([3, 5, 8])
    nothing = np.zeros(400, np.bool_)
    ranking = rank_rows(table, rows, VECTORS[5], "cosine", 9, allowed=nothing)
    assert sorted(ranking.ids.tolist()) == [4, 6, 9]
    behind = rank_rows(table, rows, VECTORS[5], "cosine", 9, tail=20, allowed=nothing)
    np.testing.assert_array_equal(behind.ids, ranking.ids)


@pytest.mark.parametrize("metric", METRICS)
def test_a_tail_of_several_blocks_is_compared_whole(metric: Metric) -> None:
    vectors = vectors_of(BLOCK + 600)
    table = table_of(vectors[:500])
    table = table.put(np.arange(501, len(vectors) + 1), vectors[500:], "float32")
    assert len(list(table.blocks(400))) > 2
    for row in (399, 400, 499, 500, BLOCK, BLOCK + 599):
        rows = np.arange(0, 400)
        ranking = rank_rows(table, rows, vectors[row], metric, 3, tail=400)
        assert ranking.ids[0] == row + 1
        whole = rank_all(table, None, vectors[row], metric, 3)
        np.testing.assert_array_equal(ranking.ids, whole.ids)
        np.testing.assert_array_equal(ranking.scores, whole.scores)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("scale", [1e-14, 1e-17, 1e-20, 1e-25, 1e-37])
def test_very_short_vectors_are_ranked_right(metric: Metric, scale: float) -> None:
    short = vectors_of(300) * np.float32(scale)
    table = table_of(short)
    for query in (short[7], vectors_of(1, 5)[0] * np.float32(scale)):
        ranking = rank_all(table, None, query, metric, 10)
        check(ranking, table, np.arange(300), query, metric)
        among = rank_rows(table, np.arange(100), query, metric, 10, tail=100)
        np.testing.assert_array_equal(among.ids, ranking.ids)
    assert rank_all(table, None, short[7], metric, 1).ids.tolist() == [8]


@settings(max_examples=40)
@given(
    scales=st.lists(st.sampled_from([0.0, 1e-40, 1e-30, 1e-20, 1e-15, 1e-8, 1.0, 1e12])),
    at=st.integers(0, 40),
    k=st.integers(1, 40),
    metric=st.sampled_from(METRICS),
    seed=st.integers(0, 1000),
)
def test_long_and_short_vectors_are_ranked_right_together(
    scales: list[float], at: int, k: int, metric: Metric, seed: int
) -> None:
    vectors = vectors_of(len(scales) + 1, seed)
    vectors[1:] *= np.array(scales, np.float32)[:, None]
    table = table_of(vectors)
    query = vectors[at % len(vectors)]
    every = np.arange(len(vectors))
    check(rank_all(table, None, query, metric, k), table, every, query, metric)
    tail = len(vectors) // 2
    ranking = rank_rows(table, every[:tail], query, metric, k, tail=tail)
    assert len(ranking.ids) == min(k, len(vectors))
    check(ranking, table, every, query, metric)


def test_many_short_vectors_beside_long_ones_push_nothing_out() -> None:
    vectors = vectors_of(3000)
    vectors[:2000] *= np.float32(1e-20)
    query = vectors[2500]
    for metric in METRICS:
        ranking = rank_all(table_of(vectors), None, query, metric, 5)
        assert ranking.ids[0] == 2501
        check(ranking, table_of(vectors), np.arange(3000), query, metric)


def test_a_zero_vector_among_short_ones_has_cosine_zero() -> None:
    vectors = vectors_of(20) * np.float32(1e-20)
    vectors[4] = 0
    ranking = rank_all(table_of(vectors), None, vectors[3], "cosine", 20)
    assert ranking.scores[ranking.ids == 5].tolist() == [0.0]
    nothing = rank_all(table_of(vectors), None, np.zeros(DIMENSION, np.float32), "cosine", 20)
    assert nothing.scores.tolist() == [0.0] * 20
