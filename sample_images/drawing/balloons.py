"""Hot-air balloons: over valleys, a lake, lavender, at night, close by and from below."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from drawing.canvas import Canvas, Mask
from drawing.noise import fbm, ridged
from drawing.palette import FloatArray, Ink, Rng, ink, mix
from drawing.plants import conifers, leafage
from drawing.relief import UPPER_LEFT, Direction, cushion, facing
from drawing.shapes import ellipse, move, path, rect, rounded, smooth, stroke
from drawing.sky import clouds, stars, sun
from drawing.sunsets import hills
from drawing.terrain import View, render
from drawing.water import reflect, shore

PROFILE = path("0,-1 0.5,-0.88 0.86,-0.5 0.95,-0.1 0.8,0.34 0.48,0.78 0.2,1.12")

LIVERIES = (
    (("#d8423a", "#f6e6d0"), "gores"),
    *((("#2f6fb5", "#f4c84a"), "rings"), (("#f08a2e", "#8a3a6a"), "zigzag")),
    *((("#3a9a7a", "#f2f0e0"), "checks"), (("#6a4ab0", "#f2a0b8"), "gores")),
)
GLOWING = (
    *((("#f2a03a", "#d8384a"), "gores"), (("#3ab0c8", "#f2e6a0"), "rings")),
    *((("#e8589a", "#ffd23a"), "zigzag"), (("#8adf6a", "#2f6ab5"), "gores")),
    (("#ff7a3a", "#fff0d0"), "checks"),
)
FLEET = (
    *((60, 150, 9), (205, 168, 8), (290, 140, 10), (440, 120, 12), (150, 60, 19)),
    *((245, 85, 15), (330, 52, 24), (88, 110, 30), (420, 205, 28), (210, 178, 46)),
)


def _envelope(cx: float, cy: float, radius: float) -> FloatArray:
    right = smooth(PROFILE, closed=False)
    outline = np.concatenate([right, (right * np.array([-1.0, 1.0]))[::-1]])
    return np.asarray(outline * radius + np.array([cx, cy]), np.float32)


def _around(
    canvas: Canvas, mask: Mask, cx: float, cy: float, radius: float
) -> tuple[FloatArray, FloatArray]:
    """Return across (-1..1 within the silhouette at each row) and the row's height (-1..1.12)."""
    x, y = canvas.grid(mask)
    line = smooth(PROFILE, closed=False)
    high = np.clip((y - cy) / radius, -1, 1.12)
    half = np.maximum(np.interp(high, line[:, 1], line[:, 0]), 0.02)
    across = np.clip((x - cx) / radius / half, -1, 1)
    return across.astype(np.float32), np.broadcast_to(high, mask.alpha.shape).astype(np.float32)


def balloon(
    canvas: Canvas,
    cx: float,
    cy: float,
    radius: float,
    colours: Sequence[Ink],
    style: str = "gores",
    light: Direction = UPPER_LEFT,
    burner: float = 0.0,
    air: tuple[Ink, float] = ("#ffffff", 0.0),
) -> None:
    """Draw a balloon: style is gores, rings, zigzag or checks; air fades it (colour, share)."""
    mask = canvas.mask(_envelope(cx, cy, radius))
    if not mask.alpha.size:
        return
    across, high = _around(canvas, mask, cx, cy, radius)
    turn = np.arcsin(across) / np.pi + 0.5
    gore = turn * 8
    level = {
        "gores": gore,
        "rings": (high + 1) * 3.4,
        "zigzag": (high + 1) * 3 + np.abs((gore % 1) - 0.5) * 0.9,
        "checks": np.floor(gore) + np.floor((high + 1) * 3.6),
    }[style]
    table = np.stack([ink(colour) for colour in colours])
    paint = table[np.floor(level).astype(int) % len(colours)]
    seam = np.abs((gore % 1) - 0.5) * 2
    nz = np.sqrt(np.clip(1 - across**2, 0, 1))
    lit = facing((across * 0.9, high * 0.8 - 0.05, nz * 0.75), light)
    shade = (0.42 + 0.72 * lit) * (1 - 0.22 * seam**6) * (1 - 0.12 * np.clip(high - 0.5, 0, 1))
    body = paint * shade[..., None]
    if burner:
        warm = np.exp(-((high - 1.0) ** 2) / 0.75 - across**2 * 0.8)[..., None] * burner
        body = body + ink("#ff9a3a") * warm * paint * 1.2 + ink("#ffcf7a") * warm * 0.35
    canvas.paint(mask, mix(np.clip(body, 0, 1).astype(np.float32), air[0], air[1]))
    shine = canvas.mask(
        ellipse(cx + light[0] * radius * 0.75, cy - radius * 0.5, radius * 0.16, radius * 0.32, 28),
        blur=radius * 0.09,
    )
    canvas.light(shine, "#ffffff", 0.3 * (1 - air[1]))
    _gondola(canvas, cx, cy, radius, burner, air)


