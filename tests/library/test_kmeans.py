from __future__ import annotations

import numpy as np

from cbir.library.kmeans import clusters
from cbir.records import DIMENSION, Float32Array


def bunches(sizes: list[int], seed: int = 3) -> tuple[Float32Array, list[int]]:
    random = np.random.default_rng(seed)
    centres = random.normal(size=(len(sizes), DIMENSION))
    truth = np.repeat(np.arange(len(sizes)), sizes)
    vectors = centres[truth] + random.normal(scale=0.05, size=(len(truth), DIMENSION))
    return vectors.astype(np.float32), truth.tolist()


def test_bunches_are_found_the_largest_first() -> None:
    vectors, truth = bunches([10, 40, 20])
    found = clusters(vectors, 3).groups
    by_size = {1: 0, 2: 1, 0: 2}
    assert found.tolist() == [by_size[group] for group in truth]
    assert clusters(vectors, 3).groups.tolist() == found.tolist()
    assert clusters(vectors, 3, "euclidean", seed=5).groups.tolist() == found.tolist()


def test_a_sample_decides_where_there_are_many() -> None:
    vectors, truth = bunches([9000, 6000])
    assert clusters(vectors, 2).groups.tolist() == truth


def test_there_are_no_more_clusters_than_places() -> None:
    same = np.repeat(bunches([1])[0], 5, axis=0)
    assert clusters(same, 4).groups.tolist() == [0] * 5
    assert clusters(bunches([1, 1])[0], 8).groups.tolist() in ([0, 1], [1, 0])


def test_clusters_that_start_from_those_of_before_keep_their_numbers() -> None:
    vectors, truth = bunches([10, 40, 20, 60])
    some = [at for at, group in enumerate(truth) if group < 3]
    before = clusters(vectors[some], 3)
    after = clusters(vectors, 4, start=before.centres)
    assert after.groups[some].tolist() == before.groups[some].tolist()
    assert set(after.groups[truth.index(3) :].tolist()) == {3}  # the newest, though the largest
    few = clusters(vectors[:5], 3, start=before.centres)
    assert set(few.groups.tolist()) == {2}  # bunch 0 again, the smallest before
