"""Made-up picture files, vectors and libraries for the tests of this folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cbir.library import Library
from cbir.library.vector_table import VectorTable
from cbir.records import DIMENSION, Embeddings, Float32Array, ImageFile


def image_file(number: int, folder: str = "/pictures", digest: str | None = None) -> ImageFile:
    content = digest if digest is not None else f"{number:032x}"
    path = f"{folder}/{number}.jpg"
    return ImageFile(path, 1000 + number, 1_600_000_000_000_000_000 + number, content, 640, 480)


def vectors_of(count: int, seed: int = 0) -> Float32Array:
    return np.random.default_rng(seed).standard_normal((count, DIMENSION)).astype(np.float32)


def made(vectors: Float32Array, fingerprint: str = "weights-1") -> Embeddings:
    return Embeddings(vectors, fingerprint)


def filled(path: Path, count: int, seed: int = 0, space: str = "classic") -> Library:
    library = Library.open(path)
    files = [image_file(number) for number in range(1, count + 1)]
    library.add(files, {space: made(vectors_of(count, seed))})
    return library


def table_of(vectors: Float32Array) -> VectorTable:
    ids = np.arange(1, len(vectors) + 1, dtype=np.int64)
    return VectorTable.of(ids, vectors, "weights-1", "float32")


def mixture(count: int, seed: int = 7, clusters: int = 40) -> Float32Array:
    """Vectors like a network's: clusters of uneven size around a large common mean."""
    rng = np.random.default_rng(seed)
    spread = np.geomspace(1.0, 0.02, DIMENSION)
    mean = rng.standard_normal(DIMENSION) * 0.9
    centres = rng.standard_normal((clusters, DIMENSION)) * spread
    shares = rng.pareto(1.5, clusters) + 0.2
    members = rng.choice(clusters, count, p=shares / shares.sum())
    inner = rng.standard_normal((count, DIMENSION)) * spread * 0.7
    return (mean + centres[members] + inner).astype(np.float32)
