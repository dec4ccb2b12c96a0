"""Fruit seen cut open: oranges, lemons and a watermelon."""

from __future__ import annotations

import numpy as np

from drawing.canvas import Canvas
from drawing.flowers import leaf
from drawing.fruit import sphere, table
from drawing.noise import fbm
from drawing.palette import Ink, Rng, ink, mix, ramp
from drawing.relief import cast_shadow, cushion
from drawing.shapes import Points, blob, ellipse, move, path, rounded, smooth, stroke


def _slice(
    c: Canvas,
    rng: Rng,
    cx: float,
    cy: float,
    r: float,
    rind: Ink,
    pulp: tuple[Ink, Ink],
    segments: int = 10,
) -> None:
    c.shade(
        c.mask(ellipse(cx + r * 0.08, cy + r * 0.12, r * 1.02, r * 1.02), blur=r * 0.08),
        "#4a3a34",
        0.55,
    )
    c.fill(ellipse(cx, cy, r, r), rind)
    c.fill(ellipse(cx, cy, r * 0.94, r * 0.94), mix("#fff6e0", rind, 0.12))
    spin = rng.uniform(0, 360)
    for k in range(segments):
        half = 180 / segments - 1.6
        turn = np.deg2rad(np.linspace(-half, half, 12) - 90)
        arc = np.stack([np.cos(turn), np.sin(turn)], 1) * r * 0.86
        wedge = smooth(np.concatenate([[(0, -r * 0.09)], arc[::3], arc[-1:]]), steps=5)
        shape = move(wedge, cx, cy, angle=spin + k * 360 / segments)
        mask = cushion(c, shape, pulp[0], pulp[1], r * 0.06)
        if mask.alpha.size:
            cells = fbm(rng, mask.alpha.shape, (10, 10), 3, 0.7)
            c.light(
                mask._replace(alpha=(mask.alpha * np.clip(cells - 0.5, 0, 1)).astype(np.float32)),
                "#fff2b0",
                0.6,
            )
    c.fill(ellipse(cx, cy, r * 0.07, r * 0.07), "#fff2d8")


def orange(c: Canvas, rng: Rng, cx: float, cy: float, r: float, skin: Ink) -> None:
    """Draw a whole orange with a pored skin."""
    cast_shadow(c, cx + r * 0.3, cy + r * 0.75, r * 1.05, r * 0.3, "#4a342a", 0.6)
    mask = c.mask(ellipse(cx, cy, r, r * 0.97))
    pores = fbm(rng, mask.alpha.shape, (r * 0.7, r * 0.7), 2, 0.8)
    sphere(
        c,
        mask,
        (cx, cy, r, r),
        ink(skin) * (0.85 + 0.25 * pores)[..., None],
        shine=0.45,
        bounce="#ffb050",
    )
    c.fill(blob(rng, cx - r * 0.1, cy - r * 0.55, r * 0.1, r * 0.07, 0.4), "#5a7a2a")


def oranges(rng: Rng) -> Canvas:
    """Oranges, whole and halved, on a blue cloth seen from above; square."""
    c = Canvas(400, 400)
    weave = np.sin(c.x * 2.6) * np.sin(c.y * 2.6)
    folds = fbm(rng, c.shape, (2, 3), 3)
    c.pixels[:] = mix("#24567f", "#6fa8cc", np.clip(folds + weave * 0.07, 0, 1).astype(np.float32))
    for x, y, r in ((115, 110, 78), (300, 300, 84)):
        orange(c, rng, x, y, r, "#f58a1f")
    _slice(c, rng, 288, 112, 74, "#f08a1c", ("#e8700f", "#ffb43a"))
    _slice(c, rng, 112, 290, 80, "#f08a1c", ("#e0660a", "#ffa82f"), 11)
    leaf(c, 200, 205, 92, 42, 40, "#1f5a2a", "#7fb848")
    leaf(c, 198, 210, 80, 38, -55, "#1f5a2a", "#6aa83c")
    return c


def lemons(rng: Rng) -> Canvas:
    """Lemons and slices in a pattern on mint green, from above."""
    c = Canvas()
    c.pixels[:] = mix(
        "#bfe6d2", "#8fcfb8", np.clip(c.x / 480 * 0.5 + c.y / 360 * 0.6, 0, 1).astype(np.float32)
    )
    for row in range(3):
        for column in range(4):
            x, y = 66 + column * 118 - (row % 2) * 26, 62 + row * 118
            if (row + column) % 2:
                _slice(c, rng, x, y, 45, "#f2c81c", ("#f0c420", "#fff08a"), 9)
            else:
                _lemon(c, rng, x, y, 46, rng.uniform(-40, 40))
    return c


