"""Textures seen from straight above: bricks, stones, weaves, cloth, knitting and planks."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from drawing.canvas import Canvas, soften
from drawing.noise import fbm, lookup
from drawing.palette import FloatArray, Ink, Rng, ink, mix, ramp
from drawing.relief import lambert
from drawing.shapes import curve, move, path, stroke

Cells = npt.NDArray[np.integer[Any]]


def _lit(
    canvas: Canvas, colour: FloatArray, height: FloatArray, depth: float, floor: float = 0.35
) -> None:
    """Light a coloured height field from the upper left and fill the canvas with it."""
    light = lambert(height, depth)
    canvas.pixels[:] = np.clip(colour * (floor + (1.32 - floor) * light)[..., None], 0, 1)


def _spread(rng: Rng, stops: list[tuple[float, Ink]], keys: FloatArray) -> FloatArray:
    """Give each cell key (integers as floats) a colour of its own from the gradient."""
    table = rng.random(4096).astype(np.float32)
    return ramp(stops, table[keys.astype(np.int64) % 4096])


def _tile(
    canvas: Canvas, wide: float, tall: float, shift: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return each pixel's place in its brick (u, v in 0..1) and the brick's key."""
    row = np.floor(canvas.y / tall)
    across = canvas.x / wide + row * shift
    u, v = across - np.floor(across), np.broadcast_to(canvas.y / tall - row, canvas.shape)
    key = np.floor(across) * 57 + row * 131
    return u.astype(np.float32), v.astype(np.float32), key.astype(np.float32)


def _brick_wall(
    rng: Rng,
    canvas: Canvas,
    wide: float,
    tall: float,
    stops: list[tuple[float, Ink]],
    mortar: Ink,
    rough: float = 1.0,
) -> None:
    u, v, key = _tile(canvas, wide, tall, 0.5)
    bumps = fbm(rng, canvas.shape, (40, 54), 5, 0.6)
    wander = (fbm(rng, canvas.shape, (30, 40), 3) - 0.5) * 5 * rough
    edge = np.minimum(np.minimum(u, 1 - u) * wide, np.minimum(v, 1 - v) * tall) + wander
    body = np.clip((edge - 1.8) / 2.2, 0, 1)
    colour = _spread(rng, stops, key) * (0.72 + 0.5 * bumps)[..., None]
    sand = (
        mix(mortar, "#ffffff", 0.0)
        * (0.75 + 0.45 * fbm(rng, canvas.shape, (90, 120), 3))[..., None]
    )
    blend = sand + (colour - sand) * body[..., None]
    _lit(
        canvas,
        blend.astype(np.float32),
        soften(body.astype(np.float32), 2) * 5 + bumps * 3.2 * rough,
        0.9,
    )


def red_brick(rng: Rng) -> Canvas:
    """A running bond of red bricks."""
    c = Canvas()
    _brick_wall(
        rng,
        c,
        80,
        30,
        [(0, "#7c3226"), (0.4, "#a8462f"), (0.75, "#bf5d3c"), (1, "#8f4a3e")],
        "#b8ab9c",
    )
    return c


def white_brick(rng: Rng) -> Canvas:
    """Whitewashed bricks in raking light, with ivy over a corner."""
    c = Canvas(400, 400)
    _brick_wall(rng, c, 66, 25, [(0, "#e8e4dc"), (0.6, "#f6f3ec"), (1, "#dcd6cc")], "#e2ddd4", 1.3)
    shade = np.clip((c.x * 0.7 + c.y - 330) / 260, 0, 1)
    c.shade(c.whole(shade), "#8fa0c0", 0.55)
    _ivy(c, rng)
    return c


def _ivy(c: Canvas, rng: Rng) -> None:
    leaf = path("0,-7 3,-3 7,-2 4.5,2 4,6 0,4 -4,6 -4.5,2 -7,-2 -3,-3")
    vines = [
        curve((-10, -10), (80 + 60 * i, 60 - 30 * i), (40 + 70 * i, 250 - 42 * i), 40)
        for i in range(4)
    ]
    for vine in vines:
        c.fill(stroke(vine, 2.4, 1), "#4a3a2c")
    for _ in range(230):
        vine = vines[int(rng.integers(4))]
        x, y = vine[int(rng.integers(0, 40))] + rng.normal(0, 9, 2)
        placed = move(
            leaf, float(x), float(y), scale=rng.uniform(0.7, 1.7), angle=rng.uniform(0, 360)
        )
        c.shade(c.mask(placed + np.array([2.0, 3.0]), blur=1.2), "#3a4a50", 0.5)
        c.fill(placed, mix("#1d4a26", "#7db354", float(rng.random())))


