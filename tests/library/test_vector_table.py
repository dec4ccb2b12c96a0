from __future__ import annotations

import numpy as np
import pytest

from cbir.errors import LibraryDamaged
from cbir.library.vector_table import BLOCK, VectorTable, join_precisions
from cbir.records import Int64Array
from tests.library.helpers import table_of, vectors_of


def ids(*values: int) -> Int64Array:
    return np.array(values, np.int64)


def test_versions_keep_their_rows() -> None:
    vectors = vectors_of(6)
    first = table_of(vectors[:3])
    second = first.put(ids(4, 5), vectors[3:5], "float32")
    third = second.drop([2, 99]).put(ids(1), vectors[5:], "bfloat16")
    for table, wanted, rows in (
        (first, [1, 2, 3], [0, 1, 2]),
        (second, [1, 2, 3, 4, 5], [0, 1, 2, 3, 4]),
        (third, [1, 3, 4, 5], [5, 2, 3, 4]),
    ):
        held, matrix = table.living_vectors()
        assert held.tolist() == wanted
        assert table.living == len(wanted)
        np.testing.assert_array_equal(matrix, vectors[rows])
    assert third.row(2) is None
    assert third.row(1) == 5
    assert third.precision == "bfloat16, float32"
    assert first.lineage is third.lineage


def test_growing_batch_by_batch_equals_putting_at_once() -> None:
    vectors = vectors_of(5000)
    table = VectorTable.empty("weights-1", "float32")
    for start in range(0, 5000, 700):
        some = vectors[start : start + 700]
        table = table.put(np.arange(start + 1, start + 1 + len(some)), some, "float32")
    np.testing.assert_array_equal(table.living_vectors()[1], vectors)
    rows = np.array([0, 4999, 1023, 1024, 2500])
    np.testing.assert_array_equal(table.gather(rows), vectors[rows])
    norms = np.linalg.norm(vectors, axis=1)
    told = np.concatenate([norms for _, _, norms in table.blocks()])
    np.testing.assert_allclose(told, norms, rtol=1e-5)
    assert len(table._segments) < 6


@pytest.mark.parametrize("start", [0, 1, 1500, BLOCK + 3])
def test_blocks_cover_each_row_once_without_copies(start: int) -> None:
    vectors = vectors_of(BLOCK + 10)
    table = table_of(vectors[:1500]).put(
        np.arange(2000, 2000 + BLOCK - 1490), vectors[1500:], "float32"
    )
    seen = []
    for row, block, norms in table.blocks(start):
        assert row == start + sum(len(part) for part in seen)
        assert block.base is not None
        assert len(block) == len(norms) <= BLOCK
        seen.append(block)
    np.testing.assert_array_equal(np.concatenate(seen), vectors[start:])


def test_dropping_all_leaves_an_empty_table() -> None:
    table = table_of(vectors_of(3)).drop([1, 2, 3])
    assert table.living == 0
    assert table.living_vectors()[1].shape == (0, 512)
    assert table.drop([1]) is table


@pytest.mark.parametrize("number", [np.nan, np.inf, 1e30])
def test_vectors_that_are_none_are_damage(number: float) -> None:
    vectors = vectors_of(3)
    vectors[1, 5] = number
    with pytest.raises(LibraryDamaged, match="no vectors"):
        table_of(vectors).living_vectors()


def test_precisions_are_listed_once() -> None:
    assert join_precisions("", "float32") == "float32"
    assert join_precisions("bfloat16, float32", "bfloat16") == "bfloat16, float32"
