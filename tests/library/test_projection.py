from __future__ import annotations

import numpy as np
import pytest

from cbir.library.projection import Projection, project
from cbir.records import METRICS, Float32Array, Metric
from tests.library.helpers import mixture, vectors_of


def fit(vectors: Float32Array, metric: Metric = "cosine") -> Projection:
    return project(np.arange(len(vectors)), vectors, "clip", metric)


@pytest.mark.parametrize("metric", METRICS)
def test_agrees_with_a_singular_value_decomposition(metric: Metric) -> None:
    vectors = mixture(400)
    seen = vectors.astype(np.float64)
    if metric == "cosine":
        seen /= np.linalg.norm(seen, axis=1, keepdims=True)
    centred = seen - seen.mean(axis=0)
    _, values, axes = np.linalg.svd(centred, full_matrices=False)
    projection = fit(vectors, metric)
    np.testing.assert_allclose(projection.explained, values[:2] ** 2 / (values**2).sum())
    for axis in range(2):
        reference = centred @ axes[axis]
        sign = np.sign(reference @ projection.points[:, axis])
        np.testing.assert_allclose(projection.points[:, axis], sign * reference, atol=1e-5)
    np.testing.assert_allclose(
        projection.components @ projection.components.T, np.eye(2), atol=1e-6
    )


@pytest.mark.parametrize("metric", METRICS)
def test_a_vector_is_placed_on_its_own_point(metric: Metric) -> None:
    vectors = mixture(100)
    projection = fit(vectors, metric)
    for row in (0, 50, 99):
        np.testing.assert_allclose(
            projection.place(vectors[row]), projection.points[row], atol=1e-4
        )
    assert projection.place(vectors[0]).dtype == projection.points.dtype == np.float32


def test_axes_do_not_flip() -> None:
    vectors = mixture(100)
    first, again = fit(vectors), fit(vectors[::-1].copy())
    np.testing.assert_allclose(first.components, again.components, atol=1e-5)


@pytest.mark.parametrize(
    "vectors",
    [vectors_of(1), np.repeat(vectors_of(1), 30, axis=0), np.zeros((5, 512), np.float32)],
)
@pytest.mark.parametrize("metric", METRICS)
def test_nothing_varies_nothing_is_explained(vectors: Float32Array, metric: Metric) -> None:
    projection = fit(vectors, metric)
    assert projection.explained == (0.0, 0.0)
    assert projection.points.shape == (len(vectors), 2)
    np.testing.assert_allclose(projection.points, 0, atol=1e-4)


def test_two_vectors_lie_on_one_axis() -> None:
    projection = fit(vectors_of(2), "euclidean")
    assert projection.explained == pytest.approx((1.0, 0.0))
