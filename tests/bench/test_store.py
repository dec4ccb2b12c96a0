from __future__ import annotations

import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from cbir.bench import store
from cbir.bench.made_up import SPACES, batches
from cbir.bench.opening import Job, Kind, measure_opening, openings
from cbir.bench.sqlite_store import PAGE_SIZES, SqliteStore
from cbir.bench.store import Sizes, in_turn, library_bytes, measure_store
from cbir.bench.synthetic import Mixture
from cbir.errors import CbirError
from cbir.library import Library
from cbir.records import Query

VECTORS, QUERIES = Mixture().vectors(700), Mixture().queries(20)


def test_the_stores_hold_and_find_the_same(tmp_path: Path) -> None:
    with (
        Library.open(tmp_path / "library.npz") as library,
        SqliteStore(tmp_path / "store.db", SPACES) as sqlite,
    ):
        for files, embeddings in batches(VECTORS, 64):
            library.add(files, embeddings)
            sqlite.add(files, embeddings)
        assert len(library) == len(sqlite) == 700
        assert [(record.id, record.file) for record in library] == list(sqlite.files())
        for space in SPACES:
            for vector in QUERIES:
                found = library.search(Query(vector, space, method="exact", k=10))
                assert [hit.id for hit in found.hits] == sqlite.nearest(space, vector, 10)
        assert len(sqlite.nearest(SPACES[0], QUERIES[0], 1000)) == 700


def test_batches_are_numbered_on_and_hold_every_vector_in_both_spaces() -> None:
    made = list(batches(VECTORS[:100], 64, start=10))
    assert [len(files) for files, _ in made] == [64, 36]
    paths = [file.path for files, _ in made for file in files]
    assert len(set(paths)) == 100
    assert paths[0] == next(batches(VECTORS[:1], 1, start=10))[0][0].path
    first, second = (
        np.concatenate([made[i][1][space].vectors for i in (0, 1)]) for space in SPACES
    )
    np.testing.assert_array_equal(first, VECTORS[:100])
    np.testing.assert_array_equal(second, VECTORS[99::-1])


