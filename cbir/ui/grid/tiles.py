"""Tiles: records as the grid shows them, made all at once or one by one as they come into view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from cbir.records import Record
from cbir.work.listing import Listing


@dataclass(frozen=True, slots=True)
class Tile:
    """A record as the grid shows it.

    ``score`` is ready to read (``0.93``), and so is ``percentile`` (``top 0.1 %``), shown beside it
    where there is room and in the tooltip; ``rank`` counts from 1 (0: none) and ``strength`` draws
    a thin bar from 0 to 1 (None: none, as when browsing). ``count``: it stands for so many
    near-identical pictures, itself included, which follow it where it is ``unfolded``.
    ``duplicate``: another file has the same content. ``move`` is how it stands beside its rank
    elsewhere (``▲3``), which ``told`` puts into words for the tooltip.
    """

    record: Record
    score: str = ""
    rank: int = 0
    strength: float | None = None
    percentile: str = ""
    count: int = 1
    unfolded: bool = False
    duplicate: bool = False
    move: str = ""
    told: str = ""


_MOST_KEPT = 1000  # a screen of small tiles and the rows around it


class RecordTiles(Sequence[Tile]):
    """A tile for each record of a listing, made when it is looked at, and kept for a while."""

    def __init__(self, records: Listing) -> None:
        self.records = records
        self._kept: dict[int, Tile] = {}

    def __len__(self) -> int:
        return len(self.records)

    @overload
    def __getitem__(self, index: int) -> Tile: ...
    @overload
    def __getitem__(self, index: slice) -> RecordTiles: ...

    def __getitem__(self, index: int | slice) -> Tile | RecordTiles:
        if isinstance(index, slice):
            return RecordTiles(self.records[index])
        tile = self._kept.get(index)
        if tile is None:
            record = self.records[index]
            tile = Tile(record, duplicate=self.records.has_copies(record))
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[index] = tile
        return tile


def ids_of(tiles: Sequence[Tile]) -> Sequence[int]:
    """The tiles' record ids in their order."""
    if isinstance(tiles, RecordTiles):
        return tiles.records.ids
    return [tile.record.id for tile in tiles]
