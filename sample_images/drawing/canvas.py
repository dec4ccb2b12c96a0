"""A supersampled float canvas on which antialiased masks are painted, lit and shaded."""

from __future__ import annotations

import io
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from drawing.palette import FloatArray, Ink, Rng, Stops, ink, ramp
from drawing.shapes import Points, Rough

SCALE = 2
FINER = 2
LARGEST = 29_500


class Mask(NamedTuple):
    """Coverage of part of a canvas: alpha (h, w) from 0 to 1, and the place of its corner."""

    alpha: FloatArray
    left: int
    top: int


def _slide(field: FloatArray, half: int) -> FloatArray:
    """Average each row's values over 2 * half + 1 neighbours below and above (edges repeat)."""
    padded = np.pad(field, ((half + 1, half), (0, 0)), mode="edge")
    total = np.cumsum(padded, axis=0, dtype=np.float64)
    return np.asarray((total[2 * half + 1 :] - total[: -2 * half - 1]) / (2 * half + 1), np.float32)


def soften(alpha: FloatArray, radius: float) -> FloatArray:
    """Blur a field as a Gaussian of the given radius would (canvas pixels), in floats.

    Three box filters a direction: Wells, "Efficient synthesis of Gaussian filters", 1986.
    """
    half = round((np.sqrt(4 * radius**2 + 1) - 1) / 2)
    if half < 1 or not alpha.size:
        return alpha
    for _ in range(3):
        alpha = _slide(_slide(alpha, half).T, half).T
    return alpha


