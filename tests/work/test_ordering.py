from __future__ import annotations

import os
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from cbir.asking import ORDER_KEYS, Order
from cbir.records import NOT_READ, UNDATED, ImageFile, Record
from cbir.work.ordering import natural, ordered


def record(
    id_: int, name: str = "a.jpg", size: int = 1, mtime: float = 0, taken: int = UNDATED
) -> Record:
    return Record(id_, ImageFile(f"/p/{name}", size, int(mtime * 1e9), "", 1, 1, taken))


def ids(records: Sequence[Record]) -> list[int]:
    return [record.id for record in records]


def test_numbers_in_names_go_by_their_value() -> None:
    names = ["IMG_10.jpg", "img_9.jpg", "img_0100.jpg", "Apple.png", "zebra 2b.png", "zebra 2a.png"]
    found = ordered([record(n, name) for n, name in enumerate(names)], Order("name"))
    assert [os.path.basename(one.path) for one in found] == [
        "Apple.png",
        "img_9.jpg",
        "IMG_10.jpg",
        "img_0100.jpg",
        "zebra 2a.png",
        "zebra 2b.png",
    ]


def test_the_largest_and_the_newest_come_first() -> None:
    records = [record(1, size=5, mtime=100_000), record(2, size=9), record(3, size=7, mtime=1e9)]
    assert ids(ordered(records, Order("size"))) == [2, 3, 1]
    assert ids(ordered(records, Order("date"))) == [3, 1, 2]
    assert ids(ordered(records, Order("date", reverse=True))) == [2, 1, 3]


def test_when_it_was_taken_counts_more_than_when_its_file_was_changed() -> None:
    records = [
        record(1, mtime=2e9, taken=1000),
        record(2, mtime=1e9),
        record(3, mtime=1e9 - 90_000, taken=NOT_READ),
    ]
    assert ids(ordered(records, Order("date"))) == [2, 3, 1]


def test_score_and_added_keep_what_comes() -> None:
    records = [record(2), record(1)]
    for key in ("score", "added"):
        assert ids(ordered(records, Order(key))) == [2, 1]  # type: ignore[arg-type]
        assert ids(ordered(records, Order(key, reverse=True))) == [1, 2]  # type: ignore[arg-type]


@given(st.text(), st.text())
def test_natural_keys_of_any_names_can_be_compared(one: str, other: str) -> None:
    assert (natural(one) < natural(other)) + (natural(other) < natural(one)) <= 1


@given(st.lists(st.tuples(st.text(max_size=5), st.integers(0, 3), st.integers(-(2**62), 2**62))))
def test_every_order_keeps_every_record(wild: list[tuple[str, int, int]]) -> None:
    records = [
        Record(n, ImageFile(f"/{name}", size, when, "", 1, 1, UNDATED))
        for n, (name, size, when) in enumerate(wild)
    ]
    for key in ORDER_KEYS:
        found = ordered(records, Order(key))
        assert sorted(ids(found)) == ids(records)
        assert ids(ordered(records, Order(key, reverse=True))) == ids(found)[::-1]
