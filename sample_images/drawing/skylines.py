"""City skylines at night: towers by a river, bridges, rain, fireworks, an old town."""

from __future__ import annotations

import numpy as np

from drawing.canvas import Canvas, Mask
from drawing.noise import fbm
from drawing.palette import Rng, mix, pick, ramp, vary
from drawing.shapes import curve, ellipse, path, rect, rounded, smooth, stroke
from drawing.sky import clouds, haze, moon, stars
from drawing.sunsets import hills
from drawing.towns import COOL, WARM, bloom, church, house, towers, windows
from drawing.water import reflect, shore


def river(rng: Rng) -> Canvas:
    """Blue-hour towers mirrored in a wide river."""
    c = Canvas()
    c.vertical([(0, "#0d1c4a"), (0.6, "#3f4f9a"), (0.9, "#c9799a"), (1, "#ffb98a")], 0, 230)
    clouds(c, rng, 210, 0.35, "#a878a8", "#2c3470", 2.5, 3.6, below=True, opacity=0.7)
    towers(c, rng, 230, (40, 130), (16, 30), "#4a4a80", 4, 0.2, WARM, 0.55)
    haze(c, 150, 260, "#d98fa0", 0.35)
    towers(c, rng, 230, (26, 175), (18, 36), "#1b1f45", 4.6, 0.42, WARM, 0.5)
    reflect(c, rng, 230, [(0, "#5a4a80"), (1, "#0a1030")], 0.9, 9, 14)
    shore(c, 230, "#ffd9a0", 0.6)
    bloom(c)
    return c


def bridge(rng: Rng) -> Canvas:
    """A lit suspension bridge in front of a far city, full moon."""
    c = Canvas()
    c.vertical([(0, "#060b22"), (0.7, "#1c3160"), (1, "#4a6a98")], 0, 262)
    stars(c, rng, 180, 100)
    moon(c, rng, 92, 70, 26)
    towers(c, rng, 262, (26, 100), (10, 22), "#1d2c55", 3.4, 0.35, COOL, 0.75)
    haze(c, 215, 265, "#5a7cb0", 0.4)
    for x in (150, 372):
        c.fill(rect(x - 7, 92, x - 3, 262), "#6b3a3a")
        c.fill(rect(x + 3, 92, x + 7, 262), "#8f4a44")
        for y in (100, 140, 185):
            c.fill(rect(x - 7, y, x + 7, y + 5), "#a85a4c")
        c.glow(x, 94, 6, "#ff6a5a", 0.7)
    cables = [
        curve((-80, 130), (40, 232), (150, 95)),
        curve((150, 95), (261, 345), (372, 95), 40),
        curve((372, 95), (470, 215), (560, 150)),
    ]
    for cable in cables:
        c.fill(stroke(cable, 2.2), "#a8625a")
        for x, y in cable[1:-1]:
            c.fill(rect(x - 0.35, y, x + 0.35, 238), "#8a6470", 0.8)
            c.glow(float(x), float(y), 1.8, "#ffe6b0", 0.75)
    c.fill(rect(-2, 236, 482, 243), "#5a2f34")
    c.fill(rect(-2, 236, 482, 237.5), "#ffcf8a")
    reflect(c, rng, 262, [(0, "#2a4370"), (1, "#050b20")], 0.88, 8, 14)
    bloom(c, 0.45)
    return c


def neon(rng: Rng) -> Canvas:
    """A portrait street canyon of neon signs in the rain."""
    c = Canvas(360, 480)
    c.vertical([(0, "#120a2e"), (0.6, "#4a1f6b"), (1, "#e0508f")], 0, 330)
    towers(c, rng, 330, (120, 200), (20, 40), "#4d2a78", 5, 0.3, COOL, 0.5)
    haze(c, 200, 360, "#f0609a", 0.45)
    for side in (-1, 1):
        for step in range(4):
            edge = 180 + side * (26 + 40 * step)
            far = 180 + side * (70 + 46 * step)
            top = 150 - 62 * step
            x0, x1 = min(edge, far), max(edge, far)
            c.fill(rect(x0, top, x1, 332), mix("#3a2266", "#0d0820", step / 3))
            windows(c, rng, (x0, top + 4, x1, 300), 5 + step, 0.22, COOL)
            _sign(c, rng, edge + side * 7, top + 60 + 20 * step, 6 + 2.2 * step)
    reflect(c, rng, 330, [(0, "#6a2a70"), (1, "#0d0820")], 0.95, 10, 18, 1.8)
    for _ in range(90):
        x, y = rng.uniform(0, 380), rng.uniform(0, 480)
        c.fill(stroke([(x, y), (x - 3, y + rng.uniform(10, 26))], 0.8, 0.3), "#d8c8ff", 0.3)
    bloom(c, 0.7, 7)
    return c


