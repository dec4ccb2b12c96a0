"""Globes in space: nebulae and stars, maps wrapped round spheres, bands, rings and air."""

from __future__ import annotations

import numpy as np

from drawing.canvas import Canvas, Mask
from drawing.noise import fbm, lookup, ridged
from drawing.palette import FloatArray, Ink, Rng, Stops, ink, mix, ramp
from drawing.relief import Direction, dome, facing
from drawing.shapes import ellipse
from drawing.sky import stars


def space(
    canvas: Canvas, rng: Rng, base: Ink, clouds: tuple[Ink, Ink], strength: float = 0.5
) -> None:
    """Fill the canvas with night, two colours of nebula, and stars."""
    canvas.pixels[:] = ink(base)
    wide = canvas.width / canvas.height * 2
    for colour in clouds:
        veil = fbm(rng, canvas.shape, (2, wide), 6, 0.55)
        band = fbm(rng, canvas.shape, (1, 1.5), 2)
        canvas.light(canvas.whole(np.clip(veil * 2 - 0.9, 0, 1) * band), colour, strength)
    stars(canvas, rng, canvas.height * 3.0, 700)


def wrap(
    texture: FloatArray,
    normals: tuple[FloatArray, FloatArray, FloatArray],
    spin: float = 0.0,
    tilt: float = 0.3,
) -> FloatArray:
    """Look a (rows, columns) map up on a sphere by latitude and longitude (radians)."""
    nx, ny, nz = normals
    cos, sin = np.cos(tilt), np.sin(tilt)
    x, y = nx * cos + ny * sin, ny * cos - nx * sin
    latitude = np.arcsin(np.clip(y, -1, 1)) / np.pi + 0.5
    longitude = np.arctan2(x, np.maximum(nz, 1e-4)) / (2 * np.pi) + 0.5 + spin
    rows, columns = texture.shape
    return lookup(
        texture,
        (latitude * (rows - 1)).astype(np.float32),
        (longitude * columns).astype(np.float32),
    )


def texture_map(
    rng: Rng, cells: float, octaves: int = 7, gain: float = 0.55, sharp: bool = False
) -> FloatArray:
    """Return noise (512 rows, 1024 columns) that repeats seamlessly from left to right."""
    make = ridged if sharp else fbm
    wide = make(rng, (512, 1280), (cells, cells * 2.5), octaves, gain)
    blend = np.linspace(0, 1, 256, dtype=np.float32)
    wide[:, :256] = wide[:, :256] * blend + wide[:, 1024:] * (1 - blend)
    return wide[:, :1024]


def globe(
    canvas: Canvas,
    centre: tuple[float, float],
    radius: float,
    surface: FloatArray,
    mask: Mask,
    light: Direction,
    air: Ink,
    glow: float = 0.5,
) -> None:
    """Paint a lit sphere: soft terminator, darker limb, and a rim of air on the sunny side."""
    cx, cy = centre
    normals = dome(canvas, mask, cx, cy, radius, radius)
    lit = np.clip(facing(normals, light) * 1.35, 0, 1) ** 0.8
    limb = (1 - normals[2]) ** 3
    colour = surface * (0.03 + 0.97 * lit)[..., None] * (1 - 0.35 * limb)[..., None]
    canvas.paint(mask, colour.astype(np.float32))
    canvas.light(Mask((mask.alpha * limb * lit).astype(np.float32), mask.left, mask.top), air, 0.9)
    _air(canvas, centre, radius, light, air, glow)


def _air(
    canvas: Canvas,
    centre: tuple[float, float],
    radius: float,
    light: Direction,
    air: Ink,
    glow: float,
) -> None:
    dx, dy = (canvas.x - centre[0]) / radius, (canvas.y - centre[1]) / radius
    far = np.sqrt(dx**2 + dy**2)
    toward = np.clip((dx * light[0] + dy * light[1]) / np.maximum(far, 0.01) * 0.6 + 0.45, 0, 1)
    halo = np.where(far >= 1, np.exp(-(far - 1) * 14), 0) * toward
    canvas.light(canvas.whole(halo.astype(np.float32)), air, glow)


def disc(
    canvas: Canvas, cx: float, cy: float, radius: float
) -> tuple[Mask, tuple[FloatArray, FloatArray, FloatArray]]:
    """Return a round mask and its sphere's normals."""
    mask = canvas.mask(ellipse(cx, cy, radius, radius))
    return mask, dome(canvas, mask, cx, cy, radius, radius)


def bands(
    rng: Rng, stops: Stops, normals: tuple[FloatArray, FloatArray, FloatArray], tilt: float
) -> FloatArray:
    """Return the colours (h, w, 3) of a banded giant whose axis is tilted (radians)."""
    rows = np.linspace(0, 1, 512, dtype=np.float32)[:, None]
    swirl, thin = texture_map(rng, 5, 6), fbm(rng, (512, 1024), (26, 2), 4)
    where = np.broadcast_to(rows + (swirl - 0.5) * 0.07 + (thin - 0.5) * 0.16, (512, 1024))
    return ramp(stops, wrap(where.astype(np.float32), normals, 0.1, tilt))


def rings(
    canvas: Canvas,
    rng: Rng,
    spec: tuple[float, float, float],
    tilt: float,
    flat: float,
    colour: Ink,
    front: bool,
) -> None:
    """Paint the half of a ring system before or behind the globe given as (cx, cy, radius)."""
    cx, cy, radius = spec
    cos, sin = np.cos(tilt), np.sin(tilt)
    dx, dy = canvas.x - cx, canvas.y - cy
    along, across = dx * cos + dy * sin, (dy * cos - dx * sin) / flat
    far = np.sqrt(along**2 + across**2) / radius
    grooves = np.random.default_rng(7).random(90).astype(np.float32) * 0.7 + 0.3
    tone = np.interp(far, np.linspace(1.25, 2.25, 90), grooves, 0, 0)
    tone = tone * np.where(np.abs(far - 1.92) < 0.035, 0.1, 1) * np.clip((2.25 - far) * 20, 0, 1)
    half = (across > 0) if front else (across <= 0)
    shadow = np.where(
        (np.abs(across * flat) < radius * 1.1) & (along > radius * 0.2) & (across < 0), 0.35, 1.0
    )
    layer = canvas.whole((tone * half).astype(np.float32))
    canvas.paint(layer, mix("#000000", colour, (shadow * (0.65 + 0.35 * tone)).astype(np.float32)))
