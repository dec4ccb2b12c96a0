"""Outlines: polygons as float arrays of shape (n, 2), x and y in picture pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from drawing.palette import Rng

Points: TypeAlias = npt.NDArray[np.floating[Any]]
Rough: TypeAlias = "Points | Sequence[tuple[float, float]]"


def path(points: str) -> Points:
    """Read an outline written as "x,y x,y ..." (the points attribute of an SVG polygon)."""
    return np.array([[float(number) for number in pair.split(",")] for pair in points.split()])


def mirrored(right: Rough) -> Points:
    """Close an outline given by its right half, from its top to its bottom on the axis x = 0."""
    half = np.asarray(right, float)
    return np.concatenate([half, half[-2:0:-1] * np.array([-1.0, 1.0])])


def ellipse(cx: float, cy: float, rx: float, ry: float, angle: float = 0.0) -> Points:
    """Return an ellipse of radii rx and ry, turned by angle (degrees, clockwise on screen)."""
    count = int(np.clip(6 * math.sqrt(max(rx, ry)), 12, 160))
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    flat = np.stack([rx * np.cos(turn), ry * np.sin(turn)], axis=1)
    return move(flat, cx, cy, angle=angle)


def rect(x0: float, y0: float, x1: float, y1: float) -> Points:
    """Return the rectangle between two corners."""
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], float)


def rounded(x0: float, y0: float, x1: float, y1: float, r: float) -> Points:
    """Return a rectangle whose corners are rounded by radius r."""
    r = min(r, (x1 - x0) / 2, (y1 - y0) / 2)
    turn = np.linspace(0, np.pi / 2, 8)
    corners = [(x1 - r, y1 - r, 0), (x0 + r, y1 - r, 1), (x0 + r, y0 + r, 2), (x1 - r, y0 + r, 3)]
    parts = [
        np.stack([x + r * np.cos(turn + q * np.pi / 2), y + r * np.sin(turn + q * np.pi / 2)], 1)
        for x, y, q in corners
    ]
    return np.concatenate(parts)


def move(
    points: Rough,
    dx: float = 0,
    dy: float = 0,
    scale: float = 1.0,
    angle: float = 0.0,
    flip: bool = False,
) -> Points:
    """Scale, mirror (flip), turn (degrees, clockwise on screen) and then shift an outline."""
    moved = np.asarray(points, float) * scale
    if flip:
        moved = moved * np.array([-1.0, 1.0])
    turn = math.radians(angle)
    cos, sin = math.cos(turn), math.sin(turn)
    return np.asarray(moved @ np.array([[cos, sin], [-sin, cos]]) + np.array([dx, dy]))


def smooth(points: Rough, closed: bool = True, steps: int = 10) -> Points:
    """Draw a Catmull-Rom curve through the points."""
    knots = np.asarray(points, float)
    if closed:
        knots = np.concatenate([knots[-1:], knots, knots[:2]])
    else:
        knots = np.concatenate([knots[:1], knots, knots[-1:]])
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    p0, p1, p2, p3 = (knots[i : len(knots) - 3 + i, None, :] for i in range(4))
    curve = 0.5 * (
        2 * p1
        + (p2 - p0) * t
        + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
        + (3 * p1 - p0 - 3 * p2 + p3) * t**3
    )
    line = curve.reshape(-1, 2)
    return line if closed else np.concatenate([line, knots[-1:]])


def stroke(points: Rough, start: float, end: float | None = None) -> Points:
    """Return the outline of a line whose width runs from start to end (picture pixels)."""
    line = np.asarray(points, float)
    along = np.gradient(line, axis=0)
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)
    normal = np.stack([-along[:, 1], along[:, 0]], 1) / length[:, None]
    half = np.linspace(start, start if end is None else end, len(line))[:, None] / 2
    return np.asarray(np.concatenate([line + normal * half, (line - normal * half)[::-1]]))


def curve(
    start: tuple[float, float], bend: tuple[float, float], end: tuple[float, float], count: int = 16
) -> Points:
    """Return a quadratic Bezier curve with one control point."""
    t = np.linspace(0, 1, count)[:, None]
    a, b, c = (np.asarray(p, float) for p in (start, bend, end))
    return np.asarray((1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c)


def blob(rng: Rng, cx: float, cy: float, rx: float, ry: float, wobble: float = 0.15) -> Points:
    """Return a rounded lump: an ellipse whose radius varies smoothly by wobble."""
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    radius = np.ones(40)
    for wave in range(2, 6):
        radius += (
            wobble / wave * 1.6 * np.sin(wave * turn + rng.uniform(0, 6.3)) * rng.uniform(0.4, 1)
        )
    return np.stack([cx + rx * radius * np.cos(turn), cy + ry * radius * np.sin(turn)], axis=1)


def petal(length: float, width: float, tip: float = 0.3) -> Points:
    """Return a petal from the origin upwards (towards -y); tip 0 is pointed, 1 is blunt."""
    w = width / 2
    return smooth(
        [
            (0, 0),
            (-w * 0.7, -length * 0.3),
            (-w, -length * 0.62),
            (-w * (0.35 + 0.5 * tip), -length * 0.92),
            (0, -length),
            (w * (0.35 + 0.5 * tip), -length * 0.92),
            (w, -length * 0.62),
            (w * 0.7, -length * 0.3),
        ]
    )
