"""Boats and ships as drawings: sails, hulls, wakes and shadows on the water."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from drawing.canvas import Canvas
from drawing.palette import Ink, Rng, mix
from drawing.shapes import Points, Rough, curve, ellipse, move, path, rect, smooth, stroke

Place = Callable[[Rough], Points]
MAIN = np.concatenate(
    [
        curve((-0.015, -0.98), (-0.17, -0.55), (-0.4, -0.13)),
        curve((-0.4, -0.13), (-0.2, -0.12), (-0.015, -0.14)),
    ]
)
JIB = np.concatenate(
    [
        curve((0.012, -0.86), (0.16, -0.42), (0.36, -0.1)),
        curve((0.36, -0.1), (0.14, -0.12), (-0.04, -0.13)),
        curve((-0.04, -0.13), (0.06, -0.5), (0.012, -0.86)),
    ]
)
KITE = np.concatenate(
    [
        curve((0.01, -0.95), (0.5, -0.85), (0.52, -0.42)),
        curve((0.52, -0.42), (0.5, -0.15), (0.4, -0.1)),
        curve((0.4, -0.1), (0.2, -0.3), (0.01, -0.95)),
    ]
)
HULL = smooth(
    path("-0.4,-0.075 -0.1,-0.06 0.2,-0.068 0.46,-0.1 0.33,0.015 0.1,0.035 -0.25,0.03 -0.39,0")
)


def _sail(canvas: Canvas, outline: Points, dark: Ink, bright: Ink, panels: int = 7) -> None:
    mask = canvas.mask(outline)
    if not mask.alpha.size:
        return
    x, y = canvas.grid(mask)
    (x0, y0), (x1, y1) = outline.min(axis=0), outline.max(axis=0)
    t = np.clip((x - x0) / (x1 - x0) * 0.8 + (y - y0) / (y1 - y0) * 0.2, 0, 1)
    canvas.paint(mask, mix(bright, dark, (t**1.5).astype(np.float32)))
    seam = np.abs(((y - y0) / (y1 - y0) * panels + t * 0.5) % 1 - 0.5) * 2
    canvas.shade(
        mask._replace(alpha=(mask.alpha * (seam > 0.93)).astype(np.float32)), "#8090a8", 0.3
    )


def sloop(
    canvas: Canvas,
    x: float,
    base: float,
    size: float,
    hull: Ink,
    sail: tuple[Ink, Ink],
    flip: bool = False,
    heel: float = 4.0,
    kite: tuple[Ink, Ink] | None = None,
) -> None:
    """Draw a yacht with a mast of the given size; base is its waterline, kite a spinnaker."""

    def at(points: Rough) -> Points:
        return move(points, x, base, size, -heel if flip else heel, flip)

    canvas.fill(at(rect(-0.008, -1.02, 0.008, -0.06)), "#5a4a40")
    _sail(canvas, at(MAIN), *sail)
    if kite:
        _sail(canvas, at(KITE), kite[0], kite[1], 4)
    else:
        _sail(canvas, at(JIB), *sail)
    mask = canvas.mask(at(HULL))
    _, y = canvas.grid(mask)
    low = np.clip((y - base + size * 0.09) / (size * 0.12), 0, 1)
    tone = mix(mix(hull, "#ffffff", 0.25), mix(hull, "#000000", 0.35), low)
    canvas.paint(mask, np.broadcast_to(tone, (*mask.alpha.shape, 3)))
    canvas.fill(at(stroke(curve((-0.4, -0.07), (0, -0.05), (0.45, -0.095)), 0.012)), "#f4ead8")
    canvas.fill(at(smooth(path("-0.16,-0.065 -0.13,-0.1 0.08,-0.1 0.14,-0.07"))), "#e8dcc4")
    for window in (-0.09, -0.03, 0.03):
        canvas.fill(at(rect(window - 0.016, -0.09, window + 0.016, -0.074)), "#35506a")
    canvas.fill(at(rect(-0.38, -0.128, 0.0, -0.116)), "#6a5040")


def wake(canvas: Canvas, rng: Rng, x: float, base: float, size: float, flip: bool = False) -> None:
    """Draw foam at the waterline and behind the stern."""
    side = 1 if flip else -1
    for _ in range(16):
        off = rng.uniform(-0.45, 0.9) * size * side
        thin = ellipse(
            x + off,
            base + rng.uniform(0.01, 0.07) * size,
            rng.uniform(0.03, 0.13) * size,
            0.008 * size + 0.4,
        )
        canvas.paint(canvas.mask(thin, blur=0.5), "#ffffff", 0.45)


def hull_shadow(canvas: Canvas, x: float, base: float, size: float) -> None:
    """Darken the water beside a hull."""
    canvas.shade(
        canvas.mask(ellipse(x, base + size * 0.05, size * 0.42, size * 0.035), blur=size * 0.02),
        "#1a3a50",
        0.55,
    )


def three_master(c: Canvas, x: float, base: float, size: float) -> None:
    """Draw a full-rigged ship whose main mast is size tall, on a waterline."""

    def at(points: Rough) -> Points:
        return move(points, x, base, size)

    for mast, tall, wide in ((-0.42, 0.82, 0.3), (-0.02, 1.0, 0.38), (0.36, 0.86, 0.32)):
        _square_rig(c, at, mast, tall, wide)
    for foot, tip in (
        ((0.92, -0.22), (0.36, -0.82)),
        ((0.78, -0.18), (0.36, -0.6)),
        ((0.64, -0.15), (0.36, -0.42)),
    ):
        c.fill(at([foot, tip, (tip[0] + 0.03, foot[1] + 0.03)]), "#e8c098", 0.92)
    hull = path(
        "-0.62,-0.2 -0.56,-0.2 -0.5,-0.12 0.4,-0.1 0.64,-0.15 0.56,0 0.4,0.03 -0.4,0.03 -0.55,-0.02"
    )
    c.fill(at(smooth(hull, steps=6)), "#2c1a18")
    c.fill(at(stroke(curve((0.55, -0.12), (0.75, -0.17), (0.97, -0.24)), 0.018, 0.006)), "#2a1c1c")
    c.fill(at(stroke(curve((-0.57, -0.09), (0, -0.05), (0.58, -0.09)), 0.014)), "#c88a4a")
    for port in np.linspace(-0.45, 0.45, 13):
        c.fill(at(rect(port - 0.012, -0.055, port + 0.012, -0.03)), "#e0a860", 0.8)


def _square_rig(c: Canvas, at: Place, mast: float, tall: float, wide: float) -> None:
    """Draw one mast with three square sails, their yards and a red pennant."""
    c.fill(at(rect(mast - 0.008, -tall, mast + 0.008, -0.1)), "#2a1c1c")
    for low, high, share in ((0.18, 0.46, 1.0), (0.48, 0.7, 0.8), (0.72, 0.9, 0.58)):
        w, y0, y1 = wide * share / 2, -tall * low, -tall * high
        left = curve((mast - w, y0), (mast - w * 0.7, (y0 + y1) / 2), (mast - w * 0.85, y1))
        right = curve((mast + w * 0.85, y1), (mast + w * 1.25, (y0 + y1) / 2), (mast + w, y0))
        foot = curve((mast + w, y0), (mast, y0 - 0.045), (mast - w, y0))
        _sail(c, at(np.concatenate([left, right, foot])), "#a8705a", "#ffe4bc", 1)
        c.fill(at(rect(mast - w * 0.9, y1 - 0.01, mast + w * 0.9, y1)), "#2a1c1c")
    pennant = path("0,0 -0.07,-0.02 -0.12,0.012 0,0.03") + np.array([mast, -tall])
    c.fill(at(smooth(pennant)), "#b0303a")


def catamaran(c: Canvas, x: float, base: float, size: float) -> None:
    """Draw a catamaran with an orange sail, on a waterline."""

    def at(points: Rough) -> Points:
        return move(points, x, base, size)

    c.fill(at(rect(-0.006, -1.0, 0.006, -0.06)), "#5a5a60")
    main = np.concatenate(
        [
            curve((-0.012, -0.98), (-0.26, -0.7), (-0.36, -0.14)),
            curve((-0.36, -0.14), (-0.2, -0.13), (-0.012, -0.14)),
        ]
    )
    jib = np.concatenate(
        [
            curve((0.01, -0.85), (0.17, -0.42), (0.4, -0.08)),
            curve((0.4, -0.08), (0.2, -0.1), (0.02, -0.12)),
        ]
    )
    _sail(c, at(main), "#f08a3a", "#ffd24a")
    _sail(c, at(jib), "#d8e4ec", "#ffffff")
    for dy, tone in ((-0.025, "#c8d4dc"), (0.02, "#ffffff")):
        hull = smooth(path("-0.42,-0.05 0.3,-0.055 0.5,-0.075 0.38,0.01 -0.38,0.015"), steps=8)
        c.fill(at(hull + np.array([0.02 if dy < 0 else 0, dy])), tone)
    c.fill(at(smooth(path("-0.2,-0.06 -0.15,-0.11 0.1,-0.11 0.2,-0.06"))), "#f2f6f8")
    c.fill(at(smooth(path("-0.14,-0.075 -0.1,-0.098 0.08,-0.098 0.13,-0.075"))), "#2a4a60")
