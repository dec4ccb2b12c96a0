"""Flowers out of doors: tulip fields, daisies, poppies, cherry blossom."""

from __future__ import annotations

import numpy as np

from drawing.canvas import Canvas
from drawing.flowers import bokeh, one_petal
from drawing.palette import Rng, mix, vary
from drawing.plants import grass
from drawing.relief import cushion
from drawing.shapes import curve, ellipse, move, path, petal, smooth, stroke
from drawing.sky import clouds, sun
from drawing.sunsets import hills


def tulips(rng: Rng) -> Canvas:
    """Stripes of tulips to the horizon, a windmill."""
    c = Canvas()
    c.vertical([(0, "#4f9ad8"), (0.7, "#bfe0f0"), (1, "#eef4ea")], 0, 150)
    clouds(c, rng, 145, 0.42, "#ffffff", "#b4cbe0", 3, 2.2)
    c.vertical([(0, "#7fa870"), (1, "#3f7a3a")], 148, 360)
    _windmill(c, 372, 150)
    inks = ("#e8303a", "#ffc82f", "#f06a9a", "#8a3fb0", "#ff7a2f", "#f8f4f0")
    rows = []
    for row in range(30):
        depth = (row / 29) ** 1.8
        rows.append((152 + 220 * depth, 0.7 + 14 * depth))
    for y, size in rows:
        count = int(480 / (size * 1.5)) + 3
        for x in np.linspace(-10, 490, count) + rng.normal(0, size * 0.2, count):
            stripe = int(np.floor((x - 240) / (max(y - 140, 6) * 0.62) + 40)) % 6
            _tulip(c, rng, float(x), float(y + rng.normal(0, size * 0.2)), size, inks[stripe])
    return c


def _tulip(c: Canvas, rng: Rng, x: float, y: float, size: float, colour: str) -> None:
    if size < 3:
        c.fill(ellipse(x, y, size, size * 0.9), vary(rng, colour, 0.05))
        return
    c.fill(stroke([(x, y), (x + rng.normal(0, 1), y + size * 3)], size * 0.18), "#3f7a34")
    for side in (-1, 1):
        c.fill(
            move(
                petal(size * 2.2, size * 0.7, 0), x, y + size * 3, angle=side * rng.uniform(12, 26)
            ),
            mix("#2f6a34", "#6aa84a", float(rng.random())),
        )
    tone = vary(rng, colour, 0.03)
    cup = [
        (x - size * 0.62, y - size * 0.75),
        (x - size * 0.25, y - size * 0.35),
        (x, y - size * 0.9),
        (x + size * 0.25, y - size * 0.35),
        (x + size * 0.62, y - size * 0.75),
        (x + size * 0.6, y + size * 0.2),
        (x, y + size * 0.75),
        (x - size * 0.6, y + size * 0.2),
    ]
    c.fill(smooth(cup, steps=5), mix(tone, "#000000", 0.22))
    c.fill(move(petal(size * 1.55, size * 0.85, 0.1), x, y + size * 0.68), tone)
    c.fill(
        move(petal(size * 1.1, size * 0.2, 0.1), x - size * 0.18, y + size * 0.4),
        mix(tone, "#ffffff", 0.45),
        0.6,
    )


def _windmill(c: Canvas, x: float, base: float) -> None:
    c.fill([(x - 13, base), (x - 8, base - 46), (x + 8, base - 46), (x + 13, base)], "#7a4a3a")
    c.fill([(x + 2, base), (x + 2, base - 46), (x + 8, base - 46), (x + 13, base)], "#54302a")
    c.fill(smooth([(x - 9, base - 46), (x, base - 58), (x + 9, base - 46)]), "#3a3a44")
    for angle in (24, 114, 204, 294):
        c.fill(
            move(path("-0.8,0 0.8,0 0.6,-46 -0.6,-46"), x, base - 48, angle=angle),
            "#3a2c28",
        )
        c.fill(move(path("1,-8 8,-8 7,-45 1,-45"), x, base - 48, angle=angle), "#f4ede0", 0.9)


