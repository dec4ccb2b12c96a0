"""Forests: misty birches, an autumn path, snow, bamboo, fireflies, a canopy from the air."""

from __future__ import annotations

import numpy as np

from drawing.canvas import Canvas
from drawing.noise import fbm
from drawing.palette import Ink, Rng, mix, pick, ramp
from drawing.plants import conifers, grass, leafage
from drawing.shapes import blob, curve, ellipse, move, path, rect, smooth
from drawing.sky import haze, rays

LEAVES = ("#d8481f", "#e8742a", "#f2a52f", "#f6c84a", "#b8321f", "#c85a24")


def trunk(
    canvas: Canvas,
    rng: Rng,
    x: float,
    base: float,
    width: float,
    dark: Ink,
    bright: Ink,
    top: float = -10,
) -> None:
    """Draw one tall trunk, lit from the left, slightly bent and flared at its foot."""
    bend = rng.normal(0, width * 0.8)
    line = curve((x, base), (x + bend, (base + top) / 2), (x + bend * 0.4, top), 24)
    half = np.linspace(width / 2, width * 0.33, 24)
    half[:4] *= np.array([1.5, 1.25, 1.1, 1.03])
    outline = np.concatenate(
        [line + np.stack([half, 0 * half], 1), (line - np.stack([half, 0 * half], 1))[::-1]]
    )
    mask = canvas.mask(outline)
    if not mask.alpha.size:
        return
    cx, _ = canvas.grid(mask)
    across = np.clip((cx - x + width / 2) / width, 0, 1) * np.ones(mask.alpha.shape, np.float32)
    bark = fbm(rng, mask.alpha.shape, (max(3.0, (base - top) / 30), 4), 4)
    canvas.paint(
        mask, mix(bright, dark, np.clip(across * 0.9 + (bark - 0.5) * 0.7, 0, 1).astype(np.float32))
    )


def birches(rng: Rng) -> Canvas:
    """White birches in a green morning mist with rays of light."""
    c = Canvas()
    c.vertical([(0, "#e9f2c4"), (0.5, "#c3dba0"), (0.75, "#8fb673"), (1, "#3c6a3a")])
    for depth in range(5):
        share = depth / 4
        base = 240 + 95 * share**1.3
        air = mix("#d5e8b4", "#5c8a50", share)
        dark, bright = mix(air, "#2f6a34", 0.25 + 0.3 * share), mix(air, "#f2f6a0", 0.35)
        for _ in range(26):
            x, y = rng.uniform(-10, 490), rng.uniform(-20, 130 + 40 * share)
            size = (34 + 20 * share, 24 + 16 * share)
            leafage(c, rng, x, y, *size, dark, bright, 26, 3 + 3 * share)
        for left in np.linspace(0, 480, 13 - 2 * depth) + rng.normal(0, 14, 13 - 2 * depth):
            _birch(c, rng, float(left), base, share)
        haze(c, base - 60, base + 60, "#dcecb8", 0.5 * (1 - share))
        if depth < 4:
            tall = (5 + 6 * share, 14 + 16 * share)
            tones = (mix(air, "#4a7a3c", 0.5), mix(air, "#a8c860", 0.4))
            grass(c, rng, base + 12, tall, 160, *tones)
    c.fill(smooth(path("-20,348 120,342 300,346 500,340 500,380 -20,380")), "#35602f")
    grass(c, rng, 360, (14, 44), 240, "#1f4a24", "#7fae4a")
    rays(c, rng, 120, -60, "#fffbd0", 0.32, 330)
    return c


def _birch(c: Canvas, rng: Rng, x: float, base: float, share: float) -> None:
    """Draw a white trunk with dark scars; share (0 far, 1 near) sets its size and haze."""
    wide = (4 + 15 * share**1.4) * rng.uniform(0.8, 1.2)
    bright, dark = mix("#d8e6bc", "#fbfaf2", share), mix("#b8cfa0", "#8a8f8a", share)
    trunk(c, rng, x, base + rng.normal(0, 5), wide, dark, bright)
    for _ in range(int(4 + 10 * share)):
        y, long = rng.uniform(0, base - 6), wide * rng.uniform(0.2, 0.55)
        side = rng.choice([-1, 1]) * wide * 0.22
        scar = ellipse(x + side, y, long * 0.6, 0.7 + 1.1 * share)
        c.fill(scar, mix("#7f9070", "#25211f", share), 0.75)


