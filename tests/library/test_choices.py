"""What there is to choose from in a filter."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cbir.asking import Filter
from cbir.library import Choices, Library, choices
from cbir.records import NOT_READ, UNDATED, Record
from tests.library.helpers import image_file

DAY = 86400


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "lib.npz") as library:
        library.add(
            [
                replace(image_file(1, "/p/2020/may"), taken=18_000 * DAY + 5),
                replace(
                    image_file(2, "/p/2020/may"), taken=18_010 * DAY, path="/p/2020/may/2.JPEG"
                ),
                replace(image_file(3, "/p/2021"), taken=UNDATED, path="/p/2021/3.png"),
                replace(image_file(4, "/elsewhere/deep"), path="/elsewhere/deep/bare"),
            ]
        )
        library.add_root("/p")
        yield library


def test_what_there_is_is_listed_with_counts(library: Library) -> None:
    found = library.choices()
    assert found.folders == (
        ("/elsewhere/deep", 1),
        ("/p", 3),
        ("/p/2020", 2),
        ("/p/2020/may", 2),
        ("/p/2021", 1),
    )
    assert found.endings == (("jpg", 2), ("png", 1))
    assert found.tags == ()
    first, last = datetime.date(2019, 4, 14), datetime.date(2019, 4, 24)
    assert found.taken == (first, last)
    assert found.modified is not None
    assert library.choices() is found


def test_it_follows_changes_and_folds(library: Library) -> None:
    library.fold()
    library.amend([1, 3], lambda record: replace(record, tags=("warm", "best")))
    library.amend([1], lambda record: replace(record, tags=("best",)))
    library.remove([4])
    found = library.choices()
    assert found.tags == (("best", 2), ("warm", 1))
    assert [folder for folder, _ in found.folders] == [
        "/p",
        "/p/2020",
        "/p/2020/may",
        "/p/2021",
    ]
    library.fold()
    assert library.choices() == found


def test_an_empty_library_offers_nothing(tmp_path: Path) -> None:
    with Library.open(tmp_path / "lib.npz") as library:
        assert library.choices() == Choices()


def test_lists_are_bounded_and_keep_the_most_frequent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choices, "MOST_LISTED", 2)
    with Library.open(tmp_path / "lib.npz") as library:
        library.add([image_file(n, f"/{'abc'[n % 3]}") for n in range(5)])
        library.add([image_file(9, "/c")])
        found = library.choices()
        assert [folder for folder, _ in found.folders] == ["/a", "/b"]


@settings(derandomize=True, deadline=None, max_examples=40)
@given(
    st.lists(st.sampled_from(["/p", "/p/a", "/p/a/b", "/q"]), max_size=8),
    st.lists(st.sampled_from([NOT_READ, UNDATED, 0, -DAY, 5 * DAY]), min_size=8, max_size=8),
)
def test_each_choice_lets_through_as_many_as_it_tells(
    tmp_path_factory: pytest.TempPathFactory, folders: list[str], taken: list[int]
) -> None:
    path = tmp_path_factory.mktemp("choices") / "lib.npz"
    with Library.open(path) as library:
        library.add_root("/p")
        files = [
            replace(image_file(n, folder), taken=date)
            for n, (folder, date) in enumerate(zip(folders, taken, strict=False))
        ]
        ids = library.add(files)
        found = library.choices()
        for folder, count in found.folders:
            assert len(library.matching(Filter(folder=folder))) == count
        for ending, count in found.endings:
            assert len(library.matching(Filter(formats=(ending,)))) == count
        if found.taken is None:
            assert all(file.taken_at is None for file in files)
        else:
            since, until = found.taken
            dated = [id for id, file in zip(ids, files, strict=True) if file.taken_at]
            assert library.matching(Filter(since=since, until=until)).tolist() == dated


def test_missing_files_are_counted(library: Library) -> None:
    def gone(record: Record) -> Record:
        return replace(record, missing=True)

    library.amend([1], gone)
    library.fold()
    library.amend([2, 3], gone)
    library.remove([3])
    assert library.missing == 2 == Counter(record.missing for record in library)[True]