class Canvas:
    """A picture under work: RGB float32 in 0..1, SCALE times larger than what is saved.

    Coordinates given to its methods are pixels of the saved picture.
    """

    def __init__(self, width: int = 480, height: int = 360) -> None:
        self.width, self.height = width, height
        self.shape = (height * SCALE, width * SCALE)
        self.pixels: FloatArray = np.zeros((*self.shape, 3), np.float32)
        self.x = ((np.arange(self.shape[1], dtype=np.float32) + 0.5) / SCALE)[None, :]
        self.y = ((np.arange(self.shape[0], dtype=np.float32) + 0.5) / SCALE)[:, None]

    def vertical(self, stops: Stops, top: float = 0, bottom: float | None = None) -> None:
        """Fill the rows from top to bottom (all, unless told) with a gradient of 0..1 stops."""
        end = self.height if bottom is None else bottom
        first, last = int(top * SCALE), int(end * SCALE)
        rows = (self.y[first:last] - top) / (end - top)
        self.pixels[first:last] = ramp(stops, rows)

    def mask(self, *outlines: Rough, blur: float = 0.0) -> Mask:
        """Return the joint coverage of the outlines, blurred by a radius in picture pixels."""
        polygons = [np.asarray(outline, float) for outline in outlines]
        spread = 3 * blur + 1
        low = np.maximum(np.min([p.min(axis=0) for p in polygons], axis=0) - spread, -spread)
        limit = np.array([self.width, self.height]) + spread
        high = np.minimum(np.max([p.max(axis=0) for p in polygons], axis=0) + spread, limit)
        left, top = np.floor(low * SCALE).astype(int)
        right, bottom = np.ceil(high * SCALE).astype(int)
        if right <= left or bottom <= top:
            return Mask(np.zeros((0, 0), np.float32), 0, 0)
        sheet = self._drawn(polygons, (left, top), (right - left, bottom - top))
        if blur:
            sheet = sheet.filter(ImageFilter.GaussianBlur(blur * SCALE))
        return self._cut(np.asarray(sheet, np.float32) / 255, left, top)

    @staticmethod
    def _drawn(
        polygons: list[Points], corner: tuple[int, int], size: tuple[int, int]
    ) -> Image.Image:
        sheet = Image.new("L", (size[0] * FINER, size[1] * FINER), 0)
        pen = ImageDraw.Draw(sheet)
        for points in polygons:
            placed = (points * SCALE - np.array(corner)) * FINER
            pen.polygon([(float(x), float(y)) for x, y in placed], fill=255)
        return sheet.reduce(FINER)

    def _cut(self, alpha: FloatArray, left: int, top: int) -> Mask:
        x0, y0 = max(0, -left), max(0, -top)
        x1, y1 = self.shape[1] - left, self.shape[0] - top
        return Mask(alpha[y0 : max(y0, y1), x0 : max(x0, x1)], left + x0, top + y0)

    def whole(self, alpha: FloatArray) -> Mask:
        """Wrap a field that covers the whole canvas as a mask."""
        return Mask(np.broadcast_to(np.clip(alpha, 0, 1), self.shape).astype(np.float32), 0, 0)

    def under(self, mask: Mask) -> FloatArray:
        """Return the view, shape (h, w, 3), of the pixels that a mask covers."""
        height, width = mask.alpha.shape
        return self.pixels[mask.top : mask.top + height, mask.left : mask.left + width]

    def grid(self, mask: Mask) -> tuple[FloatArray, FloatArray]:
        """Return the mask's x (1, w) and y (h, 1) in picture pixels."""
        height, width = mask.alpha.shape
        across = self.x[:, mask.left : mask.left + width]
        return across, self.y[mask.top : mask.top + height]

    def paint(self, mask: Mask, colour: Ink, opacity: float = 1.0) -> None:
        """Cover the pixels under the mask with a colour (3,) or a picture (h, w, 3)."""
        view = self.under(mask)
        view += (ink(colour) - view) * (mask.alpha * np.float32(opacity))[..., None]

    def light(self, mask: Mask, colour: Ink, strength: float = 1.0) -> None:
        """Add light by screening, which brightens without clipping."""
        view = self.under(mask)
        share = np.clip((mask.alpha * np.float32(strength))[..., None] * ink(colour), 0, 1)
        view += (1 - np.clip(view, 0, 1)) * share

    def shade(self, mask: Mask, colour: Ink, strength: float = 1.0) -> None:
        """Multiply by a colour, as a shadow or a tinted glass does."""
        view = self.under(mask)
        view *= 1 + (ink(colour) - 1) * (mask.alpha * np.float32(strength))[..., None]

    def fill(self, outline: Rough, colour: Ink, opacity: float = 1.0, blur: float = 0.0) -> Mask:
        """Paint one outline and return the mask that was used."""
        mask = self.mask(outline, blur=blur)
        self.paint(mask, colour, opacity)
        return mask

    def glow(self, cx: float, cy: float, radius: float, colour: Ink, strength: float = 1.0) -> None:
        """Screen a round Gaussian light over the canvas; radius is its standard deviation."""
        left, top = (max(0, int((c - 3.2 * radius) * SCALE)) for c in (cx, cy))
        right, bottom = (max(0, int((c + 3.2 * radius) * SCALE)) for c in (cx, cy))
        x, y = self.x[:, left:right], self.y[top:bottom]
        distance = ((x - cx) ** 2 + (y - cy) ** 2) / (2 * radius**2)
        self.light(Mask(np.exp(-distance), left, top), colour, strength)

    def finish(self, rng: Rng, grain: float = 0.009, vignette: float = 0.12) -> Image.Image:
        """Darken the corners, scale down (Lanczos), add film grain and return an RGB image."""
        dx, dy = self.x / self.width - 0.5, self.y / self.height - 0.5
        fall = 1 - vignette * np.clip((dx**2 + dy**2) * 2.2 - 0.15, 0, 1)
        pixels = np.clip(self.pixels * fall[..., None] * 255, 0, 255)
        image = Image.fromarray((pixels + 0.5).astype(np.uint8))
        small = image.resize((self.width, self.height), Image.Resampling.LANCZOS)
        speckle = rng.standard_normal((self.height, self.width, 1), dtype=np.float32) * grain * 255
        grained = np.clip(np.asarray(small, np.float32) + speckle, 0, 255)
        return Image.fromarray((grained + 0.5).astype(np.uint8))


def to_jpeg(image: Image.Image) -> bytes:
    """Encode as JPEG with the best quality (90 at most) that stays below LARGEST bytes."""
    for quality in range(90, 30, -3):
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True, subsampling=2)
        if buffer.tell() <= LARGEST:
            break
    return buffer.getvalue()
