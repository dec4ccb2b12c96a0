"""What the grid's cells are made of: card backgrounds and small signs, drawn once and shared.

Canvas items have hard edges; these are drawn larger and reduced, so corners are smooth. All are
opaque RGB, but for the one "find similar" button: Tk blends a transparent picture by reading the
screen back, which is slow on X11.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageColor, ImageDraw, ImageTk

from cbir.ui.widgets.theme import TIP_TEXT, Palette

CHIP = 20  # pixels at 100 %: height of what lies on a picture's corners
_OVERSAMPLING = 4
Pen = Callable[[ImageDraw.ImageDraw, float, str], None]


@dataclass(frozen=True, slots=True)
class CardState:
    """What a card shows of itself besides its picture."""

    selected: bool = False
    hovered: bool = False
    focused: bool = False


def mix(colour: str, other: str, share: float) -> str:
    """``colour`` with ``share`` (0 to 1) of ``other`` in it; ``#rrggbb`` all."""
    pairs = zip(ImageColor.getrgb(colour)[:3], ImageColor.getrgb(other)[:3], strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def rounded(size: tuple[int, int], radius: int, fill: str, around: str) -> Image.Image:
    """An RGB picture of a filled rectangle with smooth round corners on the colour ``around``."""
    image = Image.new("RGB", size, fill)
    side = max(1, min(2 * radius, *size) // 2 * 2)
    disc = Image.new("L", (side * _OVERSAMPLING, side * _OVERSAMPLING), 0)
    ImageDraw.Draw(disc).ellipse((0, 0, disc.width - 1, disc.height - 1), fill=255)
    corners = Image.new("RGB", (side, side), around)
    corners.paste(fill, mask=disc.reduce(_OVERSAMPLING))
    half = side // 2
    for x, left in ((0, 0), (size[0] - half, half)):
        for y, top in ((0, 0), (size[1] - half, half)):
            image.paste(corners.crop((left, top, left + half, top + half)), (x, y))
    return image


def sign(pen: Pen, side: int, colour: str, behind: str) -> Image.Image:
    """A square RGB picture of ``side`` pixels that ``pen`` draws in ``colour`` on ``behind``."""
    large = Image.new("RGB", (side * _OVERSAMPLING, side * _OVERSAMPLING), behind)
    pen(ImageDraw.Draw(large), large.width, colour)
    return large.reduce(_OVERSAMPLING)


def lens(draw: ImageDraw.ImageDraw, side: float, colour: str) -> None:
    """A magnifying glass."""
    thick = round(side * 0.11)
    draw.ellipse(_at(side, 0.10, 0.10, 0.68, 0.68), outline=colour, width=thick)
    draw.line(_at(side, 0.62, 0.62, 0.88, 0.88), fill=colour, width=round(thick * 1.3))


def label(draw: ImageDraw.ImageDraw, side: float, colour: str) -> None:
    """A luggage tag with a hole."""
    corners = ((0.08, 0.10), (0.52, 0.10), (0.94, 0.52), (0.56, 0.92), (0.08, 0.50))
    hole = draw.im.getpixel((0, 0))
    draw.polygon([(side * x, side * y) for x, y in corners], fill=colour)
    draw.ellipse(_at(side, 0.20, 0.20, 0.36, 0.36), fill=hole)


def sheets(draw: ImageDraw.ImageDraw, side: float, colour: str) -> None:
    """Two equal sheets, one behind the other."""
    thick = round(side * 0.11)
    behind = draw.im.getpixel((0, 0))
    for shift, fill in ((0.0, behind), (0.26, colour)):
        box = _at(side, 0.10 + shift, 0.06 + shift, 0.64 + shift, 0.68 + shift)
        draw.rounded_rectangle(box, side * 0.10, fill=fill, outline=colour, width=thick)


def broken_link(draw: ImageDraw.ImageDraw, side: float, colour: str) -> None:
    """Two parts of a chain, apart, with sparks between them."""
    behind = "#{:02x}{:02x}{:02x}".format(*draw.im.getpixel((0, 0)))
    for ends in ((0.22, 0.78, 0.38, 0.62), (0.62, 0.38, 0.78, 0.22)):
        for thick, fill in ((0.32, colour), (0.16, behind)):
            _round_line(draw, _at(side, *ends), side * thick, fill)
    sparks = ((0.14, 0.32, 0.27, 0.36), (0.32, 0.14, 0.36, 0.27))
    for x0, y0, x1, y1 in sparks:
        _round_line(draw, _at(side, x0, y0, x1, y1), side * 0.06, colour)
        _round_line(draw, _at(side, 1 - x0, 1 - y0, 1 - x1, 1 - y1), side * 0.06, colour)


def _round_line(draw: ImageDraw.ImageDraw, ends: list[float], thick: float, fill: str) -> None:
    draw.line(ends, fill=fill, width=round(thick))
    for x, y in (ends[:2], ends[2:]):
        draw.circle((x, y), thick / 2, fill=fill)


def no_picture(draw: ImageDraw.ImageDraw, side: float, colour: str) -> None:
    """A framed landscape, struck through."""
    thick = round(side * 0.07)
    frame = _at(side, 0.08, 0.18, 0.92, 0.82)
    draw.rounded_rectangle(frame, side * 0.08, outline=colour, width=thick)
    peaks = ((0.18, 0.72), (0.38, 0.46), (0.52, 0.62), (0.64, 0.52), (0.82, 0.72))
    draw.polygon([(side * x, side * y) for x, y in peaks], fill=colour)
    draw.ellipse(_at(side, 0.60, 0.28, 0.72, 0.40), fill=colour)


def _at(side: float, *shares: float) -> list[float]:
    return [side * share for share in shares]


class GridArt:
    """The shared Tk pictures of one theme and one card size, drawn when first asked for.

    ``card`` is a card's width and height, ``unit`` the pixels of 1 px at 100 %.
    """

    def __init__(self, colours: Palette, card: tuple[int, int], unit: float) -> None:
        self.colours = colours
        self.waiting = mix(colours.surface, colours.border, 0.6)
        self.track = mix(colours.surface, colours.border, 0.8)
        self._card = card
        self._unit = unit
        self._made: dict[object, ImageTk.PhotoImage] = {}

    def fill(self, state: CardState) -> str:
        """A card's colour."""
        if state.selected:
            return self.colours.selection
        return mix(self.colours.surface, self.colours.text, 0.04 if state.hovered else 0.0)

    def move(self, text: str) -> str:
        """The colour of a rank's move: up, down, or neither."""
        return {"▲": self.colours.success, "▼": self.colours.danger}.get(
            text[:1], self.colours.muted
        )

    def card(self, state: CardState) -> str:
        """The Tk picture of a card's background, its ring included."""
        return self._keep(state, lambda: self._draw_card(state))

    def tag(self, state: CardState) -> str:
        """The sign of a picture with tags, on a card in ``state``."""
        return self._sign(label, 12, self.colours.accent, self.fill(state))

    def duplicate(self, state: CardState) -> str:
        """The sign of a picture whose content another file has too, on a card in ``state``."""
        return self._sign(sheets, 12, self.colours.muted, self.fill(state))

    @property
    def missing_chip(self) -> str:
        """A dark square with the sign of a file that is gone, to lie on its picture."""
        return self._keep("missing chip", self._draw_missing_chip)

    @property
    def missing(self) -> str:
        """The sign of a picture whose file is gone."""
        return self._sign(broken_link, 40, self.colours.muted, self.waiting)

    @property
    def unreadable(self) -> str:
        """The sign of a picture that cannot be shown."""
        return self._sign(no_picture, 40, self.colours.muted, self.waiting)

    @property
    def lens_side(self) -> int:
        """Width and height of the "find similar" button in pixels."""
        return self._pixels(28)

    def lens(self, hovered: bool) -> str:
        """The "find similar" button, plain or under the pointer."""
        return self._keep(("lens", hovered), lambda: self._draw_lens(hovered))

    def _draw_lens(self, hovered: bool) -> Image.Image:
        """A round button; the one picture that is transparent, as only one is ever shown."""
        colours = self.colours
        fill = colours.accent if hovered else colours.background
        glyph = sign(lens, self._pixels(16), colours.on_accent if hovered else colours.text, fill)
        side = self.lens_side
        disc = Image.new("L", (side * _OVERSAMPLING, side * _OVERSAMPLING), 0)
        ImageDraw.Draw(disc).ellipse((0, 0, disc.width - 1, disc.height - 1), fill=255)
        button = Image.new("RGBA", (side, side), fill)
        button.paste(glyph, ((side - glyph.width) // 2, (side - glyph.height) // 2))
        button.putalpha(disc.reduce(_OVERSAMPLING))
        return button

    def _draw_missing_chip(self) -> Image.Image:
        side = self._pixels(CHIP)
        chip = Image.new("RGB", (side, side), self.colours.tip)
        glyph = sign(broken_link, self._pixels(CHIP - 4), TIP_TEXT, self.colours.tip)
        chip.paste(glyph, ((side - glyph.width) // 2, (side - glyph.height) // 2))
        return chip

    def _draw_card(self, state: CardState) -> Image.Image:
        """A ring around the card where it is selected or has the cursor, thicker for both."""
        colours, radius = self.colours, self._pixels(8)
        layers = [(self.fill(state), 0)]
        if state.selected or state.focused:
            ring = 3 if state.selected and state.focused else 2
            layers.insert(0, (colours.accent, self._pixels(ring)))
        image = Image.new("RGB", self._card, colours.background)
        inset, around = 0, colours.background
        for colour, thick in layers:
            size = (self._card[0] - 2 * inset, self._card[1] - 2 * inset)
            image.paste(rounded(size, max(1, radius - inset), colour, around), (inset, inset))
            inset, around = inset + thick, colour
        return image

    def _sign(self, pen: Pen, side: int, colour: str, behind: str) -> str:
        return self._keep(
            (pen, colour, behind), lambda: sign(pen, self._pixels(side), colour, behind)
        )

    def _pixels(self, at_100_percent: int) -> int:
        return max(1, round(at_100_percent * self._unit))

    def _keep(self, key: object, draw: Callable[[], Image.Image]) -> str:
        if key not in self._made:
            self._made[key] = ImageTk.PhotoImage(draw())
        return str(self._made[key])
