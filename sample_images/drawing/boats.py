"""Sailing boats: yacht, regatta, tall ship, lagoon catamaran, fjord and moonlit cutter."""

from __future__ import annotations

import numpy as np

from drawing.canvas import Canvas
from drawing.noise import line_noise
from drawing.palette import Rng, mix
from drawing.plants import conifers
from drawing.rigs import catamaran, hull_shadow, sloop, three_master, wake
from drawing.shapes import path, smooth
from drawing.sky import birds, clouds, haze, moon, stars, sun
from drawing.sunsets import hills, palm
from drawing.water import glitter, reflect, shore


def yacht(rng: Rng) -> Canvas:
    """A white yacht on a bright blue sea."""
    c = Canvas()
    c.vertical([(0, "#2d7cc8"), (0.7, "#9bd0ee"), (1, "#e0f0f4")], 0, 225)
    clouds(c, rng, 215, 0.35, "#ffffff", "#b4cfe4", 3.2, 2.2)
    hills(c, rng, 225, 22, "#8fb0c4", 4)
    sloop(c, 235, 262, 232, "#1d3a6a", ("#c4d2e0", "#ffffff"))
    reflect(c, rng, 225, [(0, "#5aa8d0"), (0.5, "#1f78b0"), (1, "#0c4a84")], 0.55, 9, 24)
    glitter(c, rng, 225, 380, "#ffffff", (60, 120), 0.5)
    hull_shadow(c, 235, 266, 232)
    sloop(c, 235, 262, 232, "#1d3a6a", ("#c4d2e0", "#ffffff"))
    wake(c, rng, 235, 266, 232)
    birds(c, rng, 390, 90, 5, 9, "#ffffff")
    return c


def regatta(rng: Rng) -> Canvas:
    """A regatta of coloured spinnakers under clouds."""
    c = Canvas()
    c.vertical([(0, "#4a90cc"), (0.7, "#b9dcec"), (1, "#eef2ea")], 0, 208)
    clouds(c, rng, 180, 0.5, "#ffffff", "#a4bdd4", 3, 2.4)
    hills(c, rng, 208, 40, "#93b3ba", 3)
    hills(c, rng, 208, 20, "#5f8c7a", 6)
    _far_fleet(c)
    reflect(c, rng, 208, [(0, "#6aaccc"), (0.4, "#2f7fb4"), (1, "#124f86")], 0.6, 9, 22)
    _far_fleet(c)
    for x, y, size, tone in ((118, 242, 122, "#2f6fd0"), (330, 258, 160, "#e0356a")):
        hull_shadow(c, x, y, size)
        kite = (mix(tone, "#000000", 0.35), mix(tone, "#ffffff", 0.1))
        sloop(c, x, y, size, "#20304a", ("#ccd8e4", "#ffffff"), False, 5, kite)
        wake(c, rng, x, y + 4, size)
    return c


def _far_fleet(c: Canvas) -> None:
    for x, y, size, tone in (
        (70, 200, 52, "#d83a3a"),
        (165, 203, 58, "#f2b82f"),
        (262, 201, 50, "#7a4ab0"),
        (352, 206, 66, "#2fa06a"),
        (440, 203, 56, "#f07a2f"),
    ):
        kite = (mix(tone, "#000000", 0.3), tone)
        sloop(c, x, y, size, "#f4f4f0", ("#d0dae2", "#ffffff"), False, 3, kite)


def tall_ship(rng: Rng) -> Canvas:
    """A three-masted ship before a low sun."""
    c = Canvas()
    c.vertical([(0, "#405a8a"), (0.5, "#d99a7a"), (0.85, "#ffcf80"), (1, "#ffe6ac")], 0, 252)
    clouds(c, rng, 235, 0.5, "#ffd9a4", "#8a6a80", 2.6, 3, below=True)
    sun(c, 330, 205, 32, "#fff6d8", "#ffb050")
    three_master(c, 210, 254, 205)
    reflect(c, rng, 254, [(0, "#e0a468"), (0.5, "#8a5f62"), (1, "#2f3358")], 0.85, 8, 20)
    glitter(c, rng, 254, 330, "#ffe2a0", (20, 60), 0.8)
    shore(c, 254, "#ffe6b0", 0.4)
    return c


