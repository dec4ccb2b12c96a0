"""Cars on roads: side views of six makes of body, a road from behind and headlights at night."""

from __future__ import annotations

from drawing.canvas import Canvas
from drawing.car_bodies import BEETLE, PICKUP, SALOON, SPORTS, VAN, Line, side_car
from drawing.noise import fbm
from drawing.palette import Ink, Rng, mix
from drawing.plants import grass, tree
from drawing.relief import cushion
from drawing.shapes import Points, ellipse, path, rect, rounded, smooth, stroke
from drawing.sky import clouds, haze, sun
from drawing.sunsets import hills, palm
from drawing.towns import towers, windows
from drawing.water import reflect


def _rounded_line(line: Line) -> Points:
    return smooth(line, steps=8)


def road(
    canvas: Canvas, rng: Rng, top: float, bottom: float, asphalt: Ink, dash: Ink = "#f4ead0"
) -> None:
    """Draw a road across the picture: kerbs, speckled asphalt and a dashed middle line."""
    mask = canvas.mask(rect(-2, top, canvas.width + 2, bottom))
    speck = fbm(rng, mask.alpha.shape, (40, 200), 3, 0.8)
    canvas.paint(mask, mix(mix(asphalt, "#000000", 0.1), mix(asphalt, "#ffffff", 0.1), speck))
    canvas.fill(rect(-2, top, canvas.width + 2, top + 2.5), mix(asphalt, "#ffffff", 0.5))
    canvas.fill(rect(-2, bottom - 4, canvas.width + 2, bottom), mix(asphalt, "#ffffff", 0.4))
    middle = top + (bottom - top) * 0.62
    for x in range(-20, canvas.width, 74):
        canvas.fill(
            [(x, middle), (x + 40, middle), (x + 38, middle + 4), (x - 3, middle + 4)], dash, 0.9
        )


def coast(rng: Rng) -> Canvas:
    """A red sports car on a coast road."""
    c = Canvas()
    c.vertical([(0, "#2f8ad0"), (0.7, "#a4daf0"), (1, "#e8f6f4")], 0, 168)
    clouds(c, rng, 160, 0.4, "#ffffff", "#b0cfe4", 3, 2.4)
    hills(c, rng, 168, 34, "#7fa8bc", 3)
    reflect(c, rng, 168, [(0, "#4fb0d0"), (1, "#1a7ab0")], 0.5, 5, 14)
    c.fill(rect(-2, 232, 482, 262), "#c8b898")
    for x in range(-10, 490, 48):
        c.fill(rect(x, 216, x + 5, 246), "#f4f0e6")
    c.fill(rect(-2, 220, 482, 226), "#ffffff")
    c.fill(rect(-2, 225, 482, 227), "#a8a8a4")
    road(c, rng, 246, 362, "#5a5c66")
    palm(c, rng, 60, 250, 210, 40, "#2a5a3a")
    side_car(c, 262, 316, 152, SPORTS, "#d81e28", "#9cd4f0")
    return c