def _gondola(
    canvas: Canvas, cx: float, cy: float, radius: float, burner: float, air: tuple[Ink, float]
) -> None:
    mouth, top, wide, tall = cy + radius * 1.1, cy + radius * 1.42, radius * 0.17, radius * 0.24
    canvas.fill(ellipse(cx, mouth, radius * 0.2, radius * 0.045), mix("#3a2420", air[0], air[1]))
    for side in (-1, -0.35, 0.35, 1):
        rope = [(cx + side * radius * 0.18, mouth), (cx + side * wide * 0.85, top)]
        canvas.fill(stroke(rope, max(0.5, radius * 0.012)), mix("#3a2c28", air[0], air[1]), 0.9)
    if burner:
        canvas.glow(cx, mouth + radius * 0.1, radius * 0.16, "#ffc05a", burner)
        canvas.fill(
            smooth(
                [
                    (cx - radius * 0.04, mouth + radius * 0.22),
                    (cx, mouth - radius * 0.12),
                    (cx + radius * 0.04, mouth + radius * 0.22),
                ]
            ),
            "#fff2c0",
            burner,
        )
    basket = canvas.mask(rounded(cx - wide, top, cx + wide, top + tall, radius * 0.05))
    x, _ = canvas.grid(basket)
    tone = np.broadcast_to(np.clip((x - cx + wide) / (2 * wide), 0, 1), basket.alpha.shape).astype(
        np.float32
    )
    canvas.paint(basket, mix(mix("#a8703c", "#5a3820", tone), air[0], air[1]))
    canvas.fill(
        rect(cx - wide * 1.05, top, cx + wide * 1.05, top + tall * 0.16),
        mix("#4a2c1c", air[0], air[1]),
    )


def close(rng: Rng) -> Canvas:
    """One rainbow balloon close by, portrait."""
    c = Canvas(360, 480)
    c.vertical([(0, "#2f86d6"), (0.7, "#9ad2f2"), (1, "#e2f2f6")])
    clouds(c, rng, 470, 0.4, "#ffffff", "#b8cfe4", 2.6, 1.5)
    hills(c, rng, 482, 60, "#8fb6c8", 3)
    hills(c, rng, 486, 34, "#5f9a84", 4)
    balloon(c, 290, 330, 22, ["#ffffff", "#e8503a"], "rings", air=("#bfe0f2", 0.35))
    balloon(
        c,
        172,
        176,
        138,
        ["#e63b3b", "#f58a2e", "#ffd23a", "#4fb55a", "#2f86d6", "#7a4fb5"],
        "gores",
    )
    return c


def valley(rng: Rng) -> Canvas:
    """Many balloons over stone towers at sunrise."""
    c = Canvas()
    c.vertical([(0, "#6f8fc4"), (0.5, "#f2c0b0"), (0.8, "#ffdca0"), (1, "#ffe8c0")], 0, 250)
    sun(c, 385, 190, 18, "#fff8e0", "#ffc27a")
    land = ridged(rng, (768, 768), (22, 22), 4, 0.45) ** 2.2 * 30
    land += fbm(rng, (768, 768), (4, 4), 4) * 40

    def colour(
        height: FloatArray, light: FloatArray, steep: FloatArray, share: FloatArray
    ) -> FloatArray:
        soil = mix("#a8745a", "#e8bf98", np.clip(height / 60, 0, 1))
        lit = soil * (0.45 + 0.75 * light)[..., None] * np.array([1.08, 0.98, 0.92], np.float32)
        return mix(lit.astype(np.float32), "#ffd9b0", (share**1.6 * 0.85).astype(np.float32))

    render(c, land, View(196, 400, 78, 40, 700, 10, 300), (0.85, -0.1, 0.35), colour)
    for place, (x, y, r) in enumerate(FLEET):
        fade = float(np.clip(0.55 - r / 60, 0, 0.5))
        colours, style = LIVERIES[place % len(LIVERIES)]
        balloon(c, x, y, r, colours, style, (0.7, -0.3, 0.5), 0.25, ("#ffd9b0", fade))
    return c