def _sign(c: Canvas, rng: Rng, x: float, y: float, size: float) -> None:
    colour = pick(rng, ("#ff3f8f", "#3fe6ff", "#ffd23f", "#7dff6a", "#ff6a3f"))
    tall = size * rng.uniform(5, 8)
    c.glow(x, y + tall / 2, tall * 0.45, colour, 0.55)
    c.fill(rounded(x - size / 2, y, x + size / 2, y + tall, 2), "#1a0f2e")
    c.fill(
        stroke(np.concatenate([rounded(x - size / 2, y, x + size / 2, y + tall, 2)] * 1), 1.2),
        colour,
    )
    for row in np.arange(y + size * 0.35, y + tall - size * 0.7, size):
        for _ in range(3):
            px, py = x + rng.uniform(-0.25, 0.25) * size, row + rng.uniform(0.1, 0.6) * size
            long = size * 0.28
            line = (
                [(px - long, py), (px + long, py)]
                if rng.random() < 0.6
                else [(px, py - long), (px, py + long)]
            )
            c.fill(stroke(line, size * 0.13), mix(colour, "#ffffff", 0.55))


def fireworks(rng: Rng) -> Canvas:
    """Fireworks over a harbour city."""
    c = Canvas()
    c.vertical([(0, "#070618"), (0.8, "#241a4a"), (1, "#5a3060")], 0, 262)
    for x, y, r, colour in (
        (120, 85, 74, "#ff5a7a"),
        (262, 62, 60, "#ffd25a"),
        (385, 105, 66, "#6ac8ff"),
        (205, 150, 36, "#8dff9a"),
        (330, 38, 34, "#e07aff"),
    ):
        _burst(c, rng, x, y, r, colour)
    towers(c, rng, 262, (24, 80), (14, 28), "#2a2050", 4, 0.3, WARM, 0.3)
    towers(c, rng, 262, (16, 62), (20, 40), "#120e2c", 4.4, 0.4, WARM, 0.75)
    reflect(c, rng, 262, [(0, "#3a2858"), (1, "#070618")], 0.95, 9, 13, 2.2)
    bloom(c, 0.5)
    return c


