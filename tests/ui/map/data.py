"""Maps for the tests: real projections of made-up vectors, and plain ones of given points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cbir.library.projection import Projection, project
from cbir.records import DIMENSION, Float32Array, ImageFile, Metric, Record
from cbir.work.searching import MapOutcome


def make_record(id_: int) -> Record:
    return Record(id_, ImageFile(f"/pictures/kind/picture-{id_}.jpg", 1000, 0, "0" * 32, 64, 48))


def make_vectors(count: int, seed: int = 1) -> Float32Array:
    """Vectors with a mean and two strong directions, so that the map is no matter of luck."""
    random = np.random.default_rng(seed)
    vectors = random.normal(scale=0.05, size=(count, DIMENSION)) + 0.5
    vectors[:, 0] += random.normal(scale=3.0, size=count)
    vectors[:, 1] += random.normal(scale=1.5, size=count)
    return vectors.astype(np.float32)


def projected(
    vectors: Float32Array, space: str = "classic", metric: Metric = "euclidean", first_id: int = 1
) -> MapOutcome:
    ids = np.arange(first_id, first_id + len(vectors), dtype=np.int64)
    return outcome(project(ids, vectors, space, metric))


def outcome(projection: Projection) -> MapOutcome:
    return MapOutcome(projection, tuple(make_record(int(id_)) for id_ in projection.ids))


def placed(
    points: Sequence[tuple[float, float]] | NDArray[np.floating],
    explained: tuple[float, float] = (0.5, 0.25),
) -> MapOutcome:
    """A map with its points just there; ``place`` puts a vector at its first two numbers."""
    places = np.asarray(points, np.float32).reshape(-1, 2)
    components = np.eye(2, DIMENSION, dtype=np.float32)
    ids = np.arange(1, len(places) + 1, dtype=np.int64)
    mean = np.zeros(DIMENSION, np.float32)
    return outcome(Projection(ids, places, mean, components, explained, "clip", "euclidean"))


def vector_at(x: float, y: float) -> Float32Array:
    """What ``placed`` maps put at x, y."""
    vector = np.zeros(DIMENSION, np.float32)
    vector[:2] = x, y
    return vector
