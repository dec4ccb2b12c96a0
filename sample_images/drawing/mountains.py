"""Mountains: alpine peaks by a height map, blue ridges, a volcano, a canyon, dunes and aurora."""

from __future__ import annotations

import numpy as np

from drawing.canvas import Canvas
from drawing.noise import fbm, line_noise, ridged
from drawing.palette import FloatArray, Ink, Rng, ink, mix, ramp
from drawing.plants import bushes, conifers
from drawing.shapes import blob, curve, ellipse, stroke
from drawing.sky import clouds, haze, moon, stars, sun
from drawing.sunsets import hills
from drawing.terrain import Colouring, View, render
from drawing.water import reflect, shore


def alpine(
    snow: float, rock: Ink, meadow: Ink, shadow: Ink, glow: Ink, fog: Ink, reach: float = 0.75
) -> Colouring:
    """Return a colouring: meadow low down, rock, snow above a height; fog fades the distance."""

    def colour(
        height: FloatArray, light: FloatArray, steep: FloatArray, share: FloatArray
    ) -> FloatArray:
        ground = mix(meadow, rock, np.clip((height - snow * 0.25) / 14 + steep * 0.3, 0, 1))
        white = np.clip((height - snow) / 9 - (steep - 0.9) * 1.1, 0, 1)
        ground = ground + (ink("#f4f7fb") - ground) * white[..., None]
        lit = ground * mix(shadow, glow, np.clip(light * 1.35 - 0.12, 0, 1.1))
        veil: FloatArray = share**2.2 * reach
        return mix(np.asarray(lit), fog, veil)

    return colour


def massif(rng: Rng, tall: float, valley: float = 0.0) -> FloatArray:
    """Return a height map (768 x 768 cells) of ridges that rise towards the far rows."""
    land = ridged(rng, (768, 768), (4, 4), 8, 0.5)
    land = 0.75 * land + 0.25 * fbm(rng, (768, 768), (5, 5), 6)
    rows = np.linspace(0, 1, 768, dtype=np.float32)[:, None]
    columns = np.abs(np.linspace(-1, 1, 768, dtype=np.float32))[None, :]
    rise = np.clip(rows * 2.4 - 0.25, 0.03, 1) * np.clip(1 - valley + valley * columns * 3, 0, 1)
    return np.asarray(land**1.25 * rise * tall, np.float32)


def lake(rng: Rng) -> Canvas:
    """Snowy peaks at midday, mirrored in a green lake behind firs."""
    c = Canvas()
    c.vertical([(0, "#3f7fc4"), (0.7, "#a9d3ee"), (1, "#dcedf5")], 0, 236)
    clouds(c, rng, 190, 0.35, "#ffffff", "#a8c1d8", 3.5, 2.0)
    land = massif(rng, 270)
    palette = alpine(64, "#7a7880", "#4a6a48", "#3a4a74", "#fff2dc", "#a8c8e0", 0.5)
    render(c, land, View(232, 420, 4, 130, 640, 0, 384), (-0.85, -0.15, 0.42), palette)
    haze(c, 170, 262, "#9fbcc8", 0.85)
    for step, (tone, tall) in enumerate((("#5f8a7c", 9), ("#4a786a", 13), ("#386656", 18))):
        slope = 228 + 3 * step - (26 - 7 * step) * line_noise(rng, 480, 3, 3)
        conifers(c, rng, slope.astype(float), (tall * 0.7, tall * 1.5), 130 - 20 * step, tone)
        foot = np.concatenate([np.stack([np.arange(480), slope], 1), [(480, 237), (0, 237)]])
        c.fill(foot, tone)
    conifers(c, rng, 236, (16, 40), 44, "#234a3c")
    reflect(c, rng, 236, [(0, "#7fb0b0"), (0.5, "#2f7a7c"), (1, "#0f4a55")], 0.9, 2.4, 18)
    shore(c, 236, "#e8fff6", 0.35)
    return c


