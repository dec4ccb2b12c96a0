"""Sunsets over water: open sea, palms, cliffs, a jetty, rocks and reeds."""

from __future__ import annotations

import numpy as np

from drawing.canvas import Canvas, soften
from drawing.noise import line_noise, ridged
from drawing.palette import Ink, Rng, mix, ramp
from drawing.plants import conifers, grass
from drawing.relief import lambert
from drawing.shapes import Points, blob, curve, ellipse, move, path, rect, smooth, stroke
from drawing.sky import birds, clouds, crescent, haze, rays, stars, sun
from drawing.water import glitter, reflect, shore


def hills(
    canvas: Canvas,
    rng: Rng,
    base: float,
    height: float,
    colour: Ink,
    cells: int = 3,
    rough: float = 0.45,
) -> Points:
    """Paint one far ridge that stands on a base line; returns its outline."""
    xs = np.linspace(-4, canvas.width + 4, 400)
    tops = base - height * (0.15 + 0.85 * line_noise(rng, 400, cells, 6, rough))
    outline = np.concatenate([np.stack([xs, tops], 1), [(canvas.width + 4, base), (-4, base)]])
    canvas.fill(outline, colour)
    return outline


def palm(
    canvas: Canvas, rng: Rng, x: float, base: float, height: float, lean: float, colour: Ink
) -> None:
    """Draw a palm as a silhouette: a bent trunk and a crown of feathered leaves."""
    top = (x + lean, base - height)
    canvas.fill(
        stroke(
            curve((x, base), (x + lean * 0.1, base - height * 0.6), top, 24),
            height * 0.05,
            height * 0.025,
        ),
        colour,
    )
    for angle in np.linspace(-200, 20, 9) + rng.normal(0, 6, 9):
        turn = np.deg2rad(angle)
        reach = height * 0.42 * rng.uniform(0.85, 1.1)
        tip = (top[0] + np.cos(turn) * reach, top[1] + np.sin(turn) * reach * 0.6 + reach * 0.35)
        bend = (
            top[0] + np.cos(turn) * reach * 0.55,
            top[1] + np.sin(turn) * reach * 0.8 - reach * 0.18,
        )
        spine = curve(top, bend, tip, 26)
        leaves = [stroke(spine, height * 0.016, 0.4)]
        for place in range(2, 26):
            px, py = spine[place]
            long = reach * 0.26 * np.sin(np.pi * (place / 27) ** 0.7) + 1
            along = np.arctan2(*(spine[place] - spine[place - 1])[::-1])
            for side in (-1, 1):
                a = along + side * 0.95
                end = (px + np.cos(a) * long, py + np.sin(a) * long + long * 0.25)
                leaves.append(stroke([(px, py), end], height * 0.014, 0.2))
        canvas.paint(canvas.mask(*leaves), colour)


def open_sea(rng: Rng) -> Canvas:
    """Orange sun standing on a calm sea, clouds lit from below."""
    c = Canvas()
    c.vertical(
        [(0, "#2c3a73"), (0.35, "#8a4f8f"), (0.65, "#ef7a5a"), (0.9, "#ffc26b"), (1, "#ffe09a")],
        0,
        216,
    )
    clouds(c, rng, 196, 0.5, "#ffb27a", "#6d4277", 2.2, 3.5, below=True)
    sun(c, 250, 196, 25, "#fff3c4", "#ff9a45")
    hills(c, rng, 216, 26, "#7f4a70", 3)
    reflect(c, rng, 216, [(0, "#d9744f"), (0.4, "#6a3d70"), (1, "#1b2350")], 0.85, 7, 20)
    glitter(c, rng, 216, 250, "#ffd68a", (14, 60))
    shore(c, 216, "#ffd79a", 0.5)
    birds(c, rng, 120, 90, 6, 8, "#40284e")
    return c


