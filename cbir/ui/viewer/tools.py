"""The viewer's last two lines: what is told of the picture, and what can be done with it."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from dataclasses import dataclass
from tkinter import font as tkfont

import ttkbootstrap as ttk
from PIL import Image, ImageTk

from cbir.language import _
from cbir.ui.viewer.heat import draw_scale
from cbir.ui.widgets.text import fit_end
from cbir.ui.widgets.theme import SMALL_FONT, SPACE_L, SPACE_M, SPACE_S, palette, scaled
from cbir.ui.widgets.tooltip import ToolTip

HINT = _("Wheel: zoom · Drag: move · ← →: other pictures · Space: back")
_SCALE = (96, 12)  # pixels at 100 %
_LINE = 28


@dataclass(frozen=True, slots=True)
class ToolEvents:
    """What the buttons ask for."""

    on_zoom: Callable[[int], None]
    on_fit: Callable[[], None]
    on_actual: Callable[[], None]
    on_query: Callable[[], None]
    on_box: Callable[[], None]
    on_similar: Callable[[], None]
    on_heat: Callable[[], None]
    on_stop: Callable[[], None]


class Story(ttk.Frame):
    """A sentence, with the colours of the map before it, or progress that can be cancelled."""

    def __init__(self, parent: tkinter.Misc, on_stop: Callable[[], None]) -> None:
        super().__init__(parent, height=scaled(parent, _LINE))
        self.pack_propagate(False)  # the picture above stays as large as it is
        self._full = ""
        self._both = False
        self._photo: ImageTk.PhotoImage | None = None
        gap = scaled(self, SPACE_M)
        self._scale = ttk.Label(self, padding=0)
        self._bar = ttk.Progressbar(self, length=scaled(self, 120), maximum=1.0)
        self._stop = ttk.Button(
            self, text=_("Cancel"), bootstyle="secondary-ghost", padding=0, command=on_stop
        )
        self._before = (self._scale, self._bar, self._stop)
        self._gap = gap
        self.label = ttk.Label(self, font=SMALL_FONT, width=1, anchor="w")
        self.label.pack(side="left", fill="x", expand=True)
        self._tip = ToolTip(self.label, text="")
        self.label.bind("<Configure>", lambda _: self._fit(), add="+")
        self.bind("<<ThemeChanged>>", lambda _: self._draw_scale())

    def say(self, text: str, *, quiet: bool = False) -> None:
        """A sentence alone; ``quiet`` in grey."""
        self._put_before(None)
        self.label.configure(style="Muted.TLabel" if quiet else "TLabel", font=SMALL_FONT)
        self._tell(text)

    def show_scale(self, text: str, *, both: bool) -> None:
        """What the map's colours mean; ``both``: there are some of each kind."""
        self.say(text)
        self._both = both
        self._draw_scale()
        self._put_before(self._scale)

    def _draw_scale(self) -> None:
        across, down = (scaled(self, side) for side in _SCALE)
        ground = Image.new("RGB", (across, down), palette(self).surface)
        colours = draw_scale(ground.size, self._both)
        ground.paste(colours, mask=colours)
        self._photo = ImageTk.PhotoImage(ground, master=self)
        self._scale.configure(image=self._photo)

    def show_progress(self, text: str, share: float) -> None:
        """How far something is, 0 to 1, with a button that ends it."""
        if not self._bar.winfo_manager():
            self.say(text)
            self._put_before(self._bar)
            self._stop.pack(side="left", padx=(0, self._gap), before=self.label)
        self._bar.configure(value=share)
        self._tell(text)

    def _put_before(self, part: tkinter.Misc | None) -> None:
        for other in self._before:
            other.pack_forget()
        if part is not None:
            part.pack(side="left", padx=(0, self._gap), before=self.label)  # type: ignore[attr-defined]

    def _tell(self, text: str) -> None:
        self._full = text
        self._fit()

    def _fit(self) -> None:
        measure = tkfont.nametofont(SMALL_FONT, root=self).measure
        text = fit_end(self._full, measure, max(1, self.label.winfo_width() - 4))
        self.label.configure(text=text)
        self._tip.configure(text=self._full if text != self._full else "")


