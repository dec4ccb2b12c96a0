"""Planets and moons: shaded spheres with noise wrapped round them, rings, stars and nebulae."""

from __future__ import annotations

import numpy as np

from drawing.canvas import Canvas, Mask
from drawing.globes import bands, disc, globe, rings, space, texture_map, wrap
from drawing.noise import fbm
from drawing.palette import FloatArray, Rng, mix, ramp
from drawing.terrain import View, render


def ringed(rng: Rng) -> Canvas:
    """A golden ringed giant."""
    c = Canvas()
    space(c, rng, "#070a18", ("#3a2a6a", "#174a6a"), 0.5)
    spec = (240.0, 178.0, 92.0)
    rings(c, rng, spec, -0.3, 0.28, "#e8cfa0", False)
    mask, normals = disc(c, *spec)
    surface = bands(
        rng,
        [
            (0, "#a8845a"),
            (0.25, "#e8c890"),
            (0.42, "#c99a62"),
            (0.5, "#f6e3b8"),
            (0.62, "#d8ae78"),
            (0.8, "#b88a5a"),
            (1, "#8a6a4a"),
        ],
        normals,
        -0.3,
    )
    globe(c, spec[:2], spec[2], surface, mask, (-0.75, -0.35, 0.55), "#ffe6b0", 0.25)
    rings(c, rng, spec, -0.3, 0.28, "#f0d8ac", True)
    small, bumps = disc(c, 405, 66, 13)
    globe(
        c,
        (405, 66),
        13,
        mix("#7a7a88", "#c8c4cc", wrap(texture_map(rng, 6), bumps)),
        small,
        (-0.75, -0.35, 0.55),
        "#dfe0ff",
        0.1,
    )
    return c


def blue(rng: Rng) -> Canvas:
    """A blue world of seas, green land and swirling cloud."""
    c = Canvas(400, 400)
    space(c, rng, "#04060f", ("#12305a", "#1d1a4a"), 0.4)
    centre, radius = (205.0, 205.0), 140.0
    mask, normals = disc(c, *centre, radius)
    land = wrap(texture_map(rng, 3), normals, 0.2)
    surface = ramp(
        [
            (0, "#06214f"),
            (0.5, "#1466a8"),
            (0.545, "#3fa3c8"),
            (0.555, "#d8c890"),
            (0.6, "#4f8a4a"),
            (0.72, "#2f6a3a"),
            (0.85, "#9a8a60"),
            (1, "#f4f4f4"),
        ],
        land,
    )
    polar = np.clip((np.abs(normals[1]) - 0.86) * 14 + (land - 0.5) * 2, 0, 1)
    surface = mix("#000000", "#ffffff", polar) + surface * (1 - polar)[..., None]
    swirl = texture_map(rng, 4, 7)
    bent = np.roll(swirl, 40, axis=1) * 0.5 + texture_map(rng, 6, 6, sharp=True) * 0.5
    cover = np.clip(wrap(bent.astype(np.float32), normals, 0.6) * 3.2 - 1.35, 0, 1)
    surface = surface * (1 - cover)[..., None] + cover[..., None]
    globe(c, centre, radius, surface.astype(np.float32), mask, (-0.6, -0.5, 0.6), "#7ac4ff", 0.75)
    return c


def red(rng: Rng) -> Canvas:
    """A rust-red desert planet with craters and two small moons."""
    c = Canvas()
    space(c, rng, "#0d0708", ("#4a1f2a", "#3a2a4a"), 0.45)
    centre, radius = (180.0, 190.0), 118.0
    mask, normals = disc(c, *centre, radius)
    rough = texture_map(rng, 4, 8, 0.58)
    down, across = np.gradient(rough)
    shade = wrap(np.clip(0.5 + (across + down) * 14, 0, 1).astype(np.float32), normals, 0.4)
    tone = wrap(rough, normals, 0.4)
    surface = (
        ramp([(0.2, "#5a2418"), (0.45, "#b0522c"), (0.6, "#d97f45"), (0.8, "#efb98a")], tone)
        * (0.6 + 0.6 * shade)[..., None]
    )
    cap = np.clip((-normals[1] - 0.9) * 16 + tone * 2 - 1, 0, 1)[..., None]
    globe(
        c,
        centre,
        radius,
        (surface * (1 - cap) + cap).astype(np.float32),
        mask,
        (0.75, -0.4, 0.45),
        "#ffb27a",
        0.45,
    )
    for x, y, r in ((390, 96, 20), (428, 236, 8)):
        small, bumps = disc(c, x, y, r)
        globe(
            c,
            (x, y),
            r,
            mix("#5a504c", "#b8aca0", wrap(texture_map(rng, 5), bumps)),
            small,
            (0.75, -0.4, 0.45),
            "#ffe0c0",
            0.1,
        )
    return c


def striped(rng: Rng) -> Canvas:
    """A close view of a banded giant that fills a portrait picture."""
    c = Canvas(360, 480)
    space(c, rng, "#05060d", ("#26305a", "#402040"), 0.4)
    centre, radius = (330.0, 270.0), 265.0
    mask, normals = disc(c, *centre, radius)
    surface = bands(
        rng,
        [
            (0, "#7a5a48"),
            (0.15, "#c99a74"),
            (0.27, "#f0e0c4"),
            (0.36, "#a8583a"),
            (0.43, "#e8c8a0"),
            (0.52, "#fff2dc"),
            (0.6, "#c07a50"),
            (0.68, "#ecd4b0"),
            (0.8, "#a8744f"),
            (1, "#6a4f42"),
        ],
        normals,
        0.22,
    )
    x, y = c.grid(mask)
    spot = ((x - 225) / 46) ** 2 + ((y - 345) / 25) ** 2
    ringing = np.clip(1.15 - spot, 0, 1) * (0.8 + 0.2 * np.cos(spot * 12))
    surface = (
        mix("#000000", "#c4502f", 1.0) * ringing[..., None] + surface * (1 - ringing)[..., None]
    )
    globe(c, centre, radius, surface.astype(np.float32), mask, (-0.7, -0.35, 0.6), "#ffd8b0", 0.3)
    moon_mask, bumps = disc(c, 92, 120, 26)
    globe(
        c,
        (92, 120),
        26,
        mix("#8a8468", "#f0e8c0", wrap(texture_map(rng, 5), bumps)),
        moon_mask,
        (-0.7, -0.35, 0.6),
        "#fff0c0",
        0.2,
    )
    return c


