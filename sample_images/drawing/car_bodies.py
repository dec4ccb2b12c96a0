"""Car bodies as outlines, and cars seen from the side, from behind and from the front."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from drawing.canvas import Canvas
from drawing.palette import Ink, mix, ramp
from drawing.shapes import Points, ellipse, move, path, rect, rounded, smooth, stroke

Line = Sequence[tuple[float, float]]


Place = Callable[["Line | Points"], Points]


@dataclass(frozen=True)
class Body:
    """A car seen from its left, 2 units long, wheels on y = 0, front to the left."""

    outline: Points
    glass: tuple[Points, ...]
    wheels: tuple[float, float] = (-0.62, 0.62)
    tyre: float = 0.17
    doors: tuple[float, ...] = (0.0,)
    waist: float = -0.36


SPORTS = Body(
    path(
        "-1,-0.16 -0.99,-0.26 -0.8,-0.33 -0.36,-0.39 -0.1,-0.55 0.18,-0.58 "
        "0.5,-0.47 0.8,-0.43 0.99,-0.42 1,-0.3 0.97,-0.14 0.5,-0.09 -0.5,-0.09"
    ),
    (
        path("-0.3,-0.4 -0.07,-0.525 0.1,-0.545 0.1,-0.4"),
        path("0.13,-0.4 0.13,-0.545 0.22,-0.545 0.46,-0.45 0.42,-0.41"),
    ),
    doors=(-0.28, 0.2),
    waist=-0.3,
)


BEETLE = Body(
    path(
        "-1,-0.18 -0.97,-0.32 -0.78,-0.46 -0.5,-0.5 -0.4,-0.58 -0.22,-0.8 "
        "0.08,-0.86 0.4,-0.78 0.72,-0.56 0.95,-0.34 1,-0.18 0.6,-0.1 -0.6,-0.1"
    ),
    (
        path("-0.34,-0.55 -0.19,-0.74 0.03,-0.79 0.03,-0.54"),
        path("0.08,-0.54 0.08,-0.79 0.32,-0.73 0.52,-0.57 0.48,-0.54"),
    ),
    wheels=(-0.6, 0.6),
    tyre=0.19,
    doors=(-0.36, 0.06),
    waist=-0.46,
)


SALOON = Body(
    path(
        "-1,-0.16 -0.99,-0.34 -0.86,-0.41 -0.48,-0.44 -0.24,-0.68 0.3,-0.7 "
        "0.56,-0.47 0.92,-0.44 1,-0.36 0.99,-0.15 0.5,-0.1 -0.5,-0.1"
    ),
    (
        path("-0.4,-0.45 -0.2,-0.64 0.02,-0.655 0.02,-0.45"),
        path("0.06,-0.45 0.06,-0.655 0.27,-0.655 0.46,-0.47 0.44,-0.45"),
    ),
    doors=(-0.4, 0.04, 0.44),
    waist=-0.4,
)


VAN = Body(
    path(
        "-1,-0.16 -1,-0.44 -0.92,-0.56 -0.76,-0.9 -0.6,-0.97 0.86,-0.98 0.97,-0.9 "
        "1,-0.5 0.98,-0.15 0.5,-0.1 -0.5,-0.1"
    ),
    (
        path("-0.85,-0.57 -0.71,-0.86 -0.48,-0.87 -0.48,-0.57"),
        path("-0.42,-0.57 -0.42,-0.87 0,-0.87 0,-0.57"),
        path("0.06,-0.57 0.06,-0.87 0.44,-0.87 0.44,-0.57"),
        path("0.5,-0.57 0.5,-0.87 0.86,-0.87 0.88,-0.57"),
    ),
    wheels=(-0.62, 0.6),
    tyre=0.17,
    doors=(-0.45, 0.03),
    waist=-0.52,
)


PICKUP = Body(
    path(
        "-1,-0.2 -0.99,-0.42 -0.9,-0.48 -0.46,-0.5 -0.3,-0.78 0.1,-0.79 0.16,-0.5 "
        "0.98,-0.48 1,-0.2 0.5,-0.14 -0.5,-0.14"
    ),
    (
        path("-0.38,-0.51 -0.25,-0.73 -0.08,-0.74 -0.08,-0.51"),
        path("-0.04,-0.51 -0.04,-0.74 0.06,-0.74 0.1,-0.51"),
    ),
    wheels=(-0.62, 0.62),
    tyre=0.2,
    doors=(-0.4, 0.12),
    waist=-0.4,
)


def side_car(
    canvas: Canvas,
    x: float,
    ground: float,
    size: float,
    body: Body,
    paint: Ink,
    sky: Ink,
    flip: bool = False,
    roof: Ink | None = None,
) -> None:
    """Draw a car of half-length size standing on a ground line; sky is what its flanks mirror."""

    def at(points: Line | Points) -> Points:
        return move(points, x, ground, size, flip=flip)

    canvas.shade(
        canvas.mask(ellipse(x, ground - size * 0.01, size * 1.05, size * 0.07), blur=size * 0.05),
        "#14141c",
        0.85,
    )
    canvas.fill(at(rect(-0.8, -0.22, 0.8, -0.06)), "#15151a")
    _shell(canvas, at, size, body, (paint, sky, roof))
    for pane in body.glass:
        _pane(canvas, at, pane, sky)
    _fittings(canvas, at, size, body, paint)
    for wheel in body.wheels:
        hub = at([(wheel, -body.tyre)])[0]
        _wheel(canvas, float(hub[0]), float(hub[1]), size * body.tyre, paint)


def _shell(
    canvas: Canvas, at: Place, size: float, body: Body, inks: tuple[Ink, Ink, Ink | None]
) -> None:
    """Paint the bodywork: sky mirrored above the waist, a bright crease, dark below."""
    paint, sky, roof = inks
    mask = canvas.mask(at(smooth(body.outline, steps=8)))
    _, y = canvas.grid(mask)
    ground = float(at([(0.0, 0.0)])[0, 1])
    t = np.broadcast_to(np.clip((y - ground) / size + 1, 0, 1), mask.alpha.shape)
    w = 1 + body.waist
    stops = [
        (0.0, mix(paint, sky, 0.55)),
        (w - 0.12, mix(paint, sky, 0.3)),
        (w, mix(paint, "#ffffff", 0.5)),
        (w + 0.035, paint),
        (w + 0.2, mix(paint, "#000000", 0.3)),
        (0.9, mix(paint, "#000000", 0.55)),
    ]
    canvas.paint(mask, ramp(stops, t))
    if roof is not None:
        band = mask._replace(alpha=mask.alpha * np.clip((1 + body.waist - t) * 60, 0, 1))
        canvas.paint(band, mix(mix(roof, sky, 0.3), roof, t))


def _pane(canvas: Canvas, at: Place, pane: Points, sky: Ink) -> None:
    """Paint one window: sky fading to a dark inside, and a slanted gleam."""
    glass = canvas.mask(at(pane))
    _, y = canvas.grid(glass)
    top, low = at(pane)[:, 1].min(), at(pane)[:, 1].max()
    depth = np.broadcast_to(np.clip((y - top) / (low - top), 0, 1), glass.alpha.shape)
    canvas.paint(glass, mix(mix(sky, "#ffffff", 0.2), "#2c3844", depth))
    (x0, y0), (x1, y1) = pane.min(axis=0), pane.max(axis=0)
    across = x0 + (x1 - x0) * np.array([0.3, 0.55, 0.75, 0.5])
    gleam = np.stack([across, np.array([y1, y0, y0, y1])], 1)
    canvas.light(canvas.mask(at(gleam)), "#ffffff", 0.22)


def _fittings(canvas: Canvas, at: Place, size: float, body: Body, paint: Ink) -> None:
    for door in body.doors:
        canvas.fill(
            at(stroke([(door, body.waist - 0.05), (door + 0.01, -0.13)], 0.008)),
            mix(paint, "#000000", 0.55),
            0.8,
        )
    for door in body.doors[:-1]:
        canvas.fill(
            at(rounded(door + 0.24, body.waist + 0.05, door + 0.34, body.waist + 0.075, 0.01)),
            "#e8ecf0",
        )
    front = min(p[0] for p in body.outline)
    canvas.fill(at(ellipse(front + 0.07, body.waist + 0.07, 0.045, 0.05)), "#fff6d0")
    lamp = at([(front + 0.05, body.waist + 0.07)])[0]
    canvas.glow(float(lamp[0]), float(lamp[1]), size * 0.06, "#fff2c0", 0.7)
    canvas.fill(at(rounded(0.93, body.waist + 0.02, 0.995, body.waist + 0.12, 0.02)), "#d8202a")
    canvas.fill(at(rounded(-1.02, -0.2, -0.84, -0.14, 0.03)), "#b8c0c8")
    canvas.fill(at(rounded(0.84, -0.2, 1.02, -0.14, 0.03)), "#b8c0c8")
    for wheel in body.wheels:
        canvas.fill(at(ellipse(wheel, -body.tyre, body.tyre * 1.2, body.tyre * 1.2)), "#101014")


def _wheel(canvas: Canvas, x: float, y: float, r: float, paint: Ink) -> None:
    canvas.fill(ellipse(x, y, r, r), "#1c1c20")
    canvas.fill(ellipse(x, y, r * 0.9, r * 0.9), "#2c2c32")
    canvas.fill(ellipse(x, y, r * 0.66, r * 0.66), "#8f979f")
    for k in range(5):
        canvas.fill(
            move(path("-0.09,-0.1 0.09,-0.1 0.14,-0.58 -0.14,-0.58"), x, y, r, k * 72 + 10),
            "#dfe4e8",
        )
    canvas.fill(ellipse(x, y, r * 0.18, r * 0.18), mix(paint, "#ffffff", 0.3))
