"""Tiles: records as the grid shows them, made all at once or one by one as they come into view."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import overload

from cbir.records import Record


@dataclass(frozen=True, slots=True)
class Tile:
    """A record as the grid shows it.

    ``score`` is ready to read (``0.93``), and so is ``percentile`` (``top 0.1 %``), shown beside it
    where there is room and in the tooltip; ``rank`` counts from 1 (0: none) and ``strength`` draws
    a thin bar from 0 to 1 (None: none, as when browsing). ``count``: it stands for so many
    near-identical pictures, itself included. ``duplicate``: another file has the same content.
    ``move`` is how it stands beside its rank elsewhere (``▲3``), which ``told`` puts into words for
    the tooltip.
    """

    record: Record
    score: str = ""
    rank: int = 0
    strength: float | None = None
    percentile: str = ""
    count: int = 1
    duplicate: bool = False
    move: str = ""
    told: str = ""


class RecordTiles(Sequence[Tile]):
    """A tile for each record, made when it is looked at: a hundred thousand cost nothing.

    ``duplicates`` holds the ids of records whose content another one has too.
    """

    def __init__(self, records: Sequence[Record], duplicates: Container[int] = ()) -> None:
        self.records = records
        self._duplicates = duplicates

    def __len__(self) -> int:
        return len(self.records)

    @overload
    def __getitem__(self, index: int) -> Tile: ...
    @overload
    def __getitem__(self, index: slice) -> RecordTiles: ...

    def __getitem__(self, index: int | slice) -> Tile | RecordTiles:
        if isinstance(index, slice):
            return RecordTiles(self.records[index], self._duplicates)
        record = self.records[index]
        return Tile(record, duplicate=record.id in self._duplicates)


def ids_of(tiles: Sequence[Tile]) -> list[int]:
    """The tiles' record ids in their order."""
    if isinstance(tiles, RecordTiles):
        return [record.id for record in tiles.records]
    return [tile.record.id for tile in tiles]
