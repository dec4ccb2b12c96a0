"""Portraits of seven people, each with a background of their own."""

from __future__ import annotations

import numpy as np

from drawing.canvas import Canvas, Mask
from drawing.flowers import bokeh
from drawing.noise import fbm
from drawing.palette import Ink, Rng, mix, ramp
from drawing.people import FACE, Head, brows, bust, ears, eyes, face, hair, mouth, nose, spread
from drawing.plants import leafage
from drawing.relief import cushion, puffed
from drawing.shapes import Points, blob, curve, ellipse, mirrored, path, smooth, stroke

CLOUD = (
    (0, -0.72, 1.12),
    (-0.85, -0.35, 0.78),
    (0.85, -0.35, 0.78),
    (-0.95, 0.3, 0.6),
    (0.95, 0.3, 0.6),
)


def backdrop(canvas: Canvas, rng: Rng, low: Ink, high: Ink) -> None:
    """Paint a studio background: a soft light behind the head, with painterly clouding."""
    dx, dy = canvas.x / canvas.width - 0.42, canvas.y / canvas.height - 0.36
    near = np.exp(-(dx**2 + dy**2) * 3.2)
    veil = fbm(rng, canvas.shape, (3, 3), 5)
    canvas.pixels[:] = mix(
        low, high, np.clip(near * 0.95 + (veil - 0.5) * 0.25, 0, 1).astype(np.float32)
    )


def _ring(head: Head, x: float, y: float, r: float) -> Points:
    circle = ellipse(x, y, r, r * 1.15)
    return head.at(stroke(np.concatenate([circle, circle[:2]]), 0.035), -0.1)


def curls(rng: Rng) -> Canvas:
    """A laughing woman with a cloud of dark curls and gold hoops."""
    c = Canvas(360, 480)
    backdrop(c, rng, "#0f6a70", "#58c0b4")
    head = Head(180, 226, 98, "#8a5236", 0.12, -4, "#3a2014", "#a83a44", "#1a0f0c", 0.97)
    for x, y, r in CLOUD:
        cushion(c, head.at(blob(rng, x, y, r, r * 0.92, 0.08)), "#140b0a", "#2f1d18", 24)
    bust(c, head, ("#c88a10", "#ffd24a"))
    face(c, head, 0.35)
    eyes(c, head, 1.0, 1.5)
    brows(c, head, 0.055)
    nose(c, head, 0.155)
    mouth(c, head, 0.31, 0.07, True)
    _ringlets(c, rng, head)
    for side in (-1, 1):
        c.fill(_ring(head, side * 0.84, 0.52, 0.17), "#f4c04a")
    return c


def _ringlets(c: Canvas, rng: Rng, head: Head) -> None:
    """Scatter small curls over the cloud of hair, lit from the upper left, off the face."""
    spots: list[tuple[float, float, float]] = []
    while len(spots) < 1000:
        cx, cy, size = CLOUD[int(rng.integers(len(CLOUD)))]
        angle, far = rng.uniform(0, 6.283), size * 1.02 * rng.random() ** 0.5
        x, y = cx + np.cos(angle) * far, cy + np.sin(angle) * far * 0.92
        over_face = abs(x) < 0.72 and y > -0.74 - 0.12 * np.cos(x * 4)
        if not over_face:
            spots.append(
                (float(np.clip(0.42 - x * 0.24 - y * 0.3 + rng.normal(0, 0.13), 0, 1)), x, y)
            )
    for shine, x, y in sorted(spots):
        turn = np.linspace(0, rng.uniform(3, 6), 12) + rng.uniform(0, 6.3)
        r = rng.uniform(0.03, 0.075)
        curl = np.stack([x + r * np.cos(turn), y + r * np.sin(turn)], 1)
        c.fill(head.at(stroke(curl, 0.042, 0.015)), mix("#100908", "#6a4030", shine), 0.8)


