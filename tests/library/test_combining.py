from __future__ import annotations

import numpy as np
import pytest

from cbir.library.combining import DISLIKED, LIKED, Cone, Part, centroid, combine
from cbir.records import DIMENSION, METRICS, Float32Array, Metric


def axis(number: int, length: float = 1.0) -> Float32Array:
    vector = np.zeros(DIMENSION, np.float32)
    vector[number] = length
    return vector


def two_cones(seed: int = 0) -> tuple[Float32Array, Float32Array]:
    """Pictures and words of the same eight meanings, each side far from the other."""
    rng = np.random.default_rng(seed)
    meanings = rng.standard_normal((8, DIMENSION)).astype(np.float32)
    return meanings + 30 * axis(0), meanings + 30 * axis(1)


@pytest.mark.parametrize("metric", METRICS)
def test_from_their_own_means_words_and_pictures_of_one_meaning_point_the_same_way(
    metric: Metric,
) -> None:
    pictures, words = two_cones()
    seen, read = Cone.of(pictures, metric), Cone.of(words, metric)
    for number in range(8):
        towards = [
            float(seen.direction(pictures[i]) @ read.direction(words[number])) for i in range(8)
        ]
        assert int(np.argmax(towards)) == number
        assert towards[number] > 0.95


@pytest.mark.parametrize("metric", METRICS)
def test_a_place_lies_in_its_direction_on_the_pictures_side(metric: Metric) -> None:
    pictures, _ = two_cones()
    cone = Cone.of(pictures, metric)
    placed = cone.place(axis(7, 3.0))
    away = placed - cone.mean
    assert away[7] == pytest.approx(np.linalg.norm(away), rel=1e-5)
    assert cone.spread <= away[7] <= 3 * cone.spread


def test_a_centroid_under_cosine_ignores_lengths() -> None:
    found = centroid([axis(0, 5), axis(1, 1)], [1, 1], "cosine")
    assert found[:2].tolist() == [0.5, 0.5]
    assert centroid([axis(0, 5), axis(1, 1)], [1, 3], "euclidean")[:2].tolist() == [1.25, 0.75]


def test_weights_and_signs_turn_the_direction() -> None:
    sea, people = axis(0), axis(1)
    found = combine([Part(sea, 2), Part(people, -1)])
    assert found is not None
    assert found[0] == pytest.approx(2 / np.sqrt(5))
    assert found[1] == pytest.approx(-1 / np.sqrt(5))


def test_rocchio_shares_one_weight_among_the_wanted_and_one_among_the_unwanted() -> None:
    parts = [
        Part(axis(0), 1),
        Part(axis(1), 1, feedback=True),
        Part(axis(2), 1, feedback=True),
        Part(axis(3), -1, feedback=True),
    ]
    found = combine(parts)
    assert found is not None
    expected = np.array([1, LIKED / 2, LIKED / 2, -DISLIKED])
    assert found[:4] == pytest.approx(expected / np.linalg.norm(expected))


def test_what_cancels_is_no_direction() -> None:
    same = axis(3) + axis(4)
    assert combine([Part(same, 0.3), Part(same, -0.3)]) is None
    assert combine([Part(axis(1, 0.0), 1)]) is None


def test_vectors_that_are_all_the_same_have_no_direction() -> None:
    cone = Cone.of(np.stack([axis(0), axis(0)]), "cosine")
    assert not cone.direction(axis(0)).any()
    assert np.isfinite(cone.place(axis(1))).all()
