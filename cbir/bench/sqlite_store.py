"""The same records and vectors in SQLite, which many would take instead: durable and quick to read.

A table of records, found by path and by digest as a library's are, and for each space a table of
vectors as BLOBs; WAL, ``synchronous=FULL``, a transaction for each batch.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from cbir.errors import CbirError
from cbir.records import DIMENSION, Embeddings, Float32Array, ImageFile

PAGE_SIZES = {"sqlite": 4096, "sqlite_16k": 16384}
"""Bytes a page: as it comes, which holds one vector a page, and as large as suits vectors best."""

_MAPPED = 1 << 31
_ROWS = 256  # read at once: half a megabyte of vectors, which stay in a core's own cache
_RECORDS = """
create table records (
    id integer primary key, path text not null unique, size integer not null,
    mtime_ns integer not null, digest text not null, width integer not null,
    height integer not null, tags text not null, note text not null, missing integer not null
)"""


class SqliteStore:
    """One database, open for reading and writing; the methods raise CbirError where it cannot be.

    ``spaces`` and ``page_size`` in bytes count where there is no such file yet.
    """

    def __init__(self, path: Path, spaces: Sequence[str] = (), page_size: int = 4096) -> None:
        self._path = path
        is_new = not path.exists()
        with _told(path):
            self._connection = sqlite3.connect(path, isolation_level=None)
            self._set(page_size=page_size, mmap_size=_MAPPED)
            self._set(journal_mode="wal", synchronous="full")
            if is_new:
                self._create(spaces)

    def _set(self, **pragmas: object) -> None:
        for name, value in pragmas.items():
            self._connection.execute(f"pragma {name} = {value}")

    def _create(self, spaces: Sequence[str]) -> None:
        self._connection.execute(_RECORDS)
        self._connection.execute("create index by_digest on records (digest)")
        for space in spaces:
            columns = "id integer primary key, vector blob not null"
            self._connection.execute(f"create table {space} ({columns})")

    def __enter__(self) -> SqliteStore:
        return self

    def __exit__(self, *exc: object) -> None:
        self._connection.close()

    def __len__(self) -> int:
        return int(self._connection.execute("select count(*) from records").fetchone()[0])

    def files(self) -> Iterator[tuple[int, ImageFile]]:
        """Every record's id and file, by id."""
        columns = "id, path, size, mtime_ns, digest, width, height"
        for id, *fields in self._connection.execute(f"select {columns} from records order by id"):
            yield id, ImageFile(*fields)

    def add(self, files: Sequence[ImageFile], embeddings: Mapping[str, Embeddings]) -> None:
        """Add records with their vectors in one durable transaction, as ``Library.add`` does."""
        with _told(self._path):
            self._connection.execute("begin immediate")
            try:
                self._insert(files, embeddings)
                self._connection.execute("commit")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("rollback")
                raise

    def _insert(self, files: Sequence[ImageFile], embeddings: Mapping[str, Embeddings]) -> None:
        newest = self._connection.execute("select coalesce(max(id), 0) from records").fetchone()[0]
        ids = range(newest + 1, newest + 1 + len(files))
        self._connection.executemany(
            f"insert into records values ({', '.join('?' * 10)})",
            [_row(id, file) for id, file in zip(ids, files, strict=True)],
        )
        for space, made in embeddings.items():
            blobs = [row.data for row in np.ascontiguousarray(made.vectors, "<f4")]
            rows = zip(ids, blobs, strict=True)
            self._connection.executemany(f"insert into {space} values (?, ?)", rows)

    def nearest(self, space: str, query: Float32Array, k: int) -> list[int]:
        """The ids of the k nearest to ``query`` (512,) by cosine, nearest first; all are read."""
        unit = query / np.linalg.norm(query)
        ids: list[int] = []
        scores = [np.empty(0, np.float32)]
        with _told(self._path):
            cursor = self._connection.execute(f"select id, vector from {space}")
            while rows := cursor.fetchmany(_ROWS):
                some, blobs = zip(*rows, strict=True)
                vectors = np.frombuffer(b"".join(blobs), np.float32).reshape(-1, DIMENSION)
                ids.extend(some)
                scores.append(vectors @ unit / np.sqrt(np.vecdot(vectors, vectors)))
        return _best(ids, np.concatenate(scores), k)

    def tidy(self) -> int:
        """Make the files as small as they get; their size in bytes."""
        with _told(self._path):
            self._connection.execute("vacuum")
            self._connection.execute("pragma wal_checkpoint(truncate)")
        beside = self._path.with_name(f"{self._path.name}-wal")
        return sum(file.stat().st_size for file in (self._path, beside) if file.exists())


def _row(id: int, file: ImageFile) -> tuple[object, ...]:
    of_file = (file.path, file.size, file.mtime_ns, file.digest, file.width, file.height)
    return (id, *of_file, json.dumps(()), "", 0)


def _best(ids: Sequence[int], scores: Float32Array, k: int) -> list[int]:
    among = np.argpartition(-scores, k - 1)[:k] if k < len(ids) else np.arange(len(ids))
    return [ids[place] for place in among[np.argsort(-scores[among], kind="stable")]]


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise CbirError(f"SQLite cannot use {path} ({error}).") from error
