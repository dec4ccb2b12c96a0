"""The kinds of fields in the Preferences dialog: each shows a value, and tells what it holds now.

What is typed and cannot be read is told as it is, for ``settings_file.wrong_with`` to judge.
"""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Mapping

import ttkbootstrap as ttk

from cbir.language import _
from cbir.ui.widgets.theme import SPACE_M, scaled

_LINES = 3


class Field(ttk.Frame):
    """One value: ``show`` puts it there, ``value`` reads it, ``part`` is what the keys go to."""

    part: tkinter.Widget

    def show(self, value: object) -> None:
        """Show a value that is right."""
        raise NotImplementedError

    def value(self) -> object:
        """What is chosen or typed."""
        raise NotImplementedError


class ChoiceField(Field):
    """One of a few values, by their titles."""

    def __init__(self, parent: tkinter.Misc, titles: Mapping[str, str]) -> None:
        super().__init__(parent)
        self._titles = titles
        width = max(map(len, titles.values())) + 2
        self.part = self._box = ttk.Combobox(
            self, values=list(titles.values()), state="readonly", width=width
        )
        self._box.bind("<<ComboboxSelected>>", lambda _event: self._box.selection_clear())
        self._box.pack(anchor="w")

    def show(self, value: object) -> None:
        """Show the title of a value."""
        self._box.set(self._titles[str(value)])

    def value(self) -> str:
        """The value whose title is shown."""
        shown = self._box.get()
        return next(value for value, title in self._titles.items() if title == shown)


class NumberField(Field):
    """A number, whole or not."""

    def __init__(self, parent: tkinter.Misc, unit: str, *, whole: bool = True) -> None:
        super().__init__(parent)
        self._whole = whole
        self.text = ttk.StringVar(self)
        self.part = ttk.Entry(self, textvariable=self.text, width=8)
        self.part.pack(side="left", padx=(0, scaled(self, SPACE_M)))
        ttk.Label(self, text=unit, style="Muted.TLabel").pack(side="left")

    def show(self, value: object) -> None:
        """Show a number."""
        self.text.set(str(value))

    def value(self) -> object:
        """The number, or the text where that is none."""
        text = self.text.get().strip()
        try:
            return int(text) if self._whole else float(text)
        except ValueError:
            return text


class TickField(Field):
    """Yes or no, with what it means beside the tick."""

    def __init__(self, parent: tkinter.Misc, text: str) -> None:
        super().__init__(parent)
        self.ticked = ttk.BooleanVar(self)
        self.part = ttk.Checkbutton(self, text=text, variable=self.ticked)
        self.part.pack(anchor="w")

    def show(self, value: object) -> None:
        """Tick it or not."""
        self.ticked.set(bool(value))

    def value(self) -> bool:
        """Whether it is ticked."""
        return bool(self.ticked.get())


class LinesField(Field):
    """Several names, a line each."""

    def __init__(self, parent: tkinter.Misc) -> None:
        super().__init__(parent)
        self._text = ttk.Text(self, width=30, height=_LINES, wrap="none")
        self.part = self._text
        self._text.bind("<Tab>", lambda _event: self._go(self._text.tk_focusNext()))
        self._text.bind("<Shift-Tab>", lambda _event: self._go(self._text.tk_focusPrev()))
        self._text.pack(fill="x", expand=True)

    @staticmethod
    def _go(there: tkinter.Misc | None) -> str:
        """A tab goes on to the next field, as everywhere."""
        if there is not None:
            there.focus_set()
        return "break"

    def show(self, value: object) -> None:
        """Show names, a tuple."""
        self._text.delete("1.0", "end")
        self._text.insert("1.0", "\n".join(value) if isinstance(value, tuple) else "")

    def value(self) -> tuple[str, ...]:
        """The names; empty lines count for nothing."""
        lines = self._text.get("1.0", "end").splitlines()
        return tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))


class FolderField(Field):
    """A folder, typed or chosen by ``ask``; empty for none."""

    def __init__(self, parent: tkinter.Misc, ask: Callable[[], str | None]) -> None:
        super().__init__(parent)
        self._ask = ask
        self.text = ttk.StringVar(self)
        self.part = ttk.Entry(self, textvariable=self.text, width=22)
        self.part.pack(side="left", fill="x", expand=True, padx=(0, scaled(self, SPACE_M)))
        self.button = ttk.Button(self, text=_("Choose…"), bootstyle="neutral", command=self._choose)
        self.button.pack(side="left")

    def _choose(self) -> None:
        chosen = self._ask()
        if chosen:
            self.text.set(chosen)

    def show(self, value: object) -> None:
        """Show a path."""
        self.text.set(str(value))

    def value(self) -> str:
        """The path, as it was typed."""
        return self.text.get().strip()
