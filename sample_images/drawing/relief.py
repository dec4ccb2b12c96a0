"""Light on surfaces: Lambert shading of height fields, puffed-up silhouettes, and balls.

Inflating a silhouette into a height field: Johnston, "Lumo: illumination for cel animation", 2002.
"""

from __future__ import annotations

import numpy as np

from drawing.canvas import SCALE, Canvas, Mask, soften
from drawing.palette import FloatArray, Ink, ink, mix
from drawing.shapes import Rough, ellipse

Direction = tuple[float, float, float]
UPPER_LEFT: Direction = (-0.5, -0.62, 0.6)


def lambert(height: FloatArray, strength: float, light: Direction = UPPER_LEFT) -> FloatArray:
    """Return how much light falls on a height field: 0 in shadow, 1 facing the light.

    light points from the surface to the lamp (x right, y down, z to the viewer).
    """
    down, across = np.gradient(height)
    nx, ny = -across * strength, -down * strength
    long = np.sqrt(nx * nx + ny * ny + 1)
    lamp = np.array(light) / np.linalg.norm(light)
    lit = (nx * lamp[0] + ny * lamp[1] + lamp[2]) / long
    return np.asarray(np.clip(lit, 0, 1), np.float32)


def puffed(mask: Mask, depth: float, light: Direction = UPPER_LEFT) -> FloatArray:
    """Return light (0..1) on a mask inflated like a cushion; depth is its rim in picture pixels."""
    radius = depth * SCALE
    bulge = 0.6 * soften(mask.alpha, radius) + 0.4 * soften(mask.alpha, radius / 2)
    return lambert(soften(bulge, radius / 4), radius * 1.7, light)


def cushion(
    canvas: Canvas,
    outline: Rough,
    dark: Ink,
    bright: Ink,
    depth: float,
    light: Direction = UPPER_LEFT,
    opacity: float = 1.0,
) -> Mask:
    """Paint an outline as a soft body, from dark where it turns away to bright at the light."""
    mask = canvas.mask(outline)
    if mask.alpha.size > 4 and min(mask.alpha.shape) > 2:
        canvas.paint(mask, mix(dark, bright, puffed(mask, depth, light)), opacity)
    return mask


def dome(
    canvas: Canvas, mask: Mask, cx: float, cy: float, rx: float, ry: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the unit normals (x, y, z) of an ellipsoid over the mask's box."""
    x, y = canvas.grid(mask)
    nx = np.broadcast_to((x - cx) / rx, mask.alpha.shape)
    ny = np.broadcast_to((y - cy) / ry, mask.alpha.shape)
    nz = np.sqrt(np.clip(1 - nx * nx - ny * ny, 0, 1))
    return nx.astype(np.float32), ny.astype(np.float32), nz.astype(np.float32)


def facing(
    normals: tuple[FloatArray, FloatArray, FloatArray], light: Direction = UPPER_LEFT
) -> FloatArray:
    """Return the cosine between normals and the direction of the lamp, clipped to 0..1."""
    lamp = np.array(light) / np.linalg.norm(light)
    nx, ny, nz = normals
    return np.asarray(np.clip(nx * lamp[0] + ny * lamp[1] + nz * lamp[2], 0, 1), np.float32)


def gloss(
    normals: tuple[FloatArray, FloatArray, FloatArray], power: float, light: Direction = UPPER_LEFT
) -> FloatArray:
    """Return the Blinn-Phong highlight seen from the front (Blinn 1977), 0..1."""
    lamp = np.array(light) / np.linalg.norm(light)
    half = lamp + np.array([0, 0, 1])
    half /= np.linalg.norm(half)
    nx, ny, nz = normals
    return np.asarray(
        np.clip(nx * half[0] + ny * half[1] + nz * half[2], 0, 1) ** power, np.float32
    )


def cast_shadow(
    canvas: Canvas, cx: float, cy: float, rx: float, ry: float, colour: Ink, strength: float = 0.6
) -> None:
    """Darken the ground under a thing: a wide soft ellipse and a tight contact shadow."""
    canvas.shade(canvas.mask(ellipse(cx, cy, rx, ry), blur=ry * 0.7), colour, strength)
    tight = canvas.mask(ellipse(cx, cy, rx * 0.7, ry * 0.45), blur=ry * 0.25)
    canvas.shade(tight, ink(colour), strength)