def bob(rng: Rng) -> Canvas:
    """A young woman with a black bob and a fringe, square, pink."""
    c = Canvas(400, 400)
    backdrop(c, rng, "#d8708a", "#ffd0cc")
    head = Head(200, 190, 96, "#f2c8a4", 0.0, 3, "#2c1a12", "#d8485a", "#1a1416", 0.96)
    back = path("0,-1.28 0.72,-1.1 1.02,-0.4 1.04,0.4 0.98,1 0.5,1.08 0,1.08")
    hair(c, rng, head.at(smooth(mirrored(back))), "#0f0c12", "#2c2634", 20)
    bust(c, head, ("#2f6f8a", "#7fc8d8"), "round")
    face(c, head, 0.42)
    eyes(c, head, 0.78, 1.4, 0.03)
    brows(c, head, 0.045)
    nose(c, head, 0.115)
    mouth(c, head, 0.22, 0.055)
    for side in (-1, 1):
        _side_lock(c, rng, head, side)
    fringe = smooth(
        path(
            "-0.78,-0.5 -0.7,-0.95 -0.3,-1.24 0.3,-1.24 0.7,-0.95 0.78,-0.5 0.62,-0.36 "
            "0.3,-0.41 0,-0.38 -0.3,-0.41 -0.62,-0.36"
        )
    )
    strands = [
        head.at(curve((x * 0.3, -1.22), (x * 0.95, -0.95), (x, -0.4), 18))
        for x in np.linspace(-0.66, 0.66, 34)
    ]
    hair(c, rng, head.at(fringe, 0.05), "#141018", "#4a4258", 9, strands)
    shine = stroke(curve((-0.55, -0.86), (0, -1.02), (0.45, -0.9)), 0.1)
    c.light(c.mask(head.at(shine), blur=5), "#a8a0c8", 0.35)
    return c


def _side_lock(c: Canvas, rng: Rng, head: Head, side: int) -> None:
    lock = path(
        "0.3,-1.22 0.86,-0.86 1.02,-0.1 1.04,0.62 0.92,1.02 0.66,0.98 0.72,0.5 0.7,-0.2 0.6,-0.62"
    )
    strands = []
    for k in range(12):
        tip = (side * (0.7 + k * 0.026), 0.95 - 0.1 * rng.random())
        strands.append(
            head.at(curve((side * 0.35, -1.12), (side * (0.8 + k * 0.02), -0.6), tip, 24))
        )
    outline = head.at(smooth(lock * np.array([side, 1])))
    hair(c, rng, outline, "#141018", "#4a4258", 9, strands)


def pigtails(rng: Rng) -> Canvas:
    """A freckled girl with red pigtails under a summer sky; landscape."""
    c = Canvas()
    c.vertical([(0, "#5ab4ec"), (1, "#dff2f4")])
    bokeh(c, rng, ("#ffffff",), 16, (20, 50), 0.5)
    for left in range(-20, 520, 34):
        leafage(c, rng, left, 330 + rng.normal(0, 10), 44, 46, "#3a8a4a", "#b0dc6a", 50, 7)
    head = Head(236, 170, 92, "#fad4b8", 0.08, 5, "#4a8a5a", "#e0706a", "#a8502a", 1.02)
    for side in (-1, 1):
        _pigtail(c, rng, head, side)
    bust(c, head, ("#d83a4a", "#ff8a80"), "round")
    ears(c, head)
    face(c, head, 0.55)
    for _ in range(70):
        x, y = rng.normal(0, 0.34), 0.17 + rng.normal(0, 0.08)
        c.fill(head.at(ellipse(x, y, 0.014, 0.012), 0.25), "#c87a4a", 0.55)
    eyes(c, head, 1.15, 1.3)
    brows(c, head, 0.05, 0.03)
    nose(c, head, 0.105)
    mouth(c, head, 0.29, 0.09, True)
    for side in (-1, 1):
        _parting(c, rng, head, side)
    return c


def _pigtail(c: Canvas, rng: Rng, head: Head, side: int) -> None:
    tail = path("0.8,-0.3 1.25,-0.4 1.62,0.1 1.6,0.8 1.3,1.2 1.24,0.6 0.98,0.2")
    strands = []
    for k in range(9):
        bend = (side * (1.25 + 0.04 * k), -0.3 + 0.05 * k)
        tip = (side * (1.3 + 0.03 * k), 1.1 - 0.06 * k)
        strands.append(head.at(curve((side * 0.86, -0.18), bend, tip, 20), -0.1))
    outline = head.at(smooth(tail * np.array([side, 1])), -0.1)
    hair(c, rng, outline, "#a03f14", "#f0944a", 11, strands)
    cushion(c, head.at(ellipse(side * 0.94, -0.12, 0.1, 0.17), -0.1), "#2f8ac0", "#8fdcf8", 5)


