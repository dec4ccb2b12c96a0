from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cbir.errors import LibraryDamaged
from cbir.library.exact import rank_all
from cbir.library.many import ManyNearest, Nearest, joined, rank_all_many
from cbir.library.vector_table import Mask, VectorTable, row_norms
from cbir.records import DIMENSION, METRICS, Float32Array, Int64Array, Metric
from tests.library.helpers import mixture, table_of, vectors_of

DATA = mixture(900)
QUERIES, VECTORS = DATA[:40], DATA[40:]


def in_segments(vectors: Float32Array, pieces: int) -> VectorTable:
    """A table that took its vectors in several steps, so they lie in several places."""
    first, *others = np.array_split(np.arange(len(vectors)), pieces)
    table = table_of(vectors[first])
    for rows in others:
        table = table.put(rows + 1, vectors[rows], "float32")
    return table


def check(
    found: Nearest, table: VectorTable, allowed: Mask | None, queries: Float32Array, metric: Metric
) -> None:
    """Row by row as ``rank_all`` has it; equally near ones may stand for each other."""
    k = found.rows.shape[1]
    assert found.rows.shape == found.scores.shape == (len(queries), k)
    assert [found.rows.dtype.name, found.scores.dtype.name] == ["int64", "float32"]
    for query, rows, scores in zip(queries, found.rows, found.scores, strict=True):
        true = rank_all(table, allowed, query, metric, k)
        upto = len(true.ids)
        assert (rows[upto:] == -1).all()
        assert np.isnan(scores[upto:]).all()
        size = max(float(row_norms(query[None])[0]), float(true.scores.max(initial=0)))
        loose = 2e-6 if metric == "cosine" else 1e-6 * size
        np.testing.assert_allclose(scores[:upto], true.scores, rtol=2e-6, atol=loose)
        assert len(set(rows[:upto].tolist())) == upto
        assert allowed is None or allowed[rows[:upto]].all()


