"""What classic retrieval measures in a picture: colour histograms, grids, gradients, patterns.

Pictures are small (about 128 pixels a side) uint8 (height, width, 3) arrays or float32 luma
(height, width) between 0 and 1, and have at least 2 × 2 pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cbir.records import Float32Array, Int64Array

_HUES, _SATURATIONS, _VALUES = 8, 3, 4
_COLOURS = _HUES * _SATURATIONS * _VALUES
_FAINT = np.float32(0.03)  # a gradient of this size counts half
_THRESHOLD = np.float32(0.02)  # brighter by less is not brighter: sensor noise, compression
_PATTERNS = 59

# linear sRGB to CIE XYZ over the D65 white point, IEC 61966-2-1
_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
) / np.array([[0.95047], [1.0], [1.08883]])


def colour_histograms(
    pixels: NDArray[np.uint8], weightings: Sequence[tuple[Float32Array, int]]
) -> list[Float32Array]:
    """Soft histograms of colour, one for each weighting, float32 with sum 1.

    A weighting is a weight for each pixel (height, width) and the number of grey bins. A histogram
    holds 96 bins of 8 hues × 3 saturations × 4 values, then the grey ones. Each pixel is shared
    between the nearest bins (trilinear), so that small changes of light change the histogram
    little; what is nearly without saturation goes to the greys, where hue would be noise.
    """
    hue, saturation, value = _hsv(pixels)
    lower, upper, share = _soft_bins(saturation * _SATURATIONS, _SATURATIONS + 1)
    levels = np.stack([lower, upper])
    shares = np.stack([1 - share, share])
    chroma = np.where(levels > 0, shares, 0)
    greyness = np.where(levels == 0, shares, 0).sum(axis=0)
    bins, parts = _colour_bins(hue, np.maximum(levels, 1), value, chroma)
    histograms = []
    for weight, greys in weightings:
        flat = weight.ravel()
        coloured = np.bincount(bins.ravel(), (parts * flat).ravel(), _COLOURS)
        grey = _value_bins(value, greyness * flat, greys)
        histograms.append((np.concatenate([coloured, grey]) / flat.sum()).astype(np.float32))
    return histograms


def _colour_bins(
    hue: Float32Array, levels: Int64Array, value: Float32Array, chroma: Float32Array
) -> tuple[Int64Array, Float32Array]:
    """The eight bins of each pixel and its share in each, both (2, 2, 2, n)."""
    hues = _interpolated(hue * _HUES, _HUES)
    values = _interpolated(value * (_VALUES - 1), _VALUES)
    bins = (hues[0][:, None, None] * _SATURATIONS + levels[:, None] - 1) * _VALUES + values[0]
    return bins, hues[1][:, None, None] * chroma[:, None] * values[1]


def _interpolated(position: Float32Array, count: int) -> tuple[Int64Array, Float32Array]:
    """The two bins around each position and the shares in them, both (2, n); hues wrap around."""
    lower, upper, share = _soft_bins(position, count)
    return np.stack([lower, upper]), np.stack([1 - share, share])


def _value_bins(value: Float32Array, mass: Float32Array, count: int) -> NDArray[np.generic]:
    bins, shares = _interpolated(value * (count - 1), count)
    return np.bincount(bins.ravel(), (shares * mass).ravel(), count)


def _soft_bins(position: Float32Array, count: int) -> tuple[Int64Array, Int64Array, Float32Array]:
    """The bin below each position, the next one (round the corner), and the share of the next."""
    whole = np.floor(position)
    lower = whole.astype(np.int64) % count
    return lower, (lower + 1) % count, position - whole


def _hsv(pixels: NDArray[np.uint8]) -> tuple[Float32Array, Float32Array, Float32Array]:
    """Hue (0 to 1, round), saturation and value of each pixel, each (n,); hue 0 where grey."""
    colours = pixels.reshape(-1, 3).astype(np.float32) / np.float32(255)
    red, green, blue = colours.T
    value = colours.max(axis=1)
    chroma = value - colours.min(axis=1)
    divisor = np.where(chroma > 0, chroma, 1)
    hue = np.where(
        value == red,
        (green - blue) / divisor,
        np.where(value == green, (blue - red) / divisor + 2, (red - green) / divisor + 4),
    )
    return hue / 6 % 1, chroma / np.where(value > 0, value, 1), value


def lab_grid(pixels: NDArray[np.uint8], cells: int) -> Float32Array:
    """Mean CIE L*a*b* on a soft grid (cells, cells, 3), L* from −50 to 50, all over 60."""
    xyz = _linear()[pixels] @ _TO_XYZ.T.astype(np.float32)
    roots = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + np.float32(16 / 116))
    x, y, z = np.moveaxis(roots, 2, 0)
    lab = np.stack([116 * y - 66, 500 * (x - y), 200 * (y - z)], axis=2)
    means = _pooled(lab.astype(np.float32, copy=False), cells)
    means /= 60
    return means


@lru_cache(maxsize=1)
def _linear() -> Float32Array:
    """The linear light of each sRGB byte, (256,)."""
    encoded = np.arange(256) / 255
    light = np.where(encoded > 0.04045, ((encoded + 0.055) / 1.055) ** 2.4, encoded / 12.92)
    return light.astype(np.float32)


def orientation_grid(grey: Float32Array, orientations: int, cells: int) -> Float32Array:
    """How much contour runs in each direction, (cells, cells, orientations), each 0 to 1.

    Directions are those of an edge, without its sign; a gradient's size is compressed to between
    0 and 1, so that weak contours of objects are not drowned by a few strong ones.
    """
    down, right = np.gradient(grey)
    size = np.hypot(down, right)
    strength = size / (size + _FAINT)
    turn = np.arctan2(down, right) / np.float32(np.pi) % 1
    lower, upper, share = _soft_bins((turn * orientations).ravel(), orientations)
    pixel = np.arange(grey.size)
    planes = np.zeros((grey.size, orientations), np.float32)
    planes[pixel, lower] = strength.ravel() * (1 - share)
    planes[pixel, upper] = strength.ravel() * share
    return _pooled(planes.reshape(*grey.shape, orientations), cells)


def _pooled(planes: Float32Array, cells: int) -> Float32Array:
    """Means of (height, width, channels) over a soft grid: (cells, cells, channels)."""
    height, width, channels = planes.shape
    rows = _cell_weights(height, cells) @ planes.reshape(height, -1)
    return _cell_weights(width, cells) @ rows.reshape(cells, width, channels)


@lru_cache(maxsize=256)
def _cell_weights(pixels: int, cells: int) -> Float32Array:
    """(cells, pixels): triangular shares, so that small shifts matter little; rows sum to 1."""
    position = (np.arange(pixels) + 0.5) / pixels * cells - 0.5
    position = position.clip(0, cells - 1)
    shares = np.maximum(0, 1 - np.abs(position - np.arange(cells)[:, None]))
    weights: Float32Array = (shares / shares.sum(axis=1, keepdims=True)).astype(np.float32)
    return weights


def pattern_codes(grey: Float32Array, radius: int) -> NDArray[np.uint8]:
    """The uniform local binary pattern of each pixel, 0 to 58, same shape as ``grey``.

    Eight neighbours on a square at ``radius`` pixels are bright or not; the 58 patterns with at
    most two changes around the circle keep their number, all others share the last.
    """
    height, width = grey.shape
    framed = np.pad(grey - _THRESHOLD, radius, mode="edge")
    code = np.zeros(grey.shape, np.uint8)
    ring = ((0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0))
    for bit, (down, right) in enumerate(ring):
        top, left = down * radius, right * radius
        brighter = framed[top : top + height, left : left + width] > grey
        code |= brighter.view(np.uint8) << np.uint8(bit)
    codes: NDArray[np.uint8] = uniform_patterns()[code]
    return codes


@lru_cache(maxsize=1)
def uniform_patterns() -> NDArray[np.uint8]:
    """The number of each 8-bit pattern among the uniform ones, (256,)."""
    bits = np.arange(256)[:, None] >> np.arange(8) & 1
    uniform = (bits != np.roll(bits, 1, axis=1)).sum(axis=1) <= 2
    numbers: NDArray[np.uint8] = np.where(uniform, uniform.cumsum() - 1, _PATTERNS - 1).astype(
        np.uint8
    )
    return numbers


def pattern_histogram(codes: NDArray[np.uint8], weight: Float32Array) -> Float32Array:
    """The weighted share of each pattern, (59,) float32 with sum 1."""
    counts = np.bincount(codes.ravel(), weight.ravel(), _PATTERNS)
    shares: Float32Array = (counts / counts.sum()).astype(np.float32)
    return shares


@lru_cache(maxsize=64)
def centre_weight(height: int, width: int) -> Float32Array:
    """A Gaussian (height, width), 1 in the middle and about 0.02 in the corners."""
    down, right = (np.linspace(-1, 1, side)[:, None] ** 2 for side in (height, width))
    weight: Float32Array = np.exp(-2 * (down + right.T)).astype(np.float32)
    return weight


@lru_cache(maxsize=64)
def half_weights(height: int, width: int) -> tuple[Float32Array, Float32Array]:
    """The upper and the lower half, each (height, width), blending over the middle."""
    down = np.linspace(-1, 1, height)[:, None]
    upper = np.broadcast_to((0.5 - down).clip(0, 1), (height, width)).astype(np.float32)
    return upper, 1 - upper