def taxi(rng: Rng) -> Canvas:
    """A yellow taxi in a city street."""
    c = Canvas()
    c.vertical([(0, "#8fb8d8"), (1, "#f2e2c8")], 0, 270)
    towers(c, rng, 270, (120, 240), (30, 50), "#a8b4c8", 7, 0.5, ("#c8d8e8", "#dfe8f0"), 0.4)
    haze(c, 150, 290, "#f2e4d0", 0.4)
    for k, (x, colour) in enumerate(
        ((-1, "#b0604a"), (118, "#8a7a6a"), (236, "#c89a6a"), (357, "#7a5a54"))
    ):
        top = 70 + 34 * (k % 2)
        c.fill(rect(x, top, x + 124, 272), colour)
        c.fill(rect(x, top, x + 124, top + 7), mix(colour, "#ffffff", 0.35))
        windows(
            c, rng, (x + 4, top + 10, x + 114, 205), 17, 0.95, ("#3a4a5c", "#54687c", "#f6e0a8")
        )
        c.fill(rect(x + 8, 216, x + 110, 268), "#26303c")
        c.fill(rect(x + 12, 222, x + 106, 266), "#f6dca0", 0.55)
        for stripe in range(9):
            c.fill(
                rect(x + 4 + stripe * 12.2, 208, x + 10 + stripe * 12.2, 221),
                ("#c8303a", "#2f6a4a")[k % 2],
            )
    c.fill(rect(-2, 266, 482, 282), "#b8b0a8")
    road(c, rng, 280, 362, "#4a4c54")
    side_car(c, 236, 332, 140, SALOON, "#f8bc1c", "#dfe8f0", True)
    for k in range(22):
        for row in range(2):
            if (k + row) % 2:
                c.fill(
                    rect(124 + k * 9.6, 279 + row * 4.5, 133.6 + k * 9.6, 283.5 + row * 4.5),
                    "#1c1c20",
                )
    c.fill(rounded(214, 222, 258, 236, 4), "#fff4c8")
    c.fill(rounded(218, 225, 254, 233, 2), "#e89a10")
    return c


def country(rng: Rng) -> Canvas:
    """A pale blue beetle among spring hills."""
    c = Canvas()
    c.vertical([(0, "#6ab4e8"), (1, "#e4f2e8")], 0, 220)
    clouds(c, rng, 200, 0.4, "#ffffff", "#b8d0e4", 3, 2.2)
    hills(c, rng, 250, 110, "#a4c8a0", 2)
    hills(c, rng, 262, 74, "#7fb070", 3)
    c.fill(
        smooth(path("-30,236 120,214 270,236 400,216 520,238 520,300 -30,300")),
        "#5f9a48",
    )
    for left, tall in ((54, 92), (420, 110), (352, 66)):
        tree(c, rng, left, 246, tall, "#2a5a2c", "#9cc85a", "#5a4030")
    c.vertical([(0, "#5f9a48"), (1, "#3a7a34")], 262, 360)
    road(c, rng, 268, 338, "#7a7670")
    side_car(c, 215, 318, 118, BEETLE, "#7fc4d8", "#ecf6fa")
    grass(c, rng, 366, (14, 38), 230, "#3a7a34", "#a0c850")
    for _ in range(34):
        x, y = rng.uniform(0, 480), rng.uniform(334, 356)
        c.fill(ellipse(x, y, 2.6, 2.4), ("#f24a4a", "#ffd84a", "#ffffff")[int(rng.integers(3))])
    return c


def desert(rng: Rng) -> Canvas:
    """A two-coloured camper van in the desert at dusk."""
    c = Canvas()
    c.vertical([(0, "#3a2f6a"), (0.45, "#c85a7a"), (0.8, "#ffa45a"), (1, "#ffd88a")], 0, 240)
    sun(c, 350, 196, 34, "#fff2c0", "#ff9a4a")
    for x, w, h, tone in (
        (60, 150, 62, "#8a3f5a"),
        (250, 90, 40, "#9a4a5c"),
        (420, 130, 78, "#7a3454"),
    ):
        c.fill(
            [
                (x - w / 2, 242),
                (x - w * 0.36, 242 - h),
                (x + w * 0.3, 242 - h * 0.96),
                (x + w / 2, 242),
            ],
            tone,
        )
        c.light(
            c.mask(
                [
                    (x - w * 0.1, 242 - h * 0.94),
                    (x + w * 0.3, 242 - h * 0.96),
                    (x + w / 2, 242),
                    (x + w * 0.1, 242),
                ],
                blur=2,
            ),
            "#ff9a6a",
            0.25,
        )
    c.vertical([(0, "#d8804a"), (1, "#8a4434")], 240, 360)
    for x, tall in ((34, 74), (452, 96), (132, 44)):
        _cactus(c, x, 262, tall)
    road(c, rng, 272, 346, "#5a4650", "#ffd07a")
    side_car(c, 236, 324, 116, VAN, "#2f8f8a", "#ffc89a", roof="#f6ead6")
    c.fill(rounded(150, 204, 330, 211, 3), "#8a5a3a")
    c.fill(rounded(180, 192, 240, 205, 4), "#c84a3a")
    c.fill(rounded(246, 190, 300, 205, 4), "#e8b04a")
    return c