def earthrise(rng: Rng) -> Canvas:
    """A blue planet above the cratered ground of its moon."""
    c = Canvas()
    space(c, rng, "#030409", ("#101a3a", "#201030"), 0.25)
    centre, radius = (300.0, 118.0), 62.0
    mask, normals = disc(c, *centre, radius)
    land = wrap(texture_map(rng, 3), normals, 0.7)
    surface = ramp(
        [(0, "#0a2c66"), (0.52, "#2a86c4"), (0.55, "#8a9a5a"), (0.75, "#4a7a48"), (1, "#d8d0b0")],
        land,
    )
    cover = np.clip(wrap(texture_map(rng, 5, 7, sharp=True), normals) * 2.4 - 0.7, 0, 1)[..., None]
    globe(
        c,
        centre,
        radius,
        (surface * (1 - cover) + cover).astype(np.float32),
        mask,
        (-0.6, -0.6, 0.35),
        "#8ad0ff",
        0.7,
    )
    _lunar_ground(c, rng)
    return c


def _lunar_ground(c: Canvas, rng: Rng) -> None:
    """Render a cratered plain as a height map, grey, lit from the left."""
    land = fbm(rng, (768, 768), (10, 10), 7, 0.5) * 16
    rows, columns = np.mgrid[0:768, 0:768].astype(np.float32)
    for _ in range(420):
        y, x, r = rng.uniform(0, 768), rng.uniform(0, 768), 3 + 26 * rng.random() ** 5
        top, left = max(0, int(y - 2 * r)), max(0, int(x - 2 * r))
        box = np.s_[top : int(y + 2 * r), left : int(x + 2 * r)]
        far = np.hypot(rows[box] - y, columns[box] - x) / r
        land[box] += r * (
            0.16 * np.exp(-(((far - 1) / 0.22) ** 2)) - 0.3 * np.clip(1 - far**2, 0, 1)
        )

    def colour(
        height: FloatArray, light: FloatArray, steep: FloatArray, share: FloatArray
    ) -> FloatArray:
        return mix("#16161c", "#d4d0ca", np.clip(light * 1.5 - 0.12 + 0.004 * height, 0, 1))

    render(c, land, View(214, 420, 40, 60, 700, 0, 384), (-0.85, 0.2, 0.4), colour)


def lava(rng: Rng) -> Canvas:
    """A dark world of glowing cracks near a red sun."""
    c = Canvas()
    space(c, rng, "#0c0409", ("#5a1420", "#6a2a10"), 0.6)
    c.glow(436, 40, 70, "#ff6a3a", 0.7)
    c.glow(436, 40, 24, "#ffe0b0", 0.9)
    centre, radius = (215.0, 192.0), 128.0
    mask, normals = disc(c, *centre, radius)
    cracks = np.clip(wrap(texture_map(rng, 6, 6, 0.5, True), normals, 0.3) * 2.4 - 1.12, 0, 1)
    crust = mix("#1a1214", "#6a4a44", wrap(texture_map(rng, 6, 7, 0.6), normals, 0.1))
    globe(c, centre, radius, crust, mask, (0.8, -0.55, 0.3), "#ff8a5a", 0.5)
    heat = Mask((mask.alpha * cracks).astype(np.float32), mask.left, mask.top)
    c.light(heat, "#ff5a1a", 0.95)
    c.light(Mask(heat.alpha**3, mask.left, mask.top), "#ffe08a", 0.9)
    return c


def ice(rng: Rng) -> Canvas:
    """A pale turquoise ice giant with a thin upright ring, in a teal nebula."""
    c = Canvas()
    space(c, rng, "#04101a", ("#0f6a6a", "#2a2f8a"), 0.75)
    spec = (250.0, 184.0, 74.0)
    rings(c, rng, spec, 1.25, 0.2, "#a8d8e0", False)
    mask, normals = disc(c, *spec)
    surface = bands(
        rng,
        [(0, "#5aa8c0"), (0.35, "#8fdbe0"), (0.5, "#c8f4f0"), (0.7, "#7ac8d8"), (1, "#4a8ab0")],
        normals,
        1.25,
    )
    globe(c, spec[:2], spec[2], surface, mask, (-0.6, 0.45, 0.6), "#b0f4ff", 0.5)
    rings(c, rng, spec, 1.25, 0.2, "#c8ecf0", True)
    for x, y, r in ((96, 90, 9), (150, 300, 6), (392, 280, 14)):
        small, bumps = disc(c, x, y, r)
        globe(
            c,
            (x, y),
            r,
            mix("#6a8090", "#d8e8f0", wrap(texture_map(rng, 5), bumps)),
            small,
            (-0.6, 0.45, 0.6),
            "#d0f0ff",
            0.15,
        )
    return c


SCENES = {
    "planet_ringed_01": ringed,
    "planet_blue_02": blue,
    "planet_red_03": red,
    "planet_striped_giant_04": striped,
    "planet_earthrise_05": earthrise,
    "planet_lava_06": lava,
    "planet_ice_07": ice,
}
