"""Near-identical hits under one tile: which are folded away, and which the user unfolded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cbir.language import _
from cbir.ui.grid.panel import Tile
from cbir.work.searching import SearchOutcome


class Stacks:
    """Folds the tiles of hits that are nearly the same picture; ``wanted`` tells whether at all.

    A stack is known by the id of its first hit, as ``SearchOutcome.alike`` tells it.
    """

    def __init__(self, wanted: bool) -> None:
        self.wanted = wanted
        self._unfolded: set[int] = set()
        self._stack_of: dict[int, int] = {}
        self._hidden: set[int] = set()

    @property
    def note(self) -> str:
        """How many hits are folded away, to follow how many there are; empty where none is."""
        return _(" · {count:,} stacked").format(count=len(self._hidden)) if self._hidden else ""

    def fold(self, tiles: Sequence[Tile], outcome: SearchOutcome) -> list[Tile]:
        """The tiles with each stack under its first, or, where it is unfolded, right behind it."""
        ids = (hit.id for hit in outcome.result.hits)
        self._stack_of = dict(zip(ids, outcome.alike, strict=False)) if self.wanted else {}
        stacks: dict[int, list[Tile]] = {}
        for tile in tiles:
            stacks.setdefault(self._stack(tile.record.id), []).append(tile)
        shown: list[Tile] = []
        for stack, members in stacks.items():
            whole = stack in self._unfolded
            first = replace(members[0], count=len(members), unfolded=whole)
            shown += [first, *members[1:]] if whole else [first]
        in_view = {tile.record.id for tile in shown}
        self._hidden = {tile.record.id for tile in tiles} - in_view
        return shown

    def toggle(self, record_id: int) -> None:
        """Fold or unfold the stack that a record is in, from the next ``fold`` on."""
        self._unfolded ^= {self._stack(record_id)}

    def reveal(self, record_id: int) -> bool:
        """Unfold the stack that hides a record; False where none does."""
        if record_id not in self._hidden:
            return False
        self.toggle(record_id)
        return True

    def fold_all(self) -> None:
        """Other hits come: nothing of them is unfolded."""
        self._unfolded.clear()

    def _stack(self, record_id: int) -> int:
        return self._stack_of.get(record_id, record_id)
