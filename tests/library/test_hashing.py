from __future__ import annotations

import numpy as np
import pytest

from cbir.library.directions import comparable
from cbir.library.hashing import Hashes, Hashing, buckets_for, sample_for
from cbir.records import METRICS, Float32Array, Metric
from tests.library.helpers import mixture, vectors_of

DATA = mixture(3100)
QUERIES, VECTORS = DATA[:100], DATA[100:]


def estimated(hashing: Hashing, query: Float32Array, vectors: Float32Array) -> Float32Array:
    """The sketches' squared distances between a query and vectors, whatever their buckets."""
    hashes = hashing.hash(vectors)
    buckets, own = np.unique(hashes.buckets, return_inverse=True)
    probe = hashing.probe(hashing.centred(query), buckets.astype(np.int64))
    return probe.costs(hashes.sketches, hashes.squares, hashes.slopes, own.astype(np.int64))


@pytest.mark.parametrize("metric", METRICS)
def test_sketches_estimate_the_squared_distance(metric: Metric) -> None:
    hashing = Hashing.fitted(VECTORS, metric, len(VECTORS), seed=1)
    seen, queries = comparable(VECTORS, metric), comparable(QUERIES, metric)
    errors, spreads = [], []
    for query, shown in zip(QUERIES[:20], queries[:20], strict=True):
        true = ((seen - shown) ** 2).sum(axis=1)
        errors.append(estimated(hashing, query, VECTORS) - true)
        spreads.append(true.std())
    assert np.std(errors) < 0.35 * np.mean(spreads)
    assert abs(np.mean(errors)) < 0.1 * np.mean(spreads)


def test_a_vector_is_estimated_to_be_where_it_is() -> None:
    hashing = Hashing.fitted(VECTORS, "euclidean", len(VECTORS), seed=1)
    for vector in VECTORS[:20]:
        costs = estimated(hashing, vector, VECTORS)
        assert np.argmin(costs) == np.flatnonzero((vector == VECTORS).all(axis=1))[0]


def test_every_vector_lies_in_the_bucket_with_no_gap() -> None:
    hashing = Hashing.fitted(VECTORS, "cosine", len(VECTORS), seed=1)
    hashes = hashing.hash(VECTORS[:50])
    for vector, bucket in zip(VECTORS[:50], hashes.buckets, strict=True):
        gaps = hashing.gaps(hashing.centred(vector))
        assert gaps.shape == (hashing.bucket_count,)
        assert gaps.min() == 0
        assert gaps[bucket] == pytest.approx(0, abs=1e-6)


def test_near_vectors_share_buckets_more_than_others() -> None:
    hashing = Hashing.fitted(VECTORS, "cosine", len(VECTORS), seed=1)
    rng = np.random.default_rng(2)
    near = VECTORS + rng.standard_normal(VECTORS.shape).astype(np.float32) * 0.02
    buckets, moved = hashing.hash(VECTORS).buckets, hashing.hash(near).buckets
    assert np.mean(buckets == moved) > 0.8
    assert np.mean(buckets == np.roll(moved, 1)) < 0.1


def test_centring_spreads_vectors_with_a_common_mean() -> None:
    shifted = VECTORS + np.float32(50)
    buckets = Hashing.fitted(shifted, "euclidean", len(shifted), seed=1).hash(shifted).buckets
    counts = np.bincount(buckets)
    assert np.count_nonzero(counts) > 150
    assert counts.max() < 200


def test_the_projections_are_orthonormal() -> None:
    hashing = Hashing.fitted(VECTORS, "cosine", len(VECTORS), seed=1)
    for directions in (hashing.projection, hashing.rotation):
        np.testing.assert_allclose(
            directions.T @ directions, np.eye(directions.shape[1]), atol=1e-5
        )


def test_the_same_seed_gives_the_same_hashes() -> None:
    first, again, other = (
        Hashing.fitted(VECTORS, "cosine", len(VECTORS), seed).hash(QUERIES) for seed in (5, 5, 6)
    )
    np.testing.assert_array_equal(first.sketches, again.sketches)
    np.testing.assert_array_equal(first.buckets, again.buckets)
    assert (first.sketches != other.sketches).any()


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_any_scale_hashes_alike(scale: float) -> None:
    scaled = VECTORS * np.float32(scale)
    hashing = Hashing.fitted(scaled, "euclidean", len(scaled), seed=1)
    buckets = hashing.hash(scaled).buckets
    plain = Hashing.fitted(VECTORS, "euclidean", len(VECTORS), seed=1).hash(VECTORS).buckets
    assert np.mean(buckets == plain) > 0.95


def test_buckets_grow_with_the_square_root_within_bounds() -> None:
    counts = [buckets_for(10**power) for power in range(10)]
    assert counts == sorted(counts)
    assert buckets_for(0) == 1
    assert buckets_for(1_000_000) == 4000
    assert counts[-1] <= 1 << 16
    assert sample_for(500) == 500


def test_hashes_are_joined_and_taken_by_rows() -> None:
    hashing = Hashing.fitted(VECTORS, "cosine", len(VECTORS), seed=1)
    whole = hashing.hash(VECTORS[:30])
    both = Hashes.joined(whole[:10], whole[slice(10, 30)])
    np.testing.assert_array_equal(both.sketches, whole.sketches)
    assert len(both[np.array([3, 1])]) == 2
    assert both[np.array([3, 1])].buckets.tolist() == whole.buckets[[3, 1]].tolist()


def test_one_vector_is_enough_to_fit() -> None:
    vector = vectors_of(1)
    hashing = Hashing.fitted(vector, "cosine", 1, seed=1)
    assert hashing.bucket_count == 1
    assert estimated(hashing, vector[0], vector)[0] == pytest.approx(0, abs=1e-5)