def _parting(c: Canvas, rng: Rng, head: Head, side: int) -> None:
    top = path("0,-1.12 0.45,-1.1 0.82,-0.68 0.88,-0.2 0.74,-0.22 0.6,-0.6 0.2,-0.8 0,-0.98")
    strands = []
    for k in range(14):
        bend = (side * (0.5 + 0.01 * k), -1.0 + 0.03 * k)
        tip = (side * 0.82, -0.25 - 0.03 * k)
        strands.append(head.at(curve((side * 0.02, -1.06 + 0.012 * k), bend, tip, 20)))
    outline = head.at(smooth(top * np.array([side, 1])))
    hair(c, rng, outline, "#a8441a", "#f6a45c", 9, strands)


def headscarf(rng: Rng) -> Canvas:
    """A woman in a violet headscarf, evening light."""
    c = Canvas(360, 480)
    backdrop(c, rng, "#3a2f5c", "#f0a878")
    head = Head(182, 214, 98, "#d8a27a", 0.16, -2, "#4a5a34", "#b84a58", "#2a1a16", 0.95)
    face(c, head, 0.35)
    eyes(c, head, 0.95, 1.6, 0.015)
    brows(c, head, 0.062)
    nose(c, head, 0.12)
    mouth(c, head, 0.23, 0.05)
    _scarf(c, head)
    return c


def _scarf(c: Canvas, head: Head) -> None:
    """Wrap the cloth round the face: body, shadow on the skin, folds and a hem."""
    shawl = mirrored(
        path("0,-1.34 0.66,-1.2 0.98,-0.6 0.98,0.2 1.0,0.9 1.5,1.5 2.0,2.1 2.2,3.2 0,3.3")
    )
    oval = FACE * np.array([0.9, 0.95]) + np.array([0, 0.04])
    oval[:, 1] = np.maximum(oval[:, 1], -0.72 + 0.1 * np.abs(oval[:, 0]))
    hole = spread(c, c.mask(head.at(oval, 0.05), blur=0.6))
    near = spread(c, c.mask(head.at(oval, 0.05), blur=8))
    c.shade(c.whole(hole * (1 - near) * 1.3), head.shadow, 0.9)
    body = c.mask(head.at(smooth(shawl)))
    box = np.s_[
        body.top : body.top + body.alpha.shape[0], body.left : body.left + body.alpha.shape[1]
    ]
    light = puffed(body, 26) * (1 - np.clip(near[box] * 1.3, 0, 0.65))
    cloth = Mask(body.alpha * (1 - hole[box]), body.left, body.top)
    c.paint(cloth, ramp([(0, "#2c1a52"), (0.5, "#6a48a8"), (1, "#b894f0")], light))
    for k in range(5):
        ring = (FACE[20:-20] - np.array([0, 0.1])) * (1.02 + 0.055 * k) + np.array([0, 0.12])
        _fold(c, head, ring, 0.02)
    for start, bend, end in (
        ((-0.8, 0.75), (-0.1, 1.5), (1.0, 1.3)),
        ((-0.9, 0.95), (-0.1, 1.85), (1.35, 1.75)),
        ((0.75, 0.85), (0.3, 1.35), (-0.75, 1.75)),
        ((-0.98, 1.2), (-0.2, 2.3), (1.5, 2.4)),
        ((-1.2, 1.5), (-0.6, 2.5), (0.9, 2.9)),
    ):
        _fold(c, head, curve(start, bend, end, 26), 0.05)


def _fold(c: Canvas, head: Head, line: Points, width: float) -> None:
    c.paint(c.mask(head.at(stroke(line, width, width * 0.5)), blur=2.2), "#2c1a52", 0.55)
    lift = np.array([-width * 0.4, -width * 1.1])
    c.light(
        c.mask(head.at(stroke(line + lift, width * 0.7, width * 0.3)), blur=1.8), "#c8a8f8", 0.3
    )


SCENES = {
    "face_woman_curls_01": curls,
    "face_woman_black_bob_03": bob,
    "face_girl_freckles_05": pigtails,
    "face_woman_headscarf_06": headscarf,
}
