"""One part of a query as a chip: its sign, picture or words, weight, and a cross to remove it."""

from __future__ import annotations

import math
import tkinter
from collections.abc import Callable
from dataclasses import dataclass, replace
from tkinter import font as tkfont

import ttkbootstrap as ttk
from PIL import Image, ImageTk

from cbir.asking import Box, Term
from cbir.language import _
from cbir.ui.grid.art import mix, rounded
from cbir.ui.widgets.text import fit_end, fit_middle, shown, shown_name, shown_path
from cbir.ui.widgets.theme import BODY_FONT, HEADING_FONT, SMALL_FONT, palette, scaled
from cbir.ui.widgets.tooltip import ItemToolTip

WEIGHTS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0)
HEIGHT = 32  # pixels at 100 %
_PICTURE = 24
_WIDEST = 150  # of a label
_GAP = 6
_MINUS = "−"
_DRAGGED = 6  # pixels at 100 % from which on a press is a drag


@dataclass(frozen=True, slots=True)
class ChipEvents:
    """What a chip asks for. ``on_change`` gets the chip's new term, or None to remove it.

    ``on_step`` is told which way (−1, 1) an arrow key leads, ``on_drag`` of a pointer that drags
    the chip, on the screen, and whether the chip was let go there.
    """

    on_change: Callable[[Chip, Term | None], None]
    on_part: Callable[[Chip], None]
    on_menu: Callable[[Chip, int, int], None]
    on_step: Callable[[Chip, int], None]
    on_drag: Callable[[Chip, int, int, bool], None]
    on_focus: Callable[[Chip], None]


