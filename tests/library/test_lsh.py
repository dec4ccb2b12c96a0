from __future__ import annotations

import numpy as np
import pytest

from cbir.errors import LibraryDamaged
from cbir.library import lsh
from cbir.library.exact import rank_all, rank_rows
from cbir.library.hashing import TABLES, Hashing, bits_for
from cbir.library.indexes import Indexes
from cbir.library.lsh import LshIndex, budget_for
from cbir.library.vector_table import VectorTable
from cbir.records import METRICS, Float32Array, Metric
from tests.library.helpers import mixture, table_of, vectors_of

DATA = mixture(3100)
QUERIES, VECTORS = DATA[:100], DATA[100:]


def recall(
    index: LshIndex, table: VectorTable, queries: Float32Array, metric: Metric
) -> tuple[float, float]:
    """Recall@10 against exact search, and the share of living rows compared."""
    found, compared = 0, 0
    for query in queries:
        rows = index.candidates(query, table.alive, budget_for(table.living, 10), 10).rows
        best = rank_rows(table, rows, query, metric, 10).ids
        true = rank_all(table, table.alive, query, metric, 10).ids
        found += len(set(best.tolist()) & set(true.tolist()))
        compared += len(rows)
    return found / (10 * len(queries)), compared / (table.living * len(queries))


@pytest.mark.parametrize("metric", METRICS)
def test_finds_the_neighbours_and_compares_few(metric: Metric) -> None:
    table = table_of(VECTORS)
    found, compared = recall(LshIndex.built(table, metric), table, QUERIES, metric)
    assert found >= 0.9
    assert compared <= 0.08


@pytest.mark.parametrize("metric", METRICS)
def test_adding_in_steps_finds_as_much_as_building_at_once(metric: Metric) -> None:
    table = table_of(VECTORS[:1800])
    index = LshIndex.built(table, metric)
    for start in range(1800, 3000, 60):
        table = table.put(np.arange(start + 1, start + 61), VECTORS[start : start + 60], "float32")
        index = index.extended(table)
        assert index.count == table.count
    table = table.drop(range(1, 500))
    found, compared = recall(index, table, QUERIES[:50], metric)
    assert found >= 0.9
    assert compared <= 0.1
    for row in (1799, 1800, 2400, 2999):
        rows = index.candidates(VECTORS[row], table.alive, 50, 1).rows
        assert row in rows


def test_candidates_are_distinct_allowed_and_of_the_callers_version() -> None:
    old = table_of(VECTORS[:500])
    new = old.put(np.arange(501, 701), VECTORS[500:700], "float32").drop([7])
    index = LshIndex.built(old, "cosine").extended(new)
    for table in (old, new):
        found = index.candidates(VECTORS[600], table.alive, 5000, 1)
        assert len(np.unique(found.rows)) == len(found.rows) == found.scanned
        assert found.rows.max() < table.count
        assert table.alive[found.rows].all()
        assert len(found.rows) == table.living


def test_the_same_seed_gives_the_same_answers() -> None:
    table = table_of(VECTORS)
    first, again = (LshIndex.built(table, "cosine", seed=5) for _ in range(2))
    other = LshIndex.built(table, "cosine", seed=6)
    differ = False
    for query in QUERIES[:10]:
        rows = first.candidates(query, table.alive, 100, 10).rows
        np.testing.assert_array_equal(rows, again.candidates(query, table.alive, 100, 10).rows)
        differ |= rows.tolist() != other.candidates(query, table.alive, 100, 10).rows.tolist()
    assert differ


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("kind", ["one", "two", "identical", "zero", "line", "two points"])
def test_degenerate_data_is_bounded_and_found(metric: Metric, kind: str) -> None:
    vectors = {
        "one": vectors_of(1),
        "two": vectors_of(2),
        "identical": np.repeat(vectors_of(1), 3000, axis=0),
        "zero": np.zeros((2000, 512), np.float32),
        "line": vectors_of(1) * np.linspace(-1, 1, 2000, dtype=np.float32)[:, None],
        "two points": np.repeat(vectors_of(2), 1500, axis=0),
    }[kind]
    table = table_of(vectors)
    index = LshIndex.built(table, metric)
    k = min(10, len(vectors))
    found = index.candidates(vectors[-1], table.alive, budget_for(table.living, k), k)
    assert k <= len(found.rows) <= max(budget_for(table.living, k), k)
    best = rank_rows(table, found.rows, vectors[-1], metric, k)
    true = rank_all(table, table.alive, vectors[-1], metric, k)
    np.testing.assert_allclose(best.scores, true.scores, atol=1e-6)


