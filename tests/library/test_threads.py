"""Many searches beside one writer: every answer belongs to one state of the library."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from cbir.library import Library
from cbir.records import Float32Array, Query
from tests.library.helpers import image_file, made

BATCH = 10
BATCHES = 30


def batch_vectors(batch: int) -> Float32Array:
    """A batch is ten vectors around one corner of its own, all at distance 1 from it."""
    rng = np.random.default_rng(batch)
    vectors = np.zeros((BATCH, 512), np.float32)
    vectors[:, batch] = 100
    vectors[np.arange(BATCH), 100 + rng.permutation(BATCH)] = 1
    return vectors


def add_batch(library: Library, batch: int) -> list[int]:
    files = [image_file(batch * BATCH + at) for at in range(BATCH)]
    return library.add(files, {"clip": made(batch_vectors(batch))})


def run(*works: Callable[[], None]) -> None:
    """Run all at once; an error of any thread is raised here."""
    with ThreadPoolExecutor(len(works)) as pool:
        for result in [pool.submit(work) for work in works]:
            result.result(60)


def test_answers_are_never_torn(tmp_path: Path) -> None:
    done = threading.Event()
    with Library.open(tmp_path / "lib.npz") as library:
        add_batch(library, 0)

        def write() -> None:
            try:
                for batch in range(1, BATCHES):
                    ids = add_batch(library, batch)
                    if batch % 7 == 0:
                        library.remove(ids)
                    if batch % 10 == 0:
                        library.fold()
            finally:
                done.set()

        def search() -> None:
            rng = np.random.default_rng()
            while not done.is_set():
                corner = np.zeros(512, np.float32)
                corner[int(rng.integers(BATCHES))] = 100
                method = ("lsh", "exact")[int(rng.integers(2))]
                query = Query(corner, "clip", metric="euclidean", method=method, k=BATCH)
                result = library.search(query)
                assert result.total % BATCH == 0
                assert len(result.hits) == BATCH
                near = [hit for hit in result.hits if hit.score == 1.0]
                assert len(near) in (0, BATCH)
                assert len({hit.id for hit in result.hits}) == BATCH

        def read() -> None:
            while not done.is_set():
                ids, vectors = library.vectors("clip")
                assert len(ids) == len(vectors)
                assert len(ids) % BATCH == 0
                assert len(list(library)) % BATCH == 0
                assert library.project("clip", "cosine").points.shape[1] == 4

        run(write, search, search, read)
        assert len(library) == (BATCHES - 4) * BATCH


def test_writers_take_turns(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    with Library.open(path) as library:
        run(*(partial(add_some, library, start) for start in range(0, 8, 2)))
        assert sorted(record.id for record in library) == list(range(1, 8 * BATCH + 1))
        expected = list(library)
    with Library.open(path) as library:
        assert list(library) == expected


def add_some(library: Library, start: int) -> None:
    for batch in (start, start + 1):
        add_batch(library, batch)


def test_the_thread_that_closes_need_not_be_the_one_that_opened(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    library = Library.open(path)
    run(library.close)
    with Library.open(path) as again:
        assert not again.read_only