class Chip(tkinter.Canvas):
    """Shows one term. A click on the sign turns it round; on the picture, chooses a part of it.

    With the focus: + and − set the sign, ↑ and ↓ the weight, Enter edits, Delete removes.
    """

    def __init__(self, parent: tkinter.Misc, events: ChipEvents) -> None:
        super().__init__(parent, highlightthickness=0, borderwidth=0, takefocus=True)
        self._events = events
        self.term = Term(text="")
        self.path = ""
        self._thumbnail: Image.Image | None = None
        self._photos: list[ImageTk.PhotoImage] = []
        self._zones: dict[str, tuple[int, int]] = {}
        self._pressed: tuple[int, int] | None = None
        self._dragging = False
        self._editor: ttk.Entry | None = None
        self.tip = ItemToolTip(self)
        self._listen()

    def _listen(self) -> None:
        for sequence in ("<FocusIn>", "<FocusOut>", "<<ThemeChanged>>"):
            self.bind(sequence, lambda _: self._draw())
        self.bind("<FocusIn>", lambda _: self._events.on_focus(self), add="+")
        self.bind("<Motion>", self._hover)
        self.bind("<Leave>", lambda _: self.tip.hover(""))
        self.bind("<Button-1>", self._press)
        self.bind("<B1-Motion>", self._drag)
        self.bind("<ButtonRelease-1>", self._release)
        self.bind("<Double-Button-1>", self._double_click)
        for button in ("<Button-3>", "<Control-Button-1>"):
            self.bind(button, lambda event: self._menu(event.x_root, event.y_root))
        for key in ("<Menu>", "<Shift-F10>"):
            self.bind(key, lambda _: self._menu_below())
        for key in ("<Delete>", "<BackSpace>"):
            self.bind(key, lambda _: self._ask(None))
        for key in ("<Return>", "<KP_Enter>", "<F2>"):
            self.bind(key, lambda _: self.edit())
        self.bind("<Left>", lambda _: self._events.on_step(self, -1))
        self.bind("<Right>", lambda _: self._events.on_step(self, 1))
        for key in ("<Alt-Left>", "<Alt-Right>"):
            self.bind(key, lambda _: None)  # they are for going back and forward
        self.bind("<Up>", lambda _: self._weigh(1))
        self.bind("<Down>", lambda _: self._weigh(-1))
        for key in ("<plus>", "<KP_Add>"):
            self.bind(key, lambda _: self._sign(1))
        for key in ("<minus>", "<KP_Subtract>"):
            self.bind(key, lambda _: self._sign(-1))
        for key in (
            "plus",
            "minus",
            "KP_Add",
            "KP_Subtract",
        ):  # larger and smaller thumbnails
            self.bind(f"<Control-{key}>", lambda _: None)

    # -- what is shown ----------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """The words and signs on the chip, from left to right, without its cross."""
        items = [item for item in self.find_withtag("text") if "cross" not in self.gettags(item)]
        items.sort(key=lambda item: self.coords(item)[0])
        return " ".join(str(self.itemcget(item, "text")) for item in items)

    def show(self, term: Term, path: str) -> None:
        """Show a term; ``path`` is its picture's, "" for words."""
        if path != self.path:
            self._thumbnail = None
        if (term, path) != (self.term, self.path):
            self._end_edit()
        self.term, self.path = term, path
        self._draw()

    def thumbnail_ready(self, path: str, image: Image.Image | None) -> None:
        """A thumbnail has come; one of another picture is ignored."""
        if path == self.path and image is not None:
            self._thumbnail = image
            self._draw()

    def _draw(self) -> None:
        self.delete("all")
        self._zones.clear()
        self._photos.clear()
        x = scaled(self, _GAP + 2)
        sign = _MINUS if self.term.weight < 0 else "+"
        x = self._text("sign", x, sign, HEADING_FONT)
        if self.term.feedback:
            x = self._text("label", x, "less" if self.term.weight < 0 else "more", SMALL_FONT)
        if self.term.text is None:
            x = self._picture(x)
        if not self.term.feedback:
            x = self._text("label", x, self._label(), BODY_FONT)
        if abs(self.term.weight) != 1:
            x = self._text("weight", x, f"{abs(self.term.weight):g}×", SMALL_FONT)
        x = self._text("cross", x, "✕", SMALL_FONT)
        self._background(x + scaled(self, 2), scaled(self, HEIGHT))

    def _label(self) -> str:
        width = scaled(self, _WIDEST)
        measure = tkfont.nametofont(BODY_FONT, root=self).measure
        if self.term.text is not None:
            return f"“{fit_end(shown(' '.join(self.term.text.split())), measure, width)}”"
        part = _("part of ") if self.term.box else ""
        return part + fit_middle(shown_name(self.path) or "picture", measure, width)

    def _text(self, zone: str, x: int, text: str, font: str) -> int:
        """Draw a text from ``x`` on; where the next part begins."""
        colours = palette(self)
        colour = colours.danger if zone == "sign" and self.term.weight < 0 else colours.text
        middle = scaled(self, HEIGHT) // 2
        self.create_text(
            x, middle, text=text, font=font, fill=colour, anchor="w", tags=("text", zone)
        )
        return self._zone(zone, x, tkfont.nametofont(font, root=self).measure(text))

    def _picture(self, x: int) -> int:
        side, colours = scaled(self, _PICTURE), palette(self)
        image = Image.new("RGB", (side, side), mix(colours.surface, colours.border, 0.6))
        if self._thumbnail is not None:
            image = square(cropped(self._thumbnail, self.term.box), side)
        self._photos.append(ImageTk.PhotoImage(image, master=self))
        top = (scaled(self, HEIGHT) - side) // 2
        self.create_image(x, top, image=str(self._photos[-1]), anchor="nw", tags="picture")
        return self._zone("picture", x, side)

    def _zone(self, zone: str, x: int, width: int) -> int:
        gap = scaled(self, _GAP)
        self._zones[zone] = (x - gap // 2, x + width + gap // 2)
        return x + width + gap

    def _background(self, width: int, height: int) -> None:
        colours, ring = palette(self), scaled(self, 1)
        fill = colours.surface if self.term.feedback else colours.selection
        edge = colours.border if self.term.feedback else fill
        if self.term.weight < 0:
            fill = mix(colours.background, colours.danger, 0.14)
            edge = colours.danger if self.term.feedback else fill
        if self.focus_get_here():
            edge, ring = colours.accent, scaled(self, 2)
        radius = scaled(self, 8)
        image = rounded((width, height), radius, edge, colours.background)
        inner = (width - 2 * ring, height - 2 * ring)
        image.paste(rounded(inner, radius - ring, fill, edge), (ring, ring))
        self._photos.append(ImageTk.PhotoImage(image, master=self))
        behind = self.create_image(0, 0, image=str(self._photos[-1]), anchor="nw")
        self.tag_lower(behind)
        self.configure(width=width, height=height, background=colours.background)

    def focus_get_here(self) -> bool:
        """Whether keys go to this chip."""
        return str(self.tk.call("focus")) == str(self)

    # -- the mouse --------------------------------------------------------------------------------

    def _zone_at(self, x: int) -> str:
        return next((zone for zone, (a, b) in self._zones.items() if a <= x < b), "label")

    def _hover(self, event: tkinter.Event[tkinter.Misc]) -> None:
        zone = self._zone_at(event.x)
        self.configure(cursor="" if zone == "label" else "hand2")
        whole = shown_path(self.path) if self.term.text is None else shown(self.term.text)
        opposite = (
            _("Click to look for more like this (+, {minus})")
            if self.term.weight < 0
            else _("Click to look for less like this (+, {minus})")
        )
        told = {
            "sign": opposite.format(minus=_MINUS),
            "picture": _("Click to search by a part of the picture (Enter)"),
            "weight": _("Click to choose how much this counts (↑, ↓)"),
            "cross": _("Remove from the query (Del)"),
        }
        usual = _("{whole}\n↑ and ↓ change how much it counts. Drag it away to remove it.").format(
            whole=whole
        )
        self.tip.hover(told.get(zone, usual))

    def _press(self, event: tkinter.Event[tkinter.Misc]) -> None:
        self.tip.hover("")
        self.focus_set()
        self._pressed, self._dragging = (event.x_root, event.y_root), False

    def _double_click(self, event: tkinter.Event[tkinter.Misc]) -> str | None:
        if self._zone_at(event.x) == "label":
            return self.edit()
        self._press(event)
        return None

    def _drag(self, event: tkinter.Event[tkinter.Misc]) -> None:
        if self._pressed is None:
            return
        x, y = self._pressed
        if math.hypot(event.x_root - x, event.y_root - y) > scaled(self, _DRAGGED):
            self._dragging = True
        if self._dragging:
            self._events.on_drag(self, event.x_root, event.y_root, False)

    def _release(self, event: tkinter.Event[tkinter.Misc]) -> None:
        pressed, self._pressed = self._pressed, None
        if pressed is None:
            return
        if self._dragging:
            self._events.on_drag(self, event.x_root, event.y_root, True)
            return
        zone = self._zone_at(event.x)
        if zone == "sign":
            self._sign(1 if self.term.weight < 0 else -1)
        elif zone == "picture":
            self._events.on_part(self)
        elif zone == "weight":
            self._menu_below()
        elif zone == "cross":
            self._ask(None)

    def _menu_below(self) -> str:
        return self._menu(self.winfo_rootx(), self.winfo_rooty() + self.winfo_height())

    def _menu(self, x: int, y: int) -> str:
        self.tip.hover("")
        self.focus_set()
        self._events.on_menu(self, x, y)
        return "break"

    # -- changes ----------------------------------------------------------------------------------

    def _ask(self, term: Term | None) -> str:
        if term != self.term:
            self._events.on_change(self, term)
        return "break"

    def _sign(self, sign: int) -> str:
        return self._ask(replace(self.term, weight=math.copysign(self.term.weight, sign)))

    def weigh(self, amount: float) -> None:
        """Ask for another weight, with the sign as it is."""
        self._ask(replace(self.term, weight=math.copysign(amount, self.term.weight)))

    def turn(self) -> None:
        """Ask for the other sign."""
        self._ask(replace(self.term, weight=-self.term.weight))

    def _weigh(self, way: int) -> str:
        amount = abs(self.term.weight)
        if way > 0:
            self.weigh(min((step for step in WEIGHTS if step > amount), default=amount))
        else:
            self.weigh(max((step for step in WEIGHTS if step < amount), default=amount))
        return "break"

    def edit(self) -> str:
        """Change the words where they are, or choose a part of the picture."""
        if self.term.text is None:
            self._events.on_part(self)
            return "break"
        self._end_edit()
        self._pressed = None
        self._editor = editor = ttk.Entry(self, font=BODY_FONT)
        editor.insert(0, self.term.text)
        editor.selection_range(0, "end")
        self.configure(width=max(int(self.cget("width")), scaled(self, _WIDEST + 60)))
        editor.place(x=0, y=0, relwidth=1, relheight=1)
        for key in ("<Return>", "<KP_Enter>", "<FocusOut>"):
            editor.bind(key, self._edited)
        editor.bind("<Escape>", self._edit_given_up)
        editor.focus_set()
        return "break"

    def _edited(self, _event: object) -> str:
        words = self._editor.get().strip() if self._editor is not None else ""
        had_focus = self._end_edit()
        if words:
            self._ask(replace(self.term, text=words))
        if had_focus:
            self.focus_set()
        return "break"

    def _edit_given_up(self, _event: object) -> str:
        self._end_edit()
        self.focus_set()
        return "break"

    def _end_edit(self) -> bool:
        """Take the entry away; whether it had the focus."""
        editor, self._editor = self._editor, None
        if editor is None:
            return False
        had_focus = str(self.tk.call("focus")) == str(editor)
        editor.destroy()
        self._draw()
        return had_focus


def cropped(image: Image.Image, box: Box | None) -> Image.Image:
    """The part of a picture, at least one pixel of it; all of it for None."""
    if box is None:
        return image
    left, top = int(box.left * image.width), int(box.top * image.height)
    right = max(math.ceil(box.right * image.width), left + 1)
    bottom = max(math.ceil(box.bottom * image.height), top + 1)
    return image.crop((left, top, right, bottom))


def square(image: Image.Image, side: int) -> Image.Image:
    """The middle of a picture, ``side`` pixels wide and high."""
    short = min(image.size)
    left, top = (image.width - short) // 2, (image.height - short) // 2
    middle = image.crop((left, top, left + short, top + short))
    return middle.resize((side, side), Image.Resampling.LANCZOS)
