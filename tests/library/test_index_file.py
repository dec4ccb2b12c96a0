"""Indexes kept in the library's file: read again, and made anew wherever they are not sound."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
from numpy.typing import NDArray

from cbir.library import Library
from cbir.library.archive import Archive, ArchiveWriter
from cbir.library.index_file import StoredIndex
from cbir.library.layout import read_snapshot
from cbir.library.vector_table import VectorTable
from cbir.records import METRICS, Hit, JsonObject, Metric, Query
from tests.library.helpers import image_file, made, mixture, vectors_of

DATA = mixture(320)
QUERIES, VECTORS = DATA[:20], DATA[20:]
HASHES = ("buckets", "sketches", "squares", "slopes")
HASHING = ("centre", "projection", "centres", "rotation", "means")
TUNING = ("gaps", "ranks", "reaches", "pools")
PARTS = (*HASHES, *HASHING, *TUNING)
SOME = ("buckets", "means", "gaps")

Arrays = dict[str, NDArray[Any]]
Spoil = Callable[[Arrays, JsonObject], None]


@pytest.fixture(autouse=True)
def _small_ones_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)


def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few are enough to be kept, and few are searched to tune an index."""
    monkeypatch.setattr("cbir.library.indexes.KEPT_FROM", 100)
    monkeypatch.setattr("cbir.library.library.KEPT_FROM", 100)
    monkeypatch.setattr("cbir.library.building._SAMPLE", 40)


@pytest.fixture
def never_built(monkeypatch: pytest.MonkeyPatch) -> None:
    def built(*args: object) -> NoReturn:
        raise AssertionError("an index was made anew")

    monkeypatch.setattr("cbir.library.indexes.build", built)


def query(number: int, metric: Metric = "cosine", k: int = 5) -> Query:
    return Query(QUERIES[number], "clip", metric=metric, k=k)


def answers(library: Library) -> list[tuple[tuple[Hit, ...], str, int, int | None]]:
    results = [
        library.search(query(number, metric))
        for metric in METRICS
        for number in range(len(QUERIES))
    ]
    return [(result.hits, result.method, result.candidates, result.scanned) for result in results]


def check_answers(library: Library) -> None:
    """LSH answers, and hardly another than comparing all gives."""
    for metric in METRICS:
        found = 0
        for number in range(8):
            near = library.search(query(number, metric))
            true = library.search(Query(QUERIES[number], "clip", "image", metric, "exact", 5))
            assert near.method == "lsh"
            assert len(near.hits) == 5
            found += len(set(near.hits) & set(true.hits))
        assert found >= 36
        own = library.vector(17, "clip")
        assert own is not None
        assert library.search(Query(own, "clip", metric=metric)).hits[0].id == 17


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A library file with both indexes; not to be changed."""
    path = tmp_path_factory.mktemp("kept") / "lib.npz"
    with pytest.MonkeyPatch.context() as patch, Library.open(path) as library:
        quick(patch)
        library.add([image_file(number) for number in range(300)], {"clip": made(VECTORS)})
        library.tend()
        library.search(query(0, "euclidean"))
        library.fold()
    yield path


@pytest.fixture
def copy(kept: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(kept, tmp_path / "lib.npz"))


def read_parts(path: Path) -> Arrays:
    with np.load(path, allow_pickle=False) as arrays:
        return dict(arrays)


def rewrite(path: Path, spoil: Spoil) -> None:
    """Change the file's parts, or what its header says of indexes, with all checksums right."""
    arrays = read_parts(path)
    header = json.loads(arrays.pop("header").tobytes())
    arrays.pop("sums")
    spoil(arrays, header["indexes"]["clip"])
    with path.open("wb") as file, ArchiveWriter(file) as writer:
        for name, array in arrays.items():
            # Not ``add``, which makes a row of a single number.
            writer.add_blocks(name, array.shape, array.dtype, [np.ascontiguousarray(array)])
        header["blocks"] = writer.add_sums()
        header["checksums"] = dict(writer.checksums)
        writer.add("header", np.frombuffer(json.dumps(header).encode("ascii"), np.uint8))


def stored(path: Path) -> tuple[StoredIndex | None, VectorTable]:
    with Archive(path) as archive:
        content = read_snapshot(archive)
    return content.indexes.get(("clip", "cosine")), content.snapshot.spaces["clip"]


def is_refused(path: Path, *, unread: bool = False) -> None:
    """The index is not taken from the file: at once where it is to be ``unread``."""
    index, table = stored(path)
    assert (index is None) == unread
    if index is not None:
        with pytest.raises(ValueError):
            index.load(table)


