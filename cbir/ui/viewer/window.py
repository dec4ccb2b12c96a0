"""The large view of a picture over the window: zoom, the query beside it, a part, the heat map."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ttkbootstrap as ttk
from PIL import Image

from cbir.asking import Box
from cbir.language import _
from cbir.ui.frame import place_over
from cbir.ui.viewer.canvas import PictureCanvas
from cbir.ui.viewer.head import Head, Shown
from cbir.ui.viewer.heat import draw_heat, raises_too, tell_heat
from cbir.ui.viewer.tools import HINT, ToolEvents, Tools
from cbir.ui.viewer.view import View
from cbir.ui.widgets.text import shown_name
from cbir.ui.widgets.theme import SPACE_S, scaled
from cbir.work.explaining import Explanation

__all__ = ["QueryShown", "Shown", "Viewer", "ViewerEvents"]

_SMALLEST = (760, 420)  # pixels at 100 %
_PAN = 80  # pixels at 100 % for an arrow key
_DETAIL_MS = 60
_BOX_HINT = _("Draw a box around the part to search for (Esc: give up).")


@dataclass(frozen=True, slots=True)
class QueryShown:
    """What was looked for: a picture of ``size`` pixels, of which ``box`` is meant, or words."""

    words: str = ""
    size: tuple[int, int] = (1, 1)
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class ViewerEvents:
    """What the viewer asks for.

    ``on_detail(width)``: the picture is looked at closely and should be that many pixels wide.
    ``on_why``: an explanation is wanted; ``on_stop``: no longer. ``on_closed`` gets the geometry.
    """

    on_step: Callable[[int], None]
    on_detail: Callable[[int], None]
    on_box: Callable[[Box], None]
    on_similar: Callable[[], None]
    on_query: Callable[[], None]
    on_why: Callable[[], None]
    on_stop: Callable[[], None]
    on_closed: Callable[[str], None]


class Viewer(ttk.Toplevel):
    """Shows one picture at a time; Space and Esc close it, Left and Right lead to others."""

    def __init__(self, parent: ttk.App, geometry: str, events: ViewerEvents) -> None:
        super().__init__(title="cbir", master=parent, transient=parent)
        self.withdraw()
        self._events = events
        self._explanation: Explanation | None = None
        self._heat_shown = False
        self._query: QueryShown | None = None
        self._query_shown = False
        self._explaining = False
        self._timer = ""
        self._make_parts()
        self._bind_keys()
        self.protocol("WM_DELETE_WINDOW", self.close)
        self.bind("<Destroy>", lambda _: self._stop_timer())
        place_over(self, parent, geometry, _SMALLEST)

    def _make_parts(self) -> None:
        events = self._events
        self.head = Head(self, events.on_step, self.close)
        self.head.pack(fill="x")
        ttk.Separator(self).pack(fill="x")
        self._sides = ttk.Frame(self)
        self._sides.grid_propagate(False)  # else Tk waits for a size that never changes
        self._sides.rowconfigure(0, weight=1)
        self._sides.columnconfigure(1, weight=1, uniform="side")
        self.query_canvas = PictureCanvas(self._sides, self._query_viewed)
        caption = ttk.Label(self.query_canvas, text=_("Query"), style="SurfaceMuted.TLabel")
        caption.configure(padding=scaled(self, SPACE_S))
        caption.place(x=0, y=0)
        self.canvas = PictureCanvas(self._sides, self._viewed, self._boxed)
        self.canvas.configure(takefocus=True)
        self.canvas.grid(row=0, column=1, sticky="nsew")
        self.canvas.bind("<Configure>", lambda _: self._look_closely(), add="+")
        self.tools = Tools(
            self,
            ToolEvents(
                on_zoom=self.canvas.zoom,
                on_fit=self.canvas.fit,
                on_actual=self.canvas.actual,
                on_query=self.toggle_query,
                on_box=self.toggle_box,
                on_similar=events.on_similar,
                on_heat=self.toggle_heat,
                on_stop=self._stop,
            ),
        )
        self.tools.pack(fill="x", side="bottom")
        ttk.Separator(self).pack(fill="x", side="bottom")
        self._sides.pack(fill="both", expand=True)

    def present(self) -> None:
        """Show it, in front and with the keys."""
        self.deiconify()
        self.lift()
        self.update_idletasks()
        self.canvas.focus_force()

    # -- what is shown ----------------------------------------------------------------------------

    def show(self, shown: Shown, why_not: str) -> None:
        """Another picture, of which nothing is loaded yet; ``why_not`` greys "Why this hit?"."""
        file = shown.record.file
        self._explanation, self._heat_shown = None, False
        self._explaining = False
        self.title(_("{name} – cbir").format(name=shown_name(shown.record.path)))
        self.head.show(shown)
        self.canvas.show((file.width, file.height), _("Loading…"))
        self.tools.allow_heat(why_not)
        self._refresh()
        self._look_closely()

    def add_image(self, image: Image.Image) -> None:
        """The picture, in some size."""
        self.canvas.add(image)
        self._look_closely()

    def show_trouble(self, sentence: str) -> None:
        """Why there is no picture; where there is one already, it stays."""
        if not self.canvas.loaded:
            self.canvas.say(sentence)

    def show_query(self, query: QueryShown | None, why_not: str = "") -> None:
        """What was looked for; None, with the reason, where there is nothing to show beside."""
        self._query = query
        self.tools.allow_query(why_not)
        if query is not None:
            self.query_canvas.show(query.size, query.words or _("Loading…"))
            self.query_canvas.mark(query.box)
        self._show_sides()

    def add_query_image(self, image: Image.Image) -> None:
        """The query's picture."""
        self.query_canvas.add(image)

    def show_query_trouble(self, sentence: str) -> None:
        """Why there is no picture of the query."""
        self.query_canvas.say(sentence)

    # -- why --------------------------------------------------------------------------------------

    def show_progress(self, done: int, total: int) -> None:
        """How far the explanation is."""
        self._explaining = True
        text = _("Covering parts of the picture: {done} of {total}").format(done=done, total=total)
        self.tools.story.show_progress(text, done / max(1, total))
        self._refresh_states()

    def show_explanation(self, explanation: Explanation) -> None:
        """The heat map over the picture, and what it means."""
        self._explaining = False
        self._explanation, self._heat_shown = explanation, True
        self._refresh()

    def explanation_failed(self, sentence: str) -> None:
        """Why there is no explanation; "" where it was cancelled."""
        self._explaining = False
        self._refresh()
        if sentence:
            self.tools.story.say(sentence)

    def toggle_heat(self) -> None:
        """Show the heat map or the plain picture; the first time, it has to be made."""
        if str(self.tools.heat.cget("state")) == "disabled":
            return
        if self._explanation is not None:
            self._heat_shown = not self._heat_shown
        elif not self._explaining:
            self._events.on_why()
        self._refresh()

    def _stop(self) -> None:
        self._events.on_stop()
        self.explanation_failed("")

    def _refresh(self) -> None:
        """The map and the line below as they should be now."""
        explanation = self._explanation if self._heat_shown else None
        self.canvas.show_heat(None if explanation is None else draw_heat(explanation.drops))
        if self.canvas.boxing:
            self.tools.story.say(_BOX_HINT)
        elif explanation is not None:
            self.tools.story.show_scale(tell_heat(explanation), both=raises_too(explanation))
        elif not self._explaining:
            self.tools.story.say(HINT, quiet=True)
        self._refresh_states()
        self.tools.show_scale(self.canvas.frame.scale)

    def _refresh_states(self) -> None:
        self.tools.show_states(
            heat=self._heat_shown or self._explaining,
            query=self._query_shown and self._query is not None,
            box=self.canvas.boxing,
        )

    # -- the query beside -------------------------------------------------------------------------

    def toggle_query(self) -> None:
        """Show the query beside the picture, or the picture alone."""
        if self._query is not None:
            self._query_shown = not self._query_shown
            self._show_sides()

    def _show_sides(self) -> None:
        beside = self._query_shown and self._query is not None
        if beside:
            self._sides.columnconfigure(0, weight=1, uniform="side")
            self.query_canvas.grid(row=0, column=0, sticky="nsew", padx=(0, scaled(self, SPACE_S)))
            self._events.on_query()
            self.query_canvas.view = self.canvas.view
        else:
            self.query_canvas.grid_forget()
            self._sides.columnconfigure(0, weight=0, uniform="")
        self._refresh_states()

    def _query_viewed(self, view: View) -> None:
        self.canvas.view = view
        self._look_closely()

    def _viewed(self, view: View) -> None:
        self.query_canvas.view = view
        self._look_closely()

    def _look_closely(self) -> None:
        """Tell how large the picture is, and ask for more of it where it is not sharp."""
        self.tools.show_scale(self.canvas.frame.scale)
        self._stop_timer()
        self._timer = self.after(_DETAIL_MS, self._ask_detail)

    def _stop_timer(self) -> None:
        if self._timer:
            self.after_cancel(self._timer)
            self._timer = ""

    def _ask_detail(self) -> None:
        self._timer = ""
        if self.winfo_viewable():
            self._events.on_detail(self.canvas.wanted)

    # -- a part -----------------------------------------------------------------------------------

    def toggle_box(self) -> None:
        """Let a part be drawn, or not."""
        if self.canvas.boxing or not self.canvas.loaded:
            self.canvas.end_box()
        else:
            self.canvas.begin_box()
        self._refresh()

    def _boxed(self, box: Box | None) -> None:
        self._refresh()
        if box is not None:
            self._events.on_box(box)

    # -- keys -------------------------------------------------------------------------------------

    def _bind_keys(self) -> None:
        canvas = self.canvas
        keys: dict[str, Callable[[], None]] = {
            "<Escape>": self._escape,
            "<Left>": lambda: self._arrow(-1, 0),
            "<Right>": lambda: self._arrow(1, 0),
            "<Up>": lambda: self._arrow(0, -1),
            "<Down>": lambda: self._arrow(0, 1),
            "<Prior>": lambda: self._events.on_step(-1),
            "<Next>": lambda: self._events.on_step(1),
            "<Key-0>": canvas.fit,
            "<KP_0>": canvas.fit,
            "<Key-1>": canvas.actual,
            "<KP_1>": canvas.actual,
            "<Control-plus>": lambda: canvas.zoom(1),
            "<Control-equal>": lambda: canvas.zoom(1),
            "<Control-KP_Add>": lambda: canvas.zoom(1),
            "<Control-minus>": lambda: canvas.zoom(-1),
            "<Control-KP_Subtract>": lambda: canvas.zoom(-1),
            "<Control-Shift-F>": self._events.on_similar,
            "<Control-Shift-f>": self._events.on_similar,
        }
        for letter, act in (
            ("q", self.toggle_query),
            ("b", self.toggle_box),
            ("h", self.toggle_heat),
        ):
            keys[f"<Key-{letter}>"] = keys[f"<Key-{letter.upper()}>"] = act
        for key, act in keys.items():
            self.bind(key, _doing(act))
        for letter in "qbh":  # else Ctrl+Q would be Q
            for held in ("Control", "Alt"):
                self.bind(f"<{held}-Key-{letter}>", lambda _: None)
        self.bind("<space>", self._space)

    def _arrow(self, right: int, down: int) -> None:
        """Move what is in view; where nothing lies to the side, to the picture before or after."""
        if self.canvas.frame.overflows(1 if down else 0):
            self.canvas.pan(_PAN * right, _PAN * down)
        elif right:
            self._events.on_step(right)

    def _escape(self) -> None:
        if self.canvas.boxing:
            self.toggle_box()
        else:
            self.close()

    def _space(self, event: tkinter.Event[Any]) -> str | None:
        """Back to the window, where Space does not press the button that has the keys."""
        if isinstance(event.widget, (ttk.Button, ttk.Checkbutton)):
            return None
        self.close()
        return "break"

    def close(self) -> None:
        """Close it, and tell where it was."""
        geometry = str(self.geometry())
        self.destroy()
        self._events.on_closed(geometry)


def _doing(act: Callable[[], None]) -> Callable[[object], str]:
    def run(_event: object) -> str:
        act()
        return "break"

    return run
