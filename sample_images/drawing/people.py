"""The parts of a stylised portrait: head, eyes, nose, mouth, hair, shoulders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from drawing.canvas import Canvas, Mask
from drawing.palette import FloatArray, Ink, Rng, mix, ramp
from drawing.relief import cushion, puffed
from drawing.shapes import Points, Rough, curve, ellipse, mirrored, move, path, smooth, stroke


@dataclass(frozen=True)
class Head:
    """Where a head is (centre and half height in pixels), how it is turned, and its colours."""

    x: float
    y: float
    size: float
    skin: Ink
    turn: float = 0.0
    tilt: float = 0.0
    iris: Ink = "#5a3a20"
    lips: Ink = "#b85a50"
    brow: Ink = "#2a1c16"
    slim: float = 1.0

    def at(self, points: Rough, depth: float = 0.0) -> Points:
        """Place points of the face (1 is half its height); depth moves them when it turns."""
        flat = np.asarray(points, float) * np.array([np.cos(self.turn) * self.slim, 1.0])
        flat = flat + np.array([np.sin(self.turn) * depth, 0.0])
        return move(flat, self.x, self.y, self.size, self.tilt)

    @property
    def shadow(self) -> FloatArray:
        """The skin's colour where it turns from the light."""
        return mix(mix(self.skin, "#7a2a1c", 0.35), "#1c0f1a", 0.28)


FACE = smooth(
    mirrored(path("0,-1.02 0.46,-0.92 0.74,-0.5 0.765,-0.05 0.7,0.36 0.5,0.76 0.22,0.985 0,1.02"))
)


def bust(canvas: Canvas, head: Head, cloth: tuple[Ink, Ink], neckline: str = "round") -> None:
    """Draw the shoulders and neck; neckline is round, vee, polo or collar."""
    s = head.size
    base = path("-2.3,2.9 -2.1,2 -1.55,1.62 -0.62,1.36 0,1.3 0.62,1.36 1.55,1.62 2.1,2 2.3,2.9")
    body = move(
        np.concatenate([smooth(base, closed=False), [(2.3, 4.0), (-2.3, 4.0)]]), head.x, head.y, s
    )
    neck = smooth(path("-0.4,0.4 -0.39,1.1 -0.5,1.4 0,1.66 0.5,1.4 0.39,1.1 0.4,0.4"))
    canvas.shade(canvas.mask(body + np.array([4.0, 4.0]), blur=8), "#3a3448", 0.3)
    cushion(canvas, body, cloth[0], cloth[1], s * 0.3)
    opening = {
        "round": smooth(path("-0.56,1.36 -0.36,1.6 0,1.7 0.36,1.6 0.56,1.36")),
        "vee": np.array([(-0.52, 1.36), (0, 2.05), (0.52, 1.36)]),
        "polo": smooth(path("-0.5,1.3 -0.4,1.5 0,1.58 0.4,1.5 0.5,1.3")),
        "collar": np.array([(-0.5, 1.34), (0, 2.0), (0.5, 1.34)]),
    }[neckline]
    canvas.fill(move(opening, head.x, head.y, s), mix(head.skin, head.shadow, 0.25))
    skin = cushion(
        canvas,
        move(neck, head.x, head.y, s),
        head.shadow,
        mix(head.skin, head.shadow, 0.25),
        s * 0.2,
    )
    under = canvas.mask(head.at(FACE * 0.94 + np.array([0.05, 0.2])), blur=s * 0.07)
    _inside(canvas, under, skin, head.shadow, 0.7)
    if neckline == "collar":
        for side in (-1, 1):
            flap = [(side * 0.5, 1.2), (side * 0.08, 1.96), (side * 0.52, 2.2), (side * 0.82, 1.5)]
            canvas.shade(canvas.mask(move(flap, head.x + 2, head.y + 4, s), blur=3), "#3a3448", 0.4)
            canvas.fill(move(flap, head.x, head.y, s), mix(cloth[1], "#ffffff", 0.35))
    if neckline == "polo":
        band = smooth(path("-0.52,1.12 -0.56,1.42 0,1.62 0.56,1.42 0.52,1.12 0,1.34"))
        cushion(canvas, move(band, head.x, head.y, s), cloth[0], cloth[1], s * 0.1)


def spread(canvas: Canvas, mask: Mask) -> FloatArray:
    """Return a mask as a field over the whole canvas, 0 elsewhere."""
    sheet = np.zeros(canvas.shape, np.float32)
    h, w = mask.alpha.shape
    sheet[mask.top : mask.top + h, mask.left : mask.left + w] = mask.alpha
    return sheet


def _inside(canvas: Canvas, mask: Mask, limit: Mask, colour: Ink, strength: float) -> None:
    h, w = mask.alpha.shape
    clip = spread(canvas, limit)[mask.top : mask.top + h, mask.left : mask.left + w]
    canvas.paint(mask._replace(alpha=mask.alpha * clip), colour, strength)


