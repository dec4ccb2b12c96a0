"""Two pictures compared: side by side, one over the other, or what differs between them."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from typing import Literal

import ttkbootstrap as ttk
from PIL import Image

from cbir.language import _
from cbir.records import Record
from cbir.ui.duplicates.table import Table
from cbir.ui.viewer.canvas import PictureCanvas
from cbir.ui.viewer.view import View
from cbir.ui.widgets.theme import SPACE_M, SPACE_S, scaled
from cbir.ui.widgets.tooltip import ToolTip
from cbir.work.differing import AMPLIFIED, Difference

Mode = Literal["beside", "flip", "difference"]


class Comparison(ttk.Frame):
    """Shows A and B. ``on_difference`` asks for the difference of what is shown, ``on_detail``
    for A (0) or B (1) in full, as it is looked at closely."""

    def __init__(
        self,
        parent: tkinter.Misc,
        on_difference: Callable[[], None],
        on_detail: Callable[[int], None],
    ) -> None:
        super().__init__(parent)
        self._on_difference, self._on_detail = on_difference, on_detail
        self._second = False
        self._widths = 1, 1
        self._asked = [False, False, False]
        self.mode = ttk.StringVar(self, "beside")
        self._make_head()
        self.table = Table(self)
        self.table.pack(side="bottom", fill="x")
        ttk.Separator(self).pack(side="bottom", fill="x")
        self._stage = ttk.Frame(self)
        self._stage.grid_propagate(False)
        self._stage.rowconfigure(0, weight=1)
        self.canvases = [PictureCanvas(self._stage, self._viewed) for _side in range(3)]
        self.captions = [
            ttk.Label(canvas, style="SurfaceMuted.TLabel", padding=scaled(self, SPACE_S))
            for canvas in self.canvases
        ]
        for caption, text in zip(self.captions, (_("A"), _("B"), ""), strict=True):
            caption.configure(text=text)
            caption.place(x=0, y=0)
        self._stage.pack(fill="both", expand=True)
        self._arrange()

    def _make_head(self) -> None:
        pad = scaled(self, SPACE_M)
        head = ttk.Frame(self, padding=(pad, 0, pad, pad))
        head.pack(fill="x")
        modes = (
            ("beside", _("Side by side"), _("A and B beside each other (S)")),
            ("flip", _("Flip"), _("A and B in the same place: hold F to see B (F)")),
            ("difference", _("Difference"), _("What differs, amplified (D)")),
        )
        for mode, text, tip in modes:
            button = ttk.Radiobutton(
                head,
                text=text,
                value=mode,
                variable=self.mode,
                bootstyle="secondary-outline-toolbutton",
                command=self._arrange,
            )
            button.pack(side="left")
            ToolTip(button, text=tip)
        self.hold = ttk.Button(head, text=_("Hold for B"), bootstyle="secondary-outline")
        self.hold.pack(side="left", padx=pad)
        self.hold.bind("<ButtonPress-1>", lambda _event: self.flip(second=True), add="+")
        self.hold.bind("<ButtonRelease-1>", lambda _event: self.flip(second=False), add="+")
        ToolTip(self.hold, text=_("See B in the place of A while this, or F, is held"))
        for text, act, tip in (
            ("1:1", self.actual, _("One pixel on one of the screen's (1, double click)")),
            (_("Fit"), self.fit, _("All of the picture (0)")),
        ):
            zoom = ttk.Button(head, text=text, bootstyle="secondary-ghost", command=act)
            zoom.pack(side="right")
            ToolTip(zoom, text=tip)

    # -- what is shown ----------------------------------------------------------------------------

    def show(self, first: Record, second: Record) -> None:
        """Two pictures, of which nothing is loaded yet, equally large whatever their resolution."""
        self._second, self._asked = False, [False, False, False]
        self._widths = first.file.width, second.file.width
        longest = max(_long_side(first), _long_side(second))
        for side, record in enumerate((first, second)):
            scale = longest / _long_side(record)
            size = round(record.file.width * scale), round(record.file.height * scale)
            self.canvases[side].show(size, _("Loading…"))
            if side == 0:
                self.canvases[2].show(size, _("Comparing…"))
        self.table.show(first, second)
        self._arrange()

    def add_image(self, side: int, image: Image.Image) -> None:
        """Picture A (0) or B (1), in some size."""
        self.canvases[side].add(image)

    def say(self, side: int, sentence: str) -> None:
        """Why there is no picture of A (0), B (1), or of their difference (2)."""
        self.canvases[side].say(sentence)

    def show_difference(self, difference: Difference) -> None:
        """What differs between A and B."""
        self.canvases[2].add(difference.image)
        told = _(
            "{share:.1%} of the pixels differ visibly · mean {mean:.1f} of 255 · shown ×{times}"
        )
        self.captions[2].configure(
            text=told.format(share=difference.share, mean=difference.mean, times=AMPLIFIED)
        )

    # -- how --------------------------------------------------------------------------------------

    def choose(self, mode: Mode) -> None:
        """Compare in this way."""
        self.mode.set(mode)
        self._arrange()

    def flip(self, *, second: bool) -> None:
        """Show A and B in the same place, now B or A."""
        if self.mode.get() != "flip":
            self.choose("flip")
        self._second = second
        self._raise()

    @property
    def flipped(self) -> bool:
        """Whether B is seen in A's place now."""
        return self.mode.get() == "flip" and self._second

    def _arrange(self) -> None:
        mode, beside = self.mode.get(), self.mode.get() == "beside"
        for canvas in self.canvases:
            canvas.grid_forget()
        uniform = "side" if beside else ""
        self._stage.columnconfigure(0, weight=1, uniform=uniform)
        self._stage.columnconfigure(1, weight=int(beside), uniform=uniform)
        for side in (2,) if mode == "difference" else (0, 1):
            column = side if beside else 0
            gap = scaled(self, SPACE_S) // 2 if beside else 0
            pad = (gap, 0) if column else (0, gap)
            self.canvases[side].grid(row=0, column=column, sticky="nsew", padx=pad)
        self._second = False
        self._raise()
        if mode == "difference" and not self._asked[2]:
            self._asked[2] = True
            self.captions[2].configure(text="")
            self._on_difference()

    def _raise(self) -> None:
        """The canvas that is to be seen comes to the front."""
        self.tk.call("raise", str(self.front))

    # -- moving -----------------------------------------------------------------------------------

    def fit(self) -> None:
        """All of both pictures."""
        self.front.fit()

    def actual(self) -> None:
        """A pixel of the larger picture on one of the screen's."""
        self.front.actual()

    def zoom(self, steps: int) -> None:
        """Closer by so many notches, farther where negative."""
        self.front.zoom(steps)

    @property
    def front(self) -> PictureCanvas:
        """The canvas that is in view, A's where both are."""
        if self.mode.get() == "difference":
            return self.canvases[2]
        return self.canvases[1 if self._second else 0]

    def _viewed(self, view: View) -> None:
        for side, canvas in enumerate(self.canvases):
            if canvas.view != view:
                canvas.view = view
            lacks = side < 2 and 0 < canvas.loaded < min(canvas.wanted, self._widths[side])
            if lacks and not self._asked[side]:
                self._asked[side] = True
                self._on_detail(side)


def _long_side(record: Record) -> int:
    return max(1, record.file.width, record.file.height)