def autumn(rng: Rng) -> Canvas:
    """A path through red and golden trees."""
    c = Canvas()
    c.vertical([(0, "#f7e0a8"), (0.6, "#f9c06a"), (1, "#c0662f")])
    c.glow(240, 150, 80, "#fff4cf", 0.9)
    for depth in range(5):
        share = depth / 4
        base, spread = 190 + 110 * share, 26 + 150 * share
        for side in (-1, 1):
            for k in range(3):
                x = 240 + side * (spread + k * (30 + 46 * share)) + rng.normal(0, 6)
                _autumn_tree(c, rng, x, base + 6 * k, share, side)
        haze(c, base - 40, base + 30, "#ffe0a0", 0.35 * (1 - share))
    floor = c.mask(path("-5,215 485,215 485,365 -5,365"), blur=6)
    litter = fbm(rng, floor.alpha.shape, (30, 60), 4, 0.7)
    ground = [(0.2, "#5a2414"), (0.45, "#a84a1c"), (0.6, "#d8802a"), (0.85, "#f2b84a")]
    c.paint(floor, ramp(ground, litter), 0.9)
    track = smooth(path("232,205 248,205 262,240 300,290 390,372 90,372 170,300 222,245"))
    c.paint(c.mask(track, blur=3), "#d8b488", 0.85)
    gleam = smooth(path("236,206 246,206 262,270 280,330 180,330 225,260"))
    c.light(c.mask(gleam, blur=12), "#fff0c4", 0.4)
    for _ in range(420):
        x, depth = rng.uniform(0, 480), rng.random() ** 0.7
        y, size = 216 + 144 * depth, 0.8 + 2.6 * depth
        fallen = move(ellipse(0, 0, size, size * 0.5), x, y, angle=rng.uniform(-40, 40))
        c.fill(fallen, pick(rng, LEAVES))
    for _ in range(26):
        x, y, turn = rng.uniform(0, 480), rng.uniform(60, 250), rng.uniform(0, 180)
        c.fill(move(ellipse(0, 0, 3, 1.5), x, y, angle=turn), pick(rng, LEAVES))
    return c


def _autumn_tree(c: Canvas, rng: Rng, x: float, base: float, share: float, side: int) -> None:
    """Draw one tree beside the path; share (0 far, 1 near) sets its size and haze."""
    dark, bright = mix("#b8703f", "#24120e", share), mix("#d89a5a", "#6a4028", share)
    trunk(c, rng, x, base, 3 + 15 * share, dark, bright)
    for _ in range(4):
        tone = pick(rng, LEAVES)
        place = x + rng.normal(0, 22 + 34 * share) - side * 10 * share
        high = 90 - 80 * share + rng.normal(0, 26)
        shade = mix(mix(tone, "#5a1a10", 0.4), "#f9c88a", 0.5 - 0.5 * share)
        lit = mix(mix(tone, "#ffe27a", 0.35), "#fff0c8", 0.4 - 0.4 * share)
        size = (26 + 50 * share, 20 + 40 * share)
        leafage(c, rng, place, high, *size, shade, lit, 46, 3 + 4 * share)


def snowy(rng: Rng) -> Canvas:
    """Snow-laden firs under a pale pink winter sky, portrait."""
    c = Canvas(360, 480)
    c.vertical([(0, "#8fb0d8"), (0.6, "#dfd3e4"), (1, "#f7e4dc")])
    for depth in range(4):
        conifers(
            c,
            rng,
            300 + 22 * depth,
            (60 + 22 * depth, 120 + 34 * depth),
            24 - 4 * depth,
            mix("#c3cfe2", "#5f7fa0", depth / 3),
            1,
        )
        haze(c, 250 + 22 * depth, 340 + 22 * depth, "#eef0f8", 0.6)
    c.vertical([(0, "#e9eff8"), (0.4, "#cddbee"), (1, "#a9c0de")], 372, 480)
    c.paint(
        c.mask(smooth(path("-20,380 90,362 220,378 380,358 400,400 -20,400"))),
        "#e6edf8",
    )
    for x, base, tall in ((300, 420, 250), (52, 440, 330), (190, 410, 170), (345, 470, 300)):
        _laden(c, rng, x, base, tall)
    c.paint(
        c.mask(smooth(path("-20,446 120,432 260,448 380,436 400,500 -20,500")), blur=2),
        "#f7faff",
    )
    for _ in range(200):
        size = rng.uniform(0.5, 2.0)
        c.fill(
            ellipse(rng.uniform(0, 360), rng.uniform(0, 480), size, size),
            "#ffffff",
            rng.uniform(0.4, 0.9),
        )
    return c


def _laden(c: Canvas, rng: Rng, x: float, base: float, tall: float) -> None:
    c.shade(c.mask(ellipse(x + tall * 0.1, base, tall * 0.32, tall * 0.05), blur=5), "#7f98c4", 0.6)
    c.fill(rect(x - tall * 0.02, base - tall * 0.1, x + tall * 0.02, base + 3), "#3a2c2c")
    tiers = 9
    for step in range(tiers):
        part = (tiers - step) / tiers
        y, wide = base - tall * 0.06 - tall * 0.94 * (1 - part) * 0.92, tall * 0.24 * part + 3
        drop = tall * 0.16
        tip = [
            (x + wide * s, y + abs(s) * drop * 0.22 + rng.normal(0, 1.2))
            for s in np.linspace(-1, 1, 13)
        ]
        ragged = [(px, py + (3 if k % 2 else -2)) for k, (px, py) in enumerate(tip)]
        skirt = [(x, y - drop), *ragged[::-1]]
        c.fill(skirt, mix("#2c4f52", "#1a3a44", step / tiers))
        for s in (-0.55, 0.05, 0.5):
            cap = blob(
                rng,
                x + wide * s * 0.95,
                y - drop * (0.32 - 0.28 * abs(s)),
                wide * 0.36,
                drop * 0.16,
                0.2,
            )
            c.fill(cap + np.array([1.5, 1.8]), "#a3bbdc", 0.9)
            c.fill(cap, "#f8fbff")


SCENES = {
    "forest_birches_mist_01": birches,
    "forest_autumn_path_02": autumn,
    "forest_snow_03": snowy,
}
