"""Fruit: apples, oranges, grapes, bananas, cherries, lemons and a watermelon."""

from __future__ import annotations

import numpy as np

from drawing.canvas import Canvas, Mask
from drawing.flowers import bokeh, leaf
from drawing.noise import fbm
from drawing.palette import FloatArray, Ink, Rng, ink, mix, ramp
from drawing.relief import UPPER_LEFT, Direction, cast_shadow, cushion, dome, facing, gloss
from drawing.shapes import (
    Points,
    blob,
    curve,
    ellipse,
    mirrored,
    move,
    path,
    smooth,
    stroke,
)


def table(
    canvas: Canvas, rng: Rng, edge: float, wall: tuple[Ink, Ink], wood: tuple[Ink, Ink]
) -> None:
    """Paint a softly lit wall down to a row, and a wooden table below it."""
    dx, dy = canvas.x / canvas.width, canvas.y / canvas.height
    canvas.pixels[:] = mix(wall[0], wall[1], np.clip(dx * 0.7 + dy * 0.6, 0, 1).astype(np.float32))
    mask = canvas.whole((canvas.y > edge).astype(np.float32))
    depth = np.clip((canvas.y - edge) / (canvas.height - edge), 0, 1)
    grain = fbm(rng, canvas.shape, (60, 4), 4, 0.6) * 0.6 + fbm(rng, canvas.shape, (9, 2), 3) * 0.4
    canvas.paint(
        mask,
        mix(wood[0], wood[1], np.clip(grain * 0.8 + 0.35 * depth - 0.1, 0, 1).astype(np.float32)),
    )
    line = np.exp(-(((canvas.y - edge) / 3) ** 2)) * np.ones(canvas.shape)
    canvas.shade(canvas.whole(line), "#40302a", 0.5)


def sphere(
    canvas: Canvas,
    mask: Mask,
    spec: tuple[float, float, float, float],
    skin: FloatArray,
    light: Direction = UPPER_LEFT,
    shine: float = 0.6,
    bounce: Ink = "#c88a50",
) -> None:
    """Shade a mask as an ellipsoid (cx, cy, rx, ry): light, rim darkening, bounce and highlight."""
    normals = dome(canvas, mask, *spec)
    lit = facing(normals, light)
    tone = (0.34 + 0.8 * lit**0.9) * (1 - 0.3 * (1 - normals[2]) ** 2)
    body = skin * tone[..., None]
    below = np.clip(normals[1] * 0.9 - 0.25, 0, 1) * (1 - lit)
    body = body + ink(bounce) * (below * 0.25)[..., None]
    canvas.paint(mask, np.clip(body, 0, 1).astype(np.float32))
    spark = gloss(normals, 60, light) * shine + gloss(normals, 9, light) * shine * 0.25
    canvas.light(Mask((mask.alpha * spark).astype(np.float32), mask.left, mask.top), "#fffaf0", 1.0)


def apple(
    canvas: Canvas,
    rng: Rng,
    cx: float,
    cy: float,
    r: float,
    base: Ink,
    blush: Ink,
    leafy: bool = True,
) -> None:
    """Draw an apple with streaked skin, a hollow, a stem and perhaps a leaf."""
    cast_shadow(canvas, cx + r * 0.35, cy + r * 0.9, r * 1.15, r * 0.22, "#3a241c", 0.65)
    right = path("0,-0.8 0.35,-0.95 0.78,-0.8 1,-0.3 0.92,0.3 0.62,0.82 0.25,0.97 0,0.9")
    outline = smooth(mirrored(right))
    mask = canvas.mask(move(outline, cx, cy, r))
    x, y = canvas.grid(mask)
    streaks = fbm(rng, mask.alpha.shape, (2, 26), 4, 0.6)
    ripe = np.clip(
        0.62
        - (x - cx) / r * 0.35
        + (streaks - 0.5) * 1.1
        - np.exp(-(((y - cy + r * 0.85) / r / 0.5) ** 2)) * 0.55,
        0,
        1,
    )
    skin = mix(base, blush, ripe.astype(np.float32))
    freckle = fbm(rng, mask.alpha.shape, (40, 40), 2, 0.8) > 0.78
    skin = skin + (freckle * 0.07)[..., None]
    sphere(canvas, mask, (cx, cy, r * 1.03, r * 1.0), skin.astype(np.float32))
    canvas.shade(
        canvas.mask(ellipse(cx, cy - r * 0.8, r * 0.3, r * 0.12), blur=r * 0.07), "#4a2010", 0.75
    )
    canvas.fill(
        stroke(
            curve(
                (cx, cy - r * 0.74), (cx + r * 0.02, cy - r * 1.0), (cx + r * 0.16, cy - r * 1.2)
            ),
            r * 0.06,
            r * 0.1,
        ),
        "#4a3018",
    )
    if leafy:
        leaf(canvas, cx + r * 0.08, cy - r * 1.0, r * 0.8, r * 0.36, 68, "#1f5a24", "#8fc04a")


