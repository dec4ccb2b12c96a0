from __future__ import annotations

from pathlib import Path

import pytest

from cbir.library import Library
from cbir.records import ImageFile, Record
from cbir.work.listing import Listing


@pytest.fixture
def listing(tmp_path: Path) -> Listing:
    """Of records 1 to 5, of which 2 and 4 have the same content, 5 is in the journal only."""
    files = [ImageFile(f"/photos/{n}.jpg", n, n, f"{n % 3:032x}", 4, 3) for n in (1, 2, 3, 5, 6)]
    with Library.open(tmp_path / "library.npz") as library:
        library.add(files[:4], {})
        library.fold()
        library.add(files[4:], {})
        table = library.table.prepare()
        listing = Listing(table, table.ids.tolist())
        library.remove([1])  # which the listing does not notice
        return listing


def test_records_are_as_they_were(listing: Listing) -> None:
    assert len(listing) == 5
    assert [record.id for record in listing] == listing.ids == [1, 2, 3, 4, 5]
    assert listing[-1].path == "/photos/6.jpg"
    assert [record.path for record in listing[::-2]] == [
        "/photos/6.jpg",
        "/photos/3.jpg",
        "/photos/1.jpg",
    ]
    with pytest.raises(IndexError):
        listing[5]


def test_records_by_id(listing: Listing) -> None:
    by_id = listing.by_id
    assert by_id[3] == listing[2] and by_id.get(6) is None and 6 not in by_id
    assert sorted(by_id) == [1, 2, 3, 4, 5] and len(by_id) == 5
    newer = Record(3, listing[2].file, tags=("sea",))
    by_id[3] = newer
    assert by_id[3] is newer and len(by_id) == 5
    assert listing[2].tags == () and listing.by_id[3].tags == ()


def test_copies_are_known(listing: Listing) -> None:
    assert [listing.has_copies(record) for record in listing] == [False, True, True, True, True]


def test_records_by_id_are_those_of_the_listing_alone(listing: Listing) -> None:
    some = listing[:2].by_id
    assert set(some) == {1, 2}
    assert 3 not in some
    with pytest.raises(KeyError):
        some[3]
