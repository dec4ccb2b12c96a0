"""Records as columns: what a library file holds, decoded one record at a time when asked for."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cbir.errors import LibraryDamaged
from cbir.language import _
from cbir.library.facets import Facets
from cbir.library.texts import TextColumn, decode_extras
from cbir.records import ImageFile, Int64Array, Record


@dataclass(frozen=True)
class RecordColumns:
    """n records by ascending id.

    ``numbers`` int64 (n, 5) are size, mtime_ns, width, height, missing. ``extras`` holds
    ``[tags, note]`` as JSON, or nothing where a record has neither. Paths are the bytes of
    ``os.fsencode``, digests ASCII. ``taken`` int64 (n,) is as in ``ImageFile``.
    """

    ids: Int64Array
    numbers: Int64Array
    paths: TextColumn
    digests: TextColumn
    extras: TextColumn
    taken: Int64Array

    def __len__(self) -> int:
        return len(self.ids)

    def get(self, id: int) -> Record | None:
        """The record with this id, or None."""
        if id > self._last:  # a new one, as most are that are asked for while indexing
            return None
        row = int(np.searchsorted(self.ids, id))
        return self.record(row) if self.ids[row] == id else None

    @cached_property
    def _last(self) -> int:
        return int(self.ids[-1]) if len(self.ids) else -(2**63)

    def record(self, row: int) -> Record:
        """The record in this row; raises LibraryDamaged where its text is not what it should be."""
        try:
            return self._decoded(row)
        except (ValueError, RecursionError) as error:
            raise LibraryDamaged(
                _("Record {id} cannot be read: {error}.").format(id=self.ids[row], error=error)
            ) from error

    def _decoded(self, row: int) -> Record:
        size, mtime_ns, width, height, missing = self.numbers[row].tolist()
        file = ImageFile(
            os.fsdecode(self.paths[row]),
            size,
            mtime_ns,
            self.digests[row].decode("ascii"),
            width,
            height,
            int(self.taken[row]),
        )
        tags, note = decode_extras(self.extras[row])
        return Record(int(self.ids[row]), file, tags, note, bool(missing))

    @cached_property
    def by_path(self) -> dict[bytes, int]:
        """Ids by the bytes of paths, made on first use."""
        return dict(zip(self.paths.items(), self.ids.tolist(), strict=True))

    @cached_property
    def by_digest(self) -> dict[bytes, tuple[int, ...]]:
        """Ids by content digest, made on first use."""
        found: dict[bytes, list[int]] = {}
        for digest, id in zip(self.digests.items(), self.ids.tolist(), strict=True):
            if digest:  # it is not known where a library was repaired
                found.setdefault(digest, []).append(id)
        return {digest: tuple(ids) for digest, ids in found.items()}

    @cached_property
    def facets(self) -> Facets:
        """What filters look at beside numbers, made on first use; raises LibraryDamaged."""
        return Facets.of(self.paths, self.extras)

    def prove(self) -> None:
        """Raise LibraryDamaged, as ``record`` would, where the text of any row is wrong."""
        for row, text in enumerate(self.extras.items()):
            if text:
                self.record(row)

    @staticmethod
    def of(records: Iterable[Record]) -> RecordColumns:
        """The columns of records that come by ascending id."""
        rows = list(records)
        numbers = [_numbers(record) for record in rows]
        return RecordColumns(
            np.array([record.id for record in rows], np.int64),
            np.array(numbers, np.int64).reshape(len(rows), 5),
            TextColumn.of([os.fsencode(record.path) for record in rows]),
            TextColumn.of([record.file.digest.encode("ascii") for record in rows]),
            TextColumn.of([_encode_extras(record) for record in rows]),
            np.array([record.file.taken for record in rows], np.int64),
        )

    def problem(self) -> str | None:
        """What is wrong with the columns as a whole, as a phrase, or None."""
        rows = len(self.ids)
        if self.numbers.shape != (rows, 5):
            return _("numbers of shape {shape} for {rows} records").format(
                shape=self.numbers.shape, rows=rows
            )
        if self.taken.shape != (rows,):
            return _("dates of shape {shape} for {rows} records").format(
                shape=self.taken.shape, rows=rows
            )
        for name in ("paths", "digests", "extras"):
            wrong = getattr(self, name).problem(rows)
            if wrong:
                return f"{name}: {wrong}"
        ids_fall = rows and (self.ids[0] < 1 or (np.diff(self.ids) <= 0).any())
        faults = (
            (_("ids that do not ascend"), ids_fall),
            (_("a size below 0"), (self.numbers[:, [0, 2, 3]] < 0).any()),
            (_("a path that holds a zero byte"), (self.paths.blob == 0).any()),
            (_("a digest that is not ASCII"), (self.digests.blob >= 128).any()),
        )
        return next((phrase for phrase, found in faults if found), None)


def _numbers(record: Record) -> tuple[int, int, int, int, int]:
    file = record.file
    return file.size, file.mtime_ns, file.width, file.height, int(record.missing)


def _encode_extras(record: Record) -> bytes:
    if not record.tags and not record.note:
        return b""
    return json.dumps([record.tags, record.note], separators=(",", ":")).encode("ascii")