def herringbone(rng: Rng) -> Canvas:
    """Herringbone paving of grey and sand bricks, portrait."""
    c = Canvas(360, 480)
    unit = 24.0
    i = np.floor(c.x / unit).astype(np.int64) + 0 * np.floor(c.y / unit).astype(np.int64)
    j = np.floor(c.y / unit).astype(np.int64) + 0 * i
    fx, fy = (c.x / unit) % 1 + 0 * j, (c.y / unit) % 1 + 0 * i
    phase = (i - j) % 4
    level = phase < 2
    along = np.where(level, fx + phase, fy + (3 - phase) % 2)
    across = np.where(level, fy, fx)
    key = np.where(level, (i - phase) * 71 + j * 113, i * 197 + (j - (3 - phase) % 2) * 61 + 1531)
    edge = np.minimum(np.minimum(along, 2 - along), np.minimum(across, 1 - across)) * unit
    body = np.clip((edge - 0.9) / 1.8, 0, 1).astype(np.float32)
    bumps = fbm(rng, c.shape, (60, 45), 5, 0.6)
    colour = _spread(
        rng,
        [(0, "#6a6a70"), (0.4, "#98928a"), (0.7, "#b8a890"), (1, "#7c6f68")],
        key.astype(np.float32),
    )
    colour = colour * (0.75 + 0.45 * bumps)[..., None]
    blend = ink("#4a4640") + (colour - ink("#4a4640")) * body[..., None]
    _lit(c, blend.astype(np.float32), soften(body, 2) * 4 + bumps * 3, 0.9)
    return c


def basket(rng: Rng) -> Canvas:
    """A wicker basket weave: strands over and under."""
    c = Canvas()
    wide, tall = 34.0, 17.0
    column, row = np.floor(c.x / wide), np.floor(c.y / tall)
    over = (column + row) % 2 == 0
    phase = np.where(over, c.x / wide - column, c.x / wide - column)
    arch = np.sin(np.pi * phase)
    strand = np.sqrt(np.clip(1 - ((c.y / tall - row) * 2 - 1) ** 2 * 1.02, 0, 1))
    post = np.sqrt(np.clip(1 - ((phase - 0.5) * 3.6) ** 2, 0, 1))
    height = np.where(
        over, strand * (0.35 + 0.65 * arch), np.maximum(strand * (0.7 - 0.6 * arch), post * 0.62)
    )
    fibres = fbm(rng, c.shape, (200, 10), 3)
    upright = fbm(rng, c.shape, (8, 240), 3)
    is_post = ~over & (post * 0.62 > strand * (0.7 - 0.6 * arch))
    grain = np.where(is_post, upright, fibres)
    base = _spread(
        rng,
        [(0, "#a8743f"), (0.5, "#c99a5a"), (1, "#dfb87a")],
        (row * 37 + np.floor((column + row) / 2) * 91 + 400),
    )
    colour = np.where(is_post[..., None], ink("#8a5a30"), base) * (0.72 + 0.5 * grain)[..., None]
    colour = colour * (0.35 + 0.65 * np.clip(height * 1.25, 0, 1))[..., None]
    _lit(c, colour.astype(np.float32), (height * 9 + grain * 1.2).astype(np.float32), 0.8, 0.45)
    return c


def tartan(rng: Rng) -> Canvas:
    """A tartan cloth: twill of red, green, navy and yellow threads, softly creased."""
    c = Canvas()
    sett = [
        ("#a81f28", 30),
        ("#12213f", 8),
        ("#a81f28", 8),
        ("#1d4a34", 26),
        ("#e8c84a", 3),
        ("#1d4a34", 26),
        ("#a81f28", 8),
        ("#12213f", 8),
    ]
    threads = np.concatenate(
        [np.repeat(ink(colour)[None], count * 2, axis=0) for colour, count in sett]
    )
    folds = (fbm(rng, c.shape, (2, 3), 3) - 0.5) * 26
    u, v = c.x + folds + c.y * 0.06, c.y + folds * 0.7 - c.x * 0.05
    warp = threads[(u * 2).astype(np.int64) % len(threads)]
    weft = threads[(v * 2).astype(np.int64) % len(threads)]
    step = ((u / 1.5).astype(np.int64) + (v / 1.5).astype(np.int64)) % 4 < 2
    colour = (
        np.where(step[..., None], warp, weft)
        * (0.86 + 0.22 * fbm(rng, c.shape, (120, 160), 3))[..., None]
    )
    _lit(
        c,
        colour.astype(np.float32),
        soften((folds / 26 + 0.5).astype(np.float32), 6) * 60,
        0.9,
        0.5,
    )
    return c


