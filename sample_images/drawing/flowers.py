"""Flowers: a sunflower, tulip fields, daisies, poppies, a water lily, a rose, cherry blossom."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from drawing.canvas import Canvas
from drawing.noise import fbm
from drawing.palette import Ink, Rng, mix, pick, ramp
from drawing.relief import UPPER_LEFT, Direction, cushion
from drawing.shapes import Points, blob, curve, ellipse, move, petal, stroke


def bokeh(
    canvas: Canvas,
    rng: Rng,
    inks: Sequence[str],
    count: int,
    sizes: tuple[float, float],
    strength: float = 0.3,
) -> None:
    """Scatter soft discs of light, as a lens draws a blurred background."""
    for _ in range(count):
        size = rng.uniform(*sizes)
        disc = ellipse(rng.uniform(0, canvas.width), rng.uniform(0, canvas.height), size, size)
        canvas.paint(
            canvas.mask(disc, blur=size * 0.12 + 0.5),
            pick(rng, inks),
            strength * rng.uniform(0.4, 1),
        )


def one_petal(
    canvas: Canvas,
    outline: Points,
    base: Ink,
    tip: Ink,
    root: tuple[float, float],
    length: float,
    light: Direction = UPPER_LEFT,
) -> None:
    """Paint a petal: a gradient from its root to its tip, soft relief and a shadow below it."""
    canvas.shade(canvas.mask(outline + np.array([1.5, 2.5]), blur=2.5), "#40303a", 0.4)
    mask = cushion(canvas, outline, mix(tip, "#000000", 0.35), tip, length * 0.1 + 1, light)
    if not mask.alpha.size:
        return
    x, y = canvas.grid(mask)
    far = np.clip(np.hypot(x - root[0], y - root[1]) / length, 0, 1)
    fade = mask._replace(alpha=(mask.alpha * (1 - far) ** 1.3).astype(np.float32))
    canvas.paint(fade, base, 0.85)


def leaf(
    canvas: Canvas,
    x: float,
    y: float,
    length: float,
    width: float,
    angle: float,
    dark: Ink,
    bright: Ink,
) -> None:
    """Draw a leaf with a lighter mid-rib and side veins."""
    cushion(canvas, move(petal(length, width, 0), x, y, angle=angle), dark, bright, width * 0.2)
    veins = [stroke([(0, 0), (0, -length * 0.93)], 1.3, 0.4)]
    ribs = [(side, place) for place in np.linspace(0.2, 0.75, 5) for side in (-1, 1)]
    for side, place in ribs:
        tip = (side * width * 0.34, -length * (place + 0.13))
        veins.append(stroke([(0, -length * place), tip], 0.8, 0.3))
    placed = [move(vein, x, y, angle=angle) for vein in veins]
    canvas.paint(canvas.mask(*placed), mix(bright, "#ffffff", 0.3), 0.6)


def sunflower(rng: Rng) -> Canvas:
    """One big sunflower against blurred greens."""
    c = Canvas()
    c.pixels[:] = ramp(
        [(0.1, "#2f6a3a"), (0.5, "#7fae4a"), (0.9, "#d8e07a")], fbm(rng, c.shape, (2, 3), 2)
    )
    bokeh(c, rng, ("#f6e88a", "#a8d060", "#fff6c0", "#5a9a4a"), 46, (8, 34))
    c.fill(stroke(curve((232, 200), (250, 300), (225, 380)), 15, 18), "#3f6a2a")
    c.fill(stroke(curve((229, 200), (246, 300), (221, 380)), 5, 5), "#8fb84a", 0.7)
    leaf(c, 236, 330, 130, 66, 68, "#1f4a1f", "#7aa83f")
    leaf(c, 240, 345, 110, 56, -74, "#1f4a1f", "#6a9a3a")
    cx, cy = 235.0, 165.0
    for ring, (reach, count) in enumerate(((150, 21), (138, 21), (116, 18))):
        for k in range(count):
            angle = 360 / count * k + ring * 9 + rng.normal(0, 2.5)
            long = reach * rng.uniform(0.9, 1.05)
            shape = move(petal(long, 31, 0.05), cx, cy, angle=angle)
            one_petal(
                c, shape, "#e07a10", mix("#ffc21f", "#ffdf4a", float(rng.random())), (cx, cy), long
            )
    c.shade(c.mask(ellipse(cx + 3, cy + 5, 68, 68), blur=6), "#3a1a08", 0.7)
    c.fill(ellipse(cx, cy, 62, 62), "#3a1e0e")
    for k in range(620):
        turn, far = k * 2.39996, 61 * np.sqrt(k / 620)
        x, y = cx + far * np.cos(turn), cy + far * np.sin(turn)
        tone = ramp(
            [(0, "#7a8a3a"), (0.35, "#5a3a18"), (0.7, "#2c160a"), (1, "#a8641c")],
            np.array(far / 61, np.float32),
        )
        c.fill(ellipse(x, y, 1.9, 1.9), tone)
        c.fill(ellipse(x - 0.6, y - 0.7, 0.7, 0.7), mix(tone, "#ffe0a0", 0.5))
    return c


def _lily_pad(c: Canvas, x: float, y: float, r: float, cut: float) -> None:
    """Draw a floating leaf with its notch turned by cut (degrees) and a shadow in the water."""
    turn = np.deg2rad(np.linspace(cut + 12, cut + 348, 60))
    pad = np.concatenate(
        [np.stack([x + r * np.cos(turn), y + r * 0.72 * np.sin(turn)], 1), [(x, y)]]
    )
    c.shade(c.mask(pad + np.array([5.0, 9.0]), blur=6), "#06202a", 0.7)
    cushion(c, pad, "#1c5a34", "#7fb85a", r * 0.08)
    veins = [
        stroke([(x, y), (x + r * 0.93 * np.cos(a), y + r * 0.67 * np.sin(a))], 1.4, 0.4)
        for a in turn[2:-2:5]
    ]
    c.paint(c.mask(*veins), "#c0dc8a", 0.5)


def lily(rng: Rng) -> Canvas:
    """A pink water lily among its leaves, square."""
    c = Canvas(400, 400)
    c.pixels[:] = ramp(
        [(0, "#0a2f3c"), (0.5, "#125058"), (1, "#2f8a84")], fbm(rng, c.shape, (7, 2), 4)
    )
    for x, y, r, cut in (
        (90, 110, 84, 30),
        (320, 90, 72, 140),
        (70, 320, 92, -40),
        (335, 320, 96, 200),
        (200, 395, 70, 270),
        (205, 40, 46, 60),
    ):
        _lily_pad(c, x, y, r, cut)
    cx, cy = 205.0, 225.0
    c.shade(c.mask(ellipse(cx, cy + 22, 120, 50), blur=12), "#06202a", 0.65)
    for ring, (long, count, lift) in enumerate(
        ((132, 13, 0.56), (112, 12, 0.72), (88, 10, 0.86), (62, 8, 0.95))
    ):
        order = sorted(
            (360 / count * k + ring * 14 for k in range(count)),
            key=lambda a: np.cos(np.deg2rad(a)),
            reverse=True,
        )
        for angle in order:
            shape = move(petal(long, long * 0.36, 0.05), angle=angle) * np.array(
                [1, lift]
            ) + np.array([cx, cy - ring * 13])
            one_petal(
                c,
                shape,
                mix("#fff4f4", "#ffe9b0", ring / 3),
                mix("#e0508f", "#ffb8d4", ring / 3 * 0.8 + 0.1),
                (cx, cy - ring * 13),
                long,
            )
    for _ in range(70):
        dx, dy = rng.normal(0, 11), rng.normal(0, 7)
        c.fill(
            stroke([(cx + dx * 0.5, cy - 34), (cx + dx, cy - 48 + dy)], 1.6, 2.4),
            mix("#f09a1a", "#ffe86a", float(rng.random())),
        )
    return c


def rose(rng: Rng) -> Canvas:
    """A red rose with dew on a dark ground, portrait."""
    c = Canvas(360, 480)
    c.pixels[:] = ramp(
        [(0.1, "#0c1410"), (0.6, "#1d3328"), (1, "#40604a")], fbm(rng, c.shape, (2, 2), 2)
    )
    bokeh(c, rng, ("#5f8a6a", "#8fb08a"), 16, (10, 34), 0.16)
    cx, cy = 182.0, 190.0
    c.fill(stroke(curve((cx, cy + 60), (cx + 12, 360), (cx - 10, 500)), 9, 11), "#2f5a30")
    leaf(c, cx + 4, 370, 130, 72, 62, "#10301c", "#4f8a4a")
    leaf(c, cx, 400, 120, 66, -66, "#10301c", "#3f7a40")
    for sepal in (118, 160, 205, 245):
        c.fill(move(petal(108, 24, 0), cx, cy + 26, angle=sepal), "#2c5a30")
    for ring in range(9):
        share = ring / 8
        reach, count = 134 * (1 - share) + 12, max(3, 6 - ring // 2)
        for k in range(count):
            angle = 360 / count * k + ring * 37
            away = reach * 0.42
            px, py = (
                cx + away * np.cos(np.deg2rad(angle)),
                cy + away * np.sin(np.deg2rad(angle)) * 0.92,
            )
            shape = blob(rng, px, py, reach * 0.62, reach * 0.58, 0.07)
            c.shade(c.mask(shape + np.array([2.0, 3.0]), blur=3 + 3 * (1 - share)), "#30040c", 0.75)
            tone = mix("#e0283a", "#a80f24", share * 0.7)
            cushion(
                c, shape, mix(tone, "#2c0008", 0.75), mix(tone, "#ff8f8f", 0.22), reach * 0.11 + 1.5
            )
    for _ in range(40):
        turn, away, r = rng.uniform(0, 6.3), 100 * rng.random() ** 0.7, rng.uniform(1, 3.2)
        x, y = cx + away * np.cos(turn), cy + away * np.sin(turn)
        c.shade(c.mask(ellipse(x + 0.6, y + 0.9, r, r), blur=0.5), "#5a0a18", 0.6)
        c.light(c.mask(ellipse(x, y, r, r)), "#ffb0b8", 0.35)
        c.fill(ellipse(x - r * 0.3, y - r * 0.35, r * 0.3, r * 0.3), "#ffffff")
    return c


SCENES = {
    "flower_sunflower_01": sunflower,
    "flower_water_lily_05": lily,
    "flower_red_rose_06": rose,
}
