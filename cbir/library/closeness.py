"""How near pictures are to those found for them: what tells a match from no match, and a copy."""

from __future__ import annotations

import numpy as np

from cbir.library.directions import comparable
from cbir.library.vector_table import VectorTable, row_norms
from cbir.records import DIMENSION, Float32Array, Int64Array, Metric

NEAREST_KEPT = 8
"""Of so many nearest it is kept how near they are: some may be copies."""


def closeness(
    table: VectorTable, queries: Float32Array, rows: Int64Array, metric: Metric
) -> Float32Array:
    """How near query i (q, 512) is to each row of ``rows[i]`` (q, m): float32 (q, m, 2).

    Larger is nearer: first the score for cosine, or the negative distance for euclidean; then the
    cosine similarity. Raises LibraryDamaged.
    """
    others = table.gather(rows.ravel()).reshape(*rows.shape, DIMENSION)
    cosines = np.einsum("qmd,qd->qm", comparable(others, "cosine"), comparable(queries, "cosine"))
    if metric == "cosine":
        near = cosines
    else:
        apart = (others - queries[:, None]).reshape(rows.size, DIMENSION)
        near = -row_norms(apart).reshape(rows.shape)
    return np.stack([near, cosines], axis=2)