def mirrored(rng: Rng) -> Canvas:
    """Two balloons above a calm mountain lake."""
    c = Canvas()
    c.vertical([(0, "#5aa0c8"), (0.7, "#cfe6e0"), (1, "#f6edd8")], 0, 238)
    clouds(c, rng, 200, 0.22, "#ffffff", "#b4cbd8", 3, 2.6)
    hills(c, rng, 238, 110, "#9ab4c4", 2)
    hills(c, rng, 238, 66, "#6a94a0", 3)
    hills(c, rng, 238, 30, "#47786c", 5)
    conifers(c, rng, 238, (10, 24), 90, "#2c5a4c")
    balloon(c, 150, 96, 62, ["#f2c230", "#e8502f", "#8a2f5a"], "zigzag")
    balloon(c, 352, 128, 36, ["#f6f2ea", "#2f8aa8"], "gores")
    reflect(c, rng, 238, [(0, "#c4dcd8"), (1, "#2a6a80")], 0.95, 2.6, 18, 1.75)
    shore(c, 238, "#ffffff", 0.35)
    return c


def lavender(rng: Rng) -> Canvas:
    """A red balloon over lavender rows."""
    c = Canvas()
    c.vertical([(0, "#6aa6e0"), (0.6, "#d9dcf0"), (1, "#ffe3c4")], 0, 200)
    clouds(c, rng, 190, 0.38, "#fffaf4", "#bfc0dc", 3, 2.4)
    hills(c, rng, 202, 40, "#94a4c8", 3)
    hills(c, rng, 206, 18, "#6f8a78", 5)
    depth = np.maximum((c.y - 200) / 160, 1e-3)
    across = (c.x - 250) / (depth + 0.06)
    row = (across / 62) % 1
    crest = np.clip(1 - np.abs(row - 0.5) * 2.6, 0, 1)
    speckle = fbm(rng, c.shape, (170, 170), 3, 0.7)
    bloomy = mix(
        "#3f2a78",
        "#b07ae0",
        np.clip(crest * 0.75 + (speckle - 0.45) * 0.9, 0, 1).astype(np.float32),
    )
    field = np.where(
        (crest > 0.02 + 0.25 * speckle)[..., None], bloomy, mix("#6a7a44", "#98a05a", speckle)
    )
    field = mix(
        field.astype(np.float32),
        "#b8a4dc",
        np.broadcast_to(np.clip(0.55 - depth, 0, 0.5), c.shape).astype(np.float32),
    )
    c.paint(c.whole((c.y > 202).astype(np.float32)), field)
    for x, size in ((40, 16), (66, 11), (430, 14)):
        leafage(c, rng, x, 200 - size * 0.4, size, size * 0.8, "#2f5a3c", "#7da05a", 60, 3)
    balloon(c, 300, 92, 64, ["#d4303a", "#d4303a", "#fff0e0"], "gores")
    balloon(c, 120, 120, 20, ["#f6b830", "#3a6ab0"], "rings", air=("#d9dcf0", 0.25))
    return c


def night_glow(rng: Rng) -> Canvas:
    """Balloons glowing on a field at night."""
    c = Canvas()
    c.vertical([(0, "#080d2c"), (0.6, "#26306a"), (1, "#7a4a7c")], 0, 300)
    stars(c, rng, 260, 130)
    hills(c, rng, 300, 34, "#161c40", 4)
    c.vertical([(0, "#2a2438"), (1, "#06080f")], 298, 360)
    spots = ((60, 205, 42), (425, 200, 46), (150, 212, 52), (335, 208, 54), (242, 178, 78))
    for (x, y, r), (colours, style) in zip(spots, GLOWING, strict=True):
        c.glow(x, y + r * 1.6, r * 1.1, "#ff9a4a", 0.3)
        balloon(c, x, y, r, colours, style, (0, 0.2, 1), 0.95)
    for place in np.sort(rng.uniform(0, 480, 34)):
        _onlooker(c, rng, float(place))
    return c


