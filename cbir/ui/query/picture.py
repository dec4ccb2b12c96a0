"""The query's own picture, beside the words: a small square that also shows when there is none."""

from __future__ import annotations

import tkinter
from collections.abc import Callable

import ttkbootstrap as ttk
from PIL import Image, ImageTk

from cbir.asking import Box
from cbir.language import _
from cbir.ui.query.chip import cropped
from cbir.ui.widgets.text import shown, shown_path
from cbir.ui.widgets.theme import scaled
from cbir.ui.widgets.tooltip import ToolTip

SIDE = 80  # pixels at 100 %
_BROKEN = "file-earmark-x"  # a glyph of Bootstrap Icons


class QueryPicture(ttk.Frame):
    """A picture of what is looked for, or a sign: a picture to choose, a broken one, or words.

    ``on_click`` is told of a click, or Enter, on a picture that is shown.
    """

    def __init__(self, parent: tkinter.Misc, on_click: Callable[[], None]) -> None:
        side = scaled(parent, SIDE)
        super().__init__(parent, style="Surface.TFrame", width=side, height=side)
        self.pack_propagate(False)
        self.side = side
        self.path = ""
        self._box: Box | None = None
        self._image: ImageTk.PhotoImage | None = None
        self.sign = "image"
        self._signs: dict[str, ttk.Label] = {}
        self._tips: list[ToolTip] = []
        self._place_sign(self.sign)
        self._picture = ttk.Label(self, style="Surface.TLabel", padding=0, cursor="hand2")
        for key in ("<Button-1>", "<Return>", "<space>"):
            self._picture.bind(key, lambda _: on_click())
        self._tips.append(ToolTip(self._picture, text="", delay=600))

    @property
    def showing(self) -> bool:
        """Whether a picture is shown, not a sign."""
        return self._image is not None

    def show_sign(self, icon: str) -> None:
        """Show a glyph of Bootstrap Icons in place of a picture."""
        self.path, self._box = "", None
        self._image = None
        self._picture.place_forget()
        self._picture.configure(image="")
        self.sign = icon
        self._place_sign(icon)
        self._tell("")

    def _place_sign(self, icon: str) -> None:
        """A label for each sign: giving one another icon makes Tk lay out the whole window anew,
        as any change of a style does (a tenth of a second)."""
        for name, label in self._signs.items():
            if name != icon:
                label.place_forget()
        if icon not in self._signs:
            label = ttk.Label(self, icon=icon, icon_size=28, style="SurfaceMuted.TLabel")
            self._tips.append(ToolTip(label, text="", delay=600))
            self._signs[icon] = label
        self._signs[icon].place(relx=0.5, rely=0.5, anchor="center")
        self._signs[icon].lower()

    def expect(self, path: str, box: Box | None = None) -> None:
        """The thumbnail of ``path``, or a part of it, is what will be shown when it comes."""
        if (path, box) != (self.path, self._box):
            self.show_sign("image")
            self.path, self._box = path, box
            self._tell(_("{path}\nClick to search by a part of it.").format(path=shown_path(path)))

    def show(self, path: str, image: Image.Image | None, reason: str = "") -> None:
        """Show a thumbnail if it is the one expected; for None a sign, and why in its tooltip."""
        if path != self.path:
            return
        if image is None:
            self.show_sign(_BROKEN)
            self.path = path
            self._tell(f"{shown_path(path)}\n{shown(reason)}".strip())
            return
        part = cropped(image, self._box)
        scale = self.side / max(part.size)
        size = (max(1, round(part.width * scale)), max(1, round(part.height * scale)))
        fitted = part.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
        self._image = ImageTk.PhotoImage(fitted, master=self)
        self._picture.configure(image=self._image)
        self._picture.place(relx=0.5, rely=0.5, anchor="center")

    def _tell(self, text: str) -> None:
        for tip in self._tips:
            tip.configure(text=text)
