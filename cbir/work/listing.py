"""Many records for the window, each made when it is looked at: a hundred thousand cost nothing."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from typing import cast, overload

from cbir.library.record_table import RecordTable
from cbir.records import Record


class Listing(Sequence[Record]):
    """Records in the order of ``ids``, as they were in one state of the library.

    Immutable, so that any thread may read it while the library goes on.
    """

    def __init__(self, table: RecordTable, ids: Sequence[int]) -> None:
        self.ids = ids
        self._table = table

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> Listing: ...

    def __getitem__(self, index: int | slice) -> Record | Listing:
        if isinstance(index, slice):
            return Listing(self._table, self.ids[index])
        record = self._table.get(self.ids[index])
        assert record is not None
        return record

    @property
    def by_id(self) -> MutableMapping[int, Record]:
        """The same records by their ids; those put over them do not change the listing."""
        beneath = _ById(self._table, self.ids)  # never written to, as ChainMap writes to the first
        return ChainMap({}, cast("MutableMapping[int, Record]", beneath))

    def has_copies(self, record: Record) -> bool:
        """Whether another record of the library has the same content."""
        return self._table.has_copies(record)


class _ById(Mapping[int, Record]):
    def __init__(self, table: RecordTable, ids: Sequence[int]) -> None:
        self._table = table
        self._ids = ids
        self._there: frozenset[int] | None = None

    def __contains__(self, id_: object) -> bool:
        if self._there is None:  # made when it is first asked for, as many take a while
            self._there = frozenset(self._ids)
        return id_ in self._there

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[int]:
        return iter(self._ids)

    def __getitem__(self, id_: int) -> Record:
        record = self._table.get(id_) if id_ in self else None
        if record is None:
            raise KeyError(id_)
        return record
