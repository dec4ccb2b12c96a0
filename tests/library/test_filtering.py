"""Which records pass a filter, and searches among them."""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cbir.asking import ANY, DATE_KINDS, ORIENTATIONS, Filter
from cbir.errors import LibraryDamaged
from cbir.library import Library, searching
from cbir.library.columns import RecordColumns
from cbir.library.filtering import matching
from cbir.library.record_table import RecordTable
from cbir.library.texts import TextColumn
from cbir.records import METRICS, NOT_READ, UNDATED, ImageFile, Method, Metric, Query, Record
from tests.library.helpers import image_file, made, mixture

FOLDERS = ("/a", "/a/b", "/ab", "/a/b/c\udcff", "/")
DAYS = [datetime.date(1970, 1, 1) + datetime.timedelta(days=days) for days in (-3, 0, 17000, 17001)]
QUIET = settings(derandomize=True, deadline=None, max_examples=150)


def at(day: datetime.date, hour: int) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(hour))


times = st.builds(at, st.sampled_from(DAYS), st.sampled_from([0, 12, 23]))
files = st.builds(
    lambda folder, name, size, modified, wide, high, taken: ImageFile(
        f"{folder.rstrip('/')}/{name}",
        size,
        int(modified.timestamp()) * 10**9 + 999,
        "d",
        wide,
        high,
        taken,
    ),
    st.sampled_from(FOLDERS),
    st.sampled_from(["x.jpg", "x.JPEG", "y.png", "no-ending", ".jpg", "z.tiff", "w.\udcff"]),
    st.integers(0, 3) | st.integers(0, 2**62),
    times,
    st.integers(0, 3000),
    st.integers(0, 3000),
    st.sampled_from([NOT_READ, UNDATED])
    | times.map(lambda moment: int((moment - datetime.datetime(1970, 1, 1)).total_seconds())),
)
tags = st.lists(st.sampled_from(["a", "b", "ö"]), max_size=3).map(tuple)
contents = st.lists(st.tuples(files, tags, st.booleans()), max_size=12)
days = st.none() | st.sampled_from([*DAYS, datetime.date.min, datetime.date.max])
filters = st.builds(
    Filter,
    folder=st.sampled_from(["", *FOLDERS, "/a/", "/no"]),
    date=st.sampled_from(DATE_KINDS),
    since=days,
    until=days,
    min_bytes=st.integers(0, 3),
    max_bytes=st.none() | st.integers(0, 4) | st.just(2**70),
    min_megapixels=st.sampled_from([0.0, 0.5, 2.0]),
    max_megapixels=st.none() | st.sampled_from([0.0, 1.0, 8.0]),
    formats=st.lists(st.sampled_from(["jpg", "jpeg", "png", "tif", "bmp"]), max_size=2).map(tuple),
    orientations=st.lists(st.sampled_from(ORIENTATIONS), max_size=2).map(tuple),
    tags=tags,
    missing=st.sampled_from([None, True, False]),
)


