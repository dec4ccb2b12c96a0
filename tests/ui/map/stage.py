"""A map in a window of its own, for tests."""

from __future__ import annotations

from dataclasses import dataclass, field

import ttkbootstrap as ttk

from cbir.ui.map.events import How, MapEvents
from cbir.ui.map.panel import MapPanel
from cbir.ui.thumbnail_desk import Key, ThumbnailDesk
from cbir.work.mapping import ColourBy
from tests.ui.conftest import WaitUntil

SQUARE = [(0.0, 0.0), (4.0, 0.0), (4.0, 3.0), (0.0, 3.0), (2.0, 1.5)]


@dataclass
class Stage:
    """A panel in a window, what it asked for, and hands to work it with."""

    root: ttk.App
    wait: WaitUntil
    requested: list[Key] = field(default_factory=list)
    waiting: set[Key] = field(default_factory=set)
    selected: list[int] = field(default_factory=list)
    added: list[int] = field(default_factory=list)
    shapes: list[tuple[set[int], How]] = field(default_factory=list)
    coloured: list[ColourBy] = field(default_factory=list)
    saves: int = 0
    draws: int = 0

    def __post_init__(self) -> None:
        self.panel = MapPanel(
            self.root,
            thumbnails=ThumbnailDesk(self),
            events=MapEvents(
                on_select=lambda id_, add: (self.added if add else self.selected).append(id_),
                on_shape=lambda ids, how: self.shapes.append((set(ids), how)),
                on_save=self._save,
                on_colour=self.coloured.append,
            ),
        )
        self.panel.place(x=0, y=0, width=600, height=440)
        self.canvas = self.panel.canvas.widget
        self.panel.canvas.mpl_connect("draw_event", lambda _event: self._drew())
        self.wait(lambda: self.draws > 0)
        self.settle()

    def request(self, path: str, size: int, *, keep: bool = True) -> None:
        """What a loader of thumbnails is asked for."""
        self.requested.append((path, size))
        self.waiting.add((path, size))

    def keep_only(self, wanted: set[Key]) -> None:
        """What it need not load any more."""
        self.waiting &= wanted

    def _save(self) -> None:
        self.saves += 1

    def _drew(self) -> None:
        self.draws += 1

    def settle(self) -> None:
        """Wait until the figure has the widget's size and what was asked for is drawn."""
        figure, widget = self.panel.plot.figure, self.canvas
        self.root.update()
        self.wait(lambda: abs(figure.bbox.width - widget.winfo_width()) < 1)
        self.wait(lambda: abs(figure.bbox.height - widget.winfo_height()) < 1)
        self.panel.canvas.draw_idle()
        before = self.panel.canvas.drawings
        self.wait(lambda: self.panel.canvas.drawings > before)

    def pixel_of(self, place: tuple[float, float]) -> tuple[int, int]:
        x, y = self.panel.plot.pixel(place)
        return round(x), round(self.panel.plot.figure.bbox.height - y)

    def hover(self, place: tuple[float, float], dx: int = 0, dy: int = 0) -> None:
        x, y = self.pixel_of(place)
        self.canvas.event_generate("<Motion>", x=x + dx, y=y + dy)

    def click(self, place: tuple[float, float], dx: int = 0, dy: int = 0) -> None:
        x, y = self.pixel_of(place)
        self.canvas.event_generate("<Button-1>", x=x, y=y)
        self.canvas.event_generate("<ButtonRelease-1>", x=x + dx, y=y + dy)

    def drag(self, *places: tuple[float, float], state: int = 0) -> None:
        """Press at the first place, go on to each of the others, let go at the last."""
        pixels = [self.pixel_of(place) for place in places]
        x, y = pixels[0]
        self.canvas.event_generate("<Button-1>", x=x, y=y, state=state)
        for x1, y1 in pixels[1:]:
            for share in (0.5, 1.0):
                at = (round(x + share * (x1 - x)), round(y + share * (y1 - y)))
                self.canvas.event_generate("<Motion>", x=at[0], y=at[1], state=0x100 | state)
            x, y = x1, y1
        self.canvas.event_generate("<ButtonRelease-1>", x=x, y=y, state=0x100 | state)

    def key(self, name: str) -> None:
        self.canvas.focus_force()
        self.root.update()
        self.canvas.event_generate(name)
        self.root.update()

    def wheel(self, place: tuple[float, float], button: int, turns: int = 1) -> None:
        x, y = self.pixel_of(place)
        for _ in range(turns):
            self.canvas.event_generate(f"<Button-{button}>", x=x, y=y)

    def card_texts(self) -> str:
        found = self.canvas.find_withtag("map-card")
        return "\n".join(
            self.canvas.itemcget(item, "text") for item in found if self.canvas.type(item) == "text"
        )

    def span(self) -> float:
        x0, x1 = self.panel.plot.axes.get_xlim()
        return float(x1 - x0)