def is_made_anew(path: Path, caplog: pytest.LogCaptureFixture, *, warned: bool) -> None:
    """It opens, answers as it should, and keeps what it made."""
    with caplog.at_level(logging.WARNING), Library.open(path) as library:
        check_answers(library)
        assert library.needs_fold
        assert library.fold()
        check_answers(library)
    told = [record for record in caplog.records if record.name == "cbir.library.indexes"]
    assert bool(told) == warned
    assert all(record.levelno == logging.WARNING for record in told)
    caplog.clear()
    with Library.open(path) as library:
        check_answers(library)
        assert not library.needs_fold
    assert not caplog.records


def test_a_kept_index_answers_as_before_and_is_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lib.npz"
    with Library.open(path) as library:
        library.add([image_file(number) for number in range(300)], {"clip": made(VECTORS)})
        library.tend()
        before = answers(library)
        assert library.needs_fold
        assert library.fold()
        assert not library.needs_fold
        assert answers(library) == before
    monkeypatch.setattr("cbir.library.indexes.build", None)
    for read_only in (True, False):
        with Library.open(path, read_only=read_only) as library:
            assert not library.needs_tending
            assert not library.needs_fold
            assert answers(library) == before
            assert not library.needs_tending
            result = library.search(query(0))
            assert result.recall is not None
            assert result.exact_seconds is not None


@pytest.mark.usefixtures("never_built")
def test_folding_carries_an_index_along_that_was_not_even_read(copy: Path) -> None:
    for number in range(2):
        with Library.open(copy) as library:
            library.add([image_file(400 + number)], {"clip": made(vectors_of(1, number))})
            assert library.fold()
        with Library.open(copy) as library:
            assert not library.needs_tending
            check_answers(library)


