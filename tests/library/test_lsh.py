from __future__ import annotations

import math

import numpy as np
import pytest

from cbir.errors import LibraryDamaged
from cbir.library.building import build, retuned
from cbir.library.exact import rank_all, rank_rows
from cbir.library.lsh import LshIndex
from cbir.library.tuning import Effort
from cbir.library.vector_table import VectorTable
from cbir.records import METRICS, Float32Array, Metric
from tests.library.helpers import mixture, table_of, vectors_of

DATA = mixture(3100)
QUERIES, VECTORS = DATA[:100], DATA[100:]
EVERYWHERE = Effort(math.inf, 10)


def recall(
    index: LshIndex, table: VectorTable, queries: Float32Array, metric: Metric
) -> tuple[float, float]:
    """Recall@10 against exact search, and the share of living rows compared."""
    effort = index.tuning.effort(10, 0.95)
    found, compared = 0, 0
    for query in queries:
        rows = index.candidates(query, table.alive, effort, 10).rows
        best = rank_rows(table, rows, query, metric, 10).ids
        true = rank_all(table, table.alive, query, metric, 10).ids
        found += len(set(best.tolist()) & set(true.tolist()))
        compared += len(rows)
    return found / (10 * len(queries)), compared / (table.living * len(queries))


@pytest.mark.parametrize("metric", METRICS)
def test_finds_the_neighbours_and_compares_few(metric: Metric) -> None:
    table = table_of(VECTORS)
    found, compared = recall(build(table, metric), table, QUERIES, metric)
    assert found >= 0.93
    assert compared <= 0.04


@pytest.mark.parametrize("metric", METRICS)
def test_adding_in_steps_finds_as_much_as_building_at_once(metric: Metric) -> None:
    table = table_of(VECTORS[:1800])
    index = build(table, metric)
    for start in range(1800, 3000, 60):
        table = table.put(np.arange(start + 1, start + 61), VECTORS[start : start + 60], "float32")
        index = index.extended(table)
        assert index.count == table.count
    table = table.drop(range(1, 500))
    found, compared = recall(index, table, QUERIES[:50], metric)
    assert found >= 0.9
    assert compared <= 0.06
    for row in (1799, 1800, 2400, 2999):
        rows = index.candidates(VECTORS[row], table.alive, Effort(0.0, 20), 1).rows
        assert row in rows


def test_what_was_added_is_merged_when_there_is_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cbir.library.lsh._FRESH_LEAST", 100)
    table = table_of(VECTORS[:800])
    index = build(table, "cosine")
    for start, fresh in ((800, 60), (860, 0), (920, 60)):
        table = table.put(np.arange(start + 1, start + 61), VECTORS[start : start + 60], "float32")
        index = index.extended(table)
        assert (index.count, len(index.fresh)) == (start + 60, fresh)
    whole = index.hashing.hash(VECTORS[:980])
    np.testing.assert_array_equal(index.hashes().sketches, whole.sketches)
    np.testing.assert_array_equal(index.buckets(), whole.buckets)


def test_candidates_are_distinct_allowed_and_of_the_callers_version() -> None:
    old = table_of(VECTORS[:500])
    new = old.put(np.arange(501, 701), VECTORS[500:700], "float32").drop([7])
    index = build(old, "cosine").extended(new)
    for table in (old, new):
        found = index.candidates(VECTORS[600], table.alive, Effort(math.inf, 5000), 1)
        assert len(np.unique(found.rows)) == len(found.rows) == found.scanned
        assert found.rows.max() < table.count
        assert table.alive[found.rows].all()
        assert len(found.rows) == table.living


def test_every_row_is_allowed_without_a_mask() -> None:
    table = table_of(VECTORS[:500])
    index = build(table, "cosine")
    effort = index.tuning.effort(10, 0.95)
    for query in QUERIES[:10]:
        without = index.candidates(query, None, effort, 10)
        masked = index.candidates(query, table.alive, effort, 10)
        assert sorted(without.rows) == sorted(masked.rows)
        assert without.scanned == masked.scanned


def test_the_best_sketches_of_many_are_kept() -> None:
    table = table_of(np.repeat(VECTORS[:2000], 3, axis=0))  # more than are partitioned at once
    index = build(table, "cosine")
    centred = index.hashing.centred(QUERIES[0])
    rows, costs = index.estimates(centred, index.hashing.gaps(centred), None, math.inf)
    best = index.candidates(QUERIES[0], None, Effort(math.inf, 30), 30)
    assert best.scanned == len(rows) == 6000
    kept = costs[np.isin(rows, best.rows)]
    assert len(kept) == 30
    np.testing.assert_array_equal(np.sort(kept), np.sort(costs)[:30])


