"""Skies: sun, moon, stars, clouds lit from below or above, rays and haze."""

from __future__ import annotations

import numpy as np

from drawing.canvas import SCALE, Canvas, Mask, soften
from drawing.noise import fbm
from drawing.palette import FloatArray, Ink, Rng, mix, ramp
from drawing.shapes import ellipse


def sun(
    canvas: Canvas, cx: float, cy: float, radius: float, core: Ink, halo: Ink, reach: float = 1.0
) -> None:
    """Draw a sun with three halos of growing size; reach scales the halos."""
    canvas.glow(cx, cy, radius * 7 * reach, halo, 0.45)
    canvas.glow(cx, cy, radius * 3.2 * reach, halo, 0.55)
    canvas.glow(cx, cy, radius * 1.5, core, 0.7)
    canvas.fill(ellipse(cx, cy, radius, radius), core, blur=0.6)


def moon(
    canvas: Canvas, rng: Rng, cx: float, cy: float, radius: float, colour: Ink = "#fdf6dc"
) -> None:
    """Draw a full moon with faint seas and a halo."""
    canvas.glow(cx, cy, radius * 3.2, colour, 0.28)
    canvas.glow(cx, cy, radius * 1.5, colour, 0.35)
    mask = canvas.mask(ellipse(cx, cy, radius, radius))
    seas = fbm(rng, mask.alpha.shape, (3, 3), 4)
    canvas.paint(mask, ramp([(0.3, mix(colour, "#8d8c99", 0.42)), (0.6, colour)], seas))


def crescent(
    canvas: Canvas, cx: float, cy: float, radius: float, colour: Ink, angle: float = 25
) -> None:
    """Draw a thin moon: a disc less a shifted disc."""
    canvas.glow(cx, cy, radius * 2.4, colour, 0.3)
    disc = canvas.mask(ellipse(cx, cy, radius, radius))
    turn = np.deg2rad(angle)
    x, y = canvas.grid(disc)
    hole_x, hole_y = cx - radius * 0.5 * np.cos(turn), cy - radius * 0.5 * np.sin(turn)
    away = np.sqrt((x - hole_x) ** 2 + (y - hole_y) ** 2) - radius * 0.93
    cover = disc.alpha * np.clip(away * SCALE + 0.5, 0, 1)
    canvas.paint(Mask(cover.astype(np.float32), disc.left, disc.top), colour)


def stars(
    canvas: Canvas, rng: Rng, bottom: float, count: int = 160, colour: Ink = "#ffffff"
) -> None:
    """Scatter stars above a height; most are faint, a few are bright with a small glow."""
    for _ in range(count):
        x, y = rng.uniform(0, canvas.width), bottom * rng.random() ** 1.2
        bright = rng.random() ** 3
        fade = np.clip(1.3 * (1 - y / bottom), 0.15, 1)
        canvas.glow(x, y, 0.45 + 0.5 * bright, colour, float((0.35 + 0.65 * bright) * fade))


def cloud_field(
    rng: Rng, canvas: Canvas, horizon: float, cover: float, lumps: float = 3.0, stretch: float = 2.2
) -> FloatArray:
    """Return how thick cloud lies over the sky, (rows above the horizon, W), 0..1.

    cover (0 to 1) is the share of sky; rows flatten towards the horizon as a ceiling does.
    """
    rows = int(horizon * SCALE)
    shape = (rows // 2, canvas.shape[1] // 2)
    wide = canvas.width / canvas.height
    raw = fbm(rng, shape, (lumps * stretch, lumps * wide), 6, 0.52)
    near = np.linspace(1.0, 0.0, shape[0]) ** 1.6
    index = (shape[0] - 1) * (1 - near)
    raw = raw[np.clip(index, 0, shape[0] - 1).astype(int)]
    cut = np.quantile(raw, 1 - cover)
    thick = np.clip((raw - cut) / (raw.max() - cut + 1e-6) * 2.2, 0, 1)
    full = np.repeat(np.repeat(thick, 2, axis=0), 2, axis=1)
    padded = np.zeros((rows, canvas.shape[1]), np.float32)
    padded[: full.shape[0], : full.shape[1]] = full[:rows, : canvas.shape[1]]
    return soften(padded, 1.2)


def clouds(
    canvas: Canvas,
    rng: Rng,
    horizon: float,
    cover: float,
    bright: Ink,
    dark: Ink,
    lumps: float = 3.0,
    stretch: float = 2.2,
    below: bool = False,
    opacity: float = 0.95,
) -> None:
    """Paint clouds over the sky; below lights their undersides (a low sun), else their tops."""
    thick = cloud_field(rng, canvas, horizon, cover, lumps, stretch)
    shift = int(7 * SCALE) * (1 if below else -1)
    behind = np.roll(soften(thick, 5 * SCALE), shift, axis=0)
    lit = np.clip(0.5 + (thick - behind) * 1.1, 0, 1)
    edge = np.clip(1.25 - thick, 0, 1)
    shade = np.clip(lit * 0.75 + edge * 0.35, 0, 1).astype(np.float32)
    alpha = np.clip(thick * 1.5, 0, 1)
    canvas.paint(Mask(alpha.astype(np.float32), 0, 0), mix(dark, bright, shade), opacity)


def rays(
    canvas: Canvas, rng: Rng, cx: float, cy: float, colour: Ink, strength: float, reach: float
) -> None:
    """Screen shafts of light that fan out from a point and fade with distance (reach, pixels)."""
    dx, dy = canvas.x - cx, canvas.y - cy
    angle = np.arctan2(dy, dx)
    waves = np.zeros(canvas.shape, np.float32)
    for _ in range(7):
        waves += np.sin(angle * rng.uniform(6, 34) + rng.uniform(0, 6.3)).astype(np.float32)
    shafts = np.clip(waves / 3.2, 0, 1)
    fade = np.exp(-np.sqrt(dx**2 + dy**2) / reach)
    canvas.light(canvas.whole(shafts * fade), colour, strength)


def haze(canvas: Canvas, top: float, bottom: float, colour: Ink, strength: float) -> None:
    """Veil a band of rows, thickest in its middle."""
    middle, half = (top + bottom) / 2, (bottom - top) / 2
    veil = np.clip(1 - np.abs(canvas.y - middle) / half, 0, 1)
    canvas.paint(canvas.whole(veil * veil * (3 - 2 * veil)), colour, strength)


def birds(
    canvas: Canvas, rng: Rng, cx: float, cy: float, count: int, size: float, colour: Ink
) -> None:
    """Draw a loose flock of gulls as shallow double curves."""
    for _ in range(count):
        x, y = rng.normal(cx, size * 4), rng.normal(cy, size * 2)
        span, lift = size * rng.uniform(0.6, 1.1), rng.uniform(0.3, 0.55)
        wing = [
            (-1, -0.1),
            (-0.5, -lift),
            (0, 0),
            (0.5, -lift),
            (1, -0.1),
            (0.5, -lift + 0.16),
            (0, 0.16),
        ]
        wing.append((-0.5, -lift + 0.16))
        canvas.fill(np.array(wing) * span + np.array([x, y]), colour, 0.85)