class Tools(ttk.Frame):
    """The story, and buttons with their keys in the tooltips."""

    def __init__(self, parent: tkinter.Misc, events: ToolEvents) -> None:
        large, middle = scaled(parent, SPACE_L), scaled(parent, SPACE_M)
        super().__init__(parent, padding=(large, scaled(parent, SPACE_S), large, middle))
        self.story = Story(self, events.on_stop)
        self.story.pack(fill="x", pady=(0, scaled(self, SPACE_S)))
        self._heat_on = ttk.BooleanVar(self, value=False)
        self._query_on = ttk.BooleanVar(self, value=False)
        self._box_on = ttk.BooleanVar(self, value=False)
        self.heat = self._toggle(_("Why this hit?"), "fire", self._heat_on, events.on_heat)
        self.box = self._toggle(_("Search a part"), "crop", self._box_on, events.on_box)
        self.query = self._toggle(
            _("Query beside"), "layout-split", self._query_on, events.on_query
        )
        self._heat_tip = ToolTip(self.heat, text="")
        self._query_tip = ToolTip(self.query, text="")
        ToolTip(self.box, text=_("Draw a box, and search for what is in it (B)"))
        similar = ttk.Button(
            self,
            text=_("Find similar"),
            icon="search",
            bootstyle="secondary-outline",
            command=events.on_similar,
        )
        ToolTip(similar, text=_("Search the library by this picture (Ctrl+Shift+F)"))
        for button in (self.heat, self.box, similar, self.query):
            button.pack(side="right", padx=(scaled(self, SPACE_S), 0))
        self._make_zoom(events)
        self.allow_heat("")
        self.allow_query("")

    def _toggle(
        self, text: str, icon: str, variable: ttk.BooleanVar, command: Callable[[], None]
    ) -> ttk.Checkbutton:
        return ttk.Checkbutton(
            self,
            text=text,
            icon=icon,
            variable=variable,
            command=command,
            bootstyle="secondary-outline-toolbutton",
        )

    def _make_zoom(self, events: ToolEvents) -> None:
        row = ttk.Frame(self)
        row.pack(side="left")
        style = "secondary-ghost"
        parts: tuple[tuple[str, str, Callable[[], None], str], ...] = (
            ("", "zoom-out", lambda: events.on_zoom(-1), _("Smaller (Ctrl+−, wheel)")),
            ("", "zoom-in", lambda: events.on_zoom(1), _("Larger (Ctrl++, wheel)")),
            (_("Fit"), "", events.on_fit, _("All of the picture (0)")),
            ("1:1", "", events.on_actual, _("One pixel on one of the screen's (1, double click)")),
        )
        self.percent = ttk.Label(row, style="Muted.TLabel", width=6, anchor="center")
        for text, icon, command, tip in parts:
            looks = {"icon": icon, "icon_only": True} if icon else {"text": text}
            button = ttk.Button(row, bootstyle=style, command=command, **looks)
            button.pack(side="left")
            ToolTip(button, text=tip)
            if icon == "zoom-out":
                self.percent.pack(side="left")

    def show_scale(self, scale: float) -> None:
        """How large the picture is shown."""
        self.percent.configure(text=f"{100 * scale:.0f} %")

    def show_states(self, *, heat: bool, query: bool, box: bool) -> None:
        """Which of the buttons are pressed."""
        self._heat_on.set(heat)
        self._query_on.set(query)
        self._box_on.set(box)

    def allow_heat(self, reason: str) -> None:
        """Grey "Why this hit?" for a ``reason``, or give it back."""
        tip = _("Show which parts of the picture make it a hit (H)")
        self._allow(self.heat, self._heat_tip, reason, tip)

    def allow_query(self, reason: str) -> None:
        """Grey "Query beside" for a ``reason``, or give it back."""
        self._allow(self.query, self._query_tip, reason, _("Show the query beside the picture (Q)"))

    @staticmethod
    def _allow(button: ttk.Checkbutton, told: ToolTip, reason: str, tip: str) -> None:
        button.configure(state="disabled" if reason else "normal")
        told.configure(text=reason or tip)