def _burst(c: Canvas, rng: Rng, x: float, y: float, r: float, colour: str) -> None:
    c.glow(x, y, r * 0.6, colour, 0.35)
    c.glow(x, y, r * 0.12, "#ffffff", 0.8)
    sparks = []
    for k in range(150):
        angle, far = rng.uniform(0, 6.283), r * rng.uniform(0.1, 1.0) ** 0.45
        dx, dy, drop = np.cos(angle) * far, np.sin(angle) * far, far * far / r * 0.14
        middle = (x + dx * 0.7, y + dy * 0.7 - drop * 0.2)
        tail = curve((x + dx * 0.35, y + dy * 0.35), middle, (x + dx, y + dy + drop), 8)
        sparks.append(stroke(tail, 0.2, 1.3 if k % 3 else 0.8))
        sparks.append(ellipse(x + dx, y + dy + drop, 1.1, 1.1))
    c.light(c.mask(*sparks, blur=1.6), colour, 0.6)
    c.light(c.mask(*sparks), colour, 0.95)
    c.light(c.mask(*sparks[: len(sparks) // 3]), "#ffffff", 0.5)


def old_town(rng: Rng) -> Canvas:
    """Gables, spires and a dome of an old town in falling snow."""
    c = Canvas()
    c.vertical([(0, "#101a3c"), (0.7, "#34507f"), (1, "#7f8fb0")], 0, 330)
    hills_x = np.linspace(-5, 485, 60)
    c.fill(
        np.concatenate(
            [np.stack([hills_x, 215 - 30 * np.sin(hills_x / 95)], 1), [(485, 362), (-5, 362)]]
        ),
        "#4a6290",
    )
    church(c, 330, 262, "#2a3862")
    for depth, body in enumerate(("#3a4a78", "#2b3763", "#1a2448")):
        x, base = -10.0, 272 + depth * 42
        while x < 490:
            wide, tall = (
                rng.uniform(26, 44) * (1 + depth * 0.25),
                rng.uniform(40, 66) * (1 + depth * 0.2),
            )
            house(c, rng, x, base, wide, tall, vary(rng, body, 0.02))
            x += wide * rng.uniform(0.92, 1.1)
    bank = smooth(path("-20,350 70,345 160,351 250,346 340,352 430,345 500,350 500,400 -20,400"))
    c.fill(bank + np.array([0, -2.0]), "#7f93bc", blur=2)
    c.fill(bank, "#dfe8f6")
    for _ in range(260):
        size = rng.uniform(0.5, 1.7)
        c.fill(
            ellipse(rng.uniform(0, 480), rng.uniform(0, 360), size, size),
            "#ffffff",
            rng.uniform(0.35, 0.9),
        )
    bloom(c, 0.5)
    return c


def bay(rng: Rng) -> Canvas:
    """A wide view from a hill: carpet of city lights round a bay, square."""
    c = Canvas(400, 400)
    c.vertical([(0, "#0a0f30"), (0.5, "#2a2f6a"), (0.85, "#b5608a"), (1, "#ff9a6a")], 0, 150)
    stars(c, rng, 90, 50)
    hills(c, rng, 152, 40, "#4a3a6a", 3)
    c.vertical([(0, "#43335c"), (0.4, "#161838"), (1, "#080a1c")], 150, 400)
    sea = c.mask(smooth(path("-20,160 110,158 230,166 300,190 240,226 150,246 60,290 -20,312")))
    _, y = c.grid(sea)
    depth = np.broadcast_to((y - 158) / 150, sea.alpha.shape)
    c.paint(sea, ramp([(0, "#f08a70"), (0.25, "#8a5a8c"), (0.6, "#3f3f78"), (1, "#20264f")], depth))
    _city_lights(c, rng, sea)
    for x0, y0, x1, y1, x2, y2 in (
        (120, 400, 190, 300, 330, 176),
        (300, 400, 320, 300, 345, 180),
        (0, 360, 120, 270, 315, 200),
    ):
        for px, py in curve((x0, y0), (x1, y1), (x2, y2), 70):
            c.glow(float(px), float(py), 0.5 + (py - 150) / 130, "#ffb65a", 0.7)
    hills(c, rng, 404, 46, "#070914", 2)
    bloom(c, 0.7, 4)
    return c


def _city_lights(c: Canvas, rng: Rng, sea: Mask) -> None:
    """Scatter lamps over the land, denser in some quarters, and mirror the nearest in the sea."""
    wet = np.zeros(c.shape, np.float32)
    h, w = sea.alpha.shape
    wet[sea.top : sea.top + h, sea.left : sea.left + w] = sea.alpha
    quarters = fbm(rng, c.shape, (7, 5), 3)
    for _ in range(5200):
        depth = rng.random() ** 1.6
        x, y = rng.uniform(0, 399), 156 + 240 * depth
        row, column = int(y * 2), int(x * 2)
        if wet[row, column] > 0.3 or quarters[row, column] < rng.uniform(0.25, 0.8):
            continue
        size = 0.45 + 1.3 * depth
        c.fill(rect(x, y, x + size, y + size), pick(rng, WARM + COOL), rng.uniform(0.4, 1))
        shore_row = max(0, row - 16)
        if wet[shore_row, column] > 0.5 and depth < 0.5:
            c.light(c.mask(rect(x, y - 12, x + size, y - 3), blur=1), "#ffc070", 0.5)


SCENES = {
    "night_skyline_river_01": river,
    "night_skyline_bridge_02": bridge,
    "night_skyline_neon_03": neon,
    "night_skyline_fireworks_04": fireworks,
    "night_skyline_old_town_05": old_town,
    "night_skyline_bay_06": bay,
}
