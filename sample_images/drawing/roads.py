"""Cars on roads that lead away from the viewer: from behind by day, head on at night."""

from __future__ import annotations

import numpy as np

from drawing.canvas import Canvas
from drawing.palette import Ink, Rng, Stops, mix, ramp
from drawing.plants import conifers
from drawing.shapes import (
    Points,
    Rough,
    ellipse,
    mirrored,
    move,
    path,
    rect,
    rounded,
    smooth,
    stroke,
)
from drawing.sky import clouds, stars
from drawing.sunsets import hills
from drawing.towns import COOL, WARM, bloom, towers


def mountain_road(rng: Rng) -> Canvas:
    """A green car seen from behind on a road that leads to mountains, portrait."""
    c = Canvas(360, 480)
    c.vertical([(0, "#4a86c8"), (0.8, "#cfe0ec"), (1, "#f0ece0")], 0, 240)
    clouds(c, rng, 200, 0.35, "#ffffff", "#b4c8dc", 3, 2)
    hills(c, rng, 244, 150, "#93a8c4", 2)
    hills(c, rng, 244, 84, "#6a8aa4", 3)
    conifers(c, rng, 246, (14, 40), 60, "#3f6a5c")
    c.vertical([(0, "#8faa5c"), (1, "#4f7a34")], 242, 480)
    for side in (-1, 1):
        for step in range(7):
            share = (step / 6) ** 1.6
            conifers(
                c,
                rng,
                252 + 180 * share,
                (30 + 190 * share, 46 + 230 * share),
                1,
                mix("#3a665a", "#12352c", share),
                1,
                (180 + side * (60 + 150 * share), 180 + side * (60 + 150 * share) + 1),
            )
    c.fill(path("172,243 188,243 372,500 -12,500"), "#5c5e66")
    for side in (-1, 1):
        c.fill(
            [
                (180 + side * 7, 243),
                (180 + side * 6.4, 243),
                (180 + side * 172, 500),
                (180 + side * 180, 500),
            ],
            "#f4f0e4",
        )
    for step in range(9):
        y0, y1 = 243 + 240 * ((step + 0.2) / 9) ** 2, 243 + 240 * ((step + 0.65) / 9) ** 2
        w0, w1 = (y0 - 243) * 0.014 + 0.3, (y1 - 243) * 0.014 + 0.3
        c.fill([(180 - w0, y0), (180 + w0, y0), (180 + w1, y1), (180 - w1, y1)], "#f8d060")
    _rear(c, 246, 430, 72, "#1f6a4a")
    return c


def _rear(c: Canvas, x: float, ground: float, s: float, paint: Ink) -> None:
    """Draw a car from behind; s is half its width."""

    def at(points: Rough) -> Points:
        return move(points, x, ground, s)

    c.shade(c.mask(ellipse(x, ground, s * 1.05, s * 0.12), blur=s * 0.07), "#101418", 0.85)
    for side in (-1, 1):
        c.fill(at(rounded(side * 0.72 - 0.13, -0.4, side * 0.72 + 0.13, 0.02, 0.06)), "#15151a")
    shell = path("0,-1.27 0.45,-1.27 0.7,-1.18 0.86,-0.74 0.97,-0.6 0.95,-0.2 0.6,-0.14 0,-0.14")
    tones = [
        (0, mix(paint, "#cfe4f0", 0.6)),
        (0.4, paint),
        (0.45, mix(paint, "#ffffff", 0.4)),
        (0.55, paint),
        (1, mix(paint, "#000000", 0.6)),
    ]
    _banded(c, at(smooth(mirrored(shell))), tones)
    glass = path("0,-1.19 0.4,-1.19 0.58,-1.13 0.68,-0.78 0.3,-0.75 0,-0.75")
    _banded(c, at(smooth(mirrored(glass))), [(0, "#b8d8ec"), (0.8, "#24343e")])
    c.light(c.mask(at(path("-0.5,-0.77 -0.25,-1.18 -0.05,-1.18 -0.3,-0.77"))), "#ffffff", 0.22)
    for side in (-1, 1):
        c.fill(at(rounded(side * 0.75 - 0.17, -0.63, side * 0.75 + 0.17, -0.47, 0.06)), "#d81a24")
        lx, ly = at([(side * 0.75, -0.55)])[0]
        c.glow(float(lx), float(ly), s * 0.13, "#ff4a3a", 0.6)
        mirror = rounded(side * 1.06 - 0.08, -0.86, side * 1.06 + 0.08, -0.74, 0.04)
        c.fill(at(mirror), mix(paint, "#000000", 0.2))
    c.fill(at(rounded(-0.26, -0.5, 0.26, -0.36, 0.02)), "#f4f4ec")
    c.fill(at(rect(-0.18, -0.45, 0.18, -0.41)), "#3a4a5a", 0.8)
    c.fill(at(rounded(-0.92, -0.3, 0.92, -0.2, 0.05)), "#20282c")