def palms(rng: Rng) -> Canvas:
    """A pink and violet evening behind leaning palms."""
    c = Canvas()
    c.vertical([(0, "#3b1e63"), (0.4, "#a8387c"), (0.75, "#ff7d73"), (1, "#ffcf86")], 0, 235)
    clouds(c, rng, 225, 0.42, "#ff9c8f", "#6b2a70", 3, 3.2, below=True)
    sun(c, 318, 222, 34, "#fff0b8", "#ff8b5e")
    reflect(c, rng, 235, [(0, "#e0686c"), (0.5, "#7a2d70"), (1, "#2a1450")], 0.85, 6, 16)
    glitter(c, rng, 235, 318, "#ffdc9b", (22, 70), 0.85)
    beach = smooth(path("-20,330 120,318 240,334 330,352 380,372 -20,380"))
    c.fill(beach, "#1a0d2b")
    for x, height, lean in ((70, 235, 70), (110, 185, -52), (28, 160, 20)):
        palm(c, rng, x, 332, height, lean, "#170a27")
    grass(c, rng, 334, (10, 34), 90, "#12081f", "#1d0f30", (0, 210))
    return c


def cliffs(rng: Rng) -> Canvas:
    """A golden portrait: headlands in haze, rays of light."""
    c = Canvas(360, 480)
    c.vertical([(0, "#5f7fa8"), (0.4, "#d8b58f"), (0.75, "#ffc76e"), (1, "#ffe7a6")], 0, 300)
    clouds(c, rng, 250, 0.5, "#fff0c9", "#b58a80", 2.5, 2.6, below=True)
    rays(c, rng, 120, 240, "#fff0bd", 0.32, 260)
    sun(c, 120, 246, 22, "#fffbe6", "#ffc45c")
    for left, top, tone in ((150, 215, 0.65), (205, 190, 0.4), (262, 150, 0.1)):
        steps = line_noise(rng, 40, 6, 4) * 26
        xs = np.linspace(left, 380, 40)
        ys = (
            np.interp(xs, [left, left + 18, left + 60, 380], [302, top + 40, top + 12, top])
            - steps * 0.7
        )
        edge = np.concatenate([np.stack([xs, ys], 1), [(380, 302), (left - 6, 302)]])
        c.fill(edge, mix("#4a3a4a", "#eab67a", tone))
        haze(c, 270, 330, "#ffdf9e", 0.35)
    reflect(c, rng, 300, [(0, "#f2bd74"), (0.5, "#8a7a80"), (1, "#2e4460")], 0.8, 8, 26)
    glitter(c, rng, 300, 120, "#fff0b0", (14, 70))
    shore(c, 300, "#fff0c0", 0.5)
    birds(c, rng, 200, 110, 7, 9, "#5a4450")
    return c


def jetty(rng: Rng) -> Canvas:
    """A still lake after sunset, firs along the shore and a wooden jetty."""
    c = Canvas()
    c.vertical([(0, "#0f2347"), (0.5, "#3c5f92"), (0.8, "#d98c86"), (1, "#ffd19a")], 0, 170)
    stars(c, rng, 90, 60)
    crescent(c, 372, 52, 15, "#fff2cf", 20)
    c.glow(170, 172, 70, "#ffb26b", 0.6)
    hills(c, rng, 172, 62, "#7a6f93", 3)
    hills(c, rng, 172, 36, "#46507a", 4)
    conifers(c, rng, 172, (14, 40), 60, "#16233f")
    reflect(c, rng, 172, [(0, "#c08a86"), (0.5, "#34507f"), (1, "#0b1a38")], 0.96, 1.6, 20)
    shore(c, 172, "#ffdcb8", 0.3)
    deck = np.array(path("196,215 226,215 330,372 120,372"), float)
    c.shade(c.mask(move(deck, -10, 10), blur=6), "#0a1530", 0.6)
    c.fill(deck, "#4a3a42")
    for step in range(22):
        y = 215 + 157 * (step / 22) ** 1.7
        left, right = np.interp(y, [215, 372], [196, 120]), np.interp(y, [215, 372], [226, 330])
        c.fill(rect(left, y, right, y + 0.5 + step * 0.09), "#1d1724", 0.8)
        c.fill(rect(left, y + 0.8 + step * 0.09, right, y + 1.6 + step * 0.15), "#c08a7c", 0.35)
    for x, y, tall in (
        (196, 215, 14),
        (227, 215, 14),
        (172, 268, 28),
        (258, 268, 28),
        (142, 330, 44),
        (302, 330, 44),
    ):
        c.fill(rect(x - tall * 0.1, y - tall, x + tall * 0.1, y + tall * 0.5), "#241c2a")
        c.fill(ellipse(x, y - tall, tall * 0.1, tall * 0.05), "#8d6a68")
    return c


