"""What a map tells of near and far is true to the digits that it shows, however near."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cbir.library.nearness import nearness_of
from cbir.library.vector_table import VectorTable
from cbir.records import METRICS, Float32Array, Metric


def _told(vectors: Float32Array, query: Float32Array, metric: Metric) -> Float32Array:
    table = VectorTable.of(np.arange(len(vectors)), vectors, "made up", "float32")
    ids, near = nearness_of(table, query, metric)
    assert ids.tolist() == list(range(len(vectors)))
    assert near.dtype == np.float32
    return near


def _true(vectors: Float32Array, query: Float32Array, metric: Metric) -> NDArray[np.float64]:
    rows, asked = vectors.astype(np.float64), query.astype(np.float64)
    if metric == "euclidean":
        return -np.linalg.norm(rows - asked, axis=1)
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(asked)
    return np.divide(rows @ asked, lengths, out=np.zeros(len(rows)), where=lengths > 0)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    mean=st.floats(0, 0.999),
    spread=st.floats(-7, 0),
    scale=st.sampled_from([1e-25, 1e-10, 1.0, 10.8, 1e12]),
    metric=st.sampled_from(METRICS),
)
@example(seed=0, mean=0.8, spread=-5.0, scale=10.8, metric="euclidean")
def test_it_agrees_with_float64(
    seed: int, mean: float, spread: float, scale: float, metric: Metric
) -> None:
    """Vectors with a large mean in common, and some that are nearly the query."""
    random = np.random.default_rng(seed)
    noise = random.standard_normal((40, 512)) / np.sqrt(512)
    rows = mean * np.eye(512)[0] + np.sqrt(1 - mean**2) * noise
    rows[1:20] = rows[0] + 10**spread * noise[1:20]
    rows[20] = 0
    rows[21] = rows[0]
    vectors = (scale * rows).astype(np.float32)
    told, true = (of(vectors, vectors[0], metric) for of in (_told, _true))
    if metric == "euclidean":
        assert told == pytest.approx(true, rel=2e-4)
        assert told[0] == told[21] == 0
    else:
        assert told == pytest.approx(true, abs=5e-6)
        assert told[20] == 0 and np.abs(told).max() <= 1


@pytest.mark.parametrize("metric", METRICS)
def test_tiny_and_zero_queries(metric: Metric) -> None:
    random = np.random.default_rng(0)
    vectors = random.standard_normal((30, 512)).astype(np.float32)
    vectors[::3] *= np.float32(1e-22)
    for query in (vectors[3], np.zeros(512, np.float32)):
        told, true = _told(vectors, query, metric), _true(vectors, query, metric)
        assert told == pytest.approx(true, rel=2e-4, abs=5e-6 if metric == "cosine" else 0)
