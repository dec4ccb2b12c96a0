"""Many queries for what is very near: nothing farther comes back, and little is missed."""

from __future__ import annotations

import numpy as np
import pytest

from cbir.library.batch import rank_many
from cbir.library.building import build
from cbir.library.many import rank_all_many
from cbir.library.vector_table import VectorTable
from cbir.records import Float32Array
from tests.library.helpers import mixture

LEAST = 0.98


def _table(vectors: Float32Array) -> VectorTable:
    return VectorTable.of(np.arange(len(vectors)), vectors, "made up", "float32")


@pytest.mark.parametrize("cosine", [0.981, 0.99, 0.9999])
def test_what_is_near_enough_is_found_at_any_distance(cosine: float) -> None:
    random = np.random.default_rng(3)
    vectors = mixture(3000)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    aside = random.standard_normal((3000, 512)) * vectors.std(axis=0)  # as pictures differ
    aside -= (aside * vectors).sum(axis=1, keepdims=True) * vectors / lengths**2
    aside *= lengths / np.linalg.norm(aside, axis=1, keepdims=True)
    queries = (cosine * vectors + np.sqrt(1 - cosine**2) * aside).astype(np.float32)
    table = _table(vectors)
    found = rank_many(table, build(table, "cosine"), None, queries, 3, 0.95, LEAST)
    true = rank_all_many(table, None, queries, "cosine", 3, LEAST)
    for nearest in (found.nearest, true):
        assert ((nearest.rows < 0) == np.isnan(nearest.scores)).all()
        assert nearest.scores[nearest.rows >= 0].min() >= LEAST
    own = np.arange(3000)[:, None]
    assert (true.rows == own).any(axis=1).all()
    assert (found.nearest.rows == own).any(axis=1).mean() >= 0.97
    assert found.compared < 600


def test_an_index_of_rows_that_are_gone_still_finds_what_came_since() -> None:
    old, new = mixture(300), mixture(200, seed=8)
    table = _table(old)
    index = build(table, "cosine")
    later = table.drop(list(range(300))).put(np.arange(300, 500), new, "float32")
    found = rank_many(later, index, later.alive, new, 2, 0.95, LEAST)
    assert later.ids[found.nearest.rows[:, 0]].tolist() == list(range(300, 500))