def apples(rng: Rng) -> Canvas:
    """Red and green apples on a wooden table."""
    c = Canvas()
    table(c, rng, 208, ("#e8dcc8", "#a89a90"), ("#8a5a34", "#c8935a"))
    apple(c, rng, 318, 178, 68, "#c8c83a", "#8ab02f")
    apple(c, rng, 170, 190, 82, "#f0b83a", "#c81e26")
    apple(c, rng, 402, 252, 58, "#f2c04a", "#d8382a", False)
    apple(c, rng, 262, 268, 64, "#e8a030", "#b8141f")
    return c


def grapes(rng: Rng) -> Canvas:
    """A bunch of dark grapes hanging in the sun, portrait."""
    c = Canvas(360, 480)
    c.pixels[:] = ramp(
        [(0, "#4a7a34"), (0.5, "#a8c060"), (1, "#f2ecb0")], fbm(rng, c.shape, (2, 2), 2)
    )
    bokeh(c, rng, ("#fff8d0", "#d8e890"), 26, (12, 36), 0.3)
    c.fill(stroke(curve((-10, 40), (150, 66), (370, 24), 30), 12, 8), "#6a4a30")
    c.fill(stroke(curve((-10, 37), (150, 63), (370, 21), 30), 4, 2), "#a07a54", 0.8)
    c.fill(stroke(curve((178, 52), (184, 80), (180, 120)), 6, 5), "#7a8a3a")
    for x, y, long, wide, angle in (
        (110, 60, 130, 116, 232),
        (262, 46, 140, 120, 128),
        (196, 40, 80, 70, 30),
    ):
        _vine_leaf(c, x, y, long, wide, angle)
    rows = [(row, 96 * (1 - (row / 9) ** 1.4) + 8) for row in range(9)]
    places = [(x, row) for row, wide in rows for x in np.arange(-wide, wide + 1, 30)]
    spots = [
        (rng.random(), 182 + x + rng.normal(0, 4), 128 + row * 29 + rng.normal(0, 4))
        for x, row in places
    ]
    for key, px, py in sorted(spots):
        _grape(c, rng, px, py, rng.uniform(19, 23), mix("#3a1a5a", "#6a2a6a", key))
    return c


def _vine_leaf(c: Canvas, x: float, y: float, long: float, wide: float, angle: float) -> None:
    half = path("0,0 0.28,0.08 0.52,-0.16 0.34,-0.3 0.6,-0.5 0.32,-0.58 0.3,-0.82 0.1,-0.74 0,-1")
    shape = smooth(mirrored(half) * np.array([wide, long]), steps=6)
    cushion(c, move(shape, x, y, angle=angle), "#2c5a1f", "#9cc850", 8)
    veins = [
        stroke(np.array([(0, 0), (a * wide * 0.8, b * long * 0.8)]), 2, 0.5)
        for a, b in ((0, -1), (0.55, -0.45), (-0.55, -0.45), (0.5, -0.12), (-0.5, -0.12))
    ]
    c.paint(c.mask(*(move(v, x, y, angle=angle) for v in veins)), "#d4e89a", 0.5)


def _grape(c: Canvas, rng: Rng, x: float, y: float, r: float, skin: Ink) -> None:
    c.shade(c.mask(ellipse(x + 2, y + 4, r, r * 1.05), blur=3), "#1a0f24", 0.55)
    mask = c.mask(ellipse(x, y, r, r * 1.06))
    frost = fbm(rng, mask.alpha.shape, (3, 3), 4)
    dusty = mix(skin, "#a8a0d8", np.clip(frost * 0.9 - 0.2, 0, 0.55).astype(np.float32))
    sphere(c, mask, (x, y, r, r * 1.06), dusty, shine=0.5, bounce="#c05a8a")


def bananas(rng: Rng) -> Canvas:
    """A hand of bananas on a teal table."""
    c = Canvas()
    table(c, rng, 190, ("#f6efe0", "#d8c4b0"), ("#2f7f80", "#4fa8a0"))
    cast_shadow(c, 250, 276, 180, 30, "#0f3a40", 0.65)
    for k, (tone, lift) in enumerate((("#d8a41c", 44), ("#ecc02a", 22), ("#f8d848", 0))):
        top = curve(
            (92 + 10 * k, 120 - lift * 0.4), (210, 318 - lift * 1.6), (420 - 12 * k, 216 - lift), 40
        )
        half = 30 * np.sin(np.linspace(0.16, np.pi - 0.2, 40)) ** 0.6
        along = np.gradient(top, axis=0)
        normal = (
            np.stack([-along[:, 1], along[:, 0]], 1) / np.hypot(along[:, 0], along[:, 1])[:, None]
        )
        shape = np.concatenate([top + normal * half[:, None], (top - normal * half[:, None])[::-1]])
        c.shade(c.mask(shape + np.array([3.0, 7.0]), blur=7), "#5a3a10", 0.55)
        mask = c.mask(shape)
        _peel(c, mask, top, tone)
        for off, shade in ((-0.25, "#a87a10"), (0.45, "#8a5f0c")):
            ridge = top[2:-2] + normal[2:-2] * (half[2:-2] * off)[:, None]
            c.paint(c.mask(stroke(ridge, 2), blur=1.2), shade, 0.55)
        c.light(
            c.mask(stroke(top[6:-6] - normal[6:-6] * (half[6:-6] * 0.55)[:, None], 5), blur=3.5),
            "#fffbe0",
            0.6,
        )
        c.fill(
            move(ellipse(0, 0, 7, 5), float(top[-1][0]), float(top[-1][1]), angle=-25), "#3a2a14"
        )
        for _ in range(9):
            sx, sy = top[int(rng.integers(8, 32))] + rng.normal(0, 8, 2)
            c.fill(blob(rng, sx, sy, rng.uniform(0.8, 2.4), 1, 0.4), "#7a4a14", 0.6)
    c.fill(smooth(path("76,128 84,76 108,72 122,118 124,136 92,142")), "#8a7a24")
    c.fill(smooth(path("82,80 96,68 110,76 98,84")), "#4a3a1c")
    return c


