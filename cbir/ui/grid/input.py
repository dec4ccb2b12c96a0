"""Mouse and keys of the grid, turned into the few things that a grid can do."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from typing import Any, Literal, Protocol, TypeAlias

from cbir.ui.grid.layout import Box, Step
from cbir.ui.widgets.theme import scaled

_SHIFT, _CONTROL, _COMMAND = 0x1, 0x4, 0x8
_ALT = {"x11": 0x20008, "win32": 0x20000, "aqua": 0x10}  # X11: Mod1, or what Tk generates
_DRAG_FROM = 6  # pixels at 100 % before a press becomes a rubber band
_WHEEL_STEP = 96  # pixels at 100 % for one notch
_AUTOSCROLL_MS = 25
_STEPS: dict[str, Step] = {
    "Left": "left",
    "Right": "right",
    "Up": "up",
    "Down": "down",
    "Home": "home",
    "End": "end",
    "Prior": "page_up",
    "Next": "page_down",
}
_KEYPAD = {f"KP_{key}": step for key, step in _STEPS.items()}  # without Num Lock

Action = Literal[
    "open",
    "preview",
    "toggle",
    "select_all",
    "delete",
    "trash",
    "rename",
    "copy_files",
    "copy_path",
    "more",
    "less",
    "stack",
]
_KEYS: tuple[tuple[str, Action], ...] = (
    ("<Return>", "open"),
    ("<KP_Enter>", "open"),
    ("<space>", "preview"),
    ("<Control-space>", "toggle"),
    ("<Control-a>", "select_all"),
    ("<Control-A>", "select_all"),
    ("<Delete>", "delete"),
    ("<KP_Delete>", "delete"),
    ("<Shift-Delete>", "trash"),
    ("<F2>", "rename"),
    ("<Control-c>", "copy_files"),
    ("<Control-C>", "copy_files"),  # with Caps Lock
    ("<Control-Shift-c>", "copy_path"),
    ("<Control-Shift-C>", "copy_path"),
    ("<plus>", "more"),
    ("<KP_Add>", "more"),
    ("<minus>", "less"),
    ("<KP_Subtract>", "less"),
    ("<e>", "stack"),
    ("<E>", "stack"),
)

Event: TypeAlias = "tkinter.Event[Any]"


class Target(Protocol):
    """What the input drives; x and y are canvas pixels, boxes and bands in content pixels."""

    def point(self, x: int, y: int) -> None:
        """The pointer is here."""

    def leave(self) -> None:
        """The pointer went away."""

    def press(self, x: int, y: int, *, toggle: bool, extend: bool) -> bool:
        """A button went down; False where the press was used up by a button of the tile."""

    def open_at(self, x: int, y: int) -> None:
        """A double click."""

    def menu_at(self, x: int, y: int, x_root: int, y_root: int) -> None:
        """A right click."""

    def menu_at_cursor(self) -> None:
        """The menu key."""

    def band(self, box: Box | None, *, add: bool) -> None:
        """A rubber band now covers ``box`` of the content; None when it was let go."""

    def step(self, step: Step, *, extend: bool, keep: bool) -> None:
        """A key that moves the cursor: ``extend`` selects on the way, ``keep`` what there was."""

    def act(self, action: Action) -> None:
        """A key that does something with the cursor's tile or with what is selected."""

    def scroll_by(self, pixels: float) -> None:
        """The wheel."""

    def zoom(self, steps: int) -> None:
        """The wheel with Ctrl."""

    @property
    def offset(self) -> int:
        """The content's y at the top of the canvas."""