def _cactus(c: Canvas, x: float, base: float, tall: float) -> None:
    w = tall * 0.16
    for shape in (
        rounded(x - w / 2, base - tall, x + w / 2, base + 2, w / 2),
        rounded(x - w * 2, base - tall * 0.74, x - w * 1.2, base - tall * 0.36, w * 0.4),
        rounded(x - w * 2, base - tall * 0.46, x, base - tall * 0.34, w * 0.4),
        rounded(x + w * 1.2, base - tall * 0.86, x + w * 2, base - tall * 0.46, w * 0.4),
        rounded(x, base - tall * 0.56, x + w * 2, base - tall * 0.45, w * 0.4),
    ):
        c.fill(shape, "#2f4a3c")
    c.fill(rounded(x + w * 0.2, base - tall * 0.96, x + w * 0.4, base, w * 0.1), "#c88a5a", 0.6)


def pickup(rng: Rng) -> Canvas:
    """An orange pickup with hay on an autumn farm road."""
    c = Canvas()
    c.vertical([(0, "#9cc0d8"), (1, "#f6e6c8")], 0, 230)
    clouds(c, rng, 210, 0.5, "#fffaf0", "#c0c4cc", 3, 2.4)
    hills(c, rng, 240, 60, "#b8a48a", 3)
    c.vertical([(0, "#e0b85a"), (1, "#b8863a")], 238, 300)
    c.fill(path("350,240 350,182 388,154 426,182 426,240"), "#a8382c")
    c.fill(path("342,186 388,148 434,186 426,190 388,158 350,190"), "#f0e8dc")
    c.fill(rect(374, 204, 402, 240), "#5a1c18")
    c.fill(stroke([(374, 204), (402, 240)], 2), "#f0e8dc")
    c.fill(stroke([(402, 204), (374, 240)], 2), "#f0e8dc")
    for x, tone in ((40, "#d8741f"), (110, "#e8a02a"), (300, "#c8501f")):
        tree(c, rng, x, 258, 100, mix(tone, "#5a1c10", 0.5), mix(tone, "#ffe08a", 0.3), "#4a342a")
    c.vertical([(0, "#c8963f"), (1, "#9a6c2c")], 300, 360)
    road(c, rng, 274, 344, "#8a7c70", "#f4e6c4")
    for x, y in ((254, 228), (303, 228), (278, 202)):
        _bale(c, rng, x, y)
    side_car(c, 226, 322, 136, PICKUP, "#e86a1c", "#f6ead8")
    return c


def _bale(c: Canvas, rng: Rng, x: float, y: float) -> None:
    """Draw a bale of hay, 48 pixels long: straws and two bands of twine."""
    cushion(c, rounded(x, y, x + 48, y + 27, 4), "#9a6f1c", "#f0cc68", 6)
    for _ in range(90):
        left, top = x + rng.uniform(2, 36), y + rng.uniform(1, 26)
        straw = [(left, top), (left + rng.uniform(5, 12), top + rng.normal(0, 1.6))]
        c.fill(stroke(straw, 0.8, 0.3), mix("#a87a20", "#fbe49a", float(rng.random())), 0.8)
    for band in (13, 34):
        c.fill(rect(x + band, y, x + band + 1.4, y + 27), "#8a4a2c")


SCENES = {
    "car_red_sports_01": coast,
    "car_yellow_taxi_02": taxi,
    "car_blue_beetle_03": country,
    "car_camper_van_04": desert,
    "car_orange_pickup_05": pickup,
}
