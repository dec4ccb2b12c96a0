from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cbir.library.exact import Ranking, rank_all, rank_rows, true_scores
from cbir.library.vector_table import BLOCK, VectorTable
from cbir.records import METRICS, Float32Array, Metric
from tests.library.helpers import mixture, table_of, vectors_of


def brute_force(
    table: VectorTable, query: Float32Array, metric: Metric, k: int
) -> tuple[list[int], list[float]]:
    """Float64 throughout, one row at a time."""
    scored = []
    ids, vectors = table.living_vectors()
    target = query.astype(np.float64)
    for id, vector in zip(ids.tolist(), vectors.astype(np.float64), strict=True):
        if metric == "euclidean":
            score = float(np.linalg.norm(vector - target))
            scored.append((score, id, score))
        else:
            length = np.linalg.norm(vector) * np.linalg.norm(target)
            score = float(vector @ target / length) if length else 0.0
            scored.append((-score, id, score))
    best = sorted(scored)[:k]
    return [id for _, id, _ in best], [score for _, _, score in best]


def check(table: VectorTable, query: Float32Array, metric: Metric, k: int) -> Ranking:
    ids, scores = brute_force(table, query, metric, k)
    ranking = rank_all(table, table.alive, query, metric, k)
    assert ranking.ids.tolist() == ids
    np.testing.assert_allclose(ranking.scores, scores, rtol=1e-9, atol=1e-9)
    among = rank_rows(table, np.flatnonzero(table.alive), query, metric, k)
    assert among.ids.tolist() == ids
    np.testing.assert_array_equal(among.scores, ranking.scores)
    return ranking


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("k", [1, 7, 300, 5000])
def test_equals_brute_force(metric: Metric, k: int) -> None:
    table = table_of(mixture(300)).drop([3, 5]).put(np.array([5]), vectors_of(1), "float32")
    check(table, mixture(1, seed=9)[0], metric, k)


@pytest.mark.parametrize("metric", METRICS)
def test_blocks_and_segments_do_not_show(metric: Metric) -> None:
    vectors = vectors_of(BLOCK + 100)
    table = table_of(vectors[: BLOCK + 1]).put(
        np.arange(BLOCK + 2, BLOCK + 101), vectors[BLOCK + 1 :], "float32"
    )
    for row in (0, BLOCK - 1, BLOCK, BLOCK + 99):
        ranking = rank_all(table, table.alive, vectors[row], metric, 1)
        assert ranking.ids.tolist() == [row + 1]


def test_near_identical_vectors_keep_their_true_distances() -> None:
    base = vectors_of(1)[0] * 30
    vectors = np.repeat(base[None], 50, axis=0)
    steps = np.random.default_rng(3).permutation(50)
    vectors[:, 0] += (steps * 2e-5).astype(np.float32)
    ranking = check(table_of(vectors), base, "euclidean", 10)
    assert ranking.scores[0] == 0
    assert 0 < ranking.scores[-1] < 1e-3


@pytest.mark.parametrize("metric", METRICS)
def test_equal_vectors_tie_by_id_wherever_they_lie(metric: Metric) -> None:
    vectors = np.repeat(vectors_of(1), BLOCK + 37, axis=0)
    ranking = rank_all(
        table_of(vectors), np.ones(len(vectors), bool), vectors_of(1, 5)[0], metric, 20
    )
    assert ranking.ids.tolist() == list(range(1, 21))
    assert len(set(ranking.scores.tolist())) == 1


def test_zero_vectors_have_cosine_zero() -> None:
    vectors = vectors_of(4)
    vectors[2] = 0
    ranking = check(table_of(vectors), vectors[0], "cosine", 4)
    assert ranking.scores[ranking.ids == 3] == [0.0]
    assert rank_all(
        table_of(vectors), np.ones(4, bool), np.zeros(512, np.float32), "cosine", 4
    ).scores.tolist() == [0, 0, 0, 0]


def test_scores_stay_within_bounds_and_a_vector_is_its_own_nearest() -> None:
    vectors = vectors_of(200)
    for query in vectors[:20]:
        cosine = rank_all(table_of(vectors), np.ones(200, bool), query * 3, "cosine", 200)
        assert 1 - 1e-12 < cosine.scores[0] <= 1
        assert cosine.scores[-1] >= -1


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    st.integers(1, 40),
    st.integers(1, 50),
    st.sampled_from(METRICS),
    st.sampled_from([1e-12, 1.0, 1e12]),
    st.integers(0, 2**32 - 1),
)
def test_any_data_any_scale(count: int, k: int, metric: Metric, scale: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    few = rng.integers(-1, 2, (count, 512)).astype(np.float32) * np.float32(scale)
    few[rng.integers(count)] = few[rng.integers(count)]
    table = table_of(few)
    query = few[rng.integers(count)]
    ranking = rank_all(table, table.alive, query, metric, k)
    every = true_scores(table, np.arange(count), query, metric)
    order = np.lexsort((np.arange(count), -every if metric == "cosine" else every))[:k]
    assert ranking.ids.tolist() == (order + 1).tolist()


def test_only_allowed_rows_are_ranked_and_nothing_is_changed() -> None:
    vectors = vectors_of(50)
    table = table_of(vectors.copy())
    query = vectors[4].copy()
    allowed = np.ones(50, bool)
    allowed[4] = False
    ranking = rank_all(table, allowed, query, "cosine", 50)
    assert len(ranking.ids) == 49
    assert 5 not in ranking.ids
    assert rank_all(table, np.zeros(50, bool), query, "cosine", 5).ids.tolist() == []
    np.testing.assert_array_equal(table.living_vectors()[1], vectors)
    np.testing.assert_array_equal(query, vectors[4])