def passes(record: Record, wanted: Filter) -> bool:
    """The same in plain words, one record at a time."""
    file = record.file
    folder, name = os.path.split(file.path)
    ending = os.path.splitext(name)[1].lower().removeprefix(".")
    names = {"jpg": "jpg", "jpeg": "jpg", "tiff": "tif"}
    above = wanted.folder.rstrip("/") + "/"
    if wanted.date == "taken":
        moment = file.taken_at
    else:
        moment = datetime.datetime.fromtimestamp(file.mtime_ns // 10**9)
    day = moment.date() if moment else None
    megapixels = file.width * file.height / 1e6
    wide = file.width - file.height
    shape = "landscape" if wide > 0 else "portrait" if wide < 0 else "square"
    dated = wanted.since is not None or wanted.until is not None
    return all(
        (
            not wanted.folder or f"{folder.rstrip('/')}/".startswith(above),
            not dated or day is not None,
            wanted.since is None or (day is not None and day >= wanted.since),
            wanted.until is None or (day is not None and day <= wanted.until),
            file.size >= wanted.min_bytes,
            wanted.max_bytes is None or file.size <= wanted.max_bytes,
            megapixels >= wanted.min_megapixels,
            wanted.max_megapixels is None or megapixels <= wanted.max_megapixels,
            not wanted.formats
            or names.get(ending, ending) in {names.get(text, text) for text in wanted.formats},
            not wanted.orientations
            or (shape in wanted.orientations and bool(file.width or file.height)),
            set(wanted.tags) <= set(record.tags),
            wanted.missing is None or record.missing == wanted.missing,
        )
    )


def records_of(held: list[Any], first: int) -> list[Record]:
    return [
        Record(id, file, tagged, "", missing)
        for id, (file, tagged, missing) in enumerate(held, first)
    ]


@QUIET
@given(contents, contents, st.sets(st.integers(1, 12)), filters)
def test_a_filter_lets_through_what_its_words_say(
    old: list[Any], new: list[Any], gone: set[int], wanted: Filter
) -> None:
    """Records of the file, removed and replaced ones, and those added since."""
    before = records_of(old, 1)
    changed = records_of(new, max(1, len(old) - 3))
    table = RecordTable(RecordColumns.of(before)).changed(changed, gone)
    expected = [record.id for record in table if passes(record, wanted)]
    assert matching(table, wanted).tolist() == expected


def test_days_are_those_of_the_place_where_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    late = datetime.datetime(2020, 5, 5, 22, tzinfo=datetime.timezone.utc)
    file = ImageFile("/a.jpg", 1, int(late.timestamp()) * 10**9, "", 1, 1)
    table = RecordTable(RecordColumns.of([Record(1, file)]))
    sixth = datetime.date(2020, 5, 6)
    wanted = Filter(date="modified", since=sixth, until=sixth)
    for zone, expected in (("UTC", []), ("Asia/Tokyo", [1])):
        with monkeypatch.context() as patch:
            patch.setenv("TZ", zone)
            time.tzset()
            assert matching(table, wanted).tolist() == expected
    time.tzset()


def test_tags_that_cannot_be_read_are_damage() -> None:
    columns = RecordColumns.of([Record(1, image_file(1), ("a",))])
    broken = replace(columns, extras=TextColumn.of([b"[1"]))
    with pytest.raises(LibraryDamaged, match="tags"):
        matching(RecordTable(broken), Filter(tags=("a",)))


VECTORS = mixture(600)
WIDE = Filter(orientations=("landscape",))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with Library.open(tmp_path_factory.mktemp("filtering") / "lib.npz") as library:
        files = [
            replace(image_file(n), width=640 if n % 3 else 300, size=n) for n in range(len(VECTORS))
        ]
        library.add(files, {"clip": made(VECTORS)})
        library.remove([5, 6])
        yield library


def test_a_library_tells_who_passes(library: Library) -> None:
    everyone = [record.id for record in library]
    assert library.matching(ANY).tolist() == everyone
    wide = library.matching(WIDE).tolist()
    assert wide == [record.id for record in library if record.file.width == 640]


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    st.sampled_from(METRICS),
    st.sampled_from(["auto", "lsh", "exact"]),
    st.integers(1, 40),
    st.integers(0, 620),
    st.booleans(),
    st.integers(0, 599),
)
def test_k_hits_stay_k_hits_and_all_pass(
    library: Library, metric: Metric, method: Any, k: int, most: int, many: bool, number: int
) -> None:
    among = library.matching(Filter(max_bytes=most, formats=("jpg",)))
    query = Query(VECTORS[number], "clip", "image", metric, method, k, among=among)
    few = searching.FEW
    searching.FEW = 0 if many else few
    try:
        result = library.search(query)
    finally:
        searching.FEW = few
    ids = [hit.id for hit in result.hits]
    assert set(ids) <= set(among.tolist())
    assert len(ids) == len(set(ids)) == min(k, len(among))
    assert result.total == len(among)
    if result.method == "exact":
        true = library.search(replace(query, method="exact", k=600, among=None)).hits
        allowed = [hit for hit in true if hit.id in set(among.tolist())][:k]
        assert [hit.id for hit in allowed] == ids
        assert result.candidates == len(among)


def test_few_are_compared_rather_than_looked_up(library: Library) -> None:
    some = Query(VECTORS[0], "clip", among=library.matching(Filter(max_bytes=50)))
    result = library.search(some)
    assert (result.method, result.reason) == ("exact", "few pictures pass the filter")
    assert (result.total, result.candidates) == (49, 49)
    asked: Method = "lsh"
    assert library.search(replace(some, method=asked)).method in ("lsh", "exact")
    assert library.search(replace(some, modality="text")).reason == "text query"


def test_a_filter_that_lets_most_through_uses_the_index(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "FEW", 0)
    query = Query(VECTORS[0], "clip", k=10, among=library.matching(WIDE))
    result = library.search(query)
    assert result.method == "lsh"
    assert result.candidates < result.total == len(library.matching(WIDE))
    narrow = replace(query, among=library.matching(Filter(max_bytes=50)))
    result = library.search(narrow)
    assert (result.method, result.reason) == ("exact", "LSH is not tuned to this filter")


@pytest.mark.parametrize("metric", METRICS)
def test_lsh_finds_the_nearest_of_those_that_pass(
    tmp_path: Path, metric: Metric, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As often as it promises, though half of what is near does not pass."""
    monkeypatch.setattr(searching, "FEW", 0)
    vectors = mixture(5000)
    with Library.open(tmp_path / "lib.npz") as large:
        large.add([image_file(n) for n in range(5000)], {"clip": made(vectors)})
        among = np.arange(1, 5001, 2)
        found = 0
        for vector in vectors[:40]:
            query = Query(vector, "clip", "image", metric, k=10, among=among)
            result, true = large.search(query), large.search(replace(query, method="exact"))
            assert result.method == "lsh"
            found += len({hit.id for hit in result.hits} & {hit.id for hit in true.hits})
        assert found >= 0.95 * 400


def test_nothing_passes(library: Library) -> None:
    query = Query(VECTORS[0], "clip", among=np.empty(0, np.int64))
    for method in ("auto", "lsh", "exact"):
        result = library.search(replace(query, method=method))
        assert (result.hits, result.total) == ((), 0)
    assert library.search_many(VECTORS[:3], query).ids.shape == (3, 0)


def test_many_queries_under_a_filter_are_exact(library: Library) -> None:
    among = library.matching(WIDE)
    query = Query(VECTORS[0], "clip", k=5, among=among)
    batch = library.search_many(VECTORS[:20], query)
    assert (batch.method, batch.reason, batch.total) == ("exact", "a filter is set", len(among))
    for vector, ids in zip(VECTORS[:20], batch.ids.tolist(), strict=True):
        true = library.search(replace(query, vector=vector, method="exact")).hits
        assert [hit.id for hit in true] == ids