def _banded(c: Canvas, outline: Points, tones: Stops) -> None:
    """Paint an outline with a gradient that runs from its top to its bottom."""
    mask = c.mask(outline)
    _, y = c.grid(mask)
    top, low = outline[:, 1].min(), outline[:, 1].max()
    share = np.broadcast_to((y - top) / (low - top), mask.alpha.shape)
    c.paint(mask, ramp(tones, share))


def night_drive(rng: Rng) -> Canvas:
    """A car comes towards us at night, headlights on a wet road; square."""
    c = Canvas(400, 400)
    c.vertical([(0, "#070b1e"), (0.7, "#1f2c5a"), (1, "#5a4a7a")], 0, 190)
    stars(c, rng, 150, 90)
    towers(c, rng, 190, (16, 80), (12, 24), "#151c3c", 3.6, 0.4, WARM + COOL, 0.5)
    c.vertical([(0, "#141a30"), (1, "#05070f")], 190, 400)
    c.fill(path("190,190 210,190 460,400 -60,400"), "#232838")
    for step in range(8):
        y0, y1 = 192 + 215 * ((step + 0.1) / 8) ** 2, 192 + 215 * ((step + 0.5) / 8) ** 2
        c.fill(
            [
                (200 - (y0 - 190) * 0.02, y0),
                (200 + (y0 - 190) * 0.02, y0),
                (200 + (y1 - 190) * 0.02, y1),
                (200 - (y1 - 190) * 0.02, y1),
            ],
            "#f0d890",
            0.8,
        )
    for side in (-1, 1):
        for share in (0.06, 0.16, 0.36, 0.8):
            x, y = 200 + side * (16 + 330 * share), 190 - 180 * share
            c.fill(stroke([(x, 192 + 120 * share), (x, y)], 1 + 4 * share), "#10142a")
            c.glow(x - side * 14 * share, y, 5 + 16 * share, "#ffb45a", 0.8)
    _front(c, 222, 330, 88, "#3a4a9a")
    bloom(c, 0.6, 6)
    return c


def _front(c: Canvas, x: float, ground: float, s: float, paint: Ink) -> None:
    """Draw a car head on, its lamps lit; s is half its width."""

    def at(points: Rough) -> Points:
        return move(points, x, ground, s)

    for side in (-1, 1):
        c.fill(at(rounded(side * 0.74 - 0.14, -0.42, side * 0.74 + 0.14, 0.02, 0.06)), "#08080c")
    shell = path("0,-1.18 0.42,-1.18 0.68,-1.08 0.9,-0.68 1,-0.5 0.98,-0.18 0.6,-0.12 0,-0.12")
    tones = [
        (0, mix(paint, "#8fa0e0", 0.5)),
        (0.35, mix(paint, "#000000", 0.3)),
        (0.45, mix(paint, "#c0d0ff", 0.45)),
        (0.62, paint),
        (1, mix(paint, "#000000", 0.7)),
    ]
    _banded(c, at(smooth(mirrored(shell))), tones)
    glass = path("0,-1.1 0.4,-1.1 0.6,-1.03 0.74,-0.7 0.3,-0.67 0,-0.67")
    c.fill(at(smooth(mirrored(glass))), "#10182c")
    c.light(c.mask(at(path("-0.5,-0.7 -0.22,-1.09 0,-1.09 -0.28,-0.69"))), "#8fa8e0", 0.35)
    c.fill(at(rounded(-0.46, -0.44, 0.46, -0.25, 0.06)), "#0a0c14")
    for bar in (-0.39, -0.33, -0.28):
        c.fill(at(rect(-0.43, bar, 0.43, bar + 0.018)), "#8a94b0")
    c.fill(at(rounded(-0.2, -0.22, 0.2, -0.12, 0.02)), "#f4f0dc")
    for side in (-1, 1):
        lx, ly = (float(place) for place in at([(side * 0.72, -0.44)])[0])
        c.glow(lx, ly, s * 0.6, "#fff0c0", 0.5)
        c.glow(lx, ly, s * 0.22, "#fff8e0", 0.9)
        c.fill(ellipse(lx, ly, s * 0.13, s * 0.1), "#ffffff")
        end = lx + side * 20
        beam = [(lx - 8, ground - 8), (lx + 8, ground - 8), (end + 40, 410), (end - 40, 410)]
        c.light(c.mask(beam, blur=10), "#fff0c0", 0.5)


SCENES = {
    "car_green_mountain_road_06": mountain_road,
    "car_night_headlights_07": night_drive,
}
