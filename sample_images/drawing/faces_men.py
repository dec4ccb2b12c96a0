"""Portraits of men: a grandfather, a man in a turban, a young man in the evening."""

from __future__ import annotations

import numpy as np

from drawing.canvas import Canvas, soften
from drawing.flowers import bokeh
from drawing.noise import fbm
from drawing.palette import Ink, Rng, mix, ramp
from drawing.people import Head, brows, bust, ears, eyes, face, hair, mouth, nose
from drawing.relief import cushion
from drawing.shapes import curve, ellipse, path, rect, smooth, stroke


def _glasses(canvas: Canvas, head: Head, frame: Ink, round_: bool = True) -> None:
    """Draw spectacles with a glint in each lens."""
    for side in (-1, 1):
        lens = ellipse(side * 0.335, -0.04, 0.26, 0.235 if round_ else 0.19)
        canvas.light(canvas.mask(head.at(lens, 0.3)), "#dceaf4", 0.1)
        closed = np.concatenate([lens, lens[:2]])
        canvas.fill(head.at(stroke(closed, 0.035), 0.3), frame)
        glint = head.at(
            [
                (side * 0.335 - 0.14, 0.06),
                (side * 0.335 + 0.02, -0.2),
                (side * 0.335 + 0.09, -0.2),
                (side * 0.335 - 0.07, 0.1),
            ],
            0.3,
        )
        canvas.light(canvas.mask(glint, blur=0.8), "#ffffff", 0.25)
        canvas.fill(
            head.at(stroke([(side * 0.59, -0.08), (side * 0.78, -0.06)], 0.03), 0.15), frame
        )
    canvas.fill(
        head.at(stroke(curve((-0.085, -0.06), (0, -0.13), (0.085, -0.06)), 0.032), 0.34), frame
    )


def grandfather(rng: Rng) -> Canvas:
    """An old man with a white beard and round glasses, before a bookshelf."""
    c = Canvas(360, 480)
    _bookshelf(c, rng)
    head = Head(182, 214, 102, "#e8b898", -0.16, 2, "#4a7a9a", "#b86a5c", "#e4e0da", 0.98)
    bust(c, head, ("#1f3a5c", "#4a74a0"), "polo")
    ears(c, head)
    face(c, head, 0.4)
    for k in (-0.62, -0.7, -0.78):
        c.fill(
            head.at(stroke(curve((-0.34, k + 0.04), (0, k - 0.03), (0.34, k + 0.04)), 0.012), 0.2),
            head.shadow,
            0.4,
            blur=0.8,
        )
    eyes(c, head, 0.82, 0.9)
    brows(c, head, 0.1)
    _white_beard(c, rng, head)
    mouth(c, head, 0.2, 0.05)
    moustache = smooth(
        path(
            "0,0.46 0.2,0.44 0.38,0.56 0.44,0.66 0.2,0.58 0,0.53 -0.2,0.58 -0.44,0.66 "
            "-0.38,0.56 -0.2,0.44"
        )
    )
    hair(c, rng, head.at(moustache, 0.3), "#c4c0c0", "#ffffff", 6)
    nose(c, head, 0.15)
    for side in (-1, 1):
        tuft = path("0.62,-0.78 0.86,-0.5 0.9,-0.12 0.76,0 0.7,-0.4") * np.array([side, 1])
        hair(c, rng, head.at(smooth(tuft), -0.05), "#b4b0b0", "#f8f6f4", 7)
    _glasses(c, head, "#3a2a20")
    return c


def _bookshelf(c: Canvas, rng: Rng) -> None:
    """Fill the canvas with shelves of books, out of focus."""
    c.pixels[:] = mix("#5a3a28", "#8a6040", fbm(rng, c.shape, (3, 3), 3))
    for shelf in range(5):
        x = -6.0
        while x < 366:
            wide, tall = rng.uniform(10, 22), rng.uniform(56, 84)
            tone = ("#7a3a34", "#3f5a6a", "#8a7a4a", "#4a5a44", "#a0683a", "#5c4668")[
                int(rng.integers(6))
            ]
            c.fill(rect(x, 98 * shelf + 92 - tall, x + wide - 1, 98 * shelf + 92), tone)
            x += wide
        c.fill(rect(-2, 98 * shelf + 92, 362, 98 * shelf + 100), "#3a2418")
    soft = c.pixels.copy()
    for channel in range(3):
        c.pixels[..., channel] = soften(np.ascontiguousarray(soft[..., channel]), 9)


