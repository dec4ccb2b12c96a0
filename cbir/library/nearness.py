"""How near every vector of a space is to one: what colours a map, and tells far from near on it."""

from __future__ import annotations

import numpy as np

from cbir.library.directions import TINY, comparable, squared_lengths
from cbir.library.vector_table import VectorTable
from cbir.records import Float32Array, Int64Array, Metric


def nearness_of(
    table: VectorTable, vector: Float32Array, metric: Metric
) -> tuple[Int64Array, Float32Array]:
    """Ids (n,), ascending, and the cosine with ``vector`` (512,) or the negative L2 distance (n,).

    Within some 30 ms for 100,000 vectors. Raises LibraryDamaged.
    """
    asked = comparable(np.asarray(vector, np.float32), metric)
    near = np.empty(table.count, np.float32)
    for start, block, norms in table.blocks():
        products = block @ asked
        if metric == "cosine":
            found = products / np.maximum(norms, TINY)
        else:
            found = -np.sqrt(np.maximum(norms**2 - 2 * products + squared_lengths(asked), 0))
        near[start : start + len(block)] = found
    rows = table.living_rows()
    return table.ids[rows], near[rows]