def _onlooker(c: Canvas, rng: Rng, x: float) -> None:
    tall = rng.uniform(20, 27)
    top = 352 - tall
    shoulders = path("-5,40 -5,9 -3.4,6.2 -1.2,5.4 1.2,5.4 3.4,6.2 5,9 5,40")
    c.fill(move(smooth(shoulders, steps=4), x, top, tall / 22), "#05060c")
    c.fill(ellipse(x, top + 1.5, 3.1, 3.7), "#05060c")
    rim = move(
        path("-3.4,6 -1.2,5.2 1.2,5.2 3.4,6 3.4,6.8 1.2,6 -1.2,6 -3.4,6.8"), x, top, tall / 22
    )
    c.fill(rim, "#d8803a", 0.55)


def below(rng: Rng) -> Canvas:
    """Looking straight up into a balloon, square; a second one far above."""
    c = Canvas(400, 400)
    c.vertical([(0, "#1f6fc8"), (1, "#7fc0ee")])
    veil = fbm(rng, c.shape, (3, 3), 6)
    c.paint(c.whole(np.clip(veil * 2.4 - 1.3, 0, 1)), "#ffffff", 0.85)
    balloon(c, 330, 66, 26, ["#ffffff", "#d8384a"], "gores", air=("#8fc8f0", 0.15))
    cx, cy, radius = 180.0, 215.0, 150.0
    mask = c.mask(ellipse(cx, cy, radius, radius * 0.97))
    x, y = c.grid(mask)
    dx, dy = (x - cx) / radius, (y - cy) / radius
    far = np.sqrt(dx**2 + dy**2)
    angle = np.arctan2(dy, dx) / (2 * np.pi) * 24
    table = np.stack([ink(colour) for colour in ("#f2b430", "#e8562f", "#a82850", "#4a2f8a")])
    ring = np.floor(np.clip(far, 0, 1) * 3.2 + np.abs(angle % 2 - 1) * 0.5).astype(int) % 4
    seam = 1 - 0.25 * (np.abs((angle % 1) - 0.5) * 2) ** 8
    shade = (
        (0.62 + 0.5 * np.clip(-dx * 0.5 - dy * 0.6 + 0.4, 0, 1))
        * seam
        * (1 - 0.25 * np.clip(far - 0.75, 0, 1) * 4)
    )
    c.paint(mask, np.clip(table[ring] * shade[..., None], 0, 1).astype(np.float32))
    _from_under(c, cx + 14, cy + 18)
    return c


def _from_under(c: Canvas, x: float, y: float) -> None:
    """Draw the lit mouth of an envelope and the wicker basket that hangs below it."""
    c.fill(ellipse(x, y, 40, 39), "#f6c860")
    c.fill(ellipse(x, y, 36, 35), "#3a1420")
    c.glow(x, y, 15, "#ff9a3a", 0.9)
    bx, by = x + 18, y + 22
    for side, end in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        rope = [(x + side * 27, y + end * 26), (bx + side * 16, by + end * 14)]
        c.fill(stroke(rope, 1.3), "#f0e0c8", 0.9)
    c.shade(c.mask(rounded(bx - 22, by - 20, bx + 26, by + 26, 6), blur=5), "#2a1010", 0.6)
    cushion(c, rounded(bx - 21, by - 19, bx + 21, by + 19, 5), "#5a3218", "#c08a4c", 6)
    for k in range(-3, 4):
        c.fill(rect(bx - 19, by + k * 5, bx + 19, by + k * 5 + 0.8), "#4a2a14", 0.6)
        c.fill(rect(bx + k * 5.5, by - 17, bx + k * 5.5 + 0.8, by + 17), "#e0b070", 0.4)


SCENES = {
    "balloon_rainbow_01": close,
    "balloons_valley_sunrise_02": valley,
    "balloons_lake_03": mirrored,
    "balloon_lavender_04": lavender,
    "balloons_night_glow_05": night_glow,
    "balloon_from_below_06": below,
}