def knit(rng: Rng) -> Canvas:
    """A knitted wool jumper in teal with a cream pattern, square."""
    c = Canvas(400, 400)
    wide, tall = 20.0, 17.0
    column = np.floor(c.x / wide)
    fx = (c.x / wide - column) * 2 - 1
    slant = c.y / tall + np.abs(fx) * 0.75
    row = np.floor(slant)
    fy = slant - row
    across = (np.abs(fx) - 0.5) * 2
    strand = np.sqrt(np.clip(1 - (across * 0.98) ** 2, 0, 1)) * np.sqrt(
        np.clip(1 - (fy * 2 - 1) ** 2 * 0.9, 0, 1)
    )
    twist = 0.5 + 0.5 * np.sin((fy * 2 + across * 1.6 * np.sign(fx)) * 8)
    fuzz = fbm(rng, c.shape, (140, 140), 3, 0.7)
    pattern = _snowflake(column.astype(np.int64) + 0 * row.astype(np.int64), row.astype(np.int64))
    colour = np.where(pattern[..., None], ink("#f0e6d0"), ink("#1f7a80"))
    colour = (
        colour * (0.7 + 0.25 * twist + 0.25 * fuzz)[..., None] * (0.3 + 0.7 * strand)[..., None]
    )
    _lit(
        c, colour.astype(np.float32), (strand * 7 + twist * 0.7 + fuzz).astype(np.float32), 0.8, 0.5
    )
    return c


def _snowflake(column: Cells, row: Cells) -> npt.NDArray[np.bool_]:
    i, j = np.abs((column + 5) % 10 - 5), np.abs((row + 6) % 12 - 6)
    star = ((i == j) & (i < 4)) | ((i == 0) & (j < 5)) | ((j == 0) & (i < 5))
    return np.asarray(star | ((j == 6) & (i % 2 == 0)))


def planks(rng: Rng) -> Canvas:
    """Weathered wooden planks with knots and nails."""
    c = Canvas()
    tall = 60.0
    row = np.floor(c.y / tall)
    v = c.y / tall - row
    bend = fbm(rng, c.shape, (9, 3), 3) * 26
    field = fbm(rng, (512, 512), (96, 5), 4, 0.6)
    rings = lookup(
        field,
        np.broadcast_to(c.y * 1.6 + bend, c.shape).astype(np.float32),
        np.broadcast_to(c.x * 0.35 + row * 97, c.shape).astype(np.float32),
    )
    for k in range(9):
        kx, ky = rng.uniform(20, 460), (k % 6 + rng.uniform(0.35, 0.65)) * tall
        far = np.sqrt(((c.x - kx) / 2.1) ** 2 + (c.y - ky) ** 2)
        near = np.exp(-((far / 9) ** 2))
        rings = rings * (1 - near) + near * (0.35 + 0.3 * np.sin(far * 2.2)) * np.clip(
            far / 4, 0.15, 1
        )
    tone = _spread(
        rng, [(0, "#8a6a4c"), (0.5, "#a8835c"), (1, "#7c6a58")], row * 31 + np.zeros_like(c.x) + 900
    )
    colour = tone * (0.5 + 0.85 * rings)[..., None]
    gap = np.clip(np.minimum(v, 1 - v) * tall / 2.2, 0, 1)
    colour = colour * (0.15 + 0.85 * gap)[..., None]
    _lit(
        c,
        colour.astype(np.float32),
        (rings * 3.5 + soften(np.broadcast_to(gap, c.shape).astype(np.float32), 2) * 4).astype(
            np.float32
        ),
        0.8,
        0.5,
    )
    return c


SCENES = {
    "texture_red_brick_01": red_brick,
    "texture_white_brick_ivy_02": white_brick,
    "texture_herringbone_brick_03": herringbone,
    "texture_woven_basket_04": basket,
    "texture_woven_tartan_05": tartan,
    "texture_knitted_wool_06": knit,
    "texture_wood_planks_07": planks,
}
