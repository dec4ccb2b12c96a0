"""The query's own picture, beside the words: a small square that also shows when there is none."""

from __future__ import annotations

import tkinter

import ttkbootstrap as ttk
from PIL import Image, ImageTk

from cbir.ui.widgets.theme import scaled

SIDE = 80  # pixels at 100 %


class QueryPicture(ttk.Frame):
    """A picture of what is looked for, or a sign: a picture to choose, or words."""

    def __init__(self, parent: tkinter.Misc) -> None:
        side = scaled(parent, SIDE)
        super().__init__(parent, style="Surface.TFrame", width=side, height=side)
        self.pack_propagate(False)
        self.side = side
        self.path = ""
        self._image: ImageTk.PhotoImage | None = None
        self._sign = ttk.Label(self, icon="image", icon_size=28, style="SurfaceMuted.TLabel")
        self._sign.place(relx=0.5, rely=0.5, anchor="center")
        self._picture = ttk.Label(self, style="Surface.TLabel", padding=0)
        self._tip = ttk.ToolTip(self._picture, text="", delay=600)

    @property
    def wants(self) -> int:
        """The size, in pixels, in which a thumbnail is asked for."""
        return self.side

    @property
    def showing(self) -> bool:
        """Whether a picture is shown, not a sign."""
        return self._image is not None

    def show_sign(self, icon: str) -> None:
        """Show a glyph of Bootstrap Icons in place of a picture."""
        self.path = ""
        self._image = None
        self._picture.place_forget()
        self._picture.configure(image="")
        ttk.apply_icon(self._sign, icon, size=28)

    def expect(self, path: str) -> None:
        """The thumbnail of ``path`` is what will be shown when it comes."""
        if path != self.path:
            self.show_sign("image")
            self.path = path

    def show(self, path: str, image: Image.Image | None) -> None:
        """Show a thumbnail if it is the one expected; None leaves the sign."""
        if path != self.path or image is None:
            return
        self._image = ImageTk.PhotoImage(image, master=self)
        self._picture.configure(image=self._image)
        self._tip.configure(text=path)
        self._picture.place(relx=0.5, rely=0.5, anchor="center")