def test_the_same_seed_gives_the_same_answers() -> None:
    table = table_of(VECTORS)
    first, again = (build(table, "cosine", seed=5) for _ in range(2))
    other = build(table, "cosine", seed=6)
    differ = False
    for query in QUERIES[:10]:
        rows = first.candidates(query, None, Effort(0.2, 100), 10).rows
        np.testing.assert_array_equal(
            rows, again.candidates(query, None, Effort(0.2, 100), 10).rows
        )
        differ |= rows.tolist() != other.candidates(query, None, Effort(0.2, 100), 10).rows.tolist()
    assert differ


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("kind", ["one", "two", "nine", "identical", "zero", "line", "two points"])
def test_degenerate_data_is_bounded_and_found(metric: Metric, kind: str) -> None:
    vectors = {
        "one": vectors_of(1),
        "two": vectors_of(2),
        "nine": vectors_of(9),
        "identical": np.repeat(vectors_of(1), 3000, axis=0),
        "zero": np.zeros((2000, 512), np.float32),
        "line": vectors_of(1) * np.linspace(-1, 1, 2000, dtype=np.float32)[:, None],
        "two points": np.repeat(vectors_of(2), 1500, axis=0),
    }[kind]
    table = table_of(vectors)
    index = build(table, metric)
    k = min(10, len(vectors))
    effort = index.tuning.effort(k, 0.95)
    assert effort.keep <= 220
    found = index.candidates(vectors[-1], None, effort, k)
    assert k <= len(found.rows) <= effort.keep
    best = rank_rows(table, found.rows, vectors[-1], metric, k)
    true = rank_all(table, None, vectors[-1], metric, k)
    np.testing.assert_allclose(best.scores, true.scores, atol=1e-6)


def test_a_small_group_is_found_among_thousands_of_equal_vectors() -> None:
    rng = np.random.default_rng(1)
    crowd = np.repeat(VECTORS[:1], 4000, axis=0)
    group = VECTORS[500] + rng.standard_normal((10, 512)).astype(np.float32) * 0.02
    table = table_of(np.concatenate([crowd, group]))
    index = build(table, "cosine")
    rows = index.candidates(group[0], None, index.tuning.effort(10, 0.95), 10).rows
    assert set(range(4000, 4010)) <= set(rows.tolist())


def test_one_crowded_bucket_does_not_make_a_search_read_the_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cbir.library.lsh._MOST_LEAST", 200)
    table = table_of(VECTORS[:2000])
    index = build(table, "cosine")
    found = index.candidates(QUERIES[0], None, Effort(1e6, 50), 10)
    assert 500 <= found.scanned < 800
    assert len(found.rows) == 50


def test_it_reaches_wider_where_too_few_rows_are_found() -> None:
    table = table_of(VECTORS[:400])
    index = build(table, "cosine")
    gaps = index.hashing.gaps(index.hashing.centred(QUERIES[0]))[index.buckets()]
    far = np.argsort(gaps)[-30:-20]  # rows that its near buckets lack
    allowed = np.zeros(400, np.bool_)
    allowed[far] = True
    narrow = Effort(float(gaps[far].max()) / 2.9, 10)
    assert len(index.candidates(QUERIES[0], allowed, narrow, 0).rows) < 10
    found = index.candidates(QUERIES[0], allowed, narrow, 10)
    assert found.widened
    assert sorted(found.rows) == sorted(far)
    # Where that is not enough either, the caller compares everything.
    few = index.candidates(QUERIES[0], allowed, Effort(0.0, 10), 10)
    assert few.widened
    assert len(few.rows) < 10


def test_an_index_moves_to_new_row_numbers() -> None:
    before = table_of(VECTORS[:400]).put(np.array([2]), VECTORS[450:451], "float32").drop([9])
    index = build(before, "cosine").extended(before)
    after = VectorTable.of(*before.living_vectors(), "weights-1", "float32")
    moved = index.renumbered(before.living_rows())
    assert not moved.serves(before)
    assert moved.count == after.count == 399
    effort = index.tuning.effort(10, 0.95)
    for query in QUERIES[:10]:
        old = index.candidates(query, before.alive, effort, 1).rows
        new = moved.candidates(query, None, effort, 1).rows
        assert sorted(before.ids[old]) == sorted(after.ids[new])


def test_memory_beside_the_vectors_is_told() -> None:
    index = build(table_of(VECTORS), "cosine")
    assert 64 + 4 + 4 + 4 + 2 < index.nbytes / 3000 < 1000


def test_a_damaged_vector_is_no_reason_to_crash() -> None:
    vectors = vectors_of(20)
    vectors[3, 3] = np.nan
    with pytest.raises(LibraryDamaged):
        build(table_of(vectors), "cosine")


def test_it_fits_until_the_library_has_doubled_and_is_tuned_until_it_has_changed_by_a_quarter() -> (
    None
):
    table = table_of(VECTORS[:1000])
    index = build(table, "cosine")
    assert index.fits(table) and index.is_tuned(table)
    more = table.put(np.arange(1001, 1501), VECTORS[1000:1500], "float32")
    assert index.fits(more) and not index.is_tuned(more)
    extended = retuned(index.extended(more), more)
    assert extended.is_tuned(more)
    assert extended.hashing is index.hashing
    doubled = more.put(np.arange(2001, 2801), VECTORS[1500:2300], "float32")
    assert not index.fits(doubled)
    assert index.fits(table.drop(range(1, 700)))
    assert not index.fits(table.drop(range(1, 900)))
    assert not index.fits(table_of(VECTORS[:1000]))  # the same rows, but of another table