def collected(
    metric: Metric, k: int, queries: Float32Array, table: VectorTable, rows: Int64Array
) -> ManyNearest:
    many = ManyNearest(queries, metric, k)
    for some in np.array_split(rows, 3):
        vectors = table.gather(some)
        many.add(some, vectors, row_norms(vectors))
    return many


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("k", [1, 10, 300])
def test_equals_single_searches(metric: Metric, k: int) -> None:
    table = in_segments(VECTORS, 4)
    for allowed in (None, np.arange(table.count) % 3 > 0):
        found = rank_all_many(table, allowed, QUERIES, metric, k)
        check(found, table, allowed, QUERIES, metric)
        # Among hundreds, some are as near as float32 can tell.
        for query, rows in zip(QUERIES if k <= 10 else (), found.rows, strict=k <= 10):
            assert (rows + 1).tolist() == rank_all(table, allowed, query, metric, k).ids.tolist()


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("k", [1, 3])
def test_many_blocks_bound_each_other(
    metric: Metric, k: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cbir.library.vector_table.BLOCK", 64)
    table = in_segments(VECTORS, 3)
    assert len(list(table.blocks())) > 12
    found = rank_all_many(table, None, QUERIES, metric, k)
    check(found, table, None, QUERIES, metric)
    # Those that come nearer and nearer: nothing that was held before may shut them out.
    order = np.argsort(-np.linalg.norm(VECTORS - QUERIES[0], axis=1))
    table = table_of(VECTORS[order])
    found = rank_all_many(table, None, QUERIES, metric, k)
    check(found, table, None, QUERIES, metric)


@settings(max_examples=40)
@given(
    count=st.integers(1, 60),
    pieces=st.integers(1, 4),
    queries=st.integers(0, 9),
    k=st.integers(1, 70),
    metric=st.sampled_from(METRICS),
    scale=st.sampled_from([1e-12, 1.0, 1e12]),
    share=st.sampled_from([0.0, 0.5, 1.0, None]),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_data_any_scale(
    count: int,
    pieces: int,
    queries: int,
    k: int,
    metric: Metric,
    scale: float,
    share: float | None,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    few = rng.integers(-1, 2, (count, DIMENSION)).astype(np.float32) * np.float32(scale)
    few[rng.random(count) < 0.2] = 0
    few[rng.random(count) < 0.3] = few[0]
    table = in_segments(few, min(pieces, count))
    asked = few[rng.integers(count, size=queries)]
    allowed = None if share is None else rng.random(count) < share
    check(rank_all_many(table, allowed, asked, metric, k), table, allowed, asked, metric)


@pytest.mark.parametrize("metric", METRICS)
def test_where_there_are_fewer_the_rest_is_marked(metric: Metric) -> None:
    table = table_of(VECTORS[:5]).drop([2])
    found = rank_all_many(table, table.alive, QUERIES, metric, 9)
    assert (found.rows[:, 4:] == -1).all()
    assert np.isnan(found.scores[:, 4:]).all()
    assert {0, 2, 3, 4} == set(found.rows[0, :4].tolist())
    nothing = rank_all_many(table, np.zeros(5, np.bool_), QUERIES, metric, 2)
    assert (nothing.rows == -1).all()
    assert np.isnan(nothing.scores).all()
    empty = rank_all_many(VectorTable.empty("weights-1", ""), None, QUERIES, metric, 2)
    assert (empty.rows == -1).all()


def test_zero_vectors_have_cosine_zero() -> None:
    vectors = np.stack([VECTORS[0], np.zeros(DIMENSION, np.float32), -VECTORS[0]])
    found = rank_all_many(table_of(vectors), None, vectors, "cosine", 3)
    assert found.rows[0].tolist() == [0, 1, 2]
    np.testing.assert_allclose(found.scores[0], [1, 0, -1], atol=1e-6)
    assert found.scores[1].tolist() == [0, 0, 0]
    assert found.rows[1].tolist() == [0, 1, 2]


def test_equal_vectors_are_at_distance_zero_and_come_by_row() -> None:
    far = VECTORS[:300] + np.float32(100)  # products alone would be off by far more than nothing
    far[[7, 70, 170]] = far[0]
    found = rank_all_many(in_segments(far, 3), None, far[:1], "euclidean", 4)
    assert found.rows.tolist() == [[0, 7, 70, 170]]
    assert found.scores.tolist() == [[0, 0, 0, 0]]


@pytest.mark.parametrize("metric", METRICS)
def test_thousands_of_equal_vectors_are_no_burden(metric: Metric) -> None:
    crowd = np.concatenate([np.repeat(VECTORS[:1], 9000, axis=0), VECTORS[1:50]])
    found = rank_all_many(table_of(crowd), None, VECTORS[:50], metric, 3)
    assert (found.rows[0] < 9000).all()
    assert len(set(found.rows[0].tolist())) == 3
    np.testing.assert_array_equal(found.rows[1:, 0], np.arange(9000, 9049))


@pytest.mark.parametrize("metric", METRICS)
def test_queries_come_back_in_their_order_however_many_there_are(metric: Metric) -> None:
    table = table_of(VECTORS)
    found = rank_all_many(table, None, VECTORS[:600], metric, 2)
    np.testing.assert_array_equal(found.rows[:, 0], np.arange(600))
    check(
        Nearest(found.rows[250:260], found.scores[250:260]), table, None, VECTORS[250:260], metric
    )
    none = rank_all_many(table, None, VECTORS[:0], metric, 2)
    assert none.rows.shape == none.scores.shape == (0, 2)


def test_answers_are_joined_one_after_the_other() -> None:
    table = table_of(VECTORS[:50])
    whole = rank_all_many(table, None, QUERIES, "cosine", 3)
    parts = [rank_all_many(table, None, some, "cosine", 3) for some in np.array_split(QUERIES, 3)]
    np.testing.assert_array_equal(joined(parts, 3).rows, whole.rows)
    assert joined([], 3).rows.shape == (0, 3)


@pytest.mark.parametrize("metric", METRICS)
def test_only_the_numbered_queries_are_compared(metric: Metric) -> None:
    rng = np.random.default_rng(3)
    table = table_of(VECTORS)
    seen = np.zeros((len(QUERIES), table.count), np.bool_)
    many = ManyNearest(QUERIES, metric, 5)
    for rows in np.array_split(rng.permutation(table.count), 11):
        numbers = np.sort(rng.choice(len(QUERIES), 9, replace=False))
        seen[np.ix_(numbers, rows)] = True
        vectors = table.gather(rows)
        many.add(rows, vectors, row_norms(vectors), numbers)
    never = 0
    found = many.found(table)
    for number, query in enumerate(QUERIES):
        one = Nearest(found.rows[[number]], found.scores[[number]])
        check(one, table, seen[number], query[None], metric)
        never += not seen[number].any()
    assert never < len(QUERIES)


def test_nothing_was_added() -> None:
    empty = ManyNearest(QUERIES, "cosine", 4)
    empty.add(np.empty(0, np.int64), VECTORS[:0], row_norms(VECTORS[:0]))
    found = empty.found(table_of(VECTORS))
    assert (found.rows == -1).all()
    assert np.isnan(found.scores).all()


@pytest.mark.parametrize("scale", [1e-20, 1e-30])
def test_short_vectors_have_the_cosines_of_long_ones(scale: float) -> None:
    short = VECTORS[:200].copy()
    short[::2] *= np.float32(scale)
    found = rank_all_many(table_of(short), None, QUERIES * np.float32(scale), "cosine", 8)
    true = rank_all_many(table_of(VECTORS[:200]), None, QUERIES, "cosine", 8)
    np.testing.assert_allclose(found.scores, true.scores, atol=1e-4)


def test_nothing_that_was_given_is_changed() -> None:
    vectors, queries = VECTORS[:50].copy(), QUERIES.copy()
    for metric in METRICS:
        rank_all_many(table_of(vectors), None, queries, metric, 3)
    np.testing.assert_array_equal(vectors, VECTORS[:50])
    np.testing.assert_array_equal(queries, QUERIES)


def test_a_damaged_vector_is_told() -> None:
    vectors = vectors_of(20)
    vectors[3, 3] = np.inf
    with pytest.raises(LibraryDamaged):
        rank_all_many(table_of(vectors), None, QUERIES, "cosine", 3)