class GridInput:
    """Binds a canvas's events to a ``Target``; holds what lasts over several: drag and rubber."""

    def __init__(self, canvas: tkinter.Canvas, target: Target) -> None:
        self._canvas = canvas
        self._target = target
        system = str(canvas.tk.call("tk", "windowingsystem"))
        self._aqua = system == "aqua"
        self._alt = _ALT[system]
        self._start: tuple[int, int] | None = None  # where a press began, in content pixels
        self._banding = False
        self._adding = False
        self._pointer = (0, 0)
        self._timer = ""
        self._bind_mouse()
        self._bind_wheel()
        self._bind_keys()

    def _bind(self, sequence: str, handler: Callable[[Event], object]) -> None:
        """Bind beside what others (the tooltip) bound."""
        self._canvas.bind(sequence, handler, add="+")

    def _bind_mouse(self) -> None:
        target = self._target
        self._bind("<Motion>", lambda event: target.point(event.x, event.y))
        self._bind("<Enter>", lambda event: target.point(event.x, event.y))
        self._bind("<Leave>", lambda _: target.leave())
        self._bind("<Button-1>", self._press)
        self._bind("<B1-Motion>", self._drag)
        self._bind("<ButtonRelease-1>", self._release)
        self._bind("<Double-Button-1>", self._double)
        self._bind("<Triple-Button-1>", lambda _: None)  # or Tk takes it for a second double click
        for sequence in ("<Button-2>", "<Control-Button-1>") if self._aqua else ("<Button-3>",):
            self._bind(sequence, self._menu)
        self._bind("<Destroy>", lambda _: self._stop_autoscroll())

    def _bind_wheel(self) -> None:
        self._bind("<MouseWheel>", lambda event: self._wheel(event, self._notches(event)))
        self._bind("<Button-4>", lambda event: self._wheel(event, 1.0))
        self._bind("<Button-5>", lambda event: self._wheel(event, -1.0))

    def _bind_keys(self) -> None:
        for key in (*_STEPS, *_KEYPAD):
            self._bind(f"<{key}>", self._step)
        for sequence, action in _KEYS:
            self._bind_action(sequence, action)
        if self._aqua:
            self._bind_action("<BackSpace>", "delete")
        self._bind("<Shift-F10>", self._menu_key)
        self._bind("<Menu>" if not self._aqua else "<Control-Return>", self._menu_key)

    def _bind_action(self, sequence: str, action: Action) -> None:
        """Tk takes Ctrl+plus for plus, where that is all that is bound: leave it to others."""
        with_control = "Control-" in sequence
        if self._aqua:
            sequence = sequence.replace("Control-", "Command-")

        def act(event: Event) -> str | None:
            if self._toggling(event) != with_control or self._held(event, self._alt):
                return None
            self._target.act(action)
            return "break"

        self._bind(sequence, act)

    def _held(self, event: Event, bit: int) -> bool:
        return bool(int(event.state) & bit)

    def _toggling(self, event: Event) -> bool:
        return self._held(event, _COMMAND if self._aqua else _CONTROL)

    def _notches(self, event: Event) -> float:
        return float(event.delta) / (1 if self._aqua else 120)

    def _wheel(self, event: Event, notches: float) -> str:
        if self._toggling(event):
            self._target.zoom(1 if notches > 0 else -1)
        else:
            self._target.scroll_by(-notches * scaled(self._canvas, _WHEEL_STEP))
        return "break"

    def _step(self, event: Event) -> str | None:
        if self._held(event, self._alt):
            return None  # Alt+Left is of the history
        step = _STEPS.get(event.keysym) or _KEYPAD[event.keysym]
        extend, keep = self._held(event, _SHIFT), self._toggling(event)
        self._target.step(step, extend=extend, keep=keep)
        return "break"

    def _menu_key(self, _event: Event) -> str:
        self._target.menu_at_cursor()
        return "break"

    def _menu(self, event: Event) -> str:
        self._canvas.focus_set()
        self._target.menu_at(event.x, event.y, event.x_root, event.y_root)
        return "break"

    def _press(self, event: Event) -> None:
        self._canvas.focus_set()
        toggle, extend = self._toggling(event), self._held(event, _SHIFT)
        if self._target.press(event.x, event.y, toggle=toggle, extend=extend):
            self._start = (event.x, event.y + self._target.offset)
            self._adding = toggle or extend

    def _double(self, event: Event) -> None:
        self._start = None
        self._target.open_at(event.x, event.y)

    def _drag(self, event: Event) -> None:
        if self._start is None:
            return
        self._pointer = (event.x, event.y)
        far = scaled(self._canvas, _DRAG_FROM)
        across = abs(event.x - self._start[0])
        down = abs(event.y + self._target.offset - self._start[1])
        if self._banding or max(across, down) >= far:
            self._banding = True
            self._stretch()

    def _stretch(self) -> None:
        """Show the band up to the pointer; beyond an edge the content scrolls along."""
        if self._start is None:
            return
        x, y = self._pointer
        beyond = min(0, y) + max(0, y - self._canvas.winfo_height())
        if beyond:
            self._target.scroll_by(beyond / 2)
        x0, y0 = self._start
        y1 = y + self._target.offset
        box = (min(x0, x), min(y0, y1), max(x0, x) + 1, max(y0, y1) + 1)
        self._target.band(box, add=self._adding)
        self._stop_autoscroll()
        if beyond:
            self._timer = self._canvas.after(_AUTOSCROLL_MS, self._stretch)

    def _release(self, _event: Event) -> None:
        self._stop_autoscroll()
        if self._banding:
            self._target.band(None, add=self._adding)
        self._start = None
        self._banding = False

    def _stop_autoscroll(self) -> None:
        if self._timer:
            self._canvas.after_cancel(self._timer)
            self._timer = ""
