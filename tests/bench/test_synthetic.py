from __future__ import annotations

import numpy as np
import pytest

from cbir.bench.synthetic import Mixture, two_cones


def unit(vectors: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)  # type: ignore[no-any-return]


def test_vectors_are_like_clip_s_of_photographs() -> None:
    vectors = Mixture().vectors(2000)
    assert vectors.shape == (2000, 512)
    assert vectors.dtype == np.float32
    lengths = np.linalg.norm(vectors, axis=1)
    assert 8 <= lengths.min() < lengths.max() <= 15.001
    seen = unit(vectors)
    assert np.linalg.norm(seen.mean(axis=0)) == pytest.approx(0.72, abs=0.03)
    cosines = seen @ seen.T
    assert np.mean(cosines[np.triu_indices(2000, 1)]) == pytest.approx(0.52, abs=0.03)
    np.fill_diagonal(cosines, -1)
    assert np.mean(cosines[:1000, :1000].max(axis=1)) == pytest.approx(0.79, abs=0.03)
    variances = np.linalg.eigvalsh(np.cov(seen.T))[::-1]
    half = np.searchsorted(np.cumsum(variances) / variances.sum(), 0.5) + 1
    assert 15 <= half <= 45


def test_the_same_seed_draws_the_same_and_more_are_the_same_and_then_some() -> None:
    few, more = Mixture().vectors(100), Mixture().vectors(250)
    np.testing.assert_array_equal(few, more[:100])
    assert (Mixture(seed=2).vectors(100) != few).any()


def test_no_query_is_among_the_vectors() -> None:
    vectors, queries = Mixture().vectors(3000), Mixture().queries(200)
    assert (unit(queries) @ unit(vectors).T).max() < 0.999


def test_two_cones_lie_as_far_apart_as_asked() -> None:
    images, captions = two_cones(500, 75)
    first, second = unit(images).mean(axis=0), unit(captions).mean(axis=0)
    cosine = first @ second / np.linalg.norm(first) / np.linalg.norm(second)
    assert np.degrees(np.arccos(cosine)) == pytest.approx(75, abs=2)
    pairs = unit(captions) @ unit(images).T
    assert np.mean(pairs.argmax(axis=1) == np.arange(500)) > 0.9  # a caption finds its picture
