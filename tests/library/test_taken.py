"""When pictures were taken: kept through journal, fold, undo and repair, and not there before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cbir.library import Library, UserCommand, repair, verify
from cbir.library.archive import ArchiveWriter
from cbir.library.wire import records_of, taken_row
from cbir.records import NOT_READ, UNDATED, ImageFile, Record
from tests.library.helpers import image_file, made, vectors_of

DATES = [1_000, UNDATED, NOT_READ, -(2**40)]
TAG = UserCommand("Tag", "tag")


def files() -> list[ImageFile]:
    return [replace(image_file(n), taken=date) for n, date in enumerate(DATES, 1)]


def dates(library: Library) -> list[int]:
    return [record.file.taken for record in library]


def make(path: Path) -> None:
    with Library.open(path) as library:
        library.add(files(), {"classic": made(vectors_of(len(DATES)))})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lib.npz"


def test_dates_are_kept_by_the_journal_and_by_a_fold(path: Path) -> None:
    make(path)
    with Library.open(path) as library:
        assert dates(library) == DATES
        library.fold()
        assert dates(library) == DATES
    with Library.open(path) as library:
        assert dates(library) == DATES
    assert verify(path).problems == ()
    with np.load(path, allow_pickle=False) as arrays:
        assert arrays["taken"].tolist() == DATES


def test_a_library_of_a_program_that_kept_no_dates_opens_as_it_is(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = ArchiveWriter.add

    def without(writer: ArchiveWriter, name: str, array: Any) -> None:
        if name != "taken":
            add(writer, name, array)

    monkeypatch.setattr(ArchiveWriter, "add", without)
    monkeypatch.setattr("cbir.library.wire.taken_row", lambda records: None)
    make(path)
    with Library.open(path) as library:
        library.fold()
        library.add([replace(image_file(9), taken=5)])
    monkeypatch.undo()
    with Library.open(path) as library:
        assert dates(library) == [NOT_READ] * 5
        library.amend([1], lambda record: replace(record, file=files()[0]))
        assert dates(library) == [DATES[0], *[NOT_READ] * 4]
        library.fold()
        assert dates(library) == [DATES[0], *[NOT_READ] * 4]
    assert sorted(file.name for file in path.parent.iterdir()) == [
        "lib.npz",
        "lib.npz.journal",
        "lib.npz.lock",
    ]  # no other format, so no copy of the old one


def test_an_undone_removal_brings_the_date_back(path: Path) -> None:
    make(path)
    with Library.open(path) as library:
        library.remove([1], command=TAG)
        library.fold()
    with Library.open(path) as library:
        library.undo()
        assert dates(library) == DATES


def test_an_undone_change_of_a_path_is_not_held_up_by_a_date_read_since(path: Path) -> None:
    make(path)
    with Library.open(path) as library:
        old = library.get(3)
        moved = replace(old, file=replace(old.file, path="/elsewhere/3.jpg"))
        library.amend([3], lambda _: moved, command=TAG)
        library.amend([3], lambda record: replace(record, file=replace(record.file, taken=7)))
        library.undo()
        assert library.get(3).path == old.path


def test_a_repair_saves_dates_and_asks_again_for_lost_ones(path: Path) -> None:
    make(path)
    with Library.open(path) as library:
        library.fold()
    data = bytearray(path.read_bytes())
    at = data.find(np.array(DATES, "<i8").tobytes())
    data[at] ^= 1
    path.write_bytes(data)
    with Library.open(repair(path).path) as library:
        assert dates(library) == [NOT_READ] * len(DATES)
        assert [record.path for record in library] == [file.path for file in files()]


@pytest.mark.parametrize("taken", [[], [1, 2], "x", 5, [2**63], [True], [1.5]])
def test_dates_that_do_not_fit_their_records_are_refused(taken: object) -> None:
    row = [1, "/a", 1, 1, "d", 1, 1, [], "", False]
    with pytest.raises(ValueError, match=r"\w"):
        records_of([row], taken)


def test_what_is_written_of_dates_is_read_again() -> None:
    records = tuple(Record(n, file) for n, file in enumerate(files(), 1))
    rows = [[1, "/a", 1, 1, "d", 1, 1, [], "", False]] * len(records)
    again = records_of(rows, taken_row(records))
    assert [record.file.taken for record in again] == DATES
