"""Plants that several landscapes share: conifers, round trees, grass and leafy masses."""

from __future__ import annotations

import numpy as np

from drawing.canvas import Canvas
from drawing.palette import Ink, Rng, mix, vary
from drawing.shapes import Points, blob, curve, ellipse, rect, stroke


def conifer_outline(rng: Rng, cx: float, base: float, height: float, width: float) -> Points:
    """Return the ragged outline of a fir: branches widen downwards in steps."""
    tiers = max(6, int(height / 5))
    left: list[tuple[float, float]] = [(cx, base - height)]
    right: list[tuple[float, float]] = []
    for step in range(1, tiers + 1):
        part = step / tiers
        y = base - height + height * 0.94 * part
        reach = width / 2 * part**0.85
        for side, line in ((-1, left), (1, right)):
            tip = reach * rng.uniform(0.75, 1.12)
            line.append((cx + side * tip, y + height * 0.02))
            line.append((cx + side * tip * 0.45, y - height * 0.012))
    return np.array(left + right[::-1])


def conifers(
    canvas: Canvas,
    rng: Rng,
    base: float | np.ndarray[tuple[int], np.dtype[np.float64]],
    height: tuple[float, float],
    count: int,
    colour: Ink,
    opacity: float = 1.0,
    span: tuple[float, float] | None = None,
) -> None:
    """Draw firs in one flat colour; base is a row, or a row for each x (shape (width,))."""
    first, last = span or (-5.0, canvas.width + 5.0)
    outlines = []
    for x in np.linspace(first, last, count):
        place = x + rng.normal(0, (last - first) / count * 0.5)
        tall = rng.uniform(*height)
        foot = (
            base
            if isinstance(base, float | int)
            else float(base[int(np.clip(place, 0, len(base) - 1))])
        )
        outlines.append(conifer_outline(rng, place, foot + 2, tall, tall * rng.uniform(0.32, 0.46)))
        outlines.append(rect(place - tall * 0.02, foot - tall * 0.1, place + tall * 0.02, foot + 3))
    canvas.paint(canvas.mask(*outlines), colour, opacity)


def leafage(
    canvas: Canvas,
    rng: Rng,
    cx: float,
    cy: float,
    rx: float,
    ry: float,
    dark: Ink,
    bright: Ink,
    count: int = 90,
    leaf: float = 5.0,
    light: tuple[float, float] = (-0.5, -0.8),
) -> None:
    """Fill an ellipse with dabs of leaves, darker first and brighter towards the light."""
    spots = []
    for _ in range(count):
        turn, far = rng.uniform(0, 6.283), rng.random() ** 0.55
        dx, dy = np.cos(turn) * far, np.sin(turn) * far
        spots.append((dx * light[0] + dy * light[1] + rng.normal(0, 0.25), dx, dy))
    layers = sorted(spots)
    size = max(1, count // 7)
    for start in range(0, count, size):
        group = layers[start : start + size]
        tone = np.clip(np.mean([g[0] for g in group]) * 0.55 + 0.5, 0, 1)
        dabs = [
            blob(
                rng,
                cx + dx * rx,
                cy + dy * ry,
                leaf * rng.uniform(0.7, 1.4),
                leaf * rng.uniform(0.5, 1),
                0.3,
            )
            for _, dx, dy in group
        ]
        canvas.paint(canvas.mask(*dabs), vary(rng, mix(dark, bright, float(tone)), 0.012))


def tree(
    canvas: Canvas,
    rng: Rng,
    cx: float,
    base: float,
    height: float,
    dark: Ink,
    bright: Ink,
    trunk: Ink,
) -> None:
    """Draw a round-crowned tree with a forked trunk."""
    lean = rng.normal(0, height * 0.04)
    middle = (cx + lean, base - height * 0.55)
    canvas.fill(
        stroke(curve((cx, base), (cx, base - height * 0.3), middle), height * 0.09, height * 0.03),
        trunk,
    )
    crown = height * 0.34
    for dx, dy, size in ((-0.55, 0.15, 0.7), (0.6, 0.1, 0.72), (0, -0.25, 1.0)):
        x, y = cx + lean + dx * crown, base - height * 0.66 + dy * crown
        leafage(
            canvas, rng, x, y, crown * size, crown * size * 0.8, dark, bright, 60, height * 0.045
        )


def grass(
    canvas: Canvas,
    rng: Rng,
    base: float,
    height: tuple[float, float],
    count: int,
    dark: Ink,
    bright: Ink,
    span: tuple[float, float] | None = None,
) -> None:
    """Draw blades that bend at random, in four tones from dark (back) to bright."""
    first, last = span or (0.0, float(canvas.width))
    for tone in (0.0, 0.35, 0.7, 1.0):
        blades = []
        for _ in range(max(1, count // 4)):
            x, tall = rng.uniform(first, last), rng.uniform(*height)
            lean = rng.normal(0, tall * 0.28)
            foot = base + rng.uniform(0, height[1] * 0.2)
            line = curve((x, foot), (x + lean * 0.2, foot - tall * 0.6), (x + lean, foot - tall), 8)
            blades.append(stroke(line, max(1.0, tall * 0.05), 0.2))
        canvas.paint(canvas.mask(*blades), mix(dark, bright, tone))


def bushes(
    canvas: Canvas, rng: Rng, base: float, size: float, count: int, dark: Ink, bright: Ink
) -> None:
    """Draw a hedge-like row of leafy lumps along a base line."""
    for x in np.linspace(0, canvas.width, count):
        place = x + rng.normal(0, size)
        tall = size * rng.uniform(0.6, 1.2)
        canvas.fill(ellipse(place, base, tall * 1.3, tall), dark)
        leafage(
            canvas, rng, place, base - tall * 0.2, tall * 1.3, tall, dark, bright, 40, size * 0.22
        )
