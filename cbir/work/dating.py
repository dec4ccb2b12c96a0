"""When pictures were taken, of records that an earlier program made without asking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cbir.errors import UnreadableImage
from cbir.images import read_taken
from cbir.language import _
from cbir.library import Library
from cbir.records import NOT_READ, UNDATED, Record
from cbir.work.pool import DecodePool
from cbir.work.worker import JobRun

_AT_ONCE = 2000


def date_records(run: JobRun, library: Library, pool: DecodePool, ids: Sequence[int]) -> None:
    """Read and store it; those whose files cannot be opened stay as they are.

    Raises JobCancelled, with what is stored kept, and LibraryUnwritable.
    """
    for start in range(0, len(ids), _AT_ONCE):
        run.check()
        run.progress(start, len(ids), _("reading when pictures were taken"))
        some = ids[start : start + _AT_ONCE]
        _store(library, _read(run, pool, [library.get(id_) for id_ in some if id_ in library]))


def _read(run: JobRun, pool: DecodePool, records: Sequence[Record]) -> list[tuple[Record, int]]:
    futures = pool.map_ahead(_taken, records, lambda: 4 * pool.threads)
    dates = [run.wait(future) for future in futures]
    return [(record, date) for record, date in zip(records, dates, strict=True) if date != NOT_READ]


def _taken(record: Record) -> int:
    try:
        return read_taken(record.path)
    except UnreadableImage as error:  # a file that cannot be opened today is asked again
        return UNDATED if error.lasting else NOT_READ


def _store(library: Library, dated: Sequence[tuple[Record, int]]) -> None:
    dates = {record.id: (record.file, taken) for record, taken in dated}

    def with_date(record: Record) -> Record:
        seen, taken = dates[record.id]
        same = record.file == seen  # it may be another picture by now
        return replace(record, file=replace(seen, taken=taken)) if same else record

    if dates:
        library.amend(list(dates), with_date)
