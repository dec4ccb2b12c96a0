"""Which tiles are selected: clicks, ranges and the keyboard's cursor, without a window."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class Selection:
    """Selected record ids among tiles in order; a cursor for keys, an anchor for ranges.

    ``cursor`` and ``anchor`` are positions in the order, or None. ``version`` grows whenever the
    set of selected ids changes.
    """

    def __init__(self) -> None:
        self.cursor: int | None = None
        self.anchor: int | None = None
        self.version = 0
        self._order: Sequence[int] = ()
        self._positions: dict[int, int] | None = {}
        self._ids: frozenset[int] = frozenset()

    def __contains__(self, id_: int) -> bool:
        return id_ in self._ids

    @property
    def empty(self) -> bool:
        """Whether nothing is selected."""
        return not self._ids

    @property
    def ids(self) -> tuple[int, ...]:
        """The selected ids in the tiles' order."""
        if len(self._ids) * 8 < len(self._order):
            return tuple(sorted(self._ids, key=self._position.__getitem__))
        return tuple(id_ for id_ in self._order if id_ in self._ids)

    @property
    def _position(self) -> dict[int, int]:
        """Where each id stands; made when it is first asked for, as many tiles take a while."""
        if self._positions is None:
            self._positions = {id_: number for number, id_ in enumerate(self._order)}
        return self._positions

    def position(self, id_: int) -> int | None:
        """Where a record's tile stands; None where it has none."""
        return self._position.get(id_)

    def set_order(self, ids: Sequence[int], *, keep: bool) -> None:
        """New tiles. ``keep`` holds on to what is still there; otherwise nothing is selected."""
        cursor = self._id_at(self.cursor) if keep else None
        anchor = self._id_at(self.anchor) if keep else None
        self._order = ids
        self._positions = None
        self.cursor = None if cursor is None else self._position.get(cursor)
        self.anchor = None if anchor is None else self._position.get(anchor)
        self._set([id_ for id_ in self._ids if id_ in self._position] if keep else [])

    def only(self, position: int) -> None:
        """A plain click: this tile alone."""
        self.cursor = self.anchor = position
        self._set([self._order[position]])

    def move(self, position: int) -> None:
        """Ctrl+arrow: the cursor alone."""
        self.cursor = position

    def toggle(self, position: int) -> None:
        """Ctrl+click, Ctrl+Space: this tile in or out, the others as they are."""
        self.cursor = self.anchor = position
        self._set(self._ids ^ {self._order[position]})

    def extend(self, position: int, *, add: bool = False) -> None:
        """Shift+click or Shift+arrow: from the anchor to here; ``add`` keeps the others too."""
        if self.anchor is None:
            self.anchor = position
        self.cursor = position
        low, high = sorted((self.anchor, position))
        self._set([*(self._ids if add else ()), *self._order[low : high + 1]])

    def put(self, ids: Iterable[int]) -> None:
        """Exactly these ids, those without a tile left out; the first becomes the cursor."""
        found = [id_ for id_ in ids if id_ in self._position]
        self._set(found)
        if found:
            self.cursor = self.anchor = min(self._position[id_] for id_ in found)

    def put_positions(self, positions: Iterable[int], also: Iterable[int] = ()) -> None:
        """The tiles at these positions and the ids ``also``; the cursor stays (rubber band)."""
        self._set([*(self._order[position] for position in positions), *also])

    def all(self) -> None:
        """Every tile."""
        self._set(self._order)

    def clear(self) -> None:
        """Nothing; the cursor stays where it is."""
        self._set(())

    def _id_at(self, position: int | None) -> int | None:
        return None if position is None else self._order[position]

    def _set(self, ids: Iterable[int]) -> None:
        now = frozenset(ids)
        if now != self._ids:
            self._ids = now
            self.version += 1
