"""How an explanation is drawn and told: a translucent map in two colours, and a sentence.

Orange and blue are told apart by all common kinds of colour blindness (Okabe and Ito, "Color
Universal Design", 2008), and under them the picture loses its own colours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cbir.language import _
from cbir.records import Float32Array
from cbir.work.explaining import Explanation

HOT, COLD = (230, 120, 0), (0, 114, 210)
_SIDE = 224  # pixels of the drawn map; it is stretched over the picture
_STRONGEST = 0.78  # opacity of the strongest window
_FADED = 0.8  # of its own colours, what the picture loses
_WORTH_TELLING = 0.1  # of the strongest window's effect
_NOTHING = 5e-4  # scores are read to three digits at most


def draw_heat(drops: Float32Array) -> Image.Image:
    """A square RGBA picture of ``drops`` (n, n): orange where they are above zero, blue below.

    Opacity grows with their size beside the largest; what changes nothing is clear.
    """
    largest = float(np.abs(drops).max(initial=0.0))
    shares = drops / largest if largest > 0 else np.zeros_like(drops)
    smooth = Image.fromarray(shares.astype(np.float32)).resize(
        (_SIDE, _SIDE), Image.Resampling.BICUBIC
    )
    return Image.fromarray(_painted(np.asarray(smooth)), "RGBA")


def draw_scale(size: tuple[int, int], both: bool) -> Image.Image:
    """A bar of the colours, from what lowers the score most on the right to nothing (or to what
    raises it, with ``both``) on the left: RGBA of ``size``."""
    line = np.linspace(-1.0 if both else 0.0, 1.0, size[0], dtype=np.float32)
    return Image.fromarray(_painted(np.tile(line, (size[1], 1))), "RGBA")


def lay_over(picture: Image.Image, heat: Image.Image) -> Image.Image:
    """An RGB picture with less colour of its own and an RGBA ``heat`` of the same size over it."""
    faded = Image.blend(picture, picture.convert("L").convert("RGB"), _FADED)
    faded.paste(heat, mask=heat)
    return faded


def _painted(shares: Float32Array) -> NDArray[np.uint8]:
    """Colours and opacity of numbers from −1 to 1: uint8 (height, width, 4)."""
    pixels = np.empty((*shares.shape, 4), np.uint8)
    pixels[..., :3] = np.where(shares[..., None] >= 0, np.array(HOT), np.array(COLD))
    opacity = np.clip(np.abs(shares), 0, 1) ** 0.8 * _STRONGEST
    pixels[..., 3] = np.rint(255 * opacity)
    return pixels


def raises_too(explanation: Explanation) -> bool:
    """Whether covering some part makes the picture a better answer, by an amount worth telling."""
    low, high = float(explanation.drops.min()), float(explanation.drops.max())
    return -low > _NOTHING and -low >= _WORTH_TELLING * max(high, -low)


def tell_heat(explanation: Explanation) -> str:
    """What the map means, in a sentence or two."""
    low, high = float(explanation.drops.min()), float(explanation.drops.max())
    cosine = explanation.metric == "cosine"
    if max(high, -low) < _NOTHING:
        return (
            _("No part stands out: covering any one of them hardly changes the score.")
            if cosine
            else _("No part stands out: covering any one of them hardly changes the distance.")
        )
    parts = []
    if high > _NOTHING:
        worse = (
            _("Orange: covering this lowers the score by up to {change:.2g}.")
            if cosine
            else _("Orange: covering this raises the distance by up to {change:.2g}.")
        )
        parts.append(worse.format(change=high))
    if raises_too(explanation):
        better = (
            _("Blue: covering this raises the score by up to {change:.2g}.")
            if cosine
            else _("Blue: covering this lowers the distance by up to {change:.2g}.")
        )
        parts.append(better.format(change=-low))
    return " ".join(parts)