def test_a_small_group_is_found_among_thousands_of_equal_vectors() -> None:
    rng = np.random.default_rng(1)
    crowd = np.repeat(VECTORS[:1], 4000, axis=0)
    group = VECTORS[500] + rng.standard_normal((10, 512)).astype(np.float32) * 0.02
    table = table_of(np.concatenate([crowd, group]))
    rows = LshIndex.built(table, "cosine").candidates(group[0], table.alive, 60, 10).rows
    assert set(range(4000, 4010)) <= set(rows.tolist())


def test_probes_come_nearest_first_and_never_twice() -> None:
    hashing = Hashing.fitted(VECTORS, "cosine", len(VECTORS), seed=1)
    probes = hashing.probes(QUERIES[0], 20)
    assert len(np.unique(probes.keys)) == len(probes.keys) == TABLES << hashing.bits
    hashes = hashing.hash(QUERIES[:1])
    own = hashes.codes[0].astype(np.int64) + (np.arange(TABLES) << hashing.bits)
    assert sorted(probes.keys[:TABLES].tolist()) == sorted(own.tolist())
    np.testing.assert_array_equal(probes.sketch, hashes.sketches[0])


def test_centring_spreads_the_codes_of_vectors_with_a_common_mean() -> None:
    shifted = VECTORS + np.float32(50)
    hashes = Hashing.fitted(shifted, "euclidean", len(shifted), seed=1).hash(shifted)
    assert len(np.unique(hashes.codes[:, 0])) > 50


def test_bits_grow_with_the_library_within_bounds() -> None:
    bits = [bits_for(10**power) for power in range(10)]
    assert bits == sorted(bits)
    assert (bits[0], bits[-1]) == (4, 16)


def test_an_index_moves_to_new_row_numbers() -> None:
    before = table_of(VECTORS[:400]).put(np.array([2]), VECTORS[450:451], "float32").drop([9])
    index = LshIndex.built(before, "cosine").extended(before)
    after = VectorTable.of(*before.living_vectors(), "weights-1", "float32")
    moved = index.renumbered(before.living_rows(), after)
    assert moved.fits(after)
    assert moved.count == after.count == 399
    for query in QUERIES[:10]:
        old = index.candidates(query, before.alive, 40, 1).rows
        new = moved.candidates(query, after.alive, 40, 1).rows
        assert len(set(before.ids[old].tolist()) & set(after.ids[new].tolist())) >= 38


def test_indexes_are_built_once_and_follow_the_table() -> None:
    indexes = Indexes()
    table = table_of(VECTORS[:300])
    first = indexes.of("clip", "cosine", table)[0]
    assert indexes.of("clip", "cosine", table)[0] is first
    assert indexes.of("clip", "euclidean", table)[0] is not first
    grown = table.put(np.arange(301, 311), VECTORS[300:310], "float32")
    extended = indexes.of("clip", "cosine", grown)[0]
    assert extended.count == 310
    assert extended.hashing is first.hashing
    assert indexes.of("clip", "cosine", table)[0] is extended
    doubled = grown.put(np.arange(400, 1400), VECTORS[400:1400], "float32")
    assert indexes.of("clip", "cosine", doubled)[0].hashing is not first.hashing
    other = table_of(VECTORS[:5])
    assert indexes.of("clip", "cosine", other)[0].count == 5


def test_a_damaged_vector_is_no_reason_to_crash() -> None:
    vectors = vectors_of(20)
    vectors[3, 3] = np.nan
    with pytest.raises(LibraryDamaged):
        LshIndex.built(table_of(vectors), "cosine")


def test_an_index_of_an_emptied_space_is_not_taken_over_after_a_fold() -> None:
    indexes = Indexes()
    old = table_of(VECTORS[:50])
    indexes.of("clip", "cosine", old)
    refilled = table_of(VECTORS[50:100])  # another lineage: other weights, say
    folded = table_of(VECTORS[50:100])
    kept = {"clip": refilled.living_rows()}
    after = indexes.renumbered(kept, {"clip": refilled}, {"clip": folded})
    index, made = after.of("clip", "cosine", folded)
    assert made
    near = index.candidates(VECTORS[60], folded.alive, 5, 1)
    assert 10 in near.rows.tolist()


def test_the_probes_widen_where_too_few_rows_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cbir.library.hashing.bits_for", lambda count: 13)
    monkeypatch.setattr(lsh, "_FLIPS", 1)
    table = table_of(VECTORS[:400])
    index = LshIndex.built(table, "cosine")
    query = VECTORS[0]
    unit = VECTORS[:400] / np.linalg.norm(VECTORS[:400], axis=1, keepdims=True)
    far = np.argsort(unit @ unit[0])[:5]  # the rows that its likeliest buckets lack
    allowed = np.zeros(400, np.bool_)
    allowed[far] = True
    with monkeypatch.context() as narrow:
        narrow.setattr(lsh, "_WIDEST_FLIPS", 1)
        assert len(index.candidates(query, allowed, 10, 5).rows) < 5
    assert sorted(index.candidates(query, allowed, 10, 5).rows) == sorted(far)