def daisies(rng: Rng) -> Canvas:
    """A meadow of daisies from low down."""
    c = Canvas()
    c.vertical([(0, "#5fb0e8"), (0.4, "#d4ecec"), (0.55, "#b8dc94"), (1, "#3f8a34")])
    clouds(c, rng, 170, 0.4, "#ffffff", "#c4dcec", 2.6, 1.8, opacity=0.85)
    hills(c, rng, 190, 46, "#a4cfae", 3)
    hills(c, rng, 205, 30, "#8cc080", 4)
    c.paint(c.mask(path("-5,196 485,196 485,365 -5,365"), blur=8), "#8cbf5a", 0.9)
    bokeh(c, rng, ("#ffffff", "#f6f0a0", "#c4e48a"), 26, (5, 16), 0.35)
    grass(c, rng, 375, (70, 190), 260, "#2f6a2c", "#8fc04a")
    spots = sorted((rng.uniform(0.2, 1), rng.uniform(0, 480)) for _ in range(24))
    for depth, x in [*spots, (1.35, 118.0), (1.5, 372.0), (1.2, 262.0)]:
        y, size = 128 + 120 * depth * rng.uniform(0.6, 1.2), 8 + 30 * depth**1.4
        c.fill(
            stroke(curve((x, y), (x + 6, y + 80), (x + rng.normal(0, 12), 375)), 1 + 2.5 * depth),
            "#4a8a34",
        )
        _daisy(c, rng, x, y, size, rng.uniform(0.6, 1))
    grass(c, rng, 378, (20, 76), 150, "#1f5a24", "#6aa83c")
    return c


def _daisy(c: Canvas, rng: Rng, x: float, y: float, size: float, flat: float) -> None:
    spin, squeeze = rng.uniform(0, 360), np.array([1.0, flat])
    for k in range(17):
        shape = move(
            petal(size, size * 0.3, 0.6), angle=spin + k * 360 / 17 + rng.normal(0, 3)
        ) * squeeze + np.array([x, y])
        c.fill(shape + np.array([0.5, 1.2]), "#8a9ab0", 0.5)
        c.fill(shape, mix("#dfe6f2", "#ffffff", float(rng.uniform(0.4, 1))))
    cushion(
        c,
        ellipse(x, y, size * 0.32, size * 0.32 * flat + size * 0.05),
        "#c8780f",
        "#ffdf3a",
        size * 0.13,
    )
    for _ in range(int(size)):
        dx, dy = rng.normal(0, size * 0.12, 2)
        c.fill(ellipse(x + dx, y + dy * flat, size * 0.02 + 0.3, size * 0.02 + 0.3), "#b8660a", 0.7)


def poppies(rng: Rng) -> Canvas:
    """Poppies against an evening sky, portrait."""
    c = Canvas(360, 480)
    c.vertical([(0, "#5a7ab8"), (0.45, "#f2b8a0"), (0.75, "#ffdf9a"), (1, "#a8a04a")])
    sun(c, 250, 290, 26, "#fffbe0", "#ffc060")
    grass(c, rng, 490, (110, 250), 240, "#4a6a2c", "#c0b050")
    for x, y, size, turn in (
        (110, 150, 62, -8),
        (255, 220, 46, 10),
        (60, 290, 40, -14),
        (190, 330, 52, 5),
        (310, 350, 38, 14),
        (110, 400, 34, 0),
    ):
        stem = curve((x, y + size * 0.3), (x + turn * 2, y + 150), (x + turn * 3, 490))
        c.fill(stroke(stem, 2.6, 3.4), "#4a5a24")
        _poppy(c, rng, x, y, size, turn)
    for x, y in ((320, 180), (30, 190), (225, 130)):
        c.fill(stroke(curve((x, y), (x + 14, y + 120), (x - 4, 490)), 2.4), "#5a6a2c")
        cushion(c, move(ellipse(0, 0, 7, 11), x, y, angle=12), "#3a5a24", "#a0b860", 4)
    grass(c, rng, 492, (30, 100), 160, "#2c4a1c", "#7f9a3c")
    return c


