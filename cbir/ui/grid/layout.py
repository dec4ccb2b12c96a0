"""Where the grid's cells lie: arithmetic in content pixels, without a window.

The content's origin is the top left corner of the first row's margin; a scroll offset is the
content's y that lies at the top of the viewport.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Step = Literal["left", "right", "up", "down", "home", "end", "page_up", "page_down"]
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Metrics:
    """Lengths in screen pixels: the picture's square, the card around it, the space between."""

    picture: int
    padding: int
    caption: int
    gap: int
    margin: int

    @property
    def card_height(self) -> int:
        """Height of a card: the picture above, the caption below."""
        return self.padding + self.picture + self.caption

    @property
    def narrowest_card(self) -> int:
        """Width of a card before it is stretched to fill its row."""
        return self.picture + 2 * self.padding


@dataclass(frozen=True)
class GridLayout:
    """``count`` equal cards in rows that fill a viewport of ``width`` x ``height`` pixels.

    Cards stretch so that a row fills the width and the gaps stay even; at least one column is
    laid out, also where it does not fit. Lengths are asked for hundreds of times a scrolled step:
    they are kept.
    """

    metrics: Metrics
    width: int
    height: int
    count: int

    @cached_property
    def _inner(self) -> int:
        return max(self.metrics.narrowest_card, self.width - 2 * self.metrics.margin)

    @cached_property
    def columns(self) -> int:
        """Cards in a full row."""
        gap = self.metrics.gap
        return max(1, (self._inner + gap) // (self.metrics.narrowest_card + gap))

    @cached_property
    def rows(self) -> int:
        """Rows that hold at least one card."""
        return -(-self.count // self.columns)

    @cached_property
    def card_width(self) -> int:
        """Width of every card in pixels."""
        return (self._inner - (self.columns - 1) * self.metrics.gap) // self.columns

    @cached_property
    def pitch(self) -> int:
        """Vertical distance between the tops of two rows."""
        return self.metrics.card_height + self.metrics.gap

    @cached_property
    def content_height(self) -> int:
        """Height of all rows with the margins above and below; 0 for an empty grid."""
        if not self.count:
            return 0
        return 2 * self.metrics.margin + self.rows * self.pitch - self.metrics.gap

    @cached_property
    def furthest(self) -> int:
        """The largest scroll offset."""
        return max(0, self.content_height - self.height)

    def clamp(self, offset: float) -> int:
        """The nearest offset that the content allows."""
        return round(min(max(0.0, offset), self.furthest))

    def origin(self, index: int) -> tuple[int, int]:
        """The top left corner of a card."""
        row, column = divmod(index, self.columns)
        stride = (self._inner + self.metrics.gap) * column // self.columns
        return self.metrics.margin + stride, self.metrics.margin + row * self.pitch

    def box(self, index: int) -> Box:
        """A card's left, top, right and bottom; right and bottom lie just outside."""
        left, top = self.origin(index)
        return left, top, left + self.card_width, top + self.metrics.card_height

    def index_at(self, x: int, y: int) -> int | None:
        """The card that covers a point of the content; None between and beside cards."""
        found = self.indexes_in((x, y, x + 1, y + 1))
        return found[0] if found else None

    def indexes_in(self, box: Box) -> list[int]:
        """The cards that a box (left, top, right, bottom) touches, in order."""
        left, top, right, bottom = box
        columns = [
            column
            for column in range(self.columns)
            if self.origin(column)[0] < right and left < self.origin(column)[0] + self.card_width
        ]
        return [
            index
            for row in self._rows_between(top, bottom)
            for index in (row * self.columns + column for column in columns)
            if index < self.count
        ]

    def _rows_between(self, top: int, bottom: int) -> range:
        """Rows of which some pixel lies in top..bottom (bottom outside)."""
        margin, gap = self.metrics.margin, self.metrics.gap
        first = max(0, (top - margin + gap) // self.pitch)
        last = (bottom - margin - 1) // self.pitch
        return range(first, min(last + 1, self.rows))

    def visible(self, offset: int, extra_rows: int = 0) -> range:
        """Indexes of the cards seen at ``offset``, with ``extra_rows`` more above and below."""
        rows = self._rows_between(offset, offset + self.height)
        first = max(0, rows.start - extra_rows)
        return range(first * self.columns, min((rows.stop + extra_rows) * self.columns, self.count))

    def offset_to_see(self, index: int, offset: int) -> int:
        """The offset nearest to ``offset`` that shows a card whole, with its margin."""
        _, top, _, bottom = self.box(index)
        highest, lowest = bottom + self.metrics.margin - self.height, top - self.metrics.margin
        return self.clamp(min(max(offset, highest), lowest))

    def step(self, index: int, step: Step) -> int:
        """The card that a key leads to from ``index``; the same one at the edge."""
        if step in ("home", "end"):
            return 0 if step == "home" else self.count - 1
        if step in ("left", "right"):
            return min(max(0, index + (1 if step == "right" else -1)), self.count - 1)
        rows = 1 if step in ("up", "down") else max(1, self.height // self.pitch)
        row = index // self.columns + (rows if step in ("down", "page_down") else -rows)
        row = min(max(0, row), self.rows - 1)
        return min(row * self.columns + index % self.columns, self.count - 1)
