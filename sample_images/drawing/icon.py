"""The program's icon: a grid of coloured tiles under a magnifying lens, on a transparent ground.

Run it to redraw the icon: python sample_images/drawing/icon.py DEST.png
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

SIZE = 256
FINER = 4
TILES = (
    ("#ff8a5c", "#e8504a"),
    ("#ffd25a", "#f5a623"),
    ("#7ad0f2", "#2f8fd8"),
    ("#8adf9a", "#2fa66a"),
    ("#c49af2", "#7a4fd0"),
    ("#ff9ac0", "#e0508f"),
    ("#6ae0d0", "#1f9f98"),
    ("#f2a0ff", "#b84ad0"),
    ("#a8e06a", "#5fae2f"),
)
Box = tuple[float, float, float, float]


def _scaled(box: Box) -> tuple[int, int, int, int]:
    x0, y0, x1, y1 = (round(edge * FINER) for edge in box)
    return x0, y0, x1, y1


def _shape(box: Box, radius: float) -> Image.Image:
    mask = Image.new("L", (SIZE * FINER, SIZE * FINER), 0)
    ImageDraw.Draw(mask).rounded_rectangle(_scaled(box), round(radius * FINER), fill=255)
    return mask


def _slope(top: str, bottom: str, box: Box) -> Image.Image:
    """Return a full-size picture whose rows run from one colour to another within the box."""
    side = SIZE * FINER
    ramp = Image.linear_gradient("L").resize((side, round((box[3] - box[1]) * FINER)))
    share = Image.new("L", (side, side), 0)
    share.paste(ramp, (0, round(box[1] * FINER)))
    whole = (side, side)
    return Image.composite(Image.new("RGB", whole, bottom), Image.new("RGB", whole, top), share)


def _tiles(sheet: Image.Image, boxes: list[Box], radius: float) -> None:
    for (top, bottom), box in zip(TILES, boxes, strict=True):
        sheet.paste(_slope(top, bottom, box), (0, 0), _shape(box, radius))


def _grid(left: float, top: float, tile: float, gap: float) -> list[Box]:
    places = [(row, column) for row in range(3) for column in range(3)]
    corners = [(left + c * (tile + gap), top + r * (tile + gap)) for r, c in places]
    return [(x, y, x + tile, y + tile) for x, y in corners]


def _shadow(sheet: Image.Image, mask: Image.Image, offset: int, blur: float, strength: int) -> None:
    dark = Image.new("L", sheet.size, 0)
    dark.paste(mask.point(lambda v: v * strength // 255), (offset, offset))
    soft = dark.filter(ImageFilter.GaussianBlur(blur * FINER))
    layer = Image.new("RGBA", sheet.size, (16, 20, 44, 0))
    layer.putalpha(soft)
    sheet.alpha_composite(layer)


def _lens(sheet: Image.Image, cx: float, cy: float, r: float) -> None:
    """Paint the lens: a handle, a magnified view of the tiles, a rim and a glint."""
    handle = Image.new("L", sheet.size, 0)
    far, end = (r + 8) * 0.707, (r + 70) * 0.707
    line = [edge * FINER for edge in (cx + far, cy + far, cx + end, cy + end)]
    pen = ImageDraw.Draw(handle)
    pen.line(line, fill=255, width=30 * FINER)
    pen.ellipse(_scaled((cx + end - 15, cy + end - 15, cx + end + 15, cy + end + 15)), fill=255)
    rim = _shape((cx - r - 13, cy - r - 13, cx + r + 13, cy + r + 13), r + 13)
    glass = _shape((cx - r, cy - r, cx + r, cy + r), r)
    both = handle.copy()
    both.paste(255, (0, 0), rim)
    _shadow(sheet, both, 3 * FINER, 6, 130)
    sheet.paste(_slope("#3b4a78", "#1c2547", (0, 150, 0, SIZE)), (0, 0), handle)
    sheet.paste(_slope("#f6f9ff", "#aebbd6", (0, cy - r - 13, 0, cy + r + 13)), (0, 0), rim)
    view = Image.new("RGBA", sheet.size, "#eef3fc")
    _tiles(view, _grid(cx - 158, cy - 158, 92, 20), 20)
    sheet.paste(view, (0, 0), glass)
    glint = Image.new("L", sheet.size, 0)
    arc = _scaled((cx - r + 10, cy - r + 10, cx + r - 10, cy + r - 10))
    ImageDraw.Draw(glint).arc(arc, 196, 262, fill=215, width=9 * FINER)
    sheet.paste("#ffffff", (0, 0), glint.filter(ImageFilter.GaussianBlur(1.2 * FINER)))


def draw_icon() -> Image.Image:
    """Return the icon as an RGBA image of 256 x 256 pixels."""
    sheet = Image.new("RGBA", (SIZE * FINER, SIZE * FINER), (0, 0, 0, 0))
    boxes = _grid(10, 10, 68, 8)
    for box in boxes:
        _shadow(sheet, _shape(box, 15), 2 * FINER, 2.5, 70)
    _tiles(sheet, boxes, 15)
    _lens(sheet, 140, 140, 58)
    return sheet.resize((SIZE, SIZE), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    draw_icon().save(Path(sys.argv[1]), optimize=True)
