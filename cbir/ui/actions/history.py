"""What was in view, to go back and forward in: searches, and the whole library between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from cbir.asking import ANY, BY_SCORE, Filter, Order
from cbir.records import Metric
from cbir.ui.grid.tiles import RecordTiles, Tile
from cbir.work.listing import Listing
from cbir.work.searching import SearchRequest

_MOST = 200


@dataclass(frozen=True, slots=True)
class Only:
    """Some records of the library, by their ids, and what they are.

    ``marks``, where there are any, are a sign and a tooltip for each of them.
    """

    ids: tuple[int, ...]
    title: str
    marks: tuple[tuple[str, str], ...] = ()

    def tiles(self, records: Listing) -> Sequence[Tile]:
        """Tiles of those of these records that are still there."""
        if not self.marks:
            return RecordTiles(records)
        marks = dict(zip(self.ids, self.marks, strict=True))
        return [
            Tile(record, move=sign, told=told)
            for record in records
            for sign, told in (marks[record.id],)
        ]


@dataclass(frozen=True, slots=True)
class View:
    """A search, None for the whole library, with the choices and what was selected in it.

    With ``only``, some of the library's records are in view in place of all.
    ``space`` is the one chosen then ("": by the rules), ``order`` that of the pictures as it was
    left, ``offset`` in pixels how far it was scrolled.
    """

    request: SearchRequest | None
    space: str
    metric: Metric
    filter: Filter = ANY
    order: Order = BY_SCORE
    selection: tuple[int, ...] = ()
    offset: int = 0
    only: Only | None = None

    def is_like(self, other: View) -> bool:
        """Whether both show the same, but for how much of it."""
        same = _but_for_count(self.request) == _but_for_count(other.request)
        return same and (self.filter, self.only) == (other.filter, other.only)


def _but_for_count(request: SearchRequest | None) -> SearchRequest | None:
    return None if request is None else replace(request, k=1)


class History:
    """Views in the order in which they were visited; ``changed`` is called when it moves."""

    def __init__(self, first: View, changed: Callable[[], None]) -> None:
        self._views = [first]
        self._at = 0
        self._changed = changed

    @property
    def can_go_back(self) -> bool:
        """Whether there is a view before this one."""
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        """Whether there is a view after this one."""
        return self._at < len(self._views) - 1

    def leave(self, order: Order, selection: tuple[int, ...], offset: int) -> None:
        """The order of this view, what is selected, and how far it is scrolled, as it is left."""
        view = self._views[self._at]
        self._views[self._at] = replace(view, order=order, selection=selection, offset=offset)

    def visit(self, view: View) -> None:
        """Another view: those that lay ahead are forgotten. The same again is none."""
        if view.is_like(self._views[self._at]):
            self._views[self._at] = view
            return
        self._views[self._at + 1 :] = [view]
        del self._views[:-_MOST]
        self._at = len(self._views) - 1
        self._changed()

    def go(self, steps: int) -> View | None:
        """Back (−1) or forward (1); None where there is nothing."""
        at = self._at + steps
        if not 0 <= at < len(self._views):
            return None
        self._at = at
        self._changed()
        return self._views[at]

    def return_to(self, view: View) -> None:
        """It did not come to the view now at hand: be where ``view`` is, the nearest before."""
        places = [at for at, known in enumerate(self._views) if view.is_like(known)]
        if places:
            self._at = min(places, key=lambda at: abs(at - self._at))
            self._changed()

    def clear(self) -> None:
        """Forget all but this view."""
        self._views, self._at = [self._views[self._at]], 0
        self._changed()