def _poppy(c: Canvas, rng: Rng, x: float, y: float, size: float, turn: float) -> None:
    cup = path(
        "-0.95,-0.5 -0.6,-0.78 -0.1,-0.62 0.4,-0.8 0.95,-0.48 0.78,0.2 0.3,0.52 -0.3,0.52 -0.8,0.2"
    )
    cushion(c, move(smooth(cup), x, y, size, turn), "#8f0f14", "#d8261f", size * 0.2)
    c.fill(move(ellipse(0, -0.42, 0.34, 0.14), x, y, size, turn), "#1f0f14", blur=1.5)
    for _ in range(26):
        dx, dy = rng.normal(0, 0.16), rng.normal(-0.5, 0.05)
        c.fill(move(ellipse(dx, dy, 0.025, 0.025), x, y, size, turn), "#3a2430")
    for side, tone in ((-1, "#f0402a"), (1, "#e8321f")):
        front = path(
            "0,0.56 -0.62,0.36 -1.02,-0.08 -0.9,-0.36 -0.45,-0.18 0.1,-0.34 0.42,0.05 0.3,0.42"
        )
        shape = move(move(smooth(front), flip=side > 0), x, y, size, turn)
        one_petal(c, shape, "#7a0a10", tone, (x, y + size * 0.5), size * 0.8)


def blossom(rng: Rng) -> Canvas:
    """Cherry blossom on a branch against spring blue."""
    c = Canvas()
    c.vertical([(0, "#6ab0e4"), (1, "#dcf0f6")])
    bokeh(c, rng, ("#ffffff", "#ffd6e4", "#f6b8d0"), 44, (8, 30), 0.4)
    limbs = [
        curve((-20, 330), (150, 190), (330, 150), 30),
        curve((330, 150), (420, 128), (500, 60), 20),
        curve((150, 225), (210, 260), (320, 265), 20),
        curve((240, 172), (270, 100), (350, 60), 20),
    ]
    for limb, start, end in zip(limbs, (17, 8, 8, 7), (8, 4, 2, 2), strict=True):
        c.fill(stroke(limb, start, end), "#4a3030")
        c.fill(stroke(limb - np.array([0, start * 0.2]), start * 0.3, end * 0.3), "#8a6458", 0.8)
    for limb in limbs:
        for place in np.linspace(3, len(limb) - 1, 11):
            x, y = limb[int(place)] + rng.normal(0, 15, 2)
            _cherry(c, rng, float(x), float(y), rng.uniform(13, 24))
    return c


def _cherry(c: Canvas, rng: Rng, x: float, y: float, size: float) -> None:
    spin, squeeze = rng.uniform(0, 72), np.array([1.0, rng.uniform(0.7, 1)])
    heart = smooth(
        path("0,0 -0.42,-0.5 -0.4,-0.88 -0.1,-1 0,-0.88 0.1,-1 0.4,-0.88 0.42,-0.5"),
        steps=6,
    )
    for k in range(5):
        shape = move(heart, scale=size, angle=spin + 72 * k) * squeeze + np.array([x, y])
        one_petal(
            c, shape, "#f2809f", mix("#ffd4e2", "#fff6f8", float(rng.random())), (x, y), size * 1.2
        )
    for k in range(9):
        turn = k * 0.7 + spin
        end = (x + size * 0.42 * np.cos(turn), y + size * 0.42 * np.sin(turn) * squeeze[1])
        c.fill(stroke([(x, y), end], 0.7), "#d85a80")
        c.fill(ellipse(*end, 1.1, 1.1), "#ffd24a")


SCENES = {
    "flowers_tulip_field_02": tulips,
    "flowers_daisies_03": daisies,
    "flowers_poppies_04": poppies,
    "flowers_cherry_blossom_07": blossom,
}
