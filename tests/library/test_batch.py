"""Many queries for what is very near: nothing farther comes back, and little is missed."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cbir.library.batch import Near, rank_many
from cbir.library.building import build
from cbir.library.many import rank_all_many
from cbir.library.vector_table import VectorTable
from cbir.records import Float32Array
from tests.library.helpers import mixture

LEAST = 0.98


def _table(vectors: Float32Array) -> VectorTable:
    return VectorTable.of(np.arange(len(vectors)), vectors, "made up", "float32")


def _turned(
    vectors: Float32Array, aside: NDArray[np.float64], cosine: float | NDArray[np.float64]
) -> Float32Array:
    """Vectors (n, 512) at this cosine from others, towards ``aside`` (n, 512)."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    aside = aside - (aside * vectors).sum(axis=1, keepdims=True) * vectors / lengths**2
    aside *= lengths / np.linalg.norm(aside, axis=1, keepdims=True)
    return (cosine * vectors + np.sqrt(1 - cosine**2) * aside).astype(np.float32)


@pytest.mark.parametrize("cosine", [0.981, 0.99, 0.9999])
def test_what_is_near_enough_is_found_at_any_distance(cosine: float) -> None:
    random = np.random.default_rng(3)
    vectors = mixture(3000)
    aside = random.standard_normal((3000, 512)) * vectors.std(axis=0)  # as pictures differ
    queries = _turned(vectors, aside, cosine)
    table = _table(vectors)
    index = build(table, "cosine")
    near = Near.of(table, index, LEAST)
    found = rank_many(table, index, None, queries, 3, 0.95, near)
    true = rank_all_many(table, None, queries, "cosine", 3, LEAST)
    for nearest in (found.nearest, true):
        assert ((nearest.rows < 0) == np.isnan(nearest.scores)).all()
        assert nearest.scores[nearest.rows >= 0].min() >= LEAST
    own = np.arange(3000)[:, None]
    assert (true.rows == own).any(axis=1).all()
    assert (found.nearest.rows == own).any(axis=1).mean() >= 0.97
    assert found.compared < 600


@pytest.mark.parametrize("frames", [0, 8000], ids=["single pictures", "series"])
def test_copies_are_found_beside_series_and_along_the_main_axes(frames: int) -> None:
    """Of a series a query finds the rest without reaching, which says nothing of other copies."""
    random = np.random.default_rng(3)
    vectors = mixture(2040)
    singles, scenes = vectors[:2000], vectors[2000:]
    axes = np.linalg.svd(singles - singles.mean(axis=0), full_matrices=False)[2][:8]
    cosines = random.uniform(LEAST + 1e-4, 0.999, (2000, 1))
    copies = _turned(singles, random.standard_normal((2000, 8)) @ axes, cosines)
    shots = np.repeat(scenes, frames // 40, axis=0)
    series = _turned(shots, random.standard_normal(shots.shape), 0.9995)
    table = _table(np.concatenate([singles, copies, series]))
    index = build(table, "cosine")
    pairs = np.concatenate([singles, copies])
    found = rank_many(table, index, None, pairs, 16, 0.95, Near.of(table, index, LEAST))
    others = np.roll(np.arange(4000), 2000)[:, None]
    linked = (found.nearest.rows == others).any(axis=1)
    assert (linked[:2000] | linked[2000:]).mean() >= 0.995
    assert found.compared < table.count / 5


def test_an_index_of_rows_that_are_gone_still_finds_what_came_since() -> None:
    old, new = mixture(300), mixture(200, seed=8)
    table = _table(old)
    index = build(table, "cosine")
    later = table.drop(list(range(300))).put(np.arange(300, 500), new, "float32")
    near = Near.of(later, index, LEAST)
    assert near.reach == 0
    found = rank_many(later, index, later.alive, new, 2, 0.95, near)
    assert later.ids[found.nearest.rows[:, 0]].tolist() == list(range(300, 500))


@pytest.mark.parametrize("count", [1, 2, 300])
def test_rows_that_show_no_way_to_turn_do_not_shorten_the_reach(count: int) -> None:
    vectors = np.repeat(mixture(1), count, axis=0)
    table = _table(vectors)
    index = build(table, "cosine")
    near = Near.of(table, index, LEAST)
    assert near.reach == np.inf
    found = rank_many(table, index, None, vectors, 1, 0.95, near).nearest
    np.testing.assert_allclose(found.scores, 1, rtol=1e-6)


@pytest.mark.parametrize("same", [0, 1], ids=["of no length", "twins"])
def test_many_vectors_that_show_no_way_to_turn_leave_it_to_the_others(same: int) -> None:
    vectors = mixture(400)
    table = _table(vectors)
    index = build(table, "cosine")
    reach = Near.of(table, index, LEAST).reach
    more = _table(np.concatenate([vectors, same * vectors[:1].repeat(1600, axis=0)]))
    found = Near.of(more, index.extended(more), LEAST).reach
    assert 0 < reach / 2 < found < 2 * reach < np.inf


def test_a_least_cosine_is_for_cosine_alone() -> None:
    table = _table(mixture(50))
    with pytest.raises(ValueError, match="euclidean"):
        rank_all_many(table, None, mixture(2), "euclidean", 3, LEAST)
    index = build(table, "euclidean")
    with pytest.raises(ValueError, match="euclidean"):
        rank_many(table, index, None, mixture(2), 3, 0.95, Near(LEAST, 1.0))
