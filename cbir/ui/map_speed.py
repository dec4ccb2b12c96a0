"""How quick the map is: first drawing, hover, other colours, new points while pictures come in.

Run as a program (``python -m cbir.ui.map_speed '{…}'``), it opens the real window on a library, as
``smoothness`` does, and prints what it saw as JSON. ``cbir bench map`` reads that.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator

from cbir.ui.liveliness import Ticker
from cbir.ui.map.panel import MapPanel
from cbir.ui.smoothness import Condition, Use, figures, later, main
from cbir.work.mapping import ColourBy

NEW = "new"
"""The folder beside the library whose pictures are indexed while the map is in view."""
_DRAWINGS, _HOVERS, _RECOLOURS = 10, 200, 12
_PAUSE = 0.2  # seconds
_COLOURS: tuple[ColourBy, ...] = ("cluster", "", "folder", "")


class MapUse(Use):
    """Works the map of a window."""

    def _work(self) -> Iterator[Condition]:
        window = self._window
        yield lambda: window.quiet and window.layout.map is not None
        yield lambda: window.map_link.on_map is not None and window.quiet
        yield later(3 * _PAUSE)
        yield from self._draw()
        yield from self._hover()
        yield from self._recolour()
        yield from self._grow()

    @property
    def _panel(self) -> MapPanel:
        panel = self._window.layout.map
        assert panel is not None
        return panel

    def _until_drawn(self, action: Callable[[], None]) -> float:
        """Seconds from ``action`` until the map that it changes is on the screen."""
        start, before = time.perf_counter(), self._panel.canvas.drawings
        action()
        while self._panel.canvas.drawings == before:
            self._window.root.update()
        self._paint()
        return time.perf_counter() - start

    def _draw(self) -> Iterator[Condition]:
        outcome, seconds = self._window.map_link.on_map, []
        assert outcome is not None
        for _number in range(self._times(_DRAWINGS)):
            seconds.append(self._until_drawn(lambda: self._panel.show(outcome)))
            yield later(_PAUSE)
        self.found["first_draw"] = figures(seconds)

    def _hover(self) -> Iterator[Condition]:
        plot, canvas, seconds = self._panel.plot, self._panel.canvas.widget, []
        for _number in range(self._times(_HOVERS)):
            x, y = plot.pixel(plot.place(self._random.randrange(len(plot.points))))
            start = time.perf_counter()
            canvas.event_generate("<Motion>", x=round(x), y=round(plot.figure.bbox.height - y))
            self._window.root.update_idletasks()
            self._window.root.winfo_pointerxy()
            seconds.append(time.perf_counter() - start)
            yield later(_PAUSE / 10)
        self.found["hover"] = figures(seconds)

    def _recolour(self) -> Iterator[Condition]:
        """First each is asked of the workers, then those that are known are put on."""
        seconds = []
        for number in range(self._times(_RECOLOURS)):
            by = _COLOURS[number % len(_COLOURS)]
            self._window.map_link.colour_by(by)
            yield lambda: self._window.quiet
            yield later(_PAUSE)
            self._panel.choose_colour("")
            yield later(_PAUSE)
            seconds.append(self._until_drawn(lambda by=by: self._panel.choose_colour(by)))  # type: ignore[misc]
        self.found["recolour"] = figures(seconds)

    def _grow(self) -> Iterator[Condition]:
        """Index pictures while the map, coloured by folder, takes in the new ones."""
        window = self._window
        window.map_link.colour_by("folder")
        self._panel.choose_colour("folder")
        yield lambda: window.quiet
        ticker, before = Ticker(window.root), self._panel.plot.points
        yield later(_PAUSE)
        ticker.start()
        window.indexing.index([str(window.engine.settings.library.parent / NEW)], ["classic"])
        yield lambda: window.quiet and self._panel.plot.points is not before
        self.found["update"] = ticker.figures()


if __name__ == "__main__":
    main(sys.argv[1:], MapUse)
