"""Fractal value noise (fbm), its ridged kin, and lookups in a repeating field.

Fractional Brownian motion by octaves of value noise: Ebert et al., "Texturing and Modeling", 2003.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from drawing.palette import FloatArray, Rng


def _octave(rng: Rng, shape: tuple[int, int], rows: int, columns: int) -> FloatArray:
    grid = rng.random((rows + 3, columns + 3), dtype=np.float32)
    window = (1.0, 1.0, columns + 2.0, rows + 2.0)
    size = (shape[1], shape[0])
    image = Image.fromarray(grid).resize(size, Image.Resampling.BICUBIC, box=window)
    return np.asarray(image, np.float32)


def _stretch(field: FloatArray) -> FloatArray:
    low, high = float(field.min()), float(field.max())
    return (field - low) / max(high - low, 1e-6)


def fbm(
    rng: Rng,
    shape: tuple[int, int],
    cells: tuple[float, float],
    octaves: int = 5,
    gain: float = 0.5,
) -> FloatArray:
    """Return noise of the given (height, width), stretched to 0..1.

    cells are the counts of lumps down and across in the first octave; each further octave
    doubles them and weighs gain times as much.
    """
    total = np.zeros(shape, np.float32)
    weight = 1.0
    for step in range(octaves):
        rows, columns = (max(1, round(cell * 2**step)) for cell in cells)
        if rows > shape[0] or columns > shape[1]:
            break
        total += weight * _octave(rng, shape, rows, columns)
        weight *= gain
    return _stretch(total)


def ridged(
    rng: Rng,
    shape: tuple[int, int],
    cells: tuple[float, float],
    octaves: int = 6,
    gain: float = 0.5,
) -> FloatArray:
    """Return noise with sharp crests (1 - |2n - 1| an octave), stretched to 0..1."""
    total = np.zeros(shape, np.float32)
    weight = 1.0
    carried = np.ones(shape, np.float32)
    for step in range(octaves):
        rows, columns = (max(1, round(cell * 2**step)) for cell in cells)
        crest = 1 - np.abs(2 * _octave(rng, shape, rows, columns) - 1)
        carried = np.clip(crest * crest * (0.4 + carried), 0, 1)
        total += weight * carried
        weight *= gain
    return _stretch(total)


def line_noise(rng: Rng, count: int, cells: int, octaves: int = 5, gain: float = 0.5) -> FloatArray:
    """Return one-dimensional noise, shape (count,), stretched to 0..1."""
    where = np.linspace(0, 1, count)
    total = np.zeros(count)
    for step in range(octaves):
        knots = cells * 2**step
        place = where * knots
        low = place.astype(int)
        part = place - low
        part = part * part * (3 - 2 * part)
        values = rng.random(knots + 2)
        total += gain**step * (values[low] * (1 - part) + values[low + 1] * part)
    return _stretch(total.astype(np.float32))


def lookup(field: FloatArray, v: FloatArray, u: FloatArray) -> FloatArray:
    """Sample a field at rows v and columns u (in cells, repeating), bilinearly."""
    height, width = field.shape
    row, column = np.floor(v).astype(np.int64), np.floor(u).astype(np.int64)
    dv, du = (v - row).astype(np.float32), (u - column).astype(np.float32)
    top, left = row % height, column % width
    bottom, right = (top + 1) % height, (left + 1) % width
    upper = field[top, left] * (1 - du) + field[top, right] * du
    lower = field[bottom, left] * (1 - du) + field[bottom, right] * du
    return np.asarray(upper * (1 - dv) + lower * dv, np.float32)
