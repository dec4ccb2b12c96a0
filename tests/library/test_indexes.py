"""When an index is made, extended, renewed, kept and given up, seen from tables and a library."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from cbir.errors import LibraryDamaged, LibraryReadOnly, SpaceEmpty
from cbir.library import Library
from cbir.library.building import build
from cbir.library.indexes import Indexes
from cbir.library.lsh import LshIndex
from cbir.library.vector_table import VectorTable
from cbir.records import METRICS, Float32Array, Metric, Query, SearchResult
from tests.library.helpers import image_file, made, mixture, table_of, vectors_of

DATA = mixture(620)
QUERIES, VECTORS = DATA[:20], DATA[20:]


@pytest.fixture(autouse=True)
def _quickly_tuned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cbir.library.building._SAMPLE", 40)


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of vectors count as so many that an index takes long, and is worth keeping."""
    monkeypatch.setattr("cbir.library.indexes.MADE_AT_ONCE", 50)
    monkeypatch.setattr("cbir.library.indexes._TAIL_LEAST", 40)
    keep_from(monkeypatch, 100)


def keep_from(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr("cbir.library.indexes.KEPT_FROM", count)
    monkeypatch.setattr("cbir.library.library.KEPT_FROM", count)


def no_more_building(monkeypatch: pytest.MonkeyPatch) -> None:
    def built(*args: object) -> NoReturn:
        raise AssertionError("an index was made anew")

    monkeypatch.setattr("cbir.library.indexes.build", built)


def grown(table: VectorTable, vectors: Float32Array) -> VectorTable:
    ids = np.arange(table.count + 1, table.count + len(vectors) + 1)
    return table.put(ids, vectors, "float32")


def add(library: Library, vectors: Float32Array, space: str = "clip") -> list[int]:
    start = max((record.id for record in library), default=0)
    files = [image_file(start + at) for at in range(1, len(vectors) + 1)]
    return library.add(files, {space: made(vectors)})


def ask(
    library: Library, vector: Float32Array, metric: Metric = "cosine", k: int = 5
) -> SearchResult:
    return library.search(Query(vector, "clip", metric=metric, k=k))


def check_recall(library: Library, metric: Metric = "cosine", method: str = "lsh") -> None:
    found = 0
    for query in QUERIES:
        near = ask(library, query, metric)
        true = library.search(Query(query, "clip", "image", metric, "exact", 5))
        assert near.method == method
        found += len(set(near.hits) & set(true.hits))
    assert found >= 0.88 * 5 * len(QUERIES)


def test_a_small_library_gets_its_index_at_once_and_keeps_it() -> None:
    table, indexes = table_of(VECTORS[:60]), Indexes()
    first, made_now = indexes.ready("clip", "cosine", table, False)
    again, made_again = indexes.ready("clip", "cosine", table, False)
    assert first is again
    assert first is not None
    assert first.count == 60
    assert (made_now, made_again) == (True, False)
    other, made_other = indexes.ready("clip", "euclidean", table, False)
    assert other is not first
    assert made_other
    assert not indexes.due({"clip": table})


def test_a_small_library_that_outgrew_its_index_gets_another_at_once() -> None:
    table, indexes = table_of(VECTORS[:60]), Indexes()
    first, _ = indexes.ready("clip", "cosine", table, False)
    table = grown(table, VECTORS[60:400])
    second, made_now = indexes.ready("clip", "cosine", table, False)
    assert made_now
    assert second is not None
    assert second is not first
    assert second.count == second.tuning.total == 400


@pytest.mark.usefixtures("large")
def test_a_large_library_has_none_until_it_is_tended() -> None:
    table, indexes = table_of(VECTORS), Indexes()
    assert indexes.ready("clip", "euclidean", table, False)[0] is None
    assert indexes.due({"clip": table})
    indexes.tend({"clip": table})
    assert not indexes.due({"clip": table})
    index, made_now = indexes.ready("clip", "euclidean", table, False)
    assert index is not None
    assert not made_now
    assert index.fits(table)


@pytest.mark.usefixtures("large")
def test_whoever_insists_waits_for_it() -> None:
    table, indexes = table_of(VECTORS), Indexes()
    index, made_now = indexes.ready("clip", "euclidean", table, True)
    assert index is not None
    assert made_now
    assert indexes.ready("clip", "euclidean", table, False) == (index, False)


@pytest.mark.usefixtures("large")
def test_cosine_is_made_unasked_and_euclidean_when_it_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table, indexes = table_of(VECTORS[:100]), Indexes()
    small = table_of(VECTORS[:99])
    assert not indexes.due({"clip": small})
    assert indexes.due({"clip": table})
    indexes.tend({"clip": table, "classic": small})
    no_more_building(monkeypatch)
    assert indexes.ready("clip", "cosine", table, False)[0] is not None
    assert not indexes.due({"clip": table, "classic": small})
    assert indexes.ready("clip", "euclidean", table, False)[0] is None
    assert indexes.due({"clip": table})


@pytest.mark.usefixtures("large")
def test_a_tail_is_taken_in_when_it_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    table, indexes = table_of(VECTORS[:300]), Indexes()
    indexes.tend({"clip": table})
    no_more_building(monkeypatch)
    first, _ = indexes.ready("clip", "cosine", table, False)
    table = grown(table, VECTORS[300:340])
    assert not indexes.due({"clip": table})
    table = grown(table, VECTORS[340:341])
    assert indexes.due({"clip": table})
    assert indexes.ready("clip", "cosine", table, False) == (first, False)
    indexes.tend({"clip": table})
    second, _ = indexes.ready("clip", "cosine", table, False)
    assert first is not None
    assert second is not None
    assert second.count == 341
    assert second.hashing is first.hashing
    assert not indexes.due({"clip": table})


@pytest.mark.usefixtures("large")
def test_the_old_index_serves_until_a_new_one_is_made() -> None:
    table, indexes = table_of(VECTORS[:150]), Indexes()
    indexes.tend({"clip": table})
    old, _ = indexes.ready("clip", "cosine", table, False)
    table = grown(table, VECTORS[150:])
    assert old is not None
    assert not old.fits(table)
    assert indexes.ready("clip", "cosine", table, False) == (old, False)
    assert indexes.due({"clip": table})
    indexes.tend({"clip": table})
    new, _ = indexes.ready("clip", "cosine", table, False)
    assert new is not None
    assert new.fits(table)
    assert new.tuning.total == 600


@pytest.mark.usefixtures("large")
def test_the_recall_is_measured_again_when_the_library_has_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table, indexes = table_of(VECTORS[:400]), Indexes()
    indexes.tend({"clip": table})
    no_more_building(monkeypatch)
    first, _ = indexes.ready("clip", "cosine", table, False)
    table = grown(table, VECTORS[400:])
    indexes.tend({"clip": table})
    grown_index, _ = indexes.ready("clip", "cosine", table, False)
    assert first is not None
    assert grown_index is not None
    assert (first.tuning.total, grown_index.tuning.total) == (400, 600)
    table = table.drop(range(1, 301))
    assert indexes.due({"clip": table})
    indexes.tend({"clip": table})
    shrunk, _ = indexes.ready("clip", "cosine", table, False)
    assert shrunk is not None
    assert shrunk.tuning.total == 300
    assert not indexes.due({"clip": table})


@pytest.mark.usefixtures("large")
def test_an_index_of_another_lineage_is_of_no_use() -> None:
    indexes = Indexes()
    indexes.tend({"clip": table_of(VECTORS[:150])})
    other = table_of(vectors_of(150))
    assert indexes.ready("clip", "cosine", other, False)[0] is None
    assert indexes.due({"clip": other})
    kept = {"clip": other.living_rows()}
    assert indexes.renumbered(kept, {"clip": other}) == {}
    indexes.tend({"clip": other})
    index, _ = indexes.ready("clip", "cosine", other, False)
    assert index is not None
    assert index.serves(other)


@pytest.mark.usefixtures("large")
def test_only_what_is_worth_it_and_not_in_the_file_is_unkept() -> None:
    table, indexes = table_of(VECTORS[:150]), Indexes()
    assert not indexes.unkept
    indexes.ready("classic", "cosine", table_of(VECTORS[:50]), False)
    assert not indexes.unkept
    indexes.tend({"clip": table})
    assert indexes.unkept
    moved = indexes.renumbered({"clip": table.living_rows()}, {"clip": table})
    assert list(moved) == [("clip", "cosine")]
    assert not Indexes(held=moved).unkept


def test_an_index_too_small_to_keep_is_kept_once_it_has_grown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cbir.library.indexes._TAIL_LEAST", 10)
    keep_from(monkeypatch, 200)
    table, indexes = table_of(VECTORS[:150]), Indexes()
    indexes.ready("clip", "cosine", table, False)
    # A fold writes no index as small as this one, but carries it along.
    moved = indexes.renumbered({"clip": table.living_rows()}, {"clip": table})
    folded = table_of(VECTORS[:150])
    after = Indexes(
        held={key: replace(index, lineage=folded.lineage) for key, index in moved.items()}
    )
    assert not after.unkept
    after.tend({"clip": grown(folded, VECTORS[150:250])})
    assert after.unkept


def test_an_emptied_space_needs_nothing() -> None:
    table, indexes = table_of(VECTORS[:60]), Indexes()
    indexes.ready("clip", "cosine", table, False)
    empty = table.drop(range(1, 61))
    assert not indexes.due({"clip": empty})
    indexes.tend({"clip": empty})
    assert indexes.renumbered({"clip": empty.living_rows()}, {"clip": empty}) == {}


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.usefixtures("large")
def test_what_was_added_since_is_compared_and_counted(tmp_path: Path, metric: Metric) -> None:
    with Library.open(tmp_path / "lib.npz") as library:
        add(library, VECTORS[:400])
        ask(library, QUERIES[0], metric)
        library.tend()
        before = ask(library, QUERIES[0], metric)
        assert before.method == "lsh"
        ids = add(library, vectors_of(30, 1))
        after = ask(library, QUERIES[0], metric)
        assert (after.method, after.total) == ("lsh", 430)
        assert after.candidates == before.candidates + 30
        assert after.scanned == before.scanned
        for at, vector in enumerate(vectors_of(30, 1)):
            assert ask(library, vector, metric).hits[0].id == ids[at]
        library.remove(ids[:10])
        assert ask(library, QUERIES[0], metric).candidates == before.candidates + 20
        excluded = Query(
            QUERIES[0], "clip", metric=metric, k=5, exclude=frozenset([ids[10], ids[29]])
        )
        result = library.search(excluded)
        assert result.candidates == before.candidates + 18
        every = library.search(Query(QUERIES[0], "clip", metric=metric, k=999)).hits
        assert len(every) == 420
        check_recall(library, metric)


@pytest.mark.usefixtures("large")
def test_an_updated_vector_is_found_where_it_is_now_and_not_where_it_was(tmp_path: Path) -> None:
    with Library.open(tmp_path / "lib.npz") as library:
        add(library, VECTORS[:400])
        library.tend()
        library.update([library.get(7)], {"clip": made(vectors_of(1, 2))})
        assert ask(library, vectors_of(1, 2)[0]).hits[0].id == 7
        hits = ask(library, VECTORS[6], k=400).hits
        assert len({hit.id for hit in hits}) == len(hits) == 400
        assert hits[0].id != 7


@pytest.mark.usefixtures("large")
def test_a_large_library_is_compared_whole_until_it_is_tended(tmp_path: Path) -> None:
    with Library.open(tmp_path / "lib.npz") as library:
        add(library, VECTORS)
        first = ask(library, QUERIES[0], "euclidean")
        assert (first.method, first.reason) == ("exact", "the LSH index is not ready")
        assert (first.candidates, first.index_seconds) == (600, 0)
        assert library.needs_tending
        library.tend()
        assert not library.needs_tending
        for metric in METRICS:
            check_recall(library, metric)
            assert ask(library, QUERIES[0], metric).index_seconds == 0


@pytest.mark.usefixtures("large")
def test_a_grown_library_answers_over_the_old_index_meanwhile(tmp_path: Path) -> None:
    with Library.open(tmp_path / "lib.npz") as library:
        add(library, VECTORS[:120])
        library.tend()
        ids = add(library, VECTORS[120:])
        check_recall(library)
        result = ask(library, VECTORS[-1])
        assert (result.hits[0].id, result.method) == (ids[-1], "lsh")
        assert result.candidates > 480
        assert library.needs_tending
        library.tend()
        assert not library.needs_tending
        result = ask(library, VECTORS[-1])
        assert result.hits[0].id == ids[-1]
        assert result.candidates < 200
        check_recall(library)


@pytest.mark.usefixtures("large")
def test_after_a_fold_the_index_has_moved_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Library.open(tmp_path / "lib.npz") as library:
        add(library, VECTORS[:500])
        ask(library, QUERIES[0], "euclidean")
        library.tend()
        no_more_building(monkeypatch)
        library.remove(range(1, 60))
        add(library, VECTORS[500:530])
        library.update([library.get(100)], {"clip": made(QUERIES[:1])})
        assert library.fold()
        for metric in METRICS:
            result = ask(library, QUERIES[0], metric)
            assert (result.hits[0].id, result.method) == (100, "lsh")
            assert result.index_seconds == 0
            check_recall(library, metric)
            assert ask(library, VECTORS[520], metric).hits[0].id == 521
        assert not library.needs_fold
        assert not library.needs_tending
        assert not library.fold()


@pytest.mark.usefixtures("large")
def test_an_index_alone_is_reason_enough_to_fold_once(tmp_path: Path) -> None:
    with Library.open(tmp_path / "lib.npz") as library:
        add(library, VECTORS)
        library.fold()
        assert not library.needs_fold
        library.tend()
        assert library.needs_fold
        assert library.fold()
        assert not library.needs_fold
        assert not library.fold()
        ask(library, QUERIES[0], "euclidean")
        library.tend()
        assert library.needs_fold


@pytest.mark.usefixtures("large")
def test_a_reader_makes_indexes_for_itself_and_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    with Library.open(path) as library:
        add(library, VECTORS)
    before = path.read_bytes()
    with Library.open(path, read_only=True) as library:
        library.tend()
        check_recall(library)
        assert not library.needs_fold
        with pytest.raises(LibraryReadOnly):
            library.fold()
    assert path.read_bytes() == before


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("fold", [False, True])
@pytest.mark.parametrize("fingerprint", ["weights-1", "weights-2"])
def test_an_emptied_space_is_filled_again(tmp_path: Path, fold: bool, fingerprint: str) -> None:
    path = tmp_path / "lib.npz"
    with Library.open(path) as library:
        ids = add(library, VECTORS[:300])
        library.tend()
        library.fold()
        library.remove(ids)
        with pytest.raises(SpaceEmpty):
            ask(library, QUERIES[0])
        assert not library.needs_tending
        library.tend()
        if fold:
            library.fold()
        files = [image_file(1000 + at) for at in range(300)]
        library.add(files, {"clip": made(VECTORS[300:], fingerprint)})
        query = Query(QUERIES[0], "clip", method="lsh", k=300)
        assert len(library.search(query).hits) == 300
        library.tend()
        check_recall(library)
    with Library.open(path) as library:
        if library.needs_tending:
            library.tend()
        ask(library, QUERIES[0])
        library.tend()
        check_recall(library)
        assert len(library.search(query).hits) == 300


@pytest.mark.usefixtures("large")
def test_tending_and_folding_beside_searches_never_mixes_rows(tmp_path: Path) -> None:
    done = threading.Event()
    vectors = np.concatenate([VECTORS, vectors_of(300, 8)])
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    with Library.open(tmp_path / "lib.npz") as library:
        add(library, vectors[:200])

        def write() -> None:
            try:
                for start in range(200, 700, 50):
                    ids = add(library, vectors[start : start + 50])
                    assert ids[0] == start + 1
                    library.tend()
                    if start % 100 == 0:
                        library.remove(ids[::5])
                    if start % 150 == 0:
                        library.fold()
            finally:
                done.set()

        def search(seed: int) -> None:
            rng = np.random.default_rng(seed)
            while not done.is_set():
                metric = METRICS[int(rng.integers(2))]
                own = int(rng.integers(1, 200))
                result = ask(library, vectors[own - 1], metric)
                assert result.hits[0].id == own
                assert len({hit.id for hit in result.hits}) == 5
                for hit in result.hits:
                    if metric == "cosine":
                        true = float(unit[hit.id - 1] @ unit[own - 1])
                    else:
                        true = float(np.linalg.norm(vectors[hit.id - 1] - vectors[own - 1]))
                    assert hit.score == pytest.approx(true, abs=1e-3)

        def tend() -> None:
            while not done.is_set():
                library.tend()
                done.wait(0.005)

        with ThreadPoolExecutor(4) as pool:
            jobs = [pool.submit(work) for work in (write, tend)]
            jobs += [pool.submit(search, seed) for seed in (1, 2)]
            for job in jobs:
                job.result(60)
        library.tend()
        for metric in METRICS:
            check_recall(library, metric)


@pytest.mark.usefixtures("large")
def test_searches_go_on_while_an_index_is_being_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    building, go_on = threading.Event(), threading.Event()

    def slowly(table: VectorTable, metric: Metric) -> LshIndex:
        building.set()
        assert go_on.wait(3)
        return build(table, metric)

    with Library.open(tmp_path / "lib.npz") as library, ThreadPoolExecutor(1) as pool:
        add(library, VECTORS[:400])
        monkeypatch.setattr("cbir.library.indexes.build", slowly)
        tending = pool.submit(library.tend)
        try:
            assert building.wait(30)
            ids = add(library, VECTORS[400:410])
            check_recall(library, method="exact")
            assert ask(library, VECTORS[405]).hits[0].id == ids[5]
        finally:
            go_on.set()
        tending.result(30)
        check_recall(library)
        assert ask(library, VECTORS[405]).hits[0].id == ids[5]


def test_an_older_table_meets_a_newer_index(tmp_path: Path) -> None:
    older, indexes = table_of(VECTORS[:300]), Indexes()
    newer = grown(older, VECTORS[300:600])
    first, _ = indexes.ready("clip", "cosine", newer, False)
    again, _ = indexes.ready("clip", "cosine", older, False)
    assert first is not None
    assert again is first
    assert first.count == first.tuning.total == 600
    indexes.tend({"clip": older})
    assert indexes.ready("clip", "cosine", newer, False) == (first, False)


@pytest.mark.usefixtures("large")
def test_a_small_space_does_not_wait_for_a_large_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cbir.library.indexes.MADE_AT_ONCE", 200)
    indexes = Indexes()
    large, small = table_of(VECTORS[:400]), table_of(VECTORS[:100])
    begun, go_on = threading.Event(), threading.Event()

    def slow(table: VectorTable, metric: Metric) -> LshIndex:
        if table is large:
            begun.set()
            assert go_on.wait(60)
        return build(table, metric)

    monkeypatch.setattr("cbir.library.indexes.build", slow)
    tending = threading.Thread(target=indexes.tend, args=({"classic": large},))
    tending.start()
    try:
        assert begun.wait(60)
        assert indexes.ready("clip", "cosine", small, False) == (None, False)
    finally:
        go_on.set()
        tending.join(10)
    assert indexes.ready("clip", "cosine", small, False)[0] is not None


@pytest.mark.usefixtures("large")
def test_a_fold_makes_no_index_and_gives_up_one_of_damaged_vectors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table, indexes = table_of(VECTORS[:300].copy()), Indexes()
    indexes.tend({"clip": table})
    no_more_building(monkeypatch)
    more = grown(table, VECTORS[300:])
    kept = {"clip": more.living_rows()}
    moved = indexes.renumbered(kept, {"clip": more})
    assert moved["clip", "cosine"].count == 600

    def damaged(self: LshIndex, table: VectorTable) -> LshIndex:
        raise LibraryDamaged("no vectors")

    monkeypatch.setattr(LshIndex, "extended", damaged)
    assert indexes.renumbered(kept, {"clip": more}) == {}