def _white_beard(c: Canvas, rng: Rng, head: Head) -> None:
    beard = smooth(
        path(
            "-0.72,-0.05 -0.66,0.3 -0.4,0.42 -0.18,0.44 0,0.42 0.18,0.44 0.4,0.42 "
            "0.66,0.3 0.72,-0.05 0.78,0.5 0.58,1.05 0.24,1.36 0,1.42 -0.24,1.36 "
            "-0.58,1.05 -0.78,0.5"
        )
    )
    strands = []
    for _ in range(260):
        x = rng.uniform(-0.66, 0.66)
        y = 0.5 + 0.3 * rng.random() + (0.0 if abs(x) > 0.3 else 0.2)
        long = rng.uniform(0.25, 0.5) * (1.2 - abs(x))
        strands.append(
            head.at(
                curve(
                    (x, y), (x * 1.05, y + long * 0.6), (x * 0.8, min(y + long, 1.36 - x * x * 0.8))
                ),
                0.12,
            )
        )
    hair(c, rng, head.at(beard, 0.12), "#b8b4b4", "#ffffff", 12, strands)


def turban(rng: Rng) -> Canvas:
    """A bearded man in an orange turban, in a garden."""
    c = Canvas(360, 480)
    c.pixels[:] = ramp(
        [(0, "#1f5a3a"), (0.5, "#5f9a4a"), (1, "#d0e08a")], fbm(rng, c.shape, (3, 2), 3)
    )
    bokeh(c, rng, ("#f0f4b0", "#a8d070", "#fff8d0"), 34, (8, 30), 0.3)
    head = Head(180, 250, 98, "#b8794c", -0.14, 0, "#3a2214", "#a0523f", "#17100e", 0.98)
    bust(c, head, ("#c8c4c0", "#fbf8f2"), "collar")
    ears(c, head)
    face(c, head, 0.22)
    eyes(c, head, 0.92, 0.9)
    brows(c, head, 0.085)
    beard = smooth(
        path(
            "-0.76,-0.12 -0.68,0.28 -0.42,0.44 0,0.4 0.42,0.44 0.68,0.28 0.76,-0.12 "
            "0.8,0.46 0.6,0.98 0.26,1.26 0,1.3 -0.26,1.26 -0.6,0.98 -0.8,0.46"
        )
    )
    strands = []
    for _ in range(220):
        x, y = rng.uniform(-0.68, 0.68), rng.uniform(0.45, 0.85)
        strands.append(
            head.at(
                curve((x, y), (x * 1.08, y + 0.2), (x * 0.85, min(y + 0.42, 1.25 - x * x * 0.7))),
                0.12,
            )
        )
    hair(c, rng, head.at(beard, 0.12), "#120c0b", "#4a3830", 12, strands)
    mouth(c, head, 0.22, 0.06)
    moustache = smooth(
        path(
            "0,0.43 0.2,0.42 0.4,0.52 0.5,0.46 0.38,0.62 0.18,0.56 0,0.5 -0.18,0.56 "
            "-0.38,0.62 -0.5,0.46 -0.4,0.52 -0.2,0.42"
        )
    )
    hair(c, rng, head.at(moustache, 0.3), "#120c0b", "#3f302a", 5)
    nose(c, head, 0.15)
    _turban(c, head)
    return c