def _peel(c: Canvas, mask: Mask, line: Points, tone: str) -> None:
    x, y = c.grid(mask)
    spine = np.interp(x, line[:, 0], line[:, 1])
    t = np.clip((y - spine) / 44 + 0.5, 0, 1)
    c.paint(
        mask,
        ramp(
            [
                (0, mix(tone, "#fff6b0", 0.45)),
                (0.4, tone),
                (0.75, mix(tone, "#7a4a08", 0.4)),
                (1, mix(tone, "#4a2c08", 0.65)),
            ],
            np.broadcast_to(t, mask.alpha.shape).astype(np.float32),
        ),
    )


def cherries(rng: Rng) -> Canvas:
    """Glossy cherries in a white bowl."""
    c = Canvas()
    table(c, rng, 170, ("#bcd4cc", "#7f9f9c"), ("#e8ddd0", "#cbb8a4"))
    cast_shadow(c, 262, 312, 178, 34, "#5a4a44", 0.6)
    c.fill(ellipse(240, 200, 168, 40), "#aab4be")
    spots = [
        (
            176 + row * 19 - (52 - 14 * row) * np.exp(-(((x - 240) / 84) ** 2)),
            x + rng.normal(0, 5),
        )
        for row in range(4)
        for x in np.arange(112 + 15 * (row % 2), 376, 35)
        if abs(x - 240) < 152 - 16 * row
    ]
    for y, x in sorted(spots):
        _cherry(c, rng, float(x), float(y), rng.uniform(21, 25), y < 176)
    _bowl(c)
    for px, py in ((66, 318), (428, 306), (392, 334)):
        cast_shadow(c, px + 6, py + 20, 26, 7, "#5a4a44", 0.6)
        _cherry(c, rng, px, py, 23)
    return c


def _bowl(c: Canvas) -> None:
    rim = curve((72, 200), (240, 278), (408, 200), 40)
    lower = (
        curve((408, 200), (384, 318), (290, 322)),
        curve((290, 322), (240, 326), (190, 322)),
        curve((190, 322), (96, 318), (72, 200)),
    )
    mask = c.mask(np.concatenate([rim, *lower]))
    x, y = c.grid(mask)
    t = np.clip((x - 72) / 336, 0, 1) * 0.7 + np.clip((y - 200) / 125, 0, 1) * 0.45
    c.paint(mask, ramp([(0, "#ffffff"), (0.5, "#e4e8ee"), (1.1, "#8f9aac")], t))
    c.fill(stroke(rim, 5), "#ffffff")
    c.shade(c.mask(stroke(rim + np.array([0, 6.0]), 5), blur=2), "#a8b0bc", 0.5)
    c.fill(stroke(curve((92, 248), (240, 318), (388, 248), 40), 5), "#3a6ab0", 0.85)
    c.fill(stroke(curve((96, 258), (240, 328), (384, 258), 40), 2), "#3a6ab0", 0.85)


def _cherry(c: Canvas, rng: Rng, x: float, y: float, r: float, stem: bool = True) -> None:
    c.shade(c.mask(ellipse(x + 1, y + 3, r, r), blur=2.5), "#3a0a10", 0.5)
    mask = c.mask(ellipse(x, y, r, r * 0.95))
    tone = mix("#8a0a1a", "#d8142e", float(rng.random()))
    skin = np.broadcast_to(tone, (*mask.alpha.shape, 3))
    sphere(c, mask, (x, y, r, r * 0.95), skin, shine=0.95, bounce="#ff6a5a")
    if not stem:
        return
    lean, green = rng.normal(0, 22), mix("#5a7a24", "#8aa040", float(rng.random()))
    c.fill(ellipse(x, y - r * 0.72, r * 0.26, r * 0.1), "#4a0610")
    tip = (x + lean, y - r * rng.uniform(2.3, 3))
    c.fill(stroke(curve((x, y - r * 0.72), (x + lean * 0.2, y - r * 1.8), tip), 1.6, 2.4), green)


SCENES = {
    "fruit_apples_01": apples,
    "fruit_grapes_03": grapes,
    "fruit_bananas_04": bananas,
    "fruit_cherries_05": cherries,
}