def lagoon(rng: Rng) -> Canvas:
    """A catamaran in a turquoise lagoon, framed by a palm."""
    c = Canvas()
    c.vertical([(0, "#2a8fd8"), (0.8, "#a8e0f0"), (1, "#e4f6f2")], 0, 170)
    clouds(c, rng, 160, 0.4, "#ffffff", "#b0d4e4", 3.2, 2.4)
    hills(c, rng, 171, 26, "#5f9f8a", 5)
    c.fill(smooth(path("-10,172 150,167 330,168 490,172 490,176 -10,176")), "#f2e4b8")
    water = reflect(
        c,
        rng,
        173,
        [(0, "#1f8fb8"), (0.25, "#2fc0cc"), (0.65, "#6fe4d8"), (1, "#c4f4e0")],
        0.4,
        8,
        26,
    )
    first = c.shape[0] - water.shape[0]
    net = (
        np.exp(-((water / 0.1) ** 2))
        * np.linspace(0.05, 0.7, water.shape[0], dtype=np.float32)[:, None]
    )
    view = c.pixels[first:]
    view += (1 - view) * (net * 0.5)[..., None]
    hull_shadow(c, 265, 246, 170)
    catamaran(c, 265, 240, 170)
    wake(c, rng, 265, 246, 150)
    palm(c, rng, 40, 380, 300, 62, "#1f4a34")
    return c


def fjord(rng: Rng) -> Canvas:
    """A small boat with red sails in a steep fjord, portrait."""
    c = Canvas(360, 480)
    c.vertical([(0, "#8fa8bc"), (1, "#e6e8e2")], 0, 320)
    clouds(c, rng, 300, 0.6, "#f4f4f0", "#9fb0c0", 3, 2.0)
    for side, colour, top, reach in (
        (1, "#9db2be", 120, 250),
        (-1, "#7f9aa8", 70, 230),
        (1, "#587a84", 30, 150),
        (-1, "#35585c", 130, 105),
    ):
        xs = np.linspace(0, 1, 120)
        ys = top + (320 - top) * xs**0.8
        ys = ys + (line_noise(rng, 120, 5, 5) - 0.5) * 50 * (1 - xs)
        px = 180 + side * (190 - xs * reach)
        edge = np.concatenate(
            [np.stack([px, ys], 1), [(180 + side * 195, 322), (180 + side * 195, top)]]
        )
        c.fill(edge, colour)
        haze(c, 260, 350, "#e0e6e6", 0.3)
    conifers(c, rng, 322, (10, 30), 34, "#23453f", 1, (-5, 120))
    conifers(c, rng, 322, (8, 22), 26, "#2f5450", 1, (250, 365))
    sloop(c, 190, 322, 120, "#6a3a24", ("#8f1f24", "#e8483a"), True, 3)
    reflect(c, rng, 322, [(0, "#b4c8c8"), (0.5, "#4f7f84"), (1, "#183f48")], 0.92, 4, 18)
    shore(c, 322, "#f4f8f4", 0.4)
    sloop(c, 190, 325, 120, "#6a3a24", ("#8f1f24", "#e8483a"), True, 3)
    wake(c, rng, 190, 327, 110, True)
    return c


def moonlit(rng: Rng) -> Canvas:
    """A cutter under the moon, square."""
    c = Canvas(400, 400)
    c.vertical([(0, "#08122e"), (0.7, "#1f3f6a"), (1, "#4f7f9c")], 0, 262)
    stars(c, rng, 220, 120)
    clouds(c, rng, 250, 0.3, "#9fbcd4", "#1d3558", 2.4, 3.2, opacity=0.7)
    moon(c, rng, 128, 96, 34)
    hills(c, rng, 262, 22, "#173252", 4)
    sloop(c, 240, 268, 176, "#101c30", ("#2f4a68", "#7f9cb4"), True, 3)
    reflect(c, rng, 262, [(0, "#4a7a98"), (1, "#060f24")], 0.8, 8, 20)
    glitter(c, rng, 262, 128, "#f4f0d4", (14, 60), 0.85)
    sloop(c, 240, 268, 176, "#101c30", ("#2f4a68", "#7f9cb4"), True, 3)
    c.glow(240, 92, 3, "#ffe6a0", 0.9)
    c.glow(262, 252, 5, "#ff9a4a", 0.8)
    return c


SCENES = {
    "sailing_boat_yacht_01": yacht,
    "sailing_boats_regatta_02": regatta,
    "sailing_ship_sunset_03": tall_ship,
    "sailing_boat_lagoon_04": lagoon,
    "sailing_boat_fjord_05": fjord,
    "sailing_boat_moonlight_06": moonlit,
}