def rocks(rng: Rng) -> Canvas:
    """A stormy crimson evening over surf and dark rocks."""
    c = Canvas()
    c.vertical([(0, "#1a1d2e"), (0.45, "#5a2b40"), (0.8, "#d2502f"), (1, "#ffb04e")], 0, 180)
    clouds(c, rng, 168, 0.72, "#f0683a", "#241f30", 2.2, 2.6, below=True)
    c.glow(150, 176, 30, "#ffd27a", 0.9)
    rays(c, rng, 150, 178, "#ff9a4a", 0.3, 150)
    reflect(c, rng, 180, [(0, "#b2472f"), (0.4, "#4a2a3c"), (1, "#141827")], 0.75, 14, 40)
    glitter(c, rng, 180, 150, "#ffb868", (20, 85), 0.85)
    shore(c, 180, "#ffca80", 0.5)
    for x, y, w, h in (
        (402, 232, 36, 17),
        (62, 262, 50, 26),
        (300, 300, 44, 22),
        (352, 330, 70, 40),
        (440, 352, 92, 74),
        (28, 362, 84, 52),
    ):
        _rock(c, rng, x, y, w, h)
    return c


def _rock(c: Canvas, rng: Rng, x: float, y: float, w: float, h: float) -> None:
    """Draw one boulder with broken faces, foam round its foot, lit by the sunset behind it."""
    for lap in range(3):
        foam = blob(rng, x + rng.normal(0, 4), y + h * 0.2, w * (1.35 - 0.1 * lap), h * 0.3, 0.3)
        c.paint(c.mask(foam, blur=2.2 - 0.6 * lap), "#f0c4a8", 0.3)
    points = blob(rng, x, y, w, h, 0.3)
    points[:, 1] = np.minimum(points[:, 1], y + h * 0.24 + rng.normal(0, h * 0.02, len(points)))
    mask = c.mask(points)
    faces = ridged(rng, mask.alpha.shape, (h / 16 + 1, w / 16 + 1), 5)
    bulge = soften(mask.alpha, h * 0.35) * 34 + faces * 22
    light = lambert(bulge, 0.35, (-0.55, -0.75, 0.3))
    c.paint(
        mask, ramp([(0, "#0d0c14"), (0.45, "#2c1d26"), (0.8, "#a04a34"), (1, "#f2905a")], light)
    )


def reeds(rng: Rng) -> Canvas:
    """A square marsh picture: teal sky, huge low sun, reeds and cat-tails against the light."""
    c = Canvas(400, 400)
    c.vertical([(0, "#2b7f8c"), (0.5, "#9cc9a5"), (0.8, "#ffe2a0"), (1, "#ffc46f")], 0, 240)
    clouds(c, rng, 200, 0.3, "#fff0c8", "#6fa9a0", 2.6, 4.0, below=True, opacity=0.7)
    sun(c, 200, 210, 46, "#fff6d6", "#ffb74a", 0.8)
    hills(c, rng, 240, 30, "#8a9a80", 3)
    reflect(c, rng, 240, [(0, "#ffcf85"), (0.5, "#5fa39a"), (1, "#14505c")], 0.88, 4, 16)
    glitter(c, rng, 240, 200, "#fff0b8", (36, 70), 0.7)
    grass(c, rng, 405, (60, 190), 150, "#123a3c", "#0a2428")
    for x, tall, lean in (
        (50, 240, 14),
        (84, 200, -10),
        (120, 150, 8),
        (310, 230, -16),
        (345, 180, 12),
        (372, 270, -8),
    ):
        c.fill(
            stroke(curve((x, 405), (x, 405 - tall * 0.6), (x + lean, 405 - tall)), 3, 1.6),
            "#0b2226",
        )
        c.fill(
            move(ellipse(0, 0, 5, 21), x + lean * 0.95, 405 - tall + 6, angle=lean * 0.5), "#2a1c14"
        )
        c.fill(
            move(ellipse(0, 0, 1.3, 16), x + lean * 0.95 - 3, 405 - tall + 5, angle=lean * 0.5),
            "#a8713f",
        )
    return c


SCENES = {
    "sunset_sea_01": open_sea,
    "sunset_palms_02": palms,
    "sunset_cliffs_03": cliffs,
    "sunset_lake_jetty_04": jetty,
    "sunset_storm_rocks_05": rocks,
    "sunset_reeds_06": reeds,
}