def ears(canvas: Canvas, head: Head) -> None:
    """Draw the ears that the turn of the head leaves visible."""
    for side in (-1, 1):
        if side * head.turn > 0.25:
            continue
        lobe = smooth(
            [
                (side * 0.7, -0.16),
                (side * 0.88, -0.22),
                (side * 0.93, 0.0),
                (side * 0.84, 0.24),
                (side * 0.7, 0.26),
            ]
        )
        cushion(canvas, head.at(lobe, -0.15), head.shadow, head.skin, head.size * 0.08)
        canvas.paint(
            canvas.mask(head.at(ellipse(side * 0.8, 0.02, 0.045, 0.13), -0.15), blur=1.5),
            head.shadow,
            0.6,
        )


def face(canvas: Canvas, head: Head, blush: float = 0.25) -> Mask:
    """Paint the head's skin with its volume, cheeks and forehead light; return its mask."""
    mask = canvas.mask(head.at(FACE))
    light = puffed(mask, head.size * 0.3)
    bright = mix(head.skin, "#fff0dc", 0.2)
    canvas.paint(mask, ramp([(0.0, head.shadow), (0.45, head.skin), (0.95, bright)], light))
    x, _ = canvas.grid(mask)
    side = np.clip((x - head.x) / head.size - 0.1, 0, 1) ** 1.4 * 0.75 * np.ones(mask.alpha.shape)
    canvas.paint(mask._replace(alpha=(mask.alpha * side).astype(np.float32)), head.shadow)
    for place in (-1, 1):
        cheek = canvas.mask(
            head.at(ellipse(place * 0.42, 0.32, 0.2, 0.16), 0.2), blur=head.size * 0.09
        )
        _inside(canvas, cheek, mask, mix(head.skin, "#e0483a", 0.6), blush)
    canvas.light(
        canvas.mask(head.at(ellipse(-0.2, -0.6, 0.26, 0.14), 0.2), blur=head.size * 0.1),
        "#fff0dc",
        0.16,
    )
    return mask


def eyes(
    canvas: Canvas, head: Head, open_: float = 1.0, lashes: float = 1.0, slant: float = 0.0
) -> None:
    """Draw both eyes and their brows; open_ scales the height, slant lifts the outer corners."""
    for side in (-1, 1):
        cx, cy, w, h = side * 0.325, -0.06, 0.165, 0.092 * open_
        outer, inner = (cx + side * w, cy - slant), (cx - side * w, cy + 0.02)
        lid = curve(inner, (cx, cy - h * 2.1), outer, 14)
        lower = curve(outer, (cx, cy + h * 1.25), inner, 14)
        socket = canvas.mask(
            head.at(ellipse(cx, cy - 0.03, w * 1.3, 0.16), 0.2), blur=head.size * 0.05
        )
        canvas.paint(socket, head.shadow, 0.22)
        white = canvas.mask(head.at(np.concatenate([lid, lower]), 0.2))
        canvas.paint(white, "#fbf8f4")
        look = 0.1 * np.sin(head.turn)
        for radius, tone in (
            (0.092, mix(head.iris, "#000000", 0.5)),
            (0.078, head.iris),
            (0.04, "#0c0808"),
        ):
            _inside(
                canvas,
                canvas.mask(head.at(ellipse(cx + look, cy - h * 0.22, radius, radius), 0.2)),
                white,
                tone,
                1,
            )
        glow = canvas.mask(head.at(ellipse(cx + look, cy + h * 0.15, 0.05, 0.03), 0.2), blur=1)
        _inside(canvas, glow, white, mix(head.iris, "#ffffff", 0.4), 0.7)
        shade = canvas.mask(head.at(stroke(lid, 0.07), 0.2), blur=1.2)
        _inside(canvas, shade, white, "#5a4a50", 0.5)
        canvas.fill(
            head.at(ellipse(cx + look - 0.035, cy - h * 0.22 - 0.035, 0.022, 0.022), 0.2), "#ffffff"
        )
        canvas.fill(head.at(stroke(lid, 0.022, 0.034 * lashes), 0.2), "#1c1210")
        if lashes > 1:
            for k in (9, 11, 13):
                tip = lid[k] + np.array([side * 0.05, -0.045])
                canvas.fill(head.at(stroke([lid[k], tip], 0.02, 0.006), 0.2), "#1c1210")
        crease = curve(
            (inner[0], inner[1] - 0.05), (cx, cy - h * 2.1 - 0.09), (outer[0], outer[1] - 0.05), 12
        )
        canvas.fill(head.at(stroke(crease, 0.008, 0.014), 0.2), head.shadow, 0.65)


