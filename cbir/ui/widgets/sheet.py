"""The program's own dialogs: a frame over the window, never blocking, so that polling goes on.

A dialog that waits (``wait_window``) from within a job's callback would stop the poller that called
it, so these tell what was chosen through a callback.
"""

from __future__ import annotations

import contextlib
import tkinter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import ttkbootstrap as ttk

from cbir.ui.widgets.theme import SPACE_L, SPACE_M, scaled

WRAP = 460  # pixels at 100 %


@dataclass(frozen=True, slots=True)
class Choice:
    """A button of a dialog; ``primary`` is the one that Enter presses."""

    text: str
    command: Callable[[], None]
    primary: bool = False
    danger: bool = False
    closes: bool = True


class Sheet(ttk.Toplevel):
    """A dialog with a body to fill and a row of buttons; Escape closes it."""

    def __init__(self, parent: tkinter.Misc, title: str, *, resizable: bool = False) -> None:
        super().__init__(title=title, master=parent, transient=parent.winfo_toplevel())
        self.withdraw()
        self.resizable(resizable, resizable)
        pad = scaled(self, SPACE_L)
        self.body = ttk.Frame(self, padding=(pad, pad, pad, scaled(self, SPACE_M)))
        self.body.pack(fill="both", expand=True)
        self.bind("<Escape>", lambda _event: self.destroy())
        self.bind("<Return>", self._enter)
        self._default: ttk.Button | None = None
        self._before = ""  # what had the keys

    def add_text(self, text: str, *, style: str = "TLabel") -> ttk.Label:
        """A paragraph in the body."""
        label = ttk.Label(
            self.body, text=text, style=style, wraplength=scaled(self, WRAP), justify="left"
        )
        label.pack(anchor="w", pady=(0, scaled(self, SPACE_M)))
        return label

    def add_buttons(self, choices: Sequence[Choice]) -> list[ttk.Button]:
        """The row of buttons at the bottom right, the primary one last."""
        row = ttk.Frame(self, padding=scaled(self, SPACE_L))
        row.pack(fill="x", side="bottom")
        buttons: list[ttk.Button] = []
        for choice in reversed(choices):
            style = "danger" if choice.danger else "primary" if choice.primary else "neutral"
            button = ttk.Button(
                row,
                text=choice.text,
                bootstyle=style,
                command=lambda choice=choice: self._chosen(choice),
            )
            button.bind("<Return>", _press)
            button.pack(side="right", padx=(scaled(self, SPACE_M), 0))
            buttons.insert(0, button)
            if choice.primary:
                self._default = button
        return buttons

    def _enter(self, event: tkinter.Event[tkinter.Misc]) -> None:
        """Enter presses the primary button, except where it has a meaning of its own."""
        if self._default is not None and not isinstance(event.widget, (ttk.Button, tkinter.Text)):
            self._default.invoke()

    def _chosen(self, choice: Choice) -> None:
        if choice.closes:
            self.destroy()
        choice.command()

    def present(self, focus: tkinter.Misc | None = None) -> None:
        """Show the dialog over the middle of its parent, with the focus where it belongs."""
        self._centre()
        self._before = self._focus()
        self.deiconify()
        self.lift()
        (focus or self._default or self).focus_set()

    def settle(self, focus: tkinter.Misc | None = None) -> None:
        """Be in the middle again, where more has come into the dialog since it was shown.

        Whoever works elsewhere meanwhile keeps the keys; here they go to ``focus``.
        """
        self._centre()
        if focus is not None and self._focused:
            focus.focus_set()

    def _centre(self) -> None:
        self.update_idletasks()
        parent = self.master.winfo_toplevel()
        width, height = self.winfo_reqwidth(), self.winfo_reqheight()
        x = parent.winfo_rootx() + (parent.winfo_width() - width) // 2
        y = parent.winfo_rooty() + (parent.winfo_height() - height) // 3
        self.geometry(f"+{max(x, 0)}+{max(y, 0)}")

    @property
    def _focused(self) -> bool:
        """Whether the keys are in this dialog."""
        focused = self._focus()
        return focused == str(self) or focused.startswith(f"{self}.")

    def _focus(self) -> str:
        """The widget that has the keys, by its path: tkinter does not know all of Tk's own."""
        return str(self.tk.call("focus"))

    def destroy(self) -> None:
        """Close the dialog, and give the keys back to what had them before, if it has them."""
        ours = self._focused
        super().destroy()
        if ours and self._before:
            with contextlib.suppress(tkinter.TclError):  # it has gone meanwhile, or is going
                self.tk.call("focus", "-force", self._before)


def _press(event: tkinter.Event[ttk.Button]) -> str:
    """Enter presses the button and goes no further: the dialog and its bindings may be gone."""
    event.widget.invoke()
    return "break"


def nothing() -> None:
    """For a button that only closes its dialog."""
