from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cbir.errors import LibraryDamaged
from cbir.library.columns import RecordColumns, TextColumn
from cbir.library.record_table import RecordTable
from cbir.records import ImageFile, Record
from tests.library.helpers import image_file

RECORDS = [
    Record(1, image_file(1), ("sea", "née"), "a note\nof two lines"),
    Record(4, image_file(4, digest="same")),
    Record(9, ImageFile("/p/\udcff\n.jpg", 1, -5, "same", 0, 0), (), "", True),
]


def test_columns_give_back_what_was_put_in() -> None:
    columns = RecordColumns.of(RECORDS)
    assert columns.problem() is None
    assert [columns.record(row) for row in range(3)] == RECORDS
    assert columns.get(4) == RECORDS[1]
    assert columns.get(5) is columns.get(0) is columns.get(10) is None
    assert columns.by_path[b"/p/\xff\n.jpg"] == 9
    assert columns.by_digest[b"same"] == (4, 9)


def test_ten_thousand_tags_and_a_long_path_survive() -> None:
    tags = tuple(f"tag {number} \udc80" for number in range(10_000))
    record = Record(1, replace(image_file(1), path="/" + "x" * 4094), tags)
    assert RecordColumns.of([record]).record(0) == record


@pytest.mark.parametrize(
    ("field", "value", "phrase"),
    [
        ("ids", np.array([1, 1, 9]), "ascend"),
        ("ids", np.array([0, 4, 9]), "ascend"),
        ("numbers", np.zeros((2, 5), np.int64), "shape"),
        ("numbers", np.full((3, 5), -1), "below 0"),
        ("paths", TextColumn.of([b"/a"]), "offsets"),
        ("paths", TextColumn.of([b"/a", b"/b\0", b"/c"]), "zero byte"),
        ("digests", TextColumn.of([b"\xff", b"", b""]), "ASCII"),
        ("extras", TextColumn(np.zeros(3, np.uint8), np.array([0, 2, 1, 3])), "extras"),
        ("extras", TextColumn(np.zeros(3, np.uint8), np.array([0, 1, 2, 9])), "extras"),
    ],
)
def test_columns_that_do_not_fit_are_found(field: str, value: object, phrase: str) -> None:
    wrong = replace(RecordColumns.of(RECORDS), **{field: value})  # type: ignore[arg-type]
    assert phrase in (wrong.problem() or "")


@pytest.mark.parametrize("text", [b"{", b"[1,2]", b'[["a"],1]', b'[[1],""]', b"[" * 100_000])
def test_wrong_tags_are_damage(text: bytes) -> None:
    columns = replace(RecordColumns.of(RECORDS[:1]), extras=TextColumn.of([text]))
    with pytest.raises(LibraryDamaged, match="Record 1"):
        columns.record(0)


def test_changes_reach_every_way_to_find_a_record() -> None:
    before = RecordTable(RecordColumns.of(RECORDS))
    moved = replace(RECORDS[0], file=image_file(77, digest="same"))
    new = Record(12, image_file(12))
    after = before.changed([moved, new], drop=[4, 1000])
    assert [record.id for record in after] == after.ids.tolist() == [1, 9, 12]
    assert len(after) == 3
    assert after.get(4) is None
    assert after.find(RECORDS[0].path) is after.find(RECORDS[1].path) is None
    assert after.find(moved.path) == moved
    assert after.find_digest("same") == (moved, RECORDS[2])
    assert after.find_digest(RECORDS[0].file.digest) == ()
    assert list(before) == RECORDS


def test_two_records_can_swap_paths() -> None:
    before = RecordTable(RecordColumns.of(RECORDS))
    first, second = RECORDS[0], RECORDS[1]
    after = before.changed([replace(first, file=second.file), replace(second, file=first.file)])
    found = after.find(first.path)
    assert found is not None
    assert found.id == second.id
    assert len(after) == 3


def test_paths_are_found_below_folders_after_changes_too() -> None:
    def record(id: int, path: str) -> Record:
        return Record(id, replace(image_file(id), path=path))

    names = ["/p", "/p/a.jpg", "/p/b/c.jpg", "/pp/d.jpg", "/q/\udcff.jpg"]
    before = RecordTable(RecordColumns.of([record(n, name) for n, name in enumerate(names, 1)]))
    assert before.paths_below(["/p"]) == ["/p", "/p/a.jpg", "/p/b/c.jpg"]
    assert before.paths_below(["/p/b/", "/q"]) == ["/p/b/c.jpg", "/q/\udcff.jpg"]
    assert before.paths_below(["/"]) == names
    assert before.paths_below([]) == before.paths_below(["/p/\ud800"]) == []
    after = before.changed([record(2, "/q/a.jpg"), record(9, "/p/new.jpg")], drop=[3])
    assert after.paths_below(["/p"]) == ["/p", "/p/new.jpg"]
    assert sorted(after.paths_below(["/q"])) == ["/q/a.jpg", "/q/\udcff.jpg"]
