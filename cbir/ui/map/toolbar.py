"""The map's top row: what it shows, and Matplotlib's navigation behind themed icon buttons."""

from __future__ import annotations

from collections.abc import Callable
from tkinter import font as tkfont

import ttkbootstrap as ttk

from cbir.language import _
from cbir.ui.map.canvas import Navigation
from cbir.ui.map.tools import MapTools
from cbir.ui.widgets.text import fit_end
from cbir.ui.widgets.theme import SMALL_FONT, SPACE_M, SPACE_S, scaled
from cbir.ui.widgets.tooltip import ToolTip

_ICON = 14  # pixels at 100 %
_BUTTONS = (
    ("home", "house", _("Show the whole map (double click; 0 or Home)")),
    ("back", "arrow-left", _("Back to the view before")),
    ("forward", "arrow-right", _("Forward to the next view")),
    ("zoom", "zoom-in", _("Zoom: drag a rectangle (the wheel zooms, dragging moves)")),
    (
        "box",
        "bounding-box",
        _("Choose pictures: drag a box around them (B); Shift adds, Ctrl takes away"),
    ),
    (
        "lasso",
        "heptagon",
        _("Choose pictures: draw a line around them (L); Shift adds, Ctrl takes away"),
    ),
    ("save", "download", _("Save the map as a picture…")),
)
_MODES = ("zoom", "box", "lasso")


class MapToolbar(ttk.Frame):
    """What can be done with the map; ``buttons`` holds the buttons by their action's name."""

    def __init__(self, parent: ttk.Frame) -> None:
        super().__init__(parent)
        self.buttons: dict[str, ttk.Button | ttk.Checkbutton] = {}
        self._modes = {name: ttk.BooleanVar(self, False) for name in _MODES}
        self._actions: dict[str, Callable[[], None]] = {}
        self._navigation: Navigation | None = None
        self._tools: MapTools | None = None
        for column, (name, icon, tip) in enumerate(_BUTTONS):
            button = self._button(name, icon)
            button.grid(row=0, column=column)
            ttk.ToolTip(button, text=tip)
            self.buttons[name] = button

    def _button(self, name: str, icon: str) -> ttk.Button | ttk.Checkbutton:
        def act() -> None:
            if name in self._actions:
                self._actions[name]()

        if name in self._modes:
            return ttk.Checkbutton(
                self, bootstyle="ghost-toolbutton", icon=icon, icon_size=_ICON, icon_only=True,
                variable=self._modes[name], command=act, takefocus=False,
            )  # fmt: skip
        return ttk.Button(
            self, bootstyle="secondary-ghost", icon=icon, icon_size=_ICON, icon_only=True,
            command=act, takefocus=False,
        )  # fmt: skip

    def attach(self, navigation: Navigation, tools: MapTools, save: Callable[[], None]) -> None:
        """Drive ``navigation`` and ``tools``, and show their state."""
        self._navigation, self._tools = navigation, tools

        def zoom() -> None:
            tools.lasso.use("")
            navigation.zoom()

        self._actions = {
            "home": navigation.home,
            "back": navigation.back,
            "forward": navigation.forward,
            "zoom": zoom,
            "box": lambda: tools.use_tool("box"),
            "lasso": lambda: tools.use_tool("lasso"),
            "save": save,
        }
        self.refresh()

    def refresh(self) -> None:
        """Show which mode is on, and whether there is a view to go back or forward to."""
        navigation, tools = self._navigation, self._tools
        if navigation is None or tools is None:
            return
        self._modes["zoom"].set(navigation.mode.name == "ZOOM")
        for name in ("box", "lasso"):
            self._modes[name].set(tools.lasso.tool == name)
        for name, can in (("back", navigation.can_go_back), ("forward", navigation.can_go_forward)):
            self.buttons[name].state(["!disabled" if can else "disabled"])


class MapHeader(ttk.Frame):
    """The caption, a muted line about what is shown, and the ``toolbar`` at the right.

    The line goes below where there is no room beside the toolbar, and the caption away.
    """

    def __init__(self, parent: ttk.Frame) -> None:
        super().__init__(parent)
        self._pad, self._small = scaled(self, SPACE_M), scaled(self, SPACE_S)
        self._text = ""
        self.columnconfigure(1, weight=1)
        self._caption = ttk.Label(self, text=_("Map"), style="Caption.TLabel")
        self._about = ttk.Label(self, style="Muted.TLabel", width=1)
        self._tip = ToolTip(self._about, text="", delay=600)
        self.toolbar = MapToolbar(self)
        self.toolbar.grid(row=0, column=2, padx=(0, self._small))
        self.bind("<Configure>", lambda _event: self._arrange())

    def say(self, text: str) -> None:
        """Tell what is shown; what does not fit into a line is cut, and whole in the tooltip."""
        self._text = text
        self._arrange()

    def _arrange(self) -> None:
        measure = tkfont.nametofont(SMALL_FONT, self).measure
        width = self.winfo_width() - self._pad - self._small
        caption = self._caption.winfo_reqwidth() + self._small
        beside = width - self.toolbar.winfo_reqwidth() - caption - self._small
        if beside >= 0:
            self._caption.grid(row=0, column=0, padx=(self._pad, self._small))
        else:
            self._caption.grid_remove()
        below = measure(self._text) > beside
        if below:
            pad = (self._pad, self._small)
            self._about.grid(row=1, column=0, columnspan=3, sticky="ew", padx=pad)
        else:
            self._about.grid(row=0, column=1, columnspan=1, sticky="ew", padx=0)
        told = fit_end(self._text, measure, max(width if below else beside, 0))
        self._about.configure(text=told)
        self._tip.configure(text=self._text if told != self._text else "")