def _lemon(c: Canvas, rng: Rng, x: float, y: float, r: float, angle: float) -> None:
    outline = smooth(
        path(
            "-1.22,0 -1.05,-0.18 -0.8,-0.56 0,-0.8 0.8,-0.56 1.02,-0.2 1.26,-0.04 "
            "1.26,0.08 1.02,0.2 0.8,0.56 0,0.8 -0.8,0.56 -1.05,0.18"
        )
    )
    shape = move(outline, x, y, r, angle)
    c.shade(c.mask(shape + np.array([5.0, 8.0]), blur=6), "#3a6a5a", 0.6)
    mask = c.mask(shape)
    pores = fbm(rng, mask.alpha.shape, (34, 34), 2, 0.8)
    sphere(
        c,
        mask,
        (x, y, r * 1.25, r * 1.02),
        ink("#fbd72a") * (0.87 + 0.2 * pores)[..., None],
        shine=0.5,
        bounce="#fff07a",
    )


def watermelon(rng: Rng) -> Canvas:
    """Wedges of watermelon on a white board by the sea-blue wall."""
    c = Canvas()
    table(c, rng, 176, ("#8fd0dc", "#4f9fb8"), ("#d8b48a", "#b88a5c"))
    c.shade(c.mask(rounded(40, 282, 460, 336, 12) + np.array([4.0, 10.0]), blur=8), "#5a3a24", 0.6)
    c.fill(rounded(30, 276, 450, 322, 14), "#f6f4ee")
    c.fill(rounded(30, 312, 450, 328, 8), "#c8c4bc")
    for cx, cy, r, angle in ((318, 284, 138, 8), (184, 298, 164, -5)):
        _wedge(c, rng, cx, cy, r, angle)
    return c


def _wedge(c: Canvas, rng: Rng, cx: float, cy: float, r: float, angle: float) -> None:
    def half(radius: float) -> Points:
        turn = np.linspace(np.pi, 2 * np.pi, 60)
        return move(
            np.stack([radius * np.cos(turn), radius * np.sin(turn)], 1), cx, cy, angle=angle
        )

    c.shade(c.mask(half(r) + np.array([10.0, 4.0]), blur=8), "#2a4a50", 0.5)
    c.fill(half(r), "#2a6a34")
    for step in range(22):
        turn = np.deg2rad(180 + angle + step * 180 / 21)
        c.fill(
            stroke(
                [
                    (cx + r * 0.955 * np.cos(turn), cy + r * 0.955 * np.sin(turn)),
                    (cx + r * np.cos(turn), cy + r * np.sin(turn)),
                ],
                5,
                8,
            ),
            "#174a24",
            0.8,
        )
    c.fill(half(r * 0.95), "#cfe8a8")
    mask = c.mask(half(r * 0.9))
    x, y = c.grid(mask)
    far = np.hypot(x - cx, y - cy) / (r * 0.9)
    grain = fbm(rng, mask.alpha.shape, (30, 40), 4, 0.6)
    c.paint(
        mask,
        ramp(
            [(0, "#d81f3a"), (0.75, "#f0445a"), (0.93, "#ff8f8a"), (1, "#f8e8c8")],
            np.clip(far + (grain - 0.5) * 0.16, 0, 1).astype(np.float32),
        ),
    )
    for ring, count in ((0.42, 6), (0.66, 9)):
        for k in range(count):
            turn = 180 + angle + (k + 0.5 + rng.normal(0, 0.08)) * 180 / count
            sx, sy = (
                cx + r * ring * np.cos(np.deg2rad(turn)),
                cy + r * ring * np.sin(np.deg2rad(turn)),
            )
            c.fill(move(ellipse(0, 0, r * 0.026, r * 0.015), sx, sy, angle=turn), "#24100f")
            c.fill(ellipse(sx - 1, sy - 1, 1, 0.7), "#d8c0b8", 0.9)


SCENES = {
    "fruit_oranges_02": oranges,
    "fruit_lemons_06": lemons,
    "fruit_watermelon_07": watermelon,
}
