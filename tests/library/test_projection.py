from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cbir.library import Library
from cbir.library.projection import Projection, followed, project
from cbir.library.vector_table import VectorTable
from cbir.records import METRICS, Embeddings, Float32Array, ImageFile, Metric
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
    np.testing.assert_allclose(projection.explained, values[:4] ** 2 / (values**2).sum(), rtol=1e-5)
    for axis in range(4):
        reference = centred @ axes[axis]
        sign = np.sign(reference @ projection.points[:, axis])
        np.testing.assert_allclose(projection.points[:, axis], sign * reference, atol=1e-5)
    np.testing.assert_allclose(
        projection.components @ projection.components.T, np.eye(4), atol=1e-6
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
    assert projection.explained == (0.0,) * 4
    assert projection.points.shape == (len(vectors), 4)
    np.testing.assert_allclose(projection.points, 0, atol=1e-4)


def test_two_vectors_lie_on_one_axis() -> None:
    projection = fit(vectors_of(2), "euclidean")
    assert projection.explained == pytest.approx((1.0, 0.0, 0.0, 0.0), abs=1e-6)


def table_of(vectors: Float32Array) -> VectorTable:
    return VectorTable.of(np.arange(1, len(vectors) + 1), vectors, "weights", "float32")


def test_a_few_new_vectors_are_put_on_the_same_axes() -> None:
    vectors = mixture(120)
    old = table_of(vectors[:100])
    before = project(*old.living_vectors(), "clip", "cosine")
    new = old.put(np.array([7, 200, 201]), vectors[100:103], "float32").drop([3])
    after = followed(before, old, new)
    assert after is not None and after.components is before.components
    assert after.ids.tolist() == [*(id_ for id_ in range(1, 101) if id_ != 3), 200, 201]
    places = dict(zip(after.ids.tolist(), after.points, strict=True))
    np.testing.assert_array_equal(places[50], before.points[49])
    for id_, vector in zip((7, 200, 201), vectors[100:103], strict=True):
        np.testing.assert_allclose(places[id_], before.place(vector), atol=1e-5)


def test_many_new_vectors_have_the_axes_fitted_anew_also_when_they_come_a_few_at_a_time() -> None:
    vectors = mixture(200)
    old = table_of(vectors[:100])
    held: Projection | None = project(*old.living_vectors(), "clip", "cosine")
    assert held is not None
    assert followed(held, old, old.put(np.arange(200, 230), vectors[:30], "float32")) is None
    assert followed(held, table_of(vectors[:100]), old) is None  # rows of another file
    came = 0
    while held is not None and came < 100:
        new = old.put(np.arange(200 + came, 210 + came), vectors[:10], "float32")
        held, old, came = followed(held, old, new), new, came + 10
    assert came == 30


def test_axes_are_fitted_anew_where_vectors_are_replaced_one_for_one(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    files = [ImageFile(f"/p/{n}.jpg", n, n, f"{n:032x}", 4, 3) for n in range(200)]
    with Library.open(tmp_path / "library.npz") as library:
        made = rng.normal(size=(200, 512)).astype(np.float32)
        ids = library.add(files, {"classic": Embeddings(made, "one")})
        first = library.project("classic", "euclidean")
        for start in range(0, 100, 20):
            library.remove(ids[start : start + 20])
            again = [
                replace(file, path=f"/q/{file.path[3:]}") for file in files[start : start + 20]
            ]
            other = rng.normal(5.0, 3.0, size=(20, 512)).astype(np.float32)
            library.add(again, {"classic": Embeddings(other, "one")})
            last = library.project("classic", "euclidean")
        assert not np.array_equal(first.components, last.components)
