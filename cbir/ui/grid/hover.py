"""What follows the pointer over the grid: the highlight, the "find similar" button, the tooltip."""

from __future__ import annotations

import os
import tkinter
from collections.abc import Callable

from cbir.language import _
from cbir.ui.grid.view import GridView
from cbir.ui.widgets.text import shown, shown_name, shown_path
from cbir.ui.widgets.theme import SPACE_S, scaled
from cbir.ui.widgets.tooltip import ItemToolTip


class GridHover:
    """Knows the pointer's place and finds the tile under it, also when the content moves.

    ``restate(index)`` draws a tile's card anew after it was entered or left.
    """

    def __init__(
        self, canvas: tkinter.Canvas, view: GridView, restate: Callable[[int], None]
    ) -> None:
        self._canvas = canvas
        self._view = view
        self._restate = restate
        self._pointer: tuple[int, int] | None = None
        self._gap = scaled(canvas, SPACE_S)
        self._lens = canvas.create_image(0, 0, anchor="nw", state="hidden")
        self.tip = ItemToolTip(canvas)
        self.index: int | None = None

    def point(self, pointer: tuple[int, int] | None) -> None:
        """The pointer is at these canvas pixels, or elsewhere (None)."""
        self._pointer = pointer
        self.refresh()

    def refresh(self) -> None:
        """Find the tile under the pointer: either may have moved."""
        before, self.index = self.index, self._index_at_pointer()
        if before != self.index:
            for changed in (before, self.index):
                if changed is not None:
                    self._restate(changed)
        self._show()

    def on_lens(self, x: int, y: int) -> bool:
        """Whether a point lies on the "find similar" button that is shown."""
        if self.index is None:
            return False
        left, top = self._lens_corner(self.index)
        side = self._view.art.lens_side
        return left <= x < left + side and top <= y < top + side

    def on_count(self, x: int, y: int) -> bool:
        """Whether a point lies on the count of the tile under the pointer."""
        box = None if self.index is None else self._view.count_box(self.index)
        return box is not None and box[0] <= x < box[2] and box[1] <= y < box[3]

    def on_button(self, x: int, y: int) -> bool:
        """Whether a point lies on something that a click uses up."""
        return self.on_lens(x, y) or self.on_count(x, y)

    def _index_at_pointer(self) -> int | None:
        if self._pointer is None:
            return None
        x, y = self._pointer
        return self._view.layout.index_at(x, y + self._view.offset)

    def _lens_corner(self, index: int) -> tuple[int, int]:
        """The button's top left corner, in the top right corner of the card."""
        _, top, right, _ = self._view.layout.box(index)
        inset = self._view.layout.metrics.padding + self._gap
        return right - inset - self._view.art.lens_side, top + inset - self._view.offset

    def _show(self) -> None:
        canvas = self._canvas
        if self.index is None or self._pointer is None:
            canvas.itemconfigure(self._lens, image="", state="hidden")
            canvas.configure(cursor="")
            self.tip.hover("")
            return
        over = self.on_lens(*self._pointer)
        canvas.coords(self._lens, *self._lens_corner(self.index))
        canvas.itemconfigure(self._lens, image=self._view.art.lens(over), state="normal")
        canvas.tag_raise(self._lens)
        canvas.configure(cursor="hand2" if self.on_button(*self._pointer) else "")
        self.tip.hover(self._say(self.index, *self._pointer))

    def _say(self, index: int, x: int, y: int) -> str:
        if self.on_lens(x, y):
            return _("Find similar pictures")
        if self.on_count(x, y):
            tile = self._view.tiles[index]
            if tile.unfolded:
                return _(
                    "Show only one of the {count:,} pictures that are nearly the same (E)"
                ).format(count=tile.count)
            return _("Show the {count:,} pictures that are nearly the same (E)").format(
                count=tile.count
            )
        return self._describe(index)

    def _describe(self, index: int) -> str:
        """Whole name, folder, size, score, tags, and why there is no picture."""
        tile = self._view.tiles[index]
        record = tile.record
        lines = [
            shown_name(record.path),
            shown_path(os.path.dirname(record.path)),
            _("{width} × {height} pixels").format(
                width=record.file.width, height=record.file.height
            ),
        ]
        if tile.score:
            lines.append(
                " · ".join(
                    part
                    for part in (_("Score {score}").format(score=tile.score), tile.percentile)
                    if part
                )
            )
        if tile.told:
            lines.append(tile.told)
        if record.tags:
            lines.append(_("Tags: ") + ", ".join(shown(tag) for tag in record.tags))
        if tile.duplicate:
            lines.append(_("Another file has the same content."))
        if record.missing:
            lines.append(_("The file is gone: right-click to locate it."))
        elif reason := self._view.reason(index):
            lines.append(_("No preview: {reason}.").format(reason=reason))
        return "\n".join(lines)
