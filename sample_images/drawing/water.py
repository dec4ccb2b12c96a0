"""Water: mirrored surroundings broken by ripples in perspective, and glitter under a light."""

from __future__ import annotations

import numpy as np

from drawing.canvas import SCALE, Canvas, Mask
from drawing.noise import fbm, lookup
from drawing.palette import FloatArray, Ink, Rng, Stops, ink, ramp


def waves(
    canvas: Canvas, rng: Rng, horizon: float, size: float, stretch: float = 3.5
) -> FloatArray:
    """Return wave heights (-1..1) for the rows below the horizon, smaller further away.

    size is the length of a near wave in picture pixels; stretch is crest length over that.
    """
    first = round(horizon * SCALE)
    texture = fbm(rng, (512, 512), (32, 32), 3, 0.55) * 2 - 1
    texture = (texture + np.roll(texture[::-1], 171, axis=1)) / 1.3
    depth = np.maximum((canvas.y[first:] - horizon) / (canvas.height - horizon), 0.006)
    across = (canvas.x - canvas.width / 2) / (depth**0.8) * 16 / (size * stretch)
    along = np.log(depth + 0.02) * 16 * (canvas.height - horizon) / size * 0.55
    v = np.broadcast_to(along, (depth.shape[0], canvas.shape[1]))
    return lookup(texture, v.astype(np.float32), across.astype(np.float32))


def reflect(
    canvas: Canvas,
    rng: Rng,
    horizon: float,
    tint: Stops,
    mirror: float = 0.75,
    ripple: float = 6.0,
    size: float = 16.0,
    squeeze: float = 1.0,
) -> FloatArray:
    """Fill everything below the horizon with water and return its wave heights.

    tint is the water's own colour from the horizon (0) to the viewer (1), mirror the share of
    reflection far away (nearer water shows more of its own colour), ripple how far (pixels)
    waves shift the image, squeeze the height of the mirrored scene over that of the water.
    """
    first = round(horizon * SCALE)
    height = waves(canvas, rng, horizon, size)
    rows = np.arange(canvas.shape[0] - first, dtype=np.float32)[:, None]
    depth = rows / rows[-1]
    shift = height * ripple * SCALE * (0.15 + depth)
    source = first - 1 - (rows * squeeze + np.abs(shift) * 0.6 + shift)
    column = np.arange(canvas.shape[1])[None, :] + shift * 0.35
    above = np.clip(source, 0, first - 1).astype(int)
    aside = np.clip(column, 0, canvas.shape[1] - 1).astype(int)
    image = canvas.pixels[above, aside]
    own = ramp(tint, depth)
    share = np.clip(mirror * (1 - 0.45 * depth) + 0.22 * height, 0, 1)[..., None]
    canvas.pixels[first:] = own * (1 - share) + image * share
    return height


def glitter(
    canvas: Canvas,
    rng: Rng,
    horizon: float,
    cx: float,
    colour: Ink,
    width: tuple[float, float] = (10, 60),
    strength: float = 0.9,
) -> None:
    """Light small wave crests in a path below a sun or moon at cx (half-width far and near)."""
    first = round(horizon * SCALE)
    ripples = 0.65 * waves(canvas, rng, horizon, 7, 6) + 0.35 * waves(canvas, rng, horizon, 18, 5)
    depth = np.linspace(0, 1, canvas.shape[0] - first, dtype=np.float32)[:, None]
    half = width[0] + (width[1] - width[0]) * depth
    inside = np.exp(-(((canvas.x - cx) / half) ** 2))
    spark = np.clip((ripples * 1.25 + inside - 0.92 + 0.25 * (1 - depth)) * 5, 0, 1) * inside
    canvas.light(Mask(spark.astype(np.float32), 0, first), colour, strength)
    canvas.light(Mask((inside * 0.34).astype(np.float32), 0, first), ink(colour), strength)


def shore(canvas: Canvas, horizon: float, colour: Ink, strength: float = 0.5) -> None:
    """Draw the thin bright line where water meets what stands behind it."""
    line = np.exp(-(((canvas.y - horizon) / 0.9) ** 2))
    canvas.light(canvas.whole(line), colour, strength)
