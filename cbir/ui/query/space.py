"""The choice of space: three joined buttons, one lit. A space that cannot be used says why."""

from __future__ import annotations

import tkinter
from collections.abc import Callable

import ttkbootstrap as ttk

from cbir.language import _, counted
from cbir.records import SPACE_TITLES
from cbir.work.facts import SpaceFacts

_ORDER = ("resnet18", "clip", "classic")
_WHAT_FOR = {
    "resnet18": _("ResNet18: what is in the picture, as a network trained on ImageNet sees it"),
    "clip": _("CLIP: what is in the picture, in the same space as words"),
    "classic": _("Classic: colours, layout and textures; needs no weights"),
}


class SpaceSelector(ttk.Frame):
    """Which space pictures are compared in. ``on_choice`` is told of each click by the user.

    The lit button is what ``select`` last said, so that a choice that cannot be is never lit.
    """

    def __init__(self, parent: tkinter.Misc, on_choice: Callable[[str], None]) -> None:
        super().__init__(parent)
        self._on_choice = on_choice
        self._chosen = ttk.StringVar(self)
        self._lit = ""
        self.buttons: dict[str, ttk.Radiobutton] = {}
        self.tips: dict[str, ttk.ToolTip] = {}
        for space in _ORDER:
            button = ttk.Radiobutton(
                self,
                text=SPACE_TITLES[space],
                value=space,
                variable=self._chosen,
                bootstyle="primary outline toolbutton",
                command=lambda space=space: self._clicked(space),
            )
            button.pack(side="left")
            self.buttons[space] = button
            self.tips[space] = ttk.ToolTip(button, text=_WHAT_FOR[space], delay=600)

    @property
    def selected(self) -> str:
        """The lit space; "" before the library is known."""
        return self._lit

    def select(self, space: str) -> None:
        """Light one space."""
        self._lit = space
        self._chosen.set(space)

    def show_facts(self, spaces: tuple[SpaceFacts, ...]) -> None:
        """Tell which spaces can be used: one that cannot is grey and its tooltip says why."""
        for facts in spaces:
            usable = facts.vectors > 0
            style = "primary" if usable else "secondary"
            self.buttons[facts.space].configure(bootstyle=f"{style} outline toolbutton")
            self.tips[facts.space].configure(text=_tooltip(facts))

    def _clicked(self, space: str) -> None:
        self._chosen.set(self._lit)
        self._on_choice(space)


def _tooltip(facts: SpaceFacts) -> str:
    lines = [_WHAT_FOR[facts.space] + "."]
    if facts.vectors:
        lines.append(
            _("{pictures} in this library.").format(
                pictures=counted("{count:,} picture", "{count:,} pictures", facts.vectors)
            )
        )
    else:
        lines.append(
            _("No {space} vectors in this library yet.").format(space=SPACE_TITLES[facts.space])
        )
    if facts.reason:
        lines.append(facts.reason)
    return "\n\n".join(lines)