def ridges(rng: Rng) -> Canvas:
    """Blue ridges, one behind another, in morning mist."""
    c = Canvas()
    c.vertical([(0, "#f7c59f"), (0.5, "#fbe3c0"), (1, "#e6e4dd")], 0, 220)
    sun(c, 345, 92, 20, "#fff8e4", "#ffcf8a", 0.9)
    for step in range(7):
        part = step / 6
        base = 150 + 190 * part**1.25
        colour = mix(
            mix("#d5cfd6", "#6f8fb0", min(1, part * 1.6)), "#14304a", max(0, part * 1.5 - 0.5)
        )
        hills(c, rng, base + 90, 120 + 30 * part, colour, 3 + step % 3, 0.4 + 0.06 * part)
        if step < 6:
            haze(c, base + 5, base + 85, "#f3e3d2", 0.55 - 0.35 * part)
    slope = 338 - 26 * line_noise(rng, 480, 3, 3)
    conifers(c, rng, slope.astype(float), (24, 62), 46, "#0a2233")
    c.fill(
        np.concatenate([np.stack([np.arange(480), slope], 1), [(480, 362), (0, 362)]]), "#0a2233"
    )
    return c


def volcano(rng: Rng) -> Canvas:
    """A snow-capped volcano at dawn, framed by a branch of cherry blossom."""
    c = Canvas()
    c.vertical([(0, "#7aa5d8"), (0.6, "#f3c6d0"), (1, "#ffe6d2")], 0, 270)
    clouds(c, rng, 250, 0.25, "#fff4f0", "#d6b4cc", 2.5, 4, opacity=0.7)
    xs = np.linspace(0, 480, 500)
    rise = np.clip(1 - np.abs(xs - 220) / 290, 0, 1) ** 1.75 * 250
    top = 275 - np.minimum(rise, 186 + 4 * line_noise(rng, 500, 14, 3))
    cone = c.mask(np.concatenate([np.stack([xs, top], 1), [(480, 276), (0, 276)]]))
    x, y = c.grid(cone)
    gully = fbm(rng, cone.alpha.shape, (1.6, 26), 4)
    line = 148 + 60 * (gully - 0.5) + np.abs(x - 220) * 0.12
    snow = np.clip((line - y) / 6, 0, 1).astype(np.float32)
    side = np.clip(0.5 + (220 - x) / 130 + (gully - 0.5) * 1.1, 0, 1).astype(np.float32)
    rock = mix("#4a5688", "#8f8db8", side)
    white = mix("#b5bfe4", "#fff5f2", side)
    c.paint(cone, rock + (white - rock) * snow[..., None])
    haze(c, 215, 300, "#ffe3da", 0.8)
    hills(c, rng, 285, 34, "#7d8aae", 4)
    bushes(c, rng, 290, 12, 40, "#3c5a62", "#6d9080")
    reflect(c, rng, 290, [(0, "#e8cfd8"), (1, "#6f8fc0")], 0.85, 2.5, 16)
    _blossom(c, rng)
    return c


def _blossom(c: Canvas, rng: Rng) -> None:
    limbs = [
        curve((500, 10), (400, 40), (300, 20)),
        curve((420, 30), (370, 70), (330, 100)),
        curve((470, 15), (440, 80), (420, 120)),
    ]
    for limb in limbs:
        c.fill(stroke(limb, 8, 1.5), "#4a2f38")
    for limb in limbs:
        for place in rng.integers(2, len(limb), 26):
            fx, fy = limb[place] + rng.normal(0, 9, 2)
            size = rng.uniform(3.5, 6)
            leaves = [
                ellipse(fx + size * np.cos(a), fy + size * np.sin(a), size * 0.75, size * 0.75)
                for a in np.arange(5) * 1.257
            ]
            c.paint(c.mask(*leaves), mix("#f29fbb", "#ffe6ee", float(rng.random())))
            c.fill(ellipse(fx, fy, size * 0.35, size * 0.35), "#d4577f", 0.8)


def canyon(rng: Rng) -> Canvas:
    """Red table mountains under a deep sky, with bands of rock."""
    c = Canvas()
    c.vertical([(0, "#2a6db5"), (0.7, "#9cc7e2"), (1, "#f2dcc0")], 0, 220)
    clouds(c, rng, 200, 0.3, "#fffaf2", "#b9c3d2", 3.2, 2.6)
    raw = fbm(rng, (768, 768), (10, 10), 6, 0.42)
    gullies = ridged(rng, (768, 768), (40, 40), 4) * 0.09
    high = 1 / (1 + np.exp(-(raw - gullies - 0.6) * 70))
    ledge = 1 / (1 + np.exp(-(raw - gullies * 1.4 - 0.52) * 50))
    rows = np.linspace(0, 1, 768, dtype=np.float32)[:, None]
    land = (high * 44 + ledge * 22 + raw * 12) * np.clip(rows * 5 - 0.9, 0.1, 1)
    tones = ("#b5683f", "#d98a58", "#a84f33", "#e3a06a", "#b95a3a", "#cf7f50", "#e8b488")
    strata = ramp([(k / 6, tone) for k, tone in enumerate(tones)], np.linspace(0, 1, 90) % 1)

    def colour(
        height: FloatArray, light: FloatArray, steep: FloatArray, share: FloatArray
    ) -> FloatArray:
        rock = strata[np.clip(height * 1.1 + np.sin(height * 2.4) * 3, 0, 89).astype(int)]
        flat = mix("#c98a58", "#9a8f52", np.clip(1.2 - steep * 2, 0, 1))
        ground = flat + (rock - flat) * np.clip(steep * 2 - 0.9, 0, 1)[..., None]
        lit = ground * (0.36 + 0.95 * light)[..., None] * np.array([1.05, 0.98, 0.95], np.float32)
        return mix(lit, "#d9c9c4", np.asarray(share**2 * 0.6))

    render(c, land, View(170, 400, 52, 90, 700, 20, 300), (-0.75, -0.3, 0.45), colour)
    return c