def test_sqlite_is_durable_and_refuses_a_path_twice_as_a_library_does(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    files, embeddings = next(batches(VECTORS, 64))
    with SqliteStore(path, SPACES, PAGE_SIZES["sqlite_16k"]) as sqlite:
        sqlite.add(files, embeddings)
        with pytest.raises(CbirError, match=r"store\.db"):
            sqlite.add(files, embeddings)
    with SqliteStore(path) as sqlite:
        assert len(sqlite) == 64
        size = sqlite.tidy()
    assert size == path.stat().st_size > 64 * 2 * 2048
    connection = sqlite3.connect(path)
    told = {
        name: connection.execute(f"pragma {name}").fetchone()[0]
        for name in ("journal_mode", "page_size", "integrity_check")
    }
    connection.close()
    assert told == {"journal_mode": "wal", "page_size": 16384, "integrity_check": "ok"}


def test_bytes_are_those_of_all_but_the_indexes(tmp_path: Path) -> None:
    bare, indexed = tmp_path / "bare.npz", tmp_path / "indexed.npz"
    vectors = Mixture().vectors(5000)
    for path in (bare, indexed):
        with Library.open(path) as library:
            for files, embeddings in batches(vectors, 5000):
                library.add(files, embeddings)
            if path == indexed:
                library.tend()
            library.fold()
    assert library_bytes(bare) == (_bytes(bare), 0)
    without, indexes = library_bytes(indexed)
    assert without + indexes == _bytes(indexed)
    assert indexes > 5000 * 16
    # the names of the indexes' parts, their checksums, and padding
    assert 0 <= without - _bytes(bare) < 20_000
    with zipfile.ZipFile(indexed) as archive:
        assert any(name.startswith(f"{SPACES[1]}_cosine_") for name in archive.namelist())


def _bytes(library: Path) -> int:
    journal = library.with_name(f"{library.name}.journal")
    return sum(file.stat().st_size for file in (library, journal) if file.exists())


@pytest.fixture
def jobs(tmp_path: Path) -> dict[Kind, Job]:
    """A library and a database of the same, to be opened."""
    npz, db, query = tmp_path / "library.npz", tmp_path / "store.db", tmp_path / "query.npy"
    np.save(query, QUERIES[0])
    with Library.open(npz) as library, SqliteStore(db, SPACES) as sqlite:
        for files, embeddings in batches(VECTORS, 700):
            library.add(files, embeddings)
            sqlite.add(files, embeddings)
        library.fold()
    paths: dict[Kind, Path] = {"exact": npz, "auto": npz, "sqlite": db}
    return {kind: Job(kind, path, SPACES[0], query, 5) for kind, path in paths.items()}


def test_an_opening_tells_what_was_found_and_when(jobs: dict[Kind, Job]) -> None:
    exact, auto, sqlite = (measure_opening(jobs[kind]) for kind in ("exact", "auto", "sqlite"))
    assert exact.ids == sqlite.ids
    assert len(exact.ids) == 5
    assert (exact.method, auto.method, sqlite.method) == ("exact", "lsh", "exact")
    for opening in (exact, auto, sqlite):
        assert 0 < opening.open_seconds < opening.answer_seconds


def test_openings_are_measured_in_processes_of_their_own(jobs: dict[Kind, Job]) -> None:
    exact, sqlite = openings([jobs["exact"], jobs["sqlite"]], 1)
    assert exact.ids == sqlite.ids == measure_opening(jobs["exact"]).ids
    if sys.platform == "linux":
        assert exact.answer_mapped is not None
        assert exact.answer_mapped > 700 * 2048  # every vector of the space was looked at
    jobs["exact"].path.write_bytes(b"no library")
    with pytest.raises(CbirError, match=r"library\.npz"):
        openings([jobs["exact"]], 1)


def test_a_process_is_asked_in_the_words_of_its_module(jobs: dict[Kind, Job]) -> None:
    job = jobs["auto"]
    words = [job.kind, str(job.path), job.space, str(job.query), str(job.k)]
    command = [sys.executable, "-m", "cbir.bench.opening", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert '"method": "lsh"' in done.stdout


def test_each_store_gets_each_batch_and_goes_first_in_its_turn() -> None:
    heard: list[tuple[str, str]] = []
    adds = {
        key: lambda files, _, key=key: heard.append((key, files[0].path)) for key in ("a", "b", "c")
    }
    seconds = in_turn(adds, batches(VECTORS[:8], 2))
    assert [len(each) for each in seconds.values()] == [4, 4, 4]
    assert [key for key, _ in heard] == list("abcbcacababc")
    assert len({path for _, path in heard[:3]}) == 1
    assert len({path for _, path in heard}) == 4


def test_all_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "TIMES", 1)
    told: list[str] = []
    bench = measure_store(Sizes(300, 100, 200, 3), str(tmp_path), told.append)
    assert list(tmp_path.iterdir()) == []
    assert any("300 records" in sentence for sentence in told)
    assert set(bench.peers) == set(PAGE_SIZES)
    assert bench.growth == bench.large.ms / bench.small.ms
    assert bench.exact.method == "exact"
    for key, peer in bench.peers.items():
        assert peer.opening.ids == bench.kept.opening.ids
        assert len(peer.opening.ids) == 10
        for bytes in (peer.bytes, bench.kept.bytes):
            assert bytes > 200 * 2 * 2048
        ahead = bench.ahead[key]
        assert ahead["bytes"] == peer.bytes / bench.kept.bytes
        assert ahead["records_per_second"] == pytest.approx(
            bench.kept.adding.records_per_second / peer.adding.records_per_second
        )
        assert ahead["answer"] * bench.kept.opening.answer_seconds == pytest.approx(
            peer.opening.answer_seconds
        )


def test_another_answer_by_sqlite_is_told_and_the_files_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "TIMES", 1)

    def others(jobs: list[Job], times: int) -> list[object]:
        found = [measure_opening(job) for job in jobs for _ in range(times)]
        return [*found[:3], *(measure_opening(_backwards(job)) for job in jobs[3:])]

    monkeypatch.setattr(store, "openings", others)
    with pytest.raises(CbirError, match="do not find the same"):
        measure_store(Sizes(100, 100, 100, 1), str(tmp_path), lambda _: None)
    assert list(tmp_path.iterdir()) == []


def _backwards(job: Job) -> Job:
    return Job(job.kind, job.path, SPACES[1], job.query, job.k)


def test_what_cannot_be_measured_is_told(tmp_path: Path) -> None:
    with pytest.raises(CbirError, match="no folder"):
        measure_store(Sizes(10, 10, 10, 1), str(tmp_path / "no folder"), lambda _: None)
    with pytest.raises(CbirError, match="too few"):
        measure_store(Sizes(10, 10, 9, 1), str(tmp_path), lambda _: None)
    assert list(tmp_path.iterdir()) == []
