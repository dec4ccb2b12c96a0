"""The records of one version of a library, found by id, path or content digest."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cbir.library.columns import RecordColumns
from cbir.library.facets import Mask
from cbir.library.layered import Layered
from cbir.records import Int64Array, Record


class _PathsOf:
    """Path to id in the columns; the dict is made when a path is first asked for."""

    def __init__(self, columns: RecordColumns) -> None:
        self._columns = columns

    def get(self, path: str) -> int | None:
        try:
            return self._columns.by_path.get(os.fsencode(path))
        except UnicodeEncodeError:  # no file can have this path
            return None


class _DigestsOf:
    """Digest to ids in the columns; the dict is made when a digest is first asked for."""

    def __init__(self, columns: RecordColumns) -> None:
        self._columns = columns

    def get(self, digest: str) -> tuple[int, ...] | None:
        return self._columns.by_digest.get(digest.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, eq=False)
class Part:
    """Some records as columns, of which those of ``kept`` (n,) still hold."""

    columns: RecordColumns
    kept: Mask


class RecordTable:
    """Immutable; ``changed`` returns the next version at a cost that grows with the change."""

    def __init__(self, columns: RecordColumns) -> None:
        self._columns = columns
        self._records: Layered[int, Record] = Layered(columns)
        self._paths: Layered[str, int] = Layered(_PathsOf(columns))
        self._digests: Layered[str, tuple[int, ...]] = Layered(_DigestsOf(columns))
        self._count = len(columns)

    def __len__(self) -> int:
        return self._count

    def get(self, id: int) -> Record | None:
        """The record with this id, or None; raises LibraryDamaged where its text is wrong."""
        return self._records.get(id)

    def find(self, path: str) -> Record | None:
        """The record of this absolute path, or None."""
        id = self._paths.get(path)
        return None if id is None else self._records.get(id)

    def paths_below(self, folders: Iterable[str]) -> list[str]:
        """The paths of records that are one of these absolute paths or lie below one.

        Many times as quick as looking at every record.
        """
        is_below = _test_of_below(folders)
        changed = dict(self._paths.overlay())
        unchanged = (os.fsdecode(path) for path in self._columns.by_path if is_below(path))
        living = (path for path, id in changed.items() if id is not None)
        return [
            *(path for path in unchanged if path not in changed),
            *(path for path in living if is_below(os.fsencode(path))),
        ]

    def find_digest(self, digest: str) -> tuple[Record, ...]:
        """All records of this content digest, by id."""
        found = (self._records.get(id) for id in sorted(self._digests.get(digest) or ()))
        return tuple(record for record in found if record is not None)

    def prepare(self) -> RecordTable:
        """Made ready for being looked into often; raises LibraryDamaged where a text is wrong."""
        self._columns.prove()
        self._columns.by_digest  # noqa: B018 - made on first use, which takes a while
        return self

    def has_copies(self, record: Record) -> bool:
        """Whether another record has the same content digest."""
        return len(self._digests.get(record.file.digest) or ()) > 1

    @cached_property
    def ids(self) -> Int64Array:
        """All ids, ascending, int64 of shape (n,)."""
        changed = dict(self._records.overlay())
        kept = np.fromiter((id for id, record in changed.items() if record), np.int64)
        return np.sort(np.concatenate([self._columns.ids[self._unchanged(changed)], kept]))

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """All records as columns: those of the library file, and those changed since."""
        changed = dict(self._records.overlay())
        living = [record for _, record in sorted(changed.items()) if record is not None]
        newer = RecordColumns.of(living)
        return (
            Part(self._columns, self._unchanged(changed)),
            Part(newer, np.ones(len(newer), np.bool_)),
        )

    @cached_property
    def missing(self) -> int:
        """How many records' files are gone."""
        changed = dict(self._records.overlay())
        unchanged = self._columns.numbers[self._unchanged(changed), 4]
        newer = sum(record.missing for record in changed.values() if record is not None)
        return int(np.count_nonzero(unchanged)) + newer

    def _unchanged(self, changed: Iterable[int]) -> Mask:
        """The rows of the columns that hold still, but for these ids."""
        touched = np.fromiter(changed, np.int64)
        return ~np.isin(self._columns.ids, touched)

    def __iter__(self) -> Iterator[Record]:
        for id in self.ids.tolist():
            record = self._records.get(id)
            if record is not None:
                yield record

    def changed(self, put: Sequence[Record], drop: Iterable[int] = ()) -> RecordTable:
        """The next version: without the ids of ``drop`` (unknown ones do no harm), with ``put``."""
        dropped = [record for id in drop if (record := self._records.get(id)) is not None]
        replaced = [old for new in put if (old := self._records.get(new.id)) is not None]
        gone = dropped + replaced
        table = RecordTable.__new__(RecordTable)
        table._columns = self._columns
        table._records = self._records.changed(
            {record.id: record for record in put}, (record.id for record in dropped)
        )
        table._paths = self._paths.changed(
            {record.path: record.id for record in put}, (record.path for record in gone)
        )
        table._digests = self._digests_after(put, gone)
        table._count = self._count + len(put) - len(gone)
        return table

    def _digests_after(
        self, put: Sequence[Record], gone: Sequence[Record]
    ) -> Layered[str, tuple[int, ...]]:
        now: dict[str, tuple[int, ...]] = {}
        before = {record.id: record.file.digest for record in gone}
        after = {record.id: record.file.digest for record in put}
        # What stays as it is needs no look at the whole, and what is not known is not found.
        gone = [record for record in gone if _moves(before, after, record)]
        put = [record for record in put if _moves(before, after, record)]
        for record in gone:
            digest = record.file.digest
            held = now.get(digest, self._digests.get(digest) or ())
            now[digest] = tuple(id for id in held if id != record.id)
        for record in put:
            digest = record.file.digest
            held = now.get(digest, self._digests.get(digest) or ())
            now[digest] = (*held, record.id)
        return self._digests.changed(now)


def _test_of_below(folders: Iterable[str]) -> Callable[[bytes], bool]:
    """A test of a path's bytes: whether it is one of ``folders``, or lies below one."""
    exact: set[bytes] = set()
    for folder in folders:
        with suppress(UnicodeEncodeError):  # no file can have this path
            exact.add(os.fsencode(folder))
    separator = os.fsencode(os.sep)
    prefixes = tuple(folder.rstrip(separator) + separator for folder in exact)
    return lambda path: path.startswith(prefixes) or path in exact


def _moves(before: Mapping[int, str], after: Mapping[int, str], record: Record) -> bool:
    return bool(record.file.digest) and before.get(record.id) != after.get(record.id)