def _turban(c: Canvas, head: Head) -> None:
    whole = smooth(
        path(
            "-0.86,-0.42 -1.04,-0.95 -0.78,-1.5 0,-1.72 0.78,-1.5 1.04,-0.95 "
            "0.86,-0.42 0.45,-0.72 0,-0.86 -0.45,-0.72"
        )
    )
    c.shade(c.mask(head.at(whole + np.array([0.0, 0.06])), blur=5), "#3a1a10", 0.5)
    cushion(c, head.at(whole), "#a8440c", "#f4872a", 22)
    for k in range(6):
        lift = k * 0.13
        for side in (-1, 1):
            fold = curve(
                (side * 0.03, -0.9 - lift * 0.95),
                (side * 0.62, -0.86 - lift * 1.15),
                (side * (0.93 - 0.03 * k), -0.45 - lift * 1.05),
                22,
            )
            c.fill(head.at(stroke(fold, 0.035, 0.012)), "#8a340a", 0.6, blur=1)
            c.fill(head.at(stroke(fold - np.array([0, 0.04]), 0.03, 0.01)), "#ffb866", 0.55, blur=1)
    c.fill(head.at(smooth(path("-0.16,-0.8 0,-0.98 0.16,-0.8 0,-0.76"))), "#a8440c", 0.6)


def grin(rng: Rng) -> Canvas:
    """A young man with a short fade and stubble, neon evening; square."""
    c = Canvas(400, 400)
    c.pixels[:] = ramp(
        [(0, "#141034"), (0.5, "#3a1f6a"), (1, "#a8387c")], fbm(rng, c.shape, (2, 3), 3)
    )
    bokeh(c, rng, ("#ff5a9a", "#5ad8ff", "#ffc85a", "#b07aff"), 40, (6, 26), 0.4)
    head = Head(196, 192, 98, "#c08a60", -0.1, -3, "#4a3018", "#a8584c", "#1c1412", 0.97)
    bust(c, head, ("#20242e", "#5a6478"), "vee")
    ears(c, head)
    face(c, head, 0.25)
    jaw = smooth(
        path(
            "-0.74,0.1 -0.6,0.42 -0.34,0.46 0,0.42 0.34,0.46 0.6,0.42 0.74,0.1 "
            "0.66,0.6 0.3,0.98 0,1.02 -0.3,0.98 -0.66,0.6"
        )
    )
    c.paint(c.mask(head.at(jaw, 0.06), blur=4), "#3a2820", 0.4)
    eyes(c, head, 0.95, 0.9)
    brows(c, head, 0.08, 0.01)
    nose(c, head, 0.145)
    mouth(c, head, 0.31, 0.08, True)
    _short_hair(c, rng, head)
    c.light(
        c.mask(head.at(stroke(curve((0.74, -0.7), (0.82, 0.0), (0.5, 0.78)), 0.05)), blur=4),
        "#ff5a9a",
        0.55,
    )
    c.light(
        c.mask(head.at(stroke(curve((-0.74, -0.7), (-0.82, 0.0), (-0.56, 0.7)), 0.04)), blur=4),
        "#5ad8ff",
        0.4,
    )
    return c


def _short_hair(c: Canvas, rng: Rng, head: Head) -> None:
    cap = smooth(
        path(
            "-0.77,-0.1 -0.84,-0.6 -0.62,-1.06 -0.1,-1.26 0.5,-1.18 0.82,-0.7 "
            "0.77,-0.1 0.72,-0.45 0.56,-0.74 0.2,-0.76 -0.2,-0.74 -0.54,-0.7 "
            "-0.7,-0.42"
        )
    )
    hair(c, rng, head.at(cap), "#140e0e", "#3a2a26", 10)
    for _ in range(500):
        x, y = rng.uniform(-0.7, 0.74), rng.uniform(-1.2, -0.72)
        if (x / 0.78) ** 2 + ((y + 0.5) / 0.72) ** 2 < 1:
            c.fill(
                head.at(ellipse(x, y, 0.02, 0.014)),
                mix("#0f0a0a", "#5a443c", float(rng.random())),
                0.7,
            )


SCENES = {
    "face_old_man_beard_02": grandfather,
    "face_man_turban_04": turban,
    "face_young_man_07": grin,
}
