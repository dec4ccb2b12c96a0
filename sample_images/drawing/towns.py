"""Buildings and lights: towers, windows, gabled houses, a church, and the bloom of lamps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from drawing.canvas import Canvas, soften
from drawing.palette import Ink, Rng, mix, pick, vary
from drawing.shapes import Points, ellipse, rect, rounded, smooth

WARM = ("#ffd98a", "#ffc46b", "#fff0c4", "#ffb057")


COOL = ("#bfe6ff", "#8fd3ff", "#fff2cf", "#ffd98a")


def _outline(rng: Rng, x: float, base: float, width: float, height: float) -> list[Points]:
    top = base - height
    parts = [rect(x, top, x + width, base + 2)]
    style, middle = rng.integers(6), x + width / 2
    if style == 0:
        parts.append(rect(x + width * 0.2, top - height * 0.1, x + width * 0.8, top + 1))
        parts.append(rect(middle - 0.6, top - height * 0.24, middle + 0.6, top))
    elif style == 1:
        parts.append(
            np.array([(x, top + 0.5), (x + width, top + 0.5), (x + width, top - width * 0.6)])
        )
    elif style == 2:
        parts.append(
            np.array([(x, top + 0.5), (x + width, top + 0.5), (middle, top - width * 0.9)])
        )
        parts.append(rect(middle - 0.5, top - width * 1.5, middle + 0.5, top))
    elif style == 3:
        parts.append(ellipse(middle, top, width / 2, width * 0.35))
    elif style == 4:
        parts.append(rect(x + width * 0.1, top - 3, x + width * 0.4, top + 1))
    return parts


def windows(
    canvas: Canvas,
    rng: Rng,
    box: tuple[float, float, float, float],
    cell: float,
    lit: float,
    inks: Sequence[str],
) -> None:
    """Light a share of a grid of windows in a box (x0, y0, x1, y1)."""
    x0, y0, x1, y1 = box
    columns, rows = int((x1 - x0 - cell * 0.6) / cell), int((y1 - y0 - cell * 0.6) / (cell * 1.3))
    if columns < 1 or rows < 1:
        return
    inset = (x1 - x0 - columns * cell) / 2
    busy = rng.random(rows) < 0.12
    groups: dict[str, list[Points]] = {}
    for row in range(rows):
        for column in range(columns):
            if rng.random() < (0.85 if busy[row] else lit):
                x, y = x0 + inset + column * cell, y0 + cell * 0.7 + row * cell * 1.3
                groups.setdefault(pick(rng, inks), []).append(
                    rect(x + cell * 0.18, y, x + cell * 0.82, y + cell * 0.75)
                )
    for colour, panes in groups.items():
        canvas.paint(canvas.mask(*panes), colour, float(rng.uniform(0.7, 1)))


def towers(
    canvas: Canvas,
    rng: Rng,
    base: float,
    heights: tuple[float, float],
    widths: tuple[float, float],
    body: Ink,
    cell: float,
    lit: float,
    inks: Sequence[str],
    peak: float = 0.5,
) -> None:
    """Draw a row of buildings, tallest near peak (a share of the width), with lit windows."""
    x = -rng.uniform(0, widths[0])
    while x < canvas.width:
        width = rng.uniform(*widths)
        near = np.exp(-(((x + width / 2) / canvas.width - peak) ** 2) / 0.06)
        height = heights[0] + (heights[1] - heights[0]) * float(near) * rng.uniform(0.45, 1)
        height *= rng.uniform(0.85, 1.1)
        mask = canvas.mask(*_outline(rng, x, base, width, height))
        cx, cy = canvas.grid(mask)
        side = (
            np.clip((cx - x) / width, 0, 1) * 0.5
            + np.clip((cy - base + height) / height, 0, 1) * 0.5
        )
        tone = vary(rng, body, 0.015)
        canvas.paint(mask, mix(tone, tone * 1.7 + 0.02, side.astype(np.float32)))
        windows(canvas, rng, (x, base - height, x + width, base - 3), cell, lit, inks)
        x += width + rng.uniform(-2, widths[0] * 0.25)


def bloom(canvas: Canvas, strength: float = 0.5, radius: float = 5.0) -> None:
    """Let bright parts shine into their surroundings, as a lens does."""
    for channel in range(3):
        bright = np.clip((canvas.pixels[..., channel] - 0.55) * 2.2, 0, 1)
        canvas.pixels[..., channel] += (
            strength * soften(bright, radius * 2) * (1 - canvas.pixels[..., channel])
        )


def house(c: Canvas, rng: Rng, x: float, base: float, wide: float, tall: float, body: Ink) -> None:
    """Draw a gabled house with snow on its roof and some windows lit."""
    top, peak = base - tall, base - tall - wide * 0.62
    c.fill(rect(x, top, x + wide, base + 60), body)
    roof = [(x - 2, top + 1), (x + wide / 2, peak), (x + wide + 2, top + 1)]
    c.fill(roof, mix(body, "#dfe8f6", 0.75))
    c.fill([(x + 3, top + 1), (x + wide / 2, peak + 5), (x + wide - 3, top + 1)], body)
    chimney = x + wide * 0.72
    c.fill(rect(chimney, peak + 2, chimney + 5, top - 4), body)
    c.fill(rect(chimney - 1, peak, chimney + 6, peak + 3), "#dfe8f6")
    for row in range(3):
        for column in range(2):
            wx, wy = x + wide * (0.2 + 0.4 * column), top + 6 + row * 19
            lit = rng.random() < 0.62
            c.fill(rounded(wx, wy, wx + wide * 0.2, wy + 11, 1.5), "#ffcf7a" if lit else "#1a2442")
            c.fill(rect(wx + wide * 0.095, wy, wx + wide * 0.105 + 0.6, wy + 11), body)


def church(c: Canvas, x: float, base: float, body: Ink) -> None:
    """Draw a spire at x and a green dome to its left."""
    c.fill(rect(x - 12, base - 120, x + 12, base), body)
    c.fill([(x - 14, base - 119), (x, base - 190), (x + 14, base - 119)], mix(body, "#7fa0b0", 0.4))
    c.fill(ellipse(x, base - 104, 6, 6), "#ffe3a0")
    dome = x - 190
    c.fill(
        smooth(
            [
                (dome - 34, base - 66),
                (dome - 32, base - 92),
                (dome, base - 124),
                (dome + 32, base - 92),
                (dome + 34, base - 66),
            ]
        ),
        mix(body, "#6fb0a0", 0.45),
    )
    c.fill(rect(dome - 34, base - 78, dome + 34, base), body)
    c.fill(rect(dome - 4, base - 136, dome + 4, base - 118), body)
    c.fill(rect(dome - 0.8, base - 150, dome + 0.8, base - 134), "#ffe3a0")
