"""The map's top row: what it shows, and Matplotlib's navigation behind themed icon buttons."""

from __future__ import annotations

from collections.abc import Callable
from tkinter import font as tkfont

import ttkbootstrap as ttk

from cbir.language import _
from cbir.ui.map.canvas import Navigation
from cbir.ui.widgets.text import fit_end
from cbir.ui.widgets.theme import SMALL_FONT, SPACE_M, SPACE_S, scaled

_ICON = 14  # pixels at 100 %
_BUTTONS = (
    ("home", "house", _("Show the whole map (double click)")),
    ("back", "arrow-left", _("Back to the view before")),
    ("forward", "arrow-right", _("Forward to the next view")),
    ("pan", "arrows-move", _("Move: drag the map (the wheel zooms)")),
    ("zoom", "bounding-box-circles", _("Zoom: drag a rectangle")),
    ("save_figure", "download", _("Save the map as a picture…")),
)


class MapToolbar(ttk.Frame):
    """Home, back, forward, pan, zoom and save; ``buttons`` holds them by their action's name."""

    def __init__(self, parent: ttk.Frame) -> None:
        super().__init__(parent)
        self.buttons: dict[str, ttk.Button | ttk.Checkbutton] = {}
        self._modes = {name: ttk.BooleanVar(self, False) for name in ("pan", "zoom")}
        self._navigation: Navigation | None = None
        for column, (name, icon, tip) in enumerate(_BUTTONS):
            button = self._button(name, icon)
            button.grid(row=0, column=column)
            ttk.ToolTip(button, text=tip)
            self.buttons[name] = button

    def _button(self, name: str, icon: str) -> ttk.Button | ttk.Checkbutton:
        command = self._action(name)
        if name in self._modes:
            return ttk.Checkbutton(
                self, bootstyle="ghost-toolbutton", icon=icon, icon_size=_ICON, icon_only=True,
                variable=self._modes[name], command=command, takefocus=False,
            )  # fmt: skip
        return ttk.Button(
            self, bootstyle="secondary-ghost", icon=icon, icon_size=_ICON, icon_only=True,
            command=command, takefocus=False,
        )  # fmt: skip

    def _action(self, name: str) -> Callable[[], None]:
        def act() -> None:
            if self._navigation is not None:
                getattr(self._navigation, name)()

        return act

    def attach(self, navigation: Navigation) -> None:
        """Drive ``navigation`` and show its state."""
        self._navigation = navigation
        self.refresh()

    def refresh(self) -> None:
        """Show which mode is on, and whether there is a view to go back or forward to."""
        navigation = self._navigation
        if navigation is None:
            return
        for name, mode in (("pan", "PAN"), ("zoom", "ZOOM")):
            self._modes[name].set(navigation.mode.name == mode)
        for name, can in (("back", navigation.can_go_back), ("forward", navigation.can_go_forward)):
            self.buttons[name].state(["!disabled" if can else "disabled"])


class MapHeader(ttk.Frame):
    """The caption, a muted line about what is shown, and the ``toolbar`` at the right."""

    def __init__(self, parent: ttk.Frame) -> None:
        super().__init__(parent)
        pad, small = scaled(self, SPACE_M), scaled(self, SPACE_S)
        self._text = ""
        self.columnconfigure(1, weight=1)
        caption = ttk.Label(self, text=_("Map"), style="Caption.TLabel")
        caption.grid(row=0, column=0, padx=(pad, small))
        self._about = ttk.Label(self, style="Muted.TLabel", width=1)
        self._about.grid(row=0, column=1, sticky="ew")
        self._about.bind("<Configure>", lambda _event: self._fit())
        self.toolbar = MapToolbar(self)
        self.toolbar.grid(row=0, column=2, padx=(0, small))

    def say(self, text: str) -> None:
        """Tell what is shown; cut with an ellipsis where there is no room."""
        self._text = text
        self._fit()

    def _fit(self) -> None:
        measure = tkfont.nametofont(SMALL_FONT, self).measure
        width = self._about.winfo_width() - scaled(self, SPACE_S)
        self._about.configure(text=fit_end(self._text, measure, max(width, 0)))