def alpenglow(rng: Rng) -> Canvas:
    """A portrait of a steep peak, its top rosy in the last light."""
    c = Canvas(360, 480)
    c.vertical([(0, "#2b3f7c"), (0.55, "#9c86b8"), (1, "#f4b9a8")], 0, 360)
    land = massif(rng, 330, 0.2)
    palette = alpine(60, "#7c6a78", "#3c4a58", "#3a4278", "#ffb08c", "#8c86b5", 0.55)
    render(c, land, View(330, 330, 30, 60, 600, 40, 300), (0.85, -0.2, 0.3), palette)
    haze(c, 330, 440, "#5d628f", 0.5)
    conifers(c, rng, 440, (30, 70), 40, "#2a3558")
    conifers(c, rng, 484, (60, 120), 22, "#131b35")
    return c


def aurora(rng: Rng) -> Canvas:
    """Northern lights over snowy summits at night."""
    c = Canvas()
    c.vertical([(0, "#040a1f"), (0.6, "#0d2b4a"), (1, "#1d5560")], 0, 270)
    stars(c, rng, 240, 170)
    drape = line_noise(rng, c.shape[1], 4, 4, 0.45)[None, :]
    for place, colour, tall in ((95, "#3dffa0", 80), (70, "#5affd0", 60), (118, "#b65cff", 95)):
        foot = place + 70 * (np.roll(drape, place * 3, axis=1) - 0.3) + 30
        rise = (foot - c.y) / tall
        pleats = 0.45 + 0.55 * line_noise(rng, c.shape[1], 40, 3)[None, :]
        veil = np.where(rise > 0, np.exp(-rise * 2.2), np.exp(rise * 14)) * pleats
        c.light(c.whole(veil), colour, 0.75)
    land = massif(rng, 210)
    palette = alpine(14, "#33405c", "#1a2a40", "#0c1630", "#7fb8c0", "#1d4a5c", 0.5)
    render(c, land, View(262, 420, 16, 70, 600, 0, 200), (0.8, -0.35, 0.4), palette)
    reflect(c, rng, 268, [(0, "#1f5a66"), (1, "#030a18")], 0.95, 3, 18)
    conifers(c, rng, 352, (40, 96), 20, "#04101c", span=(-20, 170))
    conifers(c, rng, 352, (30, 70), 9, "#04101c", span=(400, 490))
    hills(c, rng, 364, 22, "#04101c", 3)
    return c


def night(rng: Rng) -> Canvas:
    """Moonlit ridges, square, in cold blue."""
    c = Canvas(400, 400)
    c.vertical([(0, "#0b1638"), (0.7, "#3a5c94"), (1, "#7f9cc4")], 0, 300)
    stars(c, rng, 220, 120)
    moon(c, rng, 285, 92, 34)
    land = massif(rng, 260)
    palette = alpine(48, "#5b6785", "#33435f", "#1c2a52", "#cddcf5", "#6d8cba", 0.6)
    render(c, land, View(300, 360, 20, 90, 640, 60, 520), (0.6, -0.4, 0.6), palette)
    c.fill(blob(rng, 90, 420, 190, 60, 0.05), "#0a1530")
    conifers(c, rng, 392, (50, 130), 13, "#0a1530", span=(-10, 210))
    return c


SCENES = {
    "mountain_lake_01": lake,
    "mountain_blue_ridges_02": ridges,
    "mountain_volcano_03": volcano,
    "mountain_red_canyon_04": canyon,
    "mountain_alpenglow_05": alpenglow,
    "mountain_aurora_06": aurora,
    "mountain_moonlight_07": night,
}