@pytest.mark.usefixtures("never_built")
def test_changes_in_the_journal_are_searched_beside_a_kept_index(copy: Path) -> None:
    new = vectors_of(30, 5)
    with Library.open(copy) as library:
        ids = library.add([image_file(500 + at) for at in range(30)], {"clip": made(new)})
        library.remove([3, 4, ids[0]])
        library.update([library.get(9)], {"clip": made(QUERIES[:1])})
    for fold in (False, True, False):
        with Library.open(copy) as library:
            for metric in METRICS:
                for at in (1, 15, 29):
                    result = library.search(Query(new[at], "clip", metric=metric))
                    assert result.method == "lsh"
                    assert result.hits[0].id == ids[at]
                assert library.search(query(0, metric)).hits[0].id == 9
                everything = library.search(query(0, metric, k=1000))
                assert len(everything.hits) == 327
            check_answers(library)
            if fold:
                assert library.fold()


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_smallest_indexes_come_back_too(
    tmp_path: Path, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cbir.library.indexes.KEPT_FROM", 1)
    monkeypatch.setattr("cbir.library.library.KEPT_FROM", 1)
    path = tmp_path / "lib.npz"
    with Library.open(path) as library:
        library.add([image_file(at) for at in range(count)], {"clip": made(VECTORS[:count])})
        library.tend()
        before = library.search(query(0)).hits
        library.fold()
    monkeypatch.setattr("cbir.library.indexes.build", None)
    with Library.open(path) as library:
        result = library.search(query(0))
        assert (result.hits, result.method) == (before, "lsh")


def test_numpy_reads_every_part(kept: Path) -> None:
    arrays = read_parts(kept)
    for metric in METRICS:
        for name in PARTS:
            assert f"clip_{metric}_{name}" in arrays
        assert arrays[f"clip_{metric}_buckets"].shape == (300,)
        assert arrays[f"clip_{metric}_sketches"].shape == (300, 8)
        assert arrays[f"clip_{metric}_gaps"].shape == (40, 100)
    assert not any(array.dtype == object for array in arrays.values())
    with Archive(kept) as archive:
        assert all(part.data % 64 == 0 for part in archive.parts.values())
    heads = json.loads(arrays["header"].tobytes())["indexes"]
    assert set(heads["clip"]) == set(METRICS)


def test_small_indexes_are_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    with Library.open(path) as library:
        library.add([image_file(number) for number in range(99)], {"clip": made(VECTORS[:99])})
        library.fold()
        library.search(query(0))
        assert not library.needs_fold
        library.remove([1])
        library.fold()
    assert not any("buckets" in name for name in read_parts(path))


@pytest.mark.parametrize("name", PARTS)
def test_a_flipped_byte_in_a_part_makes_it_anew(
    copy: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    with Archive(copy) as archive:
        part = archive.parts[f"clip_cosine_{name}"]
    content = bytearray(copy.read_bytes())
    content[(part.data + part.end) // 2] ^= 0x40
    copy.write_bytes(content)
    is_refused(copy)
    if name in SOME:
        is_made_anew(copy, caplog, warned=True)


@pytest.mark.parametrize("name", PARTS)
def test_a_missing_part_makes_it_anew(
    copy: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    rewrite(copy, lambda arrays, heads: forget(arrays, f"clip_cosine_{name}"))
    is_refused(copy, unread=True)
    if name in SOME:
        is_made_anew(copy, caplog, warned=False)


def forget(arrays: Arrays, name: str) -> None:
    del arrays[name]


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("shape", ["short", "flat", "none", "one number"])
def test_a_wrong_shape_is_refused(copy: Path, name: str, shape: str) -> None:
    def spoil(arrays: Arrays, heads: JsonObject) -> None:
        array = arrays[f"clip_cosine_{name}"]
        arrays[f"clip_cosine_{name}"] = {
            "short": array[:-1],
            "flat": array.reshape(-1) if array.ndim > 1 else array[:, None],
            "none": array[:0],
            "one number": array.reshape(-1)[0].reshape(()),
        }[shape]

    rewrite(copy, spoil)
    is_refused(copy)


def put(name: str, change: Callable[[NDArray[Any]], object]) -> Spoil:
    """Change a part of the cosine index in place, or put another in its place."""

    def spoil(arrays: Arrays, heads: JsonObject) -> None:
        array = arrays[f"clip_cosine_{name}"].copy()
        arrays[f"clip_cosine_{name}"] = array
        other = change(array)
        if isinstance(other, np.ndarray):
            arrays[f"clip_cosine_{name}"] = other

    return spoil


def fill(value: float, name: str) -> Spoil:
    return put(name, lambda array: array.reshape(-1)[-1:].fill(value))


def emptied(*names: str) -> Spoil:
    """No samples, or nothing measured, though the rest says otherwise."""

    def spoil(arrays: Arrays, heads: JsonObject) -> None:
        for name in names:
            arrays[f"clip_cosine_{name}"] = arrays[f"clip_cosine_{name}"][:0]

    return spoil


@pytest.mark.parametrize(
    "spoil",
    [
        *(
            pytest.param(fill(value, name), id=f"{value} in {name}")
            for name in PARTS
            if name not in ("buckets", "sketches", "ranks")
            for value in (np.nan, np.inf)
        ),
        pytest.param(fill(69, "buckets"), id="a bucket beyond the last"),
        pytest.param(fill(65535, "buckets"), id="the largest bucket there can be"),
        pytest.param(put("buckets", lambda array: array.fill(0)), id="one bucket for all"),
        pytest.param(put("buckets", lambda array: array[::-1].copy()), id="rows in another order"),
        pytest.param(put("centre", lambda array: array.__iadd__(5)), id="another centre"),
        pytest.param(emptied("gaps", "ranks"), id="no samples"),
        pytest.param(emptied("reaches", "pools"), id="no reaches"),
        pytest.param(emptied(*HASHES), id="no rows"),
        pytest.param(emptied("centres", "means"), id="no buckets"),
    ],
)
def test_numbers_that_cannot_be_are_refused(copy: Path, spoil: Spoil) -> None:
    rewrite(copy, spoil)
    is_refused(copy)


@pytest.mark.parametrize(
    "spoil",
    [
        fill(np.nan, "centre"),
        fill(65535, "buckets"),
        emptied("gaps", "ranks"),
        emptied("reaches", "pools"),
    ],
)
def test_what_was_refused_is_made_anew(
    copy: Path, caplog: pytest.LogCaptureFixture, spoil: Spoil
) -> None:
    rewrite(copy, spoil)
    is_made_anew(copy, caplog, warned=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ranks", np.iinfo(np.int32).max),
        ("ranks", np.iinfo(np.int32).min),
        ("gaps", -1),
        ("gaps", 3e38),
        ("reaches", 0),
        ("pools", -1),
    ],
)
def test_a_tuning_of_nonsense_never_stops_a_search(copy: Path, name: str, value: float) -> None:
    rewrite(copy, put(name, lambda array: array.fill(value)))
    with Library.open(copy) as library:
        for number in range(5):
            result = library.search(query(number))
            assert len(result.hits) == 5
            scores = [hit.score for hit in result.hits]
            assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("name", PARTS)
def test_another_kind_of_number_makes_it_anew(
    copy: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    rewrite(copy, put(name, lambda array: array.astype(np.int64)))
    is_refused(copy, unread=True)
    if name in SOME:
        is_made_anew(copy, caplog, warned=False)


def head(**changes: object) -> Spoil:
    return lambda arrays, heads: heads["cosine"].update(changes)


def heads_are(value: object) -> Spoil:
    return lambda arrays, heads: heads.update(cosine=value)


ANOTHER_KIND = head(kind=2)
NO_TIME = head(exact_seconds=10**400)
ALL_THE_WAY = (ANOTHER_KIND, NO_TIME)


@pytest.mark.parametrize(
    ("spoil", "warned"),
    [
        pytest.param(ANOTHER_KIND, False, id="another kind"),
        pytest.param(head(kind=None), False, id="no kind"),
        pytest.param(head(vectors=1), False, id="other vectors"),
        pytest.param(head(vectors="x"), False, id="no checksum"),
        pytest.param(heads_are(None), False, id="nothing"),
        pytest.param(heads_are([1]), False, id="a list"),
        pytest.param(heads_are("cosine"), False, id="a text"),
        pytest.param(heads_are({}), False, id="empty"),
        pytest.param(head(total=-1), True, id="fewer than none"),
        pytest.param(head(total="many"), True, id="a text for a number"),
        pytest.param(head(total=2**70), True, id="too large a number"),
        pytest.param(head(total=None), True, id="no total"),
        pytest.param(head(exact_seconds=-1), True, id="a time before"),
        pytest.param(head(exact_seconds="soon"), True, id="no time"),
        pytest.param(head(exact_seconds=None), True, id="a time that is missing"),
        pytest.param(NO_TIME, True, id="a time that no float holds"),
    ],
)
def test_a_header_that_says_something_else_makes_it_anew(
    copy: Path, caplog: pytest.LogCaptureFixture, spoil: Spoil, warned: bool
) -> None:
    rewrite(copy, spoil)
    is_refused(copy, unread=not warned)
    if spoil in ALL_THE_WAY:
        is_made_anew(copy, caplog, warned=warned)


@pytest.mark.parametrize("value", [None, [], "x", 3, {"clip": None}, {"clip": [1]}])
def test_a_header_without_indexes_opens(copy: Path, value: object) -> None:
    arrays = read_parts(copy)
    header = json.loads(arrays["header"].tobytes())
    header["indexes"] = value
    arrays["header"] = np.frombuffer(json.dumps(header).encode("ascii"), np.uint8)
    with copy.open("wb") as file, ArchiveWriter(file) as writer:
        for name, array in arrays.items():
            writer.add(name, array)
    with Library.open(copy) as library:
        check_answers(library)


@pytest.mark.parametrize("count", [300, 200])
def test_an_index_of_other_vectors_is_not_used(
    copy: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, count: int
) -> None:
    other = tmp_path / "other.npz"
    with Library.open(other) as library:
        library.add([image_file(number) for number in range(count)], {"clip": made(mixture(count))})
        library.tend()
        library.fold()
    foreign = read_parts(copy)

    def spoil(arrays: Arrays, heads: JsonObject) -> None:
        with Archive(other) as archive:
            heads["cosine"]["vectors"] = archive.parts["clip_vectors"].checksum
        arrays.update({name: foreign[name] for name in foreign if name.startswith("clip_cosine_")})

    rewrite(other, spoil)
    with caplog.at_level(logging.WARNING), Library.open(other) as library:
        check_answers(library)
    assert [record.name for record in caplog.records] == ["cbir.library.indexes"]


@pytest.mark.usefixtures("never_built")
def test_rounding_as_on_another_computer_does_no_harm(copy: Path) -> None:
    def round_otherwise(centres: NDArray[Any]) -> None:
        centres *= np.float32(1 + 1e-6)

    rewrite(copy, put("centres", round_otherwise))
    with Library.open(copy) as library:
        assert library.search(query(0)).method == "lsh"


@pytest.mark.parametrize("part", ["sketches", "buckets"])
def test_sound_shapes_with_numbers_of_nowhere_are_refused(copy: Path, part: str) -> None:
    def shuffle(array: NDArray[Any]) -> None:
        array[:] = array[::-1].copy()

    rewrite(copy, put(part, shuffle))
    is_refused(copy)


def test_gaps_that_cannot_be_are_refused(copy: Path) -> None:
    def negate(gaps: NDArray[Any]) -> None:
        gaps[:] = -1

    rewrite(copy, put("gaps", negate))
    is_refused(copy)