def brows(canvas: Canvas, head: Head, weight: float = 0.06, lift: float = 0.0) -> None:
    """Draw eyebrows of the given thickness, raised by lift."""
    for side in (-1, 1):
        line = curve(
            (side * 0.14, -0.3 - lift), (side * 0.33, -0.43 - lift), (side * 0.54, -0.29 - lift), 14
        )
        canvas.fill(head.at(stroke(line, weight, weight * 0.35), 0.2), head.brow, 0.92, blur=0.4)


def nose(canvas: Canvas, head: Head, wide: float = 0.13) -> None:
    """Draw a nose by its shadow, its lit ridge and its nostrils."""
    s = head.size
    flank = smooth([(0.05, -0.1), (0.08, 0.12), (wide * 1.1, 0.3), (0.04, 0.36), (0.0, 0.2)])
    canvas.paint(canvas.mask(head.at(flank, 0.36), blur=s * 0.035), head.shadow, 0.5)
    canvas.light(
        canvas.mask(head.at(stroke([(-0.015, -0.1), (-0.02, 0.24)], 0.05), 0.36), blur=s * 0.025),
        "#fff0dc",
        0.28,
    )
    canvas.light(
        canvas.mask(head.at(ellipse(-0.025, 0.26, 0.035, 0.03), 0.4), blur=s * 0.015),
        "#ffffff",
        0.35,
    )
    base = smooth(
        [(-wide, 0.3), (-wide * 0.6, 0.345), (0, 0.375), (wide * 0.6, 0.345), (wide, 0.3)],
        closed=False,
    )
    canvas.fill(head.at(stroke(base, 0.018, 0.024), 0.36), head.shadow, 0.8, blur=0.6)
    for side in (-1, 1):
        canvas.fill(
            head.at(ellipse(side * wide * 0.5, 0.335, 0.036, 0.016), 0.36),
            mix(head.shadow, "#14080a", 0.5),
            0.9,
            blur=0.5,
        )


def mouth(
    canvas: Canvas, head: Head, wide: float = 0.27, smile: float = 0.06, teeth: bool = False
) -> None:
    """Draw the lips: closed, or open in a smile that shows teeth."""
    y = 0.58
    left, right = (-wide, y - smile), (wide, y - smile)
    upper = np.concatenate(
        [
            curve(left, (-0.12, y - 0.06), (-0.05, y - 0.075), 8),
            curve((-0.05, y - 0.075), (0, y - 0.05), (0.05, y - 0.075), 6),
            curve((0.05, y - 0.075), (0.12, y - 0.06), right, 8),
        ]
    )
    drop = 0.3 if teeth else 0.145
    lower = curve(right, (0, y + drop + smile), left, 18)
    canvas.fill(head.at(np.concatenate([upper, lower]), 0.28), mix(head.lips, head.skin, 0.1))
    middle = curve(right, (0, y + 0.02 + smile * 1.2), left, 18)
    if teeth:
        gap = curve(left, (0, y + drop * 0.72 + smile), right, 18)
        canvas.fill(head.at(np.concatenate([middle, gap]), 0.28), "#5a1a1c")
        bite = curve(left, (0, y + drop * 0.52 + smile), right, 18)
        canvas.fill(head.at(np.concatenate([middle, bite]), 0.28), "#fdfaf5")
    else:
        canvas.fill(head.at(stroke(middle, 0.018), 0.28), mix(head.lips, "#2a0c0c", 0.6), blur=0.4)
    canvas.light(
        canvas.mask(head.at(ellipse(-0.03, y + 0.09 + smile * 0.3, 0.09, 0.016), 0.28), blur=1.2),
        "#ffffff",
        0.35,
    )
    canvas.paint(
        canvas.mask(head.at(ellipse(0, y + 0.2, 0.13, 0.02), 0.28), blur=head.size * 0.02),
        head.shadow,
        0.4,
    )
    for side in (-1, 1):
        canvas.paint(
            canvas.mask(
                head.at(ellipse(side * (wide + 0.02), y - smile, 0.022, 0.03), 0.28), blur=1
            ),
            head.shadow,
            0.6,
        )


def hair(
    canvas: Canvas,
    rng: Rng,
    outline: Points,
    dark: Ink,
    bright: Ink,
    depth: float,
    strands: Sequence[Points] = (),
) -> None:
    """Paint a mass of hair with volume, and strands in tones between dark and bright."""
    canvas.shade(canvas.mask(outline + np.array([2.0, 5.0]), blur=5), "#2a1820", 0.35)
    cushion(canvas, outline, dark, mix(dark, bright, 0.7), depth)
    for strand in strands:
        tone = mix(dark, bright, float(rng.uniform(0.1, 1)))
        canvas.fill(stroke(strand, rng.uniform(0.6, 1.8), 0.3), tone, 0.55)
