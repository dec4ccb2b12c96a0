"""More forests: bamboo, a night of fireflies, a canopy seen from the air."""

from __future__ import annotations

import numpy as np

from drawing.canvas import Canvas
from drawing.forests import trunk
from drawing.noise import line_noise
from drawing.palette import Ink, Rng, mix
from drawing.plants import grass
from drawing.shapes import blob, curve, ellipse, move, path, petal, smooth, stroke
from drawing.sky import haze, moon, rays, stars


def bamboo(rng: Rng) -> Canvas:
    """A bamboo grove with a sunlit gap."""
    c = Canvas()
    c.vertical([(0, "#dff2a8"), (0.5, "#a8d874"), (1, "#3f8a3f")])
    c.glow(260, 140, 100, "#fdffd8", 0.9)
    for depth in range(4):
        share = depth / 3
        count = 26 - 6 * depth
        for x in rng.uniform(-10, 490, count):
            if depth > 1 and 210 < x < 310:
                continue
            _cane(
                c,
                rng,
                float(x),
                4 + 14 * share,
                mix("#b8dc84", "#1f5a28", share),
                mix("#d8eea4", "#a8d050", share),
            )
        for _ in range(150):
            x, y = rng.uniform(-10, 490), rng.uniform(-10, 190 - 60 * share)
            leaf = move(petal(16 + 20 * share, 4 + 4 * share, 0), x, y, angle=rng.uniform(95, 265))
            c.fill(leaf, mix(mix("#a8d474", "#2f7a34", share), "#e4f79a", rng.random() * 0.5), 0.9)
    floor = smooth(path("-20,320 130,308 260,314 500,306 500,380 -20,380"))
    c.fill(floor, "#5a5a2c")
    grass(c, rng, 330, (8, 26), 200, "#2f5a2a", "#8fb84a")
    c.paint(c.mask(path("238,306 282,306 390,370 130,370"), blur=4), "#cfc08a", 0.85)
    rays(c, rng, 300, -50, "#ffffd8", 0.3, 300)
    return c


def _cane(c: Canvas, rng: Rng, x: float, wide: float, dark: Ink, bright: Ink) -> None:
    lean = rng.normal(0, 0.03)
    mask = c.mask(
        [
            (x - wide / 2, 340),
            (x + wide / 2, 340),
            (x + wide / 2 + lean * 350, -5),
            (x - wide / 2 + lean * 350, -5),
        ]
    )
    if not mask.alpha.size:
        return
    cx, cy = c.grid(mask)
    across = np.clip((cx - x - lean * (340 - cy)) / wide + 0.5, 0, 1)
    joint = ((cy + x * 7) / (wide * 2.4 + 14)) % 1
    tone = np.clip(np.abs(across - 0.32) * 1.7 + np.where(joint < 0.06, 0.5, 0), 0, 1)
    c.paint(mask, mix(bright, dark, tone.astype(np.float32)))
    c.light(
        mask._replace(
            alpha=(mask.alpha * np.exp(-(((joint - 0.09) / 0.025) ** 2))).astype(np.float32)
        ),
        "#f4ffd0",
        0.35,
    )


def fireflies(rng: Rng) -> Canvas:
    """A blue forest at night, moonlight and fireflies, square."""
    c = Canvas(400, 400)
    c.vertical([(0, "#0d2440"), (0.5, "#2a6478"), (1, "#0a2230")])
    stars(c, rng, 150, 60)
    moon(c, rng, 215, 96, 36)
    for depth in range(4):
        share = depth / 3
        for x in np.linspace(-10, 410, 13 - 3 * depth) + rng.normal(0, 13, 13 - 3 * depth):
            if abs(x - 215) < 40 and depth > 1:
                continue
            body = mix("#3f7f8c", "#04101a", share)
            trunk(
                c, rng, float(x), 310 + 40 * share, 5 + 22 * share, body, mix(body, "#8fd0d8", 0.28)
            )
            for _ in range(3):
                y, way = rng.uniform(20, 200), rng.choice([-1, 1])
                limb = curve(
                    (x, y),
                    (x + way * 30, y - 16),
                    (x + way * rng.uniform(40, 80), y - rng.uniform(0, 40)),
                )
                c.fill(stroke(limb, 2 + 5 * share, 0.6), body)
        haze(c, 230, 370, "#4f97a0", 0.35 * (1 - share))
    c.fill(smooth(path("-20,356 130,344 290,352 420,342 420,420 -20,420")), "#04121a")
    for x in rng.uniform(0, 400, 30):
        for angle in np.linspace(-70, 70, 7):
            frond = move(petal(rng.uniform(16, 34), 3.5, 0), float(x), 372, angle=angle)
            c.fill(frond, mix("#061a22", "#134038", float(rng.random())))
    for _ in range(60):
        x, y, size = rng.uniform(0, 400), rng.normal(290, 45), rng.uniform(0.5, 1.5)
        c.glow(x, y, size * 4.5, "#d8ff6a", 0.4)
        c.glow(x, y, size, "#fbffd0", 0.95)
    return c


def canopy(rng: Rng) -> Canvas:
    """A forest from straight above, parted by a winding turquoise river."""
    c = Canvas()
    c.vertical([(0, "#16361f"), (1, "#1c4226")])
    bends = 250 + 90 * np.sin(np.linspace(-0.6, 5.6, 60)) + (line_noise(rng, 60, 3, 3) - 0.5) * 60
    line = np.stack([np.linspace(-20, 500, 60), np.clip(bends - 60, 40, 330)], 1)
    for wide, colour in ((62, "#c9b98a"), (50, "#3f9a98"), (40, "#2fb4b8"), (18, "#7fe0d8")):
        c.paint(c.mask(stroke(line, wide), blur=3), colour)
    spots = [
        (x + rng.normal(0, 4), y + rng.normal(0, 4))
        for y in np.arange(-8, 372, 11.5)
        for x in np.arange(-8, 490, 12.5)
    ]
    rng.shuffle(spots)
    for x, y in spots:
        if np.min(np.hypot(line[:, 0] - x, line[:, 1] - y)) < 33:
            continue
        size, kind = rng.uniform(7, 14), rng.random()
        dark, bright = (
            ("#14401f", "#5f9a3f")
            if kind < 0.6
            else ("#1a4a30", "#3f8a5a")
            if kind < 0.9
            else ("#6a5a1a", "#d8b040")
        )
        c.shade(c.mask(ellipse(x + 4, y + 5, size, size), blur=2), "#0a2018", 0.6)
        _crown(c, rng, x, y, size, dark, bright)
    return c


def _crown(c: Canvas, rng: Rng, x: float, y: float, size: float, dark: str, bright: str) -> None:
    for step in range(4):
        share = step / 3
        lump = blob(
            rng,
            x - size * 0.22 * share,
            y - size * 0.25 * share,
            size * (1 - 0.24 * step),
            size * (1 - 0.24 * step),
            0.3,
        )
        c.fill(lump, mix(dark, bright, share * rng.uniform(0.75, 1)))


SCENES = {
    "forest_bamboo_04": bamboo,
    "forest_night_fireflies_05": fireflies,
    "forest_river_from_above_06": canopy,
}
